package dev.coracle.apiserver.structural;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.StatusException.Cause;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A default is a value like any other: it has no unknown fields, and is valid where it stands. */
final class DefaultRules {
    private final Findings findings;

    private DefaultRules(Findings findings) {
        this.findings = findings;
    }

    static void check(Findings findings, Map<?, ?> schema, String path) {
        new DefaultRules(findings).schema(schema, path, true, false);
    }

    /** Below {@code additionalProperties} nothing is looked at, as upstream. */
    private void schema(@Nullable Object told, String path, boolean whole, boolean inMetadata) {
        if (!(told instanceof Map<?, ?> schema)) {
            return;
        }
        boolean object = whole || Node.is(schema, "x-kubernetes-embedded-resource");
        boolean metadata = inMetadata && !object;
        Object value = schema.get("default");
        if (value != null) {
            value(Node.of(schema), value, path + ".default", object, metadata);
        }
        schema(schema.get("items"), path + ".items", false, metadata);
        SchemaRules.map(schema.get("properties")).forEach((k, v) -> {
            String name = (String) k;
            boolean meta = metadata || object && EmbeddedObject.isMeta(name);
            schema(v, path + ".properties[" + name + "]", false, meta);
        });
    }

    private void value(Node schema, Object value, String path, boolean object, boolean metadata) {
        if (!metadata) {
            List<String> unknown = new ArrayList<>();
            Pruning.prune(schema, Json.copy(value), object, unknown::add);
            if (!unknown.isEmpty()) {
                findings.invalid(path, value, "must not have unknown fields");
            }
        }
        Findings embedded = new Findings();
        EmbeddedCheck.checkWhole(embedded, schema, value);
        if (!embedded.causes().isEmpty()) {
            embedded.causes().forEach(c -> findings.causes().add(under(path, c)));
            return;
        }
        ValueCheck.check(schema, value, null).forEach(c -> findings.causes().add(under(path, c)));
    }

    /** What was found in a value, as of where the value is told. */
    static Cause under(String path, Cause cause) {
        boolean nowhere = cause.field().isEmpty() || cause.field().equals("<nil>");
        String field = nowhere ? path : path + "." + cause.field();
        return new Cause(cause.reason(), cause.message(), field);
    }
}
