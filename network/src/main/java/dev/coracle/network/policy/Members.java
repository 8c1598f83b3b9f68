package dev.coracle.network.policy;

import dev.coracle.machinery.object.ObjectKey;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Pods that something selects, and the sets of the kernel that they are in for it. */
final class Members {
    private final KernelTable table;
    private final @Nullable String addresses;
    private final Map<String, String> named = new HashMap<>();
    private final Map<ObjectKey, PolicyPod> pods = new LinkedHashMap<>();

    /** @param addresses name of the set of their addresses; null where nobody asks for it */
    Members(KernelTable table, @Nullable String addresses) {
        this.table = table;
        this.addresses = addresses;
        if (addresses != null) {
            table.addSet(addresses, KernelTable.ADDRESSES);
        }
    }

    /** Name of the set of their addresses. */
    @Nullable
    String addresses() {
        return addresses;
    }

    Set<ObjectKey> keys() {
        return pods.keySet();
    }

    void add(PolicyPod pod) {
        if (pods.put(pod.key(), pod) == null) {
            if (addresses != null) {
                table.addElement(addresses, pod.ip());
            }
            named.forEach((port, set) -> {
                Long number = pod.ports().get(port);
                if (number != null) {
                    table.addElement(set, pod.ip() + " . " + number);
                }
            });
        }
    }

    void remove(ObjectKey key) {
        PolicyPod pod = pods.remove(key);
        if (pod == null) {
            return;
        }
        if (addresses != null) {
            table.removeElement(addresses, pod.ip());
        }
        named.forEach((port, set) -> {
            Long number = pod.ports().get(port);
            if (number != null) {
                table.removeElement(set, pod.ip() + " . " + number);
            }
        });
    }

    /**
     * The set of what addresses and numbers have a port of that name.
     *
     * @param port {@code NAME/PROTOCOL}
     * @param set its name, where there is none yet
     */
    String named(String port, String set) {
        String known = named.get(port);
        if (known != null) {
            return known;
        }
        named.put(port, set);
        table.addSet(set, KernelTable.PORTS);
        for (PolicyPod pod : pods.values()) {
            Long number = pod.ports().get(port);
            if (number != null) {
                table.addElement(set, pod.ip() + " . " + number);
            }
        }
        return set;
    }

    void dissolve() {
        if (addresses != null) {
            table.removeSet(addresses);
        }
        named.values().forEach(table::removeSet);
    }
}
