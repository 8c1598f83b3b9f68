package dev.coracle.machinery.patch.apply;

import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which parts of an object have one owner as a whole and which an owner for each element. Paths are field names from
 * the root with list elements left out: {@code spec.template.spec.containers}.
 */
public interface Structure {
    /** Null for an atomic list, empty for a set of scalars, else the fields that tell the elements apart. */
    @Nullable
    List<String> listKeys(String path);

    /** Whether the map there is owned as a whole. */
    boolean atomicMap(String path);

    /**
     * From strategic merge keys (null: the list is replaced; empty: a set), with what {@code
     * x-kubernetes-list-map-keys} and {@code -map-type} say otherwise.
     */
    static Structure of(Function<String, @Nullable String> mergeKeys) {
        Set<String> atomic = Set.of(
                "selector",
                "nodeSelector",
                "labelSelector",
                "podSelector",
                "namespaceSelector",
                "fieldRef",
                "resourceFieldRef",
                "secretKeyRef",
                "configMapKeyRef",
                "roleRef",
                "secretRef",
                "scaleTargetRef",
                "claimRef",
                "targetRef");
        return new Structure() {
            @Override
            public @Nullable List<String> listKeys(String path) {
                String last = path.substring(path.lastIndexOf('.') + 1);
                if (last.equals("tolerations") || last.equals("taints")) {
                    return null;
                }
                if (path.equals("metadata.finalizers")) {
                    return List.of();
                }
                String key = mergeKeys.apply(path);
                if (key == null) {
                    return null;
                }
                return switch (last) {
                    case "ports" -> key.equals("name") ? List.of("name") : List.of(key, "protocol");
                    case "topologySpreadConstraints" -> List.of("topologyKey", "whenUnsatisfiable");
                    default -> key.isEmpty() ? List.of() : List.of(key);
                };
            }

            @Override
            public boolean atomicMap(String path) {
                return atomic.contains(path.substring(path.lastIndexOf('.') + 1));
            }
        };
    }

    /** What a key field stands for where an element leaves it out; null if it must be there. */
    default @Nullable Object keyDefault(String key) {
        return key.equals("protocol") ? "TCP" : null;
    }
}
