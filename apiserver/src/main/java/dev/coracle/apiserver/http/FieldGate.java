package dev.coracle.apiserver.http;

import dev.coracle.apiserver.definition.CustomSchema;
import dev.coracle.apiserver.proxy.Destination;
import dev.coracle.client.Patch;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.StatusException.Cause;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.schema.AppliedFields;
import dev.coracle.machinery.schema.FieldCheck;
import dev.coracle.machinery.schema.FieldValidation;
import dev.coracle.machinery.schema.GoText;
import dev.coracle.machinery.schema.Schema;
import dev.coracle.machinery.schema.Schemas;
import dev.coracle.machinery.schema.UnknownFields;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Holds what clients send against the schema of its kind. Wrong types are refused; unknown and duplicate fields are
 * refused, warned of or dropped silently as the parameter {@code fieldValidation} wants. Kinds that no schema describes
 * pass as they are.
 *
 * <p>A merge patch is looked at by itself, not after merging, so an element of a list goes by its place in the patch. A
 * JSON patch is not looked at.
 */
final class FieldGate {
    private final Schemas schemas;
    private final Function<GroupVersionKind, Optional<CustomSchema>> custom;

    /** @param custom the schema of a kind that users brought */
    FieldGate(Schemas schemas, Function<GroupVersionKind, Optional<CustomSchema>> custom) {
        this.schemas = schemas;
        this.custom = custom;
    }

    /** A patch that may be applied, and the answer, with warnings if there are any. */
    record Patched(Answer answer, Patch patch) {}

    /**
     * The answer, with warnings if there are any.
     *
     * @param body unknown fields are taken out of it; with apiVersion and kind
     * @param strictErrors what {@link Bodies} found in its text
     * @throws StatusException 400 when the body cannot be taken
     */
    Answer body(Request request, Answer answer, Unstructured body, List<String> strictErrors) {
        String options = request.method().equals("PUT") ? "UpdateOptions" : "CreateOptions";
        FieldValidation wanted = FieldValidation.of(request.parameter("fieldValidation"), options);
        Optional<Schema> schema = schemas.of(body.groupVersionKind());
        if (schema.isEmpty()) {
            return custom.apply(body.groupVersionKind())
                    .map(s ->
                            warning(answer, wanted.judge(body.groupVersionKind(), pruned(s, body.map(), strictErrors))))
                    .orElse(answer);
        }
        var result = FieldCheck.check(schema.get(), body.map(), strictErrors);
        List<String> warnings = wanted.judge(body.groupVersionKind(), result);
        if (!result.strictErrors().isEmpty()) {
            UnknownFields.drop(schema.get(), body.map());
        }
        return warning(answer, warnings);
    }

    /**
     * Holds options against their schema, which is the same in every group.
     *
     * @throws StatusException 400 when one of them is of the wrong type
     */
    void options(Unstructured options, String kind) {
        Schema schema =
                schemas.named("io.k8s.apimachinery.pkg.apis.meta.v1." + kind).orElseThrow();
        FieldCheck.check(schema, options.map(), List.of()).wrongType().ifPresent(why -> {
            throw StatusException.badRequest(
                    kind + " in version \"" + options.apiVersion() + "\" cannot be handled as a " + kind + ": " + why);
        });
    }

    /**
     * @param kind of what is patched
     * @param name of the object
     * @throws StatusException when the patch cannot be taken
     */
    Patched patch(Request request, Answer answer, GroupVersionKind kind, Patch.Type type, String name) {
        Patched asIs = new Patched(answer, new Patch(type, request.body()));
        FieldValidation wanted = FieldValidation.of(request.parameter("fieldValidation"), "PatchOptions");
        Optional<Schema> schema = schemas.of(kind);
        List<String> duplicates = new ArrayList<>();
        Map<String, Object> patch = type == Patch.Type.JSON ? Map.of() : tree(request, type, duplicates);
        if (patch.isEmpty()) {
            return asIs;
        }
        if (schema.isEmpty()) {
            Optional<CustomSchema> own = custom.apply(kind);
            if (type == Patch.Type.APPLY) {
                own.ifPresent(o -> {
                    List<String> errors = new ArrayList<>();
                    o.prune(Json.copy(patch), field -> errors.add("." + field + ": field not declared in schema"));
                    refuse(errors, kind, new Unstructured(patch).namespace(), name);
                });
                return twice(asIs, wanted, duplicates);
            }
            return own.filter(o -> type == Patch.Type.MERGE)
                    .map(o -> customPatch(answer, o, kind, patch, duplicates, wanted))
                    .orElse(asIs);
        }
        if (type == Patch.Type.APPLY) {
            applied(schema.get(), kind, patch, name);
            return twice(asIs, wanted, duplicates);
        }
        var result = FieldCheck.check(schema.get(), withoutDirectives(patch), duplicates);
        result.wrongType().ifPresent(why -> {
            throw invalid(patch, why);
        });
        if (wanted == FieldValidation.STRICT && !result.strictErrors().isEmpty()) {
            throw invalid(patch, "strict decoding error: " + String.join(", ", result.strictErrors()));
        }
        if (result.strictErrors().isEmpty()) {
            return asIs;
        }
        UnknownFields.dropFromPatch(schema.get(), patch);
        return new Patched(warning(answer, wanted.judge(kind, result)), new Patch(type, Json.bytes(patch)));
    }

    /** What an apply has twice; what it has too much is no matter of validation. @param lines of the text */
    private static Patched twice(Patched patched, FieldValidation wanted, List<String> lines) {
        if (lines.isEmpty() || wanted == FieldValidation.IGNORE) {
            return patched;
        }
        if (wanted == FieldValidation.STRICT) {
            throw StatusException.badRequest(
                    "error strict decoding YAML: error converting YAML to JSON: " + FieldValidation.duplicates(lines));
        }
        return new Patched(warning(patched.answer(), lines), patched.patch());
    }

    private static Patched customPatch(
            Answer answer,
            CustomSchema schema,
            GroupVersionKind kind,
            Map<String, Object> patch,
            List<String> duplicates,
            FieldValidation wanted) {
        FieldCheck.Result result = pruned(schema, patch, duplicates);
        if (wanted == FieldValidation.STRICT && !result.strictErrors().isEmpty()) {
            throw invalid(patch, "strict decoding error: " + String.join(", ", result.strictErrors()));
        }
        return new Patched(warning(answer, wanted.judge(kind, result)), new Patch(Patch.Type.MERGE, Json.bytes(patch)));
    }

    /** Takes out what the schema does not know; its types are for validation to judge. */
    private static FieldCheck.Result pruned(CustomSchema schema, Map<String, Object> tree, List<String> before) {
        List<String> errors = new ArrayList<>(before);
        schema.prune(tree, unknown -> errors.add("unknown field \"" + unknown + "\""));
        return new FieldCheck.Result(errors, Optional.empty());
    }

    /** Empty for what is no object: that is told where the patch is used. */
    @SuppressWarnings("unchecked")
    private static Map<String, Object> tree(Request request, Patch.Type type, List<String> duplicates) {
        try {
            Object tree;
            if (type == Patch.Type.APPLY) {
                List<Object> documents =
                        Yaml.parseAll(new String(request.body(), StandardCharsets.UTF_8), duplicates::add);
                tree = documents.size() == 1 ? documents.getFirst() : null;
            } else {
                tree = Json.parse(request.body(), d -> duplicates.add(FieldValidation.duplicate(d)));
            }
            return tree instanceof Map<?, ?> m ? (Map<String, Object>) m : Map.of();
        } catch (MalformedJsonException e) {
            return Map.of();
        }
    }

    /** Upstream has no reason and 500 for this, too. */
    private static void applied(Schema schema, GroupVersionKind kind, Map<String, Object> intent, String name) {
        refuse(AppliedFields.check(schema, intent), kind, new Unstructured(intent).namespace(), name);
    }

    private static void refuse(List<String> errors, GroupVersionKind kind, String namespace, String name) {
        if (errors.isEmpty()) {
            return;
        }
        String text = errors.size() == 1
                ? errors.getFirst()
                : errors.stream().sorted().map(e -> "\n  " + e).collect(Collectors.joining("", "errors:", ""));
        throw new StatusException(
                500,
                "",
                "failed to create typed patch object (" + namespace + "/" + name + "; " + kind.apiVersion() + ", Kind="
                        + kind.kind() + "): " + text);
    }

    private static StatusException invalid(Map<String, Object> patch, String why) {
        return StatusException.invalid(
                new GroupVersionKind("", "", ""),
                "",
                List.of(new Cause(
                        "FieldValueInvalid", "Invalid value: \"" + GoText.of(patch) + "\": " + why, "patch")));
    }

    /** A copy of what the patch puts in: without {@code $patch} and its like, and without nulls, which take away. */
    private static Map<String, Object> withoutDirectives(Map<?, ?> patch) {
        Map<String, Object> plain = new LinkedHashMap<>();
        patch.forEach((key, value) -> {
            if (value != null && !((String) key).startsWith("$")) {
                plain.put((String) key, plain(value));
            }
        });
        return plain;
    }

    private static Object plain(Object value) {
        return switch (value) {
            case Map<?, ?> m -> withoutDirectives(m);
            case List<?> l -> {
                List<Object> copy = new ArrayList<>();
                l.stream().filter(Objects::nonNull).forEach(e -> copy.add(plain(e)));
                yield copy;
            }
            default -> value;
        };
    }

    private static Answer warning(Answer answer, List<String> warnings) {
        return warnings.isEmpty() ? answer : new Warned(answer, header(warnings));
    }

    /** {@code 299 - "unknown field \"spec.foo\""}, see RFC 7234. */
    static String header(List<String> warnings) {
        return warnings.stream()
                .map(w -> "299 - \""
                        + w.replaceAll("\\p{Cntrl}", " ").replace("\\", "\\\\").replace("\"", "\\\"") + "\"")
                .collect(Collectors.joining(", "));
    }

    private record Warned(Answer answer, String warning) implements Answer {
        @Override
        public void send(int code, String contentType, byte[] body, Map<String, String> headers) {
            Map<String, String> more = new LinkedHashMap<>(headers);
            more.put("warning", warning);
            answer.send(code, contentType, body, more);
        }

        @Override
        public void begun() {
            answer.begun();
        }

        @Override
        public Stream stream(int code, String contentType) {
            return answer.stream(code, contentType);
        }

        @Override
        public void relay(Destination to) {
            answer.relay(to);
        }
    }
}
