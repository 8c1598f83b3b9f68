package dev.coracle.apiserver.registry;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The {@code patchMergeKey}s of the built-in kinds, by the name of the list. */
final class MergeKeys {
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
            Map.entry("addresses", "type"),
            Map.entry("taints", "key"),
            Map.entry("topologySpreadConstraints", "topologyKey"),
            Map.entry("resourceClaims", "name"),
            Map.entry("podIPs", "ip"),
            Map.entry("hostIPs", "ip"),
            Map.entry("secrets", "name"));

    private MergeKeys() {}

    static @Nullable String of(String path) {
        String field = path.substring(path.lastIndexOf('.') + 1);
        if (field.equals("ports")) {
            return path.contains("ontainers.") ? "containerPort" : path.equals("spec.ports") ? "port" : null;
        }
        if (field.equals("addresses") && !path.startsWith("status.")) {
            return null;
        }
        return KEYS.get(field);
    }
}
