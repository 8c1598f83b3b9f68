package dev.coracle.controllers.endpointslice;

import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * For whom each endpoint of a Service is meant, where the Service asks for traffic to stay near: by its {@code
 * trafficDistribution} for those in the same zone or on the same node, by its annotation for those that {@link ZoneShares}
 * says. The annotation counts before the field.
 */
final class Hints {
    private final Zones zones;
    private final String distribution;
    private final @Nullable ZoneShares shares;

    private Hints(Zones zones, String distribution, @Nullable ZoneShares shares) {
        this.zones = zones;
        this.distribution = distribution;
        this.shares = shares;
    }

    static Hints of(Unstructured service, List<Unstructured> pods, Zones zones) {
        if (!isAutomatic(service)) {
            return new Hints(zones, service.string("spec", "trafficDistribution"), null);
        }
        Map<String, String> ready = new LinkedHashMap<>();
        for (Unstructured pod : pods) {
            if (Slices.isReady(service, pod)) {
                ready.put(pod.uid(), zones.ofNode().getOrDefault(pod.string("spec", "nodeName"), ""));
            }
        }
        return new Hints(zones, "", ZoneShares.of(ready, zones.shares()));
    }

    /** The older of the two annotations counts first. */
    static boolean isAutomatic(Unstructured service) {
        String mode = service.annotations()
                .getOrDefault(
                        "service.kubernetes.io/topology-aware-hints",
                        service.annotations().getOrDefault("service.kubernetes.io/topology-mode", ""));
        return mode.equals("Auto") || mode.equals("auto");
    }

    /** Where zones are to have their shares: why they cannot have them, {@code ""} when they have. */
    @Nullable
    String problem() {
        return shares == null ? null : shares.problem();
    }

    @Nullable
    String zone(Unstructured pod) {
        return zones.ofNode().get(pod.string("spec", "nodeName"));
    }

    /** Of a ready endpoint. */
    @Nullable
    Unstructured of(Unstructured pod) {
        String zone = switch (distribution) {
            case "PreferClose", "PreferSameZone", "PreferSameNode" -> zone(pod);
            default -> shares == null ? null : shares.zones().get(pod.uid());
        };
        String node = pod.string("spec", "nodeName");
        Unstructured hints = new Unstructured(new LinkedHashMap<>());
        if (zone != null) {
            hints.set(List.of(named(zone)), "forZones");
        }
        if (distribution.equals("PreferSameNode") && !node.isEmpty()) {
            hints.set(List.of(named(node)), "forNodes");
        }
        return hints.map().isEmpty() ? null : hints;
    }

    private static Unstructured named(String name) {
        return new Unstructured(new LinkedHashMap<>()).set(name, "name");
    }
}
