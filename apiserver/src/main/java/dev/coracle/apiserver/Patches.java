package dev.coracle.apiserver;

import dev.coracle.client.Patch;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.patch.JsonPatch;
import dev.coracle.machinery.patch.MergePatch;
import dev.coracle.machinery.patch.StrategicMergePatch;
import dev.coracle.machinery.schema.FieldCheck;
import dev.coracle.machinery.schema.Schema;
import dev.coracle.machinery.schema.SchemaMergeKeys;
import dev.coracle.machinery.schema.UnknownFields;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a patch makes of an object. */
final class Patches {
    private Patches() {}

    /** @param schema of the kind, which knows the merge keys; without one a strategic patch is a merge patch */
    @SuppressWarnings("unchecked")
    static Unstructured apply(Unstructured old, Patch patch, Optional<Schema> schema) {
        try {
            Object body = Json.parse(patch.body());
            if (patch.type() == Patch.Type.JSON
                    && body instanceof List<?> operations
                    && operations.size() > JsonPatch.MAX_OPERATIONS) {
                throw new StatusException(
                        413,
                        "RequestEntityTooLarge",
                        "The allowed maximum operations in a JSON patch is " + JsonPatch.MAX_OPERATIONS + ", got "
                                + operations.size());
            }
            Object result = switch (patch.type()) {
                case JSON -> JsonPatch.apply(old.map(), body);
                case MERGE -> MergePatch.apply(old.map(), body);
                case STRATEGIC, APPLY -> {
                    Map<String, Object> changes = Json.parseObject(patch.body());
                    yield schema.isPresent()
                            ? new StrategicMergePatch(new SchemaMergeKeys(schema.get())).apply(old.map(), changes)
                            : MergePatch.apply(old.map(), changes);
                }
            };
            if (!(result instanceof Map<?, ?> m)) {
                throw StatusException.badRequest("the patch does not leave an object");
            }
            if (patch.type() == Patch.Type.JSON && schema.isPresent()) {
                checkTypes(schema.get(), (Map<String, Object>) m);
            }
            return new Unstructured((Map<String, Object>) m);
        } catch (MalformedJsonException e) {
            throw StatusException.badRequest("error decoding patch: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw new StatusException(
                    422,
                    "Invalid",
                    "the server rejected our request due to an error in our request: " + e.getMessage());
        } catch (ClassCastException e) {
            throw StatusException.badRequest("the patch does not fit the object");
        }
    }

    /** Other patches are looked at before they are applied; what operations make shows only in the result. */
    private static void checkTypes(Schema schema, Map<String, Object> result) {
        FieldCheck.check(schema, result, List.of()).wrongType().ifPresent(why -> {
            throw StatusException.invalid(
                    new GroupVersionKind("", "", ""),
                    "",
                    List.of(new StatusException.Cause(
                            "FieldValueInvalid",
                            "Invalid value: " + Json.string(Json.string(result)) + ": " + why,
                            "patch")));
        });
        UnknownFields.drop(schema, result);
    }

    /** The object that an apply states, in YAML or JSON. */
    @SuppressWarnings("unchecked")
    static Unstructured intent(Patch patch) {
        try {
            List<Object> documents = Yaml.parseAll(new String(patch.body(), StandardCharsets.UTF_8));
            if (documents.size() == 1 && documents.getFirst() instanceof Map<?, ?> m) {
                return new Unstructured(Json.copy((Map<String, Object>) m));
            }
            throw new MalformedJsonException("expected one object");
        } catch (MalformedJsonException e) {
            throw StatusException.badRequest("error decoding YAML: " + e.getMessage());
        }
    }
}
