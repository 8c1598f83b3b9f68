package dev.coracle.scheduler.plugin.dynamicresources;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What claims have: whole devices, and shares of those that several can have at once. Who may look at devices of others takes
 * nothing.
 */
final class Taken {
    private final Set<DeviceId> whole = new HashSet<>();
    private final Map<DeviceId, Map<String, Quantity>> shares = new HashMap<>();

    /** @param allocation of a claim, written or promised */
    void add(Unstructured allocation) {
        for (Unstructured result : allocation.objects("devices", "results")) {
            if (result.bool("adminAccess")) {
                continue;
            }
            DeviceId id = DeviceId.of(result);
            if (!result.has("shareID")) {
                whole.add(id);
                continue;
            }
            Map<String, Quantity> share = shares.computeIfAbsent(id, i -> new HashMap<>());
            result.object("consumedCapacity")
                    .map()
                    .forEach((name, amount) -> share.merge(name, Quantity.of(amount), Quantity::plus));
        }
    }

    boolean isWhole(DeviceId id) {
        return whole.contains(id);
    }

    boolean isShared(DeviceId id) {
        return shares.containsKey(id);
    }

    Quantity of(DeviceId id, String capacity) {
        return shares.getOrDefault(id, Map.of()).getOrDefault(capacity, Quantity.ZERO);
    }
}
