package dev.coracle.apiserver;

import dev.coracle.apiserver.registry.Registry;
import dev.coracle.client.Patch;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.patch.JsonPatch;
import dev.coracle.machinery.patch.MergePatch;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** What a patch makes of an object. */
final class Patches {
    private Patches() {}

    /** @param strategic whether the kind has merge keys; without them a strategic patch is a merge patch */
    @SuppressWarnings("unchecked")
    static Unstructured apply(Unstructured old, Patch patch, boolean strategic) {
        try {
            Object body = Json.parse(patch.body());
            Object result = switch (patch.type()) {
                case JSON -> JsonPatch.apply(old.map(), body);
                case MERGE -> MergePatch.apply(old.map(), body);
                case STRATEGIC, APPLY ->
                    strategic
                            ? Registry.strategic(old.map(), Json.parseObject(patch.body()))
                            : MergePatch.apply(old.map(), body);
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
