package dev.coracle.apiserver.structural;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.MetadataRules;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.StatusException.Cause;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Objects within an object have a kind and a version, and metadata as all objects have it. */
final class EmbeddedCheck {
    /** An object of any kind: its name must be fit for a path, that is all. */
    private static final ResourceDefinition ANY = DefinitionBuilder.namespaced("", "v1", "Embedded", "embedded")
            .names(Names::pathSegment)
            .build();

    private final Findings findings;
    private final Steps at = new Steps();

    /** Whether the root is looked at elsewhere, with the resource that it is of. */
    private final boolean below;

    private EmbeddedCheck(Findings findings, boolean below) {
        this.findings = findings;
        this.below = below;
    }

    /** What lies within an object. */
    static void check(Findings findings, Node schema, Object value) {
        new EmbeddedCheck(findings, true).value(schema, value);
    }

    /** Also the value itself, if it is an object. */
    static void checkWhole(Findings findings, Node schema, Object value) {
        new EmbeddedCheck(findings, false).value(schema, value);
    }

    private void value(Node schema, @Nullable Object value) {
        if (!schema.embeddedWithin || findings.causes().size() >= Outcome.MOST) {
            return;
        }
        if (value instanceof Map<?, ?> map) {
            if (schema.embedded && !(below && at.isRoot())) {
                EmbeddedObject.check(findings, map, at, this::metadata);
            }
            map.forEach((k, v) -> {
                String name = (String) k;
                Node field = schema.child(name);
                if (field == null) {
                    return;
                }
                at.child(schema, name);
                value(field, v);
                at.up();
            });
        } else if (value instanceof List<?> list && schema.items != null) {
            for (int i = 0; i < list.size(); i++) {
                at.index(i);
                value(schema.items, list.get(i));
                at.up();
            }
        }
    }

    private void metadata(Map<?, ?> metadata, String path) {
        Map<String, Object> named = new LinkedHashMap<>();
        metadata.forEach((k, v) -> named.put((String) k, v));
        // It may not have got its name yet.
        if (!(named.get("name") instanceof String s) || s.isEmpty()) {
            named.put("name", "unnamed");
        }
        Findings found = new Findings();
        MetadataRules.general(found).check(ANY, new Unstructured(new LinkedHashMap<>(Map.of("metadata", named))), null);
        for (Cause c : found.causes()) {
            String field = path + c.field().substring("metadata".length());
            findings.causes().add(new Cause(c.reason(), c.message(), field));
        }
    }
}
