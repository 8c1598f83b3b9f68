package dev.coracle.apiserver.definition;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.patch.apply.Structure;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a custom resource's schema says of its objects; built-in kinds have upstream's types instead. */
public interface CustomSchema {
    /**
     * Takes out what the schema does not know, also of a merge patch, in which nulls stand.
     *
     * @param object the whole, with apiVersion, kind and metadata, which stay
     * @param unknown told the path of each field taken out: {@code spec.replcas}, {@code spec.list[2].x}
     */
    void prune(Map<String, Object> object, Consumer<String> unknown);

    /** Sets what is absent and has a default; also takes out the nulls that a default replaces. */
    void complete(Unstructured o);

    /** @param old what it replaces; null for a creation */
    void check(Findings findings, Unstructured o, @Nullable Unstructured old);

    /** How server-side apply tells the parts of an object apart. */
    Structure structure();

    /** The schema as OpenAPI v3 publishes it, with {@code x-kubernetes} extensions. */
    Map<String, Object> openApi();
}
