package dev.coracle.machinery.schema;

import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.StatusException.Cause;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a write's parameter {@code fieldValidation} wants done about unknown and duplicate fields, see KEP-2885. Wrong
 * types are refused always.
 */
public enum FieldValidation {
    IGNORE("Ignore"),
    WARN("Warn"),
    STRICT("Strict");

    private static final String YAML = "yaml: unmarshal errors:\n  ";

    private final String value;

    FieldValidation(String value) {
        this.value = value;
    }

    /**
     * @param parameter of the request, empty for the default
     * @param options {@code CreateOptions}, {@code UpdateOptions}, {@code PatchOptions}, for the refusal
     * @throws StatusException 422 for an unknown value
     */
    public static FieldValidation of(String parameter, String options) {
        if (parameter.isEmpty()) {
            return WARN;
        }
        for (FieldValidation v : values()) {
            if (v.value.equals(parameter)) {
                return v;
            }
        }
        throw StatusException.invalid(
                new GroupVersionKind("meta.k8s.io", "v1", options),
                "",
                List.of(new Cause(
                        "FieldValueNotSupported",
                        "Unsupported value: \"" + parameter + "\": supported values: \"Ignore\", \"Strict\", \"Warn\"",
                        "fieldValidation")));
    }

    /**
     * The warnings to answer with.
     *
     * @param kind of the body
     * @throws StatusException 400 when the body cannot be taken
     */
    public List<String> judge(GroupVersionKind kind, FieldCheck.Result result) {
        result.wrongType().ifPresent(why -> {
            throw refused(kind, why);
        });
        if (this == STRICT && !result.strictErrors().isEmpty()) {
            throw refused(kind, "strict decoding error: " + String.join(", ", result.strictErrors()));
        }
        return this == WARN ? warnings(result.strictErrors()) : List.of();
    }

    /** The strict error of a key that JSON text had twice. @param path as {@code Json.parse} tells it */
    public static String duplicate(String path) {
        return "duplicate field \"" + path + "\"";
    }

    /** The one strict error of all keys that YAML text had twice. @param lines as {@code Yaml.parseAll} tells them */
    public static String duplicates(List<String> lines) {
        return YAML + String.join("\n  ", lines);
    }

    /** Each by itself. */
    public static List<String> warnings(List<String> strictErrors) {
        return strictErrors.stream()
                .flatMap(e ->
                        e.startsWith(YAML) ? e.substring(YAML.length()).lines().map(String::strip) : Stream.of(e))
                .toList();
    }

    private static StatusException refused(GroupVersionKind kind, String why) {
        return StatusException.badRequest(kind.kind() + " in version \"" + kind.version() + "\" cannot be handled as a "
                + kind.kind() + ": " + why);
    }
}
