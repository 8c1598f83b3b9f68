package dev.coracle.scheduler.plugin.volumezone;

import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.NodeFilter;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A bound volume may say by its labels in which zone or region it is; one that is in several has them parted by
 * {@code __}. A node without such labels is as good as any. The labels' old names are those of the node's new ones.
 */
public final class VolumeZone implements Plugin.Filters {
    private static final Status REFUSED = Status.unresolvable("node(s) had no available volume zone");

    /** With the name that a node may have it under instead. */
    private static final Map<String, String> LABELS = Map.of(
            "failure-domain.beta.kubernetes.io/zone", "topology.kubernetes.io/zone",
            "failure-domain.beta.kubernetes.io/region", "topology.kubernetes.io/region",
            "topology.kubernetes.io/zone", "topology.kubernetes.io/zone",
            "topology.kubernetes.io/region", "topology.kubernetes.io/region");

    private final Informer claims;
    private final Informer volumes;

    public VolumeZone(Informers informers) {
        this.claims = informers.of(Resources.PERSISTENT_VOLUME_CLAIMS);
        this.volumes = informers.of(Resources.PERSISTENT_VOLUMES);
    }

    private record Place(String label, Set<String> values) {
        boolean has(NodeInfo node) {
            String value = node.labels().get(label);
            return values.contains(value == null ? node.labels().getOrDefault(LABELS.get(label), "") : value);
        }
    }

    @Override
    public String name() {
        return "VolumeZone";
    }

    @Override
    public boolean synced() {
        return claims.synced() && volumes.synced();
    }

    @Override
    public NodeFilter preFilter(Cycle cycle) {
        List<Place> places = new ArrayList<>();
        volumes(cycle.pod()).forEach(v -> places(v, places));
        if (places.isEmpty()) {
            return NodeFilter.PASS;
        }
        return node -> LABELS.keySet().stream().noneMatch(node.labels()::containsKey)
                        || places.stream().allMatch(p -> p.has(node))
                ? Status.OK
                : REFUSED;
    }

    /** Those that are bound; the others have no place yet. */
    private Stream<Revision> volumes(PodInfo pod) {
        return pod.claims().stream()
                .filter(c -> !c.ephemeral())
                .flatMap(c -> claims.get(pod.namespace(), c.name()).stream())
                .flatMap(c -> volumes.get("", c.object().string("spec", "volumeName")).stream());
    }

    private static void places(Revision volume, List<Place> places) {
        for (String label : LABELS.keySet()) {
            String value = volume.labels().get(label);
            if (value != null) {
                Set<String> values =
                        Stream.of(value.split("__", -1)).map(String::strip).collect(Collectors.toSet());
                if (!values.contains("")) {
                    places.add(new Place(label, values));
                }
            }
        }
    }

    @Override
    public boolean isHelpedBy(PodInfo pod, ClusterEvent event) {
        if (!(event instanceof ClusterEvent.ObjectChanged o)) {
            return false;
        }
        return o.resource().equals(Resources.PERSISTENT_VOLUMES)
                        && volumes(pod).anyMatch(v -> v.key().equals(o.key()))
                || o.resource().equals(Resources.PERSISTENT_VOLUME_CLAIMS)
                        && pod.claims().stream()
                                .anyMatch(c -> o.key().equals(new ObjectKey(pod.namespace(), c.name())));
    }
}
