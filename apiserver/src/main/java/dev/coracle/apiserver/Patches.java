package dev.coracle.apiserver;

import dev.coracle.client.Patch;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.patch.JsonPatch;
import dev.coracle.machinery.patch.MergePatch;
import dev.coracle.machinery.patch.StrategicMergePatch;
import dev.coracle.machinery.schema.Schema;
import dev.coracle.machinery.schema.SchemaMergeKeys;
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
            if (result instanceof Map<?, ?> m) {
                return new Unstructured((Map<String, Object>) m);
            }
            throw StatusException.badRequest("the patch does not leave an object");
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
