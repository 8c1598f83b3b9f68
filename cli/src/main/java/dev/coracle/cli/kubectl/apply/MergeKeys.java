package dev.coracle.cli.kubectl.apply;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code patchStrategy} and {@code patchMergeKey} of the built-in kinds' fields, by where they are. */
public final class MergeKeys {
    private static final Map<String, String> KEYS = Map.ofEntries(
            Map.entry("containers", "name"),
            Map.entry("initContainers", "name"),
            Map.entry("ephemeralContainers", "name"),
            Map.entry("env", "name"),
            Map.entry("volumes", "name"),
            Map.entry("volumeMounts", "mountPath"),
            Map.entry("volumeDevices", "devicePath"),
            Map.entry("imagePullSecrets", "name"),
            Map.entry("hostAliases", "ip"),
            Map.entry("conditions", "type"),
            Map.entry("ownerReferences", "uid"),
            Map.entry("finalizers", ""),
            Map.entry("topologySpreadConstraints", "topologyKey"),
            Map.entry("resourceClaims", "name"),
            Map.entry("secrets", "name"));
    private static final Set<String> RETAIN = Set.of("strategy", "updateStrategy", "volumes");

    private MergeKeys() {}

    /**
     * @param path field names from the root, list elements left out
     * @return the merge key; {@code ""} for a merged list of scalars; null for a list that is replaced
     */
    public static @Nullable String of(String path) {
        String field = path.substring(path.lastIndexOf('.') + 1);
        if (field.equals("ports")) {
            return path.contains("ontainers.") ? "containerPort" : path.equals("spec.ports") ? "port" : null;
        }
        return KEYS.get(field);
    }

    /** Whether a change names all that stays ({@code patchStrategy: retainKeys}), as for unions of one member. */
    static boolean retainsKeys(String path) {
        String field = path.substring(path.lastIndexOf('.') + 1);
        return path.startsWith("spec.") && RETAIN.contains(field) && !field.equals("updateStrategy");
    }
}
