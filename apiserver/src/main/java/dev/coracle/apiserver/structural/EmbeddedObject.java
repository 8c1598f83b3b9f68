package dev.coracle.apiserver.structural;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.machinery.schema.FieldCheck;
import dev.coracle.machinery.schema.Property;
import dev.coracle.machinery.schema.Schema;
import dev.coracle.machinery.schema.Schemas;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What every object has, also one within another: apiVersion, kind and metadata. */
final class EmbeddedObject {
    private static final Schema METADATA = Schemas.builtIn()
            .named("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta")
            .orElseThrow();
    private static final String LABEL = "[a-z]([-a-z0-9]*[a-z0-9])?";
    private static final Pattern KIND = Pattern.compile(LABEL);

    private EmbeddedObject() {}

    static boolean isMeta(String field) {
        return field.equals("apiVersion") || field.equals("kind") || field.equals("metadata");
    }

    /**
     * Takes out what metadata does not have.
     *
     * @param unknown told the name of each field taken out, while {@code at} is where it lay
     */
    static void prune(@Nullable Object metadata, Steps at, Consumer<String> unknown) {
        prune(METADATA, metadata, at, unknown);
    }

    private static void prune(Schema schema, @Nullable Object value, Steps at, Consumer<String> unknown) {
        if (schema.kind() == Schema.Kind.OBJECT && value instanceof Map<?, ?> map) {
            map.entrySet().removeIf(e -> {
                String name = (String) e.getKey();
                Property known = schema.properties().get(name);
                if (known == null) {
                    unknown.accept(name);
                    return true;
                }
                at.field(name);
                prune(known.schema(), e.getValue(), at, unknown);
                at.up();
                return false;
            });
        } else if (schema.kind() == Schema.Kind.LIST && value instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                at.index(i);
                prune(schema.element(), list.get(i), at, unknown);
                at.up();
            }
        }
    }

    /** Why this is no metadata. */
    @SuppressWarnings("unchecked")
    static Optional<String> wrong(@Nullable Object metadata) {
        if (metadata == null) {
            return Optional.empty();
        }
        return metadata instanceof Map<?, ?> map
                ? FieldCheck.check(METADATA, (Map<String, Object>) map).wrongType()
                : Optional.of("json: cannot unmarshal " + kind(metadata) + " into Go value of type v1.ObjectMeta");
    }

    private static String kind(Object value) {
        return switch (value) {
            case String s -> "string";
            case Boolean b -> "bool";
            case List<?> l -> "array";
            default -> "number";
        };
    }

    /** @param metadata checks what is well-formed, with the path it lies at */
    static void check(Findings findings, Map<?, ?> object, Steps at, Metadata metadata) {
        text(findings, object, "apiVersion", at).ifPresent(v -> {
            if (v.chars().filter(c -> c == '/').count() > 1) {
                findings.invalid(at.bracketed("apiVersion"), v, "unexpected GroupVersion string: " + v);
            }
        });
        text(findings, object, "kind", at).ifPresent(v -> {
            if (!KIND.matcher(v.toLowerCase(Locale.ROOT)).matches() || v.length() > 63) {
                findings.invalid(
                        at.bracketed("kind"),
                        v,
                        "may have mixed case, but should otherwise match: "
                                + (v.length() > 63
                                        ? "must be no more than 63 bytes"
                                        : "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start"
                                                + " with an alphabetic character, and end with an alphanumeric character"
                                                + " (e.g. 'my-name',  or 'abc-123', regex used for validation is '"
                                                + LABEL + "')"));
            }
        });
        if (object.containsKey("metadata")) {
            Object meta = object.get("metadata");
            Optional<String> wrong = wrong(meta);
            if (wrong.isPresent()) {
                findings.invalid(at.bracketed("metadata"), meta, wrong.get());
            } else if (meta instanceof Map<?, ?> m) {
                metadata.check(m, at.bracketed("metadata"));
            }
        }
    }

    /** Holds an embedded object's metadata against the rules of names. */
    interface Metadata {
        void check(Map<?, ?> metadata, String path);
    }

    private static Optional<String> text(Findings findings, Map<?, ?> object, String field, Steps at) {
        Object value = object.get(field);
        if (!object.containsKey(field) || "".equals(value)) {
            findings.required(at.bracketed(field), "");
            return Optional.empty();
        }
        if (value instanceof String s) {
            return Optional.of(s);
        }
        findings.invalid(at.bracketed(field), value, "must be a string");
        return Optional.empty();
    }
}
