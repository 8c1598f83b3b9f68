package dev.coracle.apiserver.admission;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.schema.FieldCheck;
import dev.coracle.machinery.schema.UnknownFields;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Takes what users' webhooks and policies make of the object of a request. */
public final class Mutation {
    private final Kinds kinds;
    private final Versions versions;

    public Mutation(Kinds kinds) {
        this.kinds = kinds;
        this.versions = new Versions(kinds);
    }

    /**
     * @param version in which they saw it, and made it
     * @param complete fills in the defaults of what they made
     * @return whether anything is now other than before
     * @throws StatusException 500 where that is no object of the kind
     */
    @SuppressWarnings("unchecked")
    public boolean take(
            AdmissionRequest request, GroupVersionResource version, @Nullable Object made, Runnable complete) {
        if (!(made instanceof Map<?, ?> map)) {
            throw StatusException.internal("couldn't get version/kind; json parse error");
        }
        Unstructured object = request.object();
        Unstructured shown = versions.shown(object, version);
        Unstructured next = new Unstructured((Map<String, Object>) map);
        if (!next.groupVersionKind().equals(shown.groupVersionKind())) {
            throw StatusException.internal("unable to decode " + next.apiVersion() + ", Kind=" + next.kind() + " into "
                    + shown.apiVersion() + ", Kind=" + shown.kind());
        }
        kinds.schema(shown.groupVersionKind()).ifPresent(schema -> {
            FieldCheck.check(schema, next.map()).wrongType().ifPresent(why -> {
                throw StatusException.internal(why);
            });
            UnknownFields.drop(schema, next.map());
        });
        Map<String, Object> before = Json.copy(object.map());
        Map<String, Object> stored = versions.stored(next, version).map();
        object.map().clear();
        object.map().putAll(stored);
        complete.run();
        return !object.map().equals(before);
    }
}
