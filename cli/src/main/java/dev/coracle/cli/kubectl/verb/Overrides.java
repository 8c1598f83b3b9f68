package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.apply.MergeKeys;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.patch.JsonPatch;
import dev.coracle.machinery.patch.MergePatch;
import dev.coracle.machinery.patch.StrategicMergePatch;
import java.util.Map;
import java.util.Objects;

/** {@code --overrides}: what is made from flags, patched by what the user wrote. */
final class Overrides {
    private Overrides() {}

    @SuppressWarnings("unchecked")
    static Unstructured of(Flags.Line line, Unstructured made) {
        if (line.get("overrides").isEmpty()) {
            return made;
        }
        try {
            Object patch = Json.parse(line.get("overrides"));
            String type = line.get("override-type", "merge");
            if (type.equals("json")) {
                return new Unstructured((Map<String, Object>)
                        Objects.requireNonNull(JsonPatch.apply(made.copy().map(), patch)));
            }
            if (!(patch instanceof Map<?, ?>)) {
                throw new Failure("Invalid JSON Patch");
            }
            return switch (type) {
                case "merge" ->
                    new Unstructured((Map<String, Object>)
                            Objects.requireNonNull(MergePatch.apply(made.copy().map(), patch)));
                case "strategic" ->
                    new Unstructured(new StrategicMergePatch(MergeKeys::of)
                            .apply(made.copy().map(), (Map<String, Object>) patch));
                default -> throw new Failure("invalid override type: " + type);
            };
        } catch (MalformedJsonException | IllegalArgumentException e) {
            throw new Failure("Invalid JSON Patch: " + e.getMessage());
        }
    }
}
