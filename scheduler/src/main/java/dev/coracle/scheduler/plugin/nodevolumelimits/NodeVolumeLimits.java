package dev.coracle.scheduler.plugin.nodevolumelimits;

import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.NodeFilter;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.Status;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A node's CSINode says how many volumes of each driver it can hold. Those of its pods count, and those that are attached
 * for pods that left; a volume that several use counts once. One that is not made yet counts for the provisioner of its
 * class.
 */
public final class NodeVolumeLimits implements Plugin.Filters {
    private static final Status EXCEEDED = Status.unschedulable("node(s) exceed max volume count");

    private final Informer csiNodes;
    private final Informer attachments;
    private final Informer claims;
    private final Informer volumes;
    private final Informer classes;

    public NodeVolumeLimits(Informers informers) {
        this.csiNodes = informers.of(Resources.CSI_NODES);
        this.attachments = informers.of(Resources.VOLUME_ATTACHMENTS);
        this.claims = informers.of(Resources.PERSISTENT_VOLUME_CLAIMS);
        this.volumes = informers.of(Resources.PERSISTENT_VOLUMES);
        this.classes = informers.of(Resources.STORAGE_CLASSES);
    }

    /** @param handle tells it from others of the driver */
    private record Volume(String driver, String handle) {}

    @Override
    public String name() {
        return "NodeVolumeLimits";
    }

    @Override
    public boolean synced() {
        return csiNodes.synced() && attachments.synced() && claims.synced() && volumes.synced() && classes.synced();
    }

    @Override
    public NodeFilter preFilter(Cycle cycle) {
        Set<Volume> wanted = new HashSet<>();
        add(cycle.pod(), wanted);
        return wanted.isEmpty() ? NodeFilter.PASS : node -> filter(wanted, node);
    }

    private Status filter(Set<Volume> wanted, NodeInfo node) {
        Map<String, Long> limits = limits(node.name());
        if (wanted.stream().noneMatch(v -> limits.containsKey(v.driver))) {
            return Status.OK;
        }
        Set<Volume> attached = new HashSet<>();
        node.pods().forEach(p -> add(p, attached));
        addAttached(node.name(), attached);
        Map<String, Long> counts = new HashMap<>();
        attached.forEach(v -> counts.merge(v.driver, 1L, Long::sum));
        for (Volume v : wanted) {
            Long limit = limits.get(v.driver);
            if (!attached.contains(v)
                    && counts.merge(v.driver, 1L, Long::sum) > (limit == null ? Long.MAX_VALUE : limit)) {
                return EXCEEDED;
            }
        }
        return Status.OK;
    }

    private Map<String, Long> limits(String node) {
        Map<String, Long> limits = new HashMap<>();
        List<Unstructured> drivers = csiNodes.get("", node)
                .map(n -> n.object().objects("spec", "drivers"))
                .orElse(List.of());
        for (Unstructured d : drivers) {
            if (d.has("allocatable", "count")) {
                limits.put(d.string("name"), d.integer(0, "allocatable", "count"));
            }
        }
        return limits;
    }

    private void add(PodInfo pod, Set<Volume> found) {
        for (PodInfo.Claim c : pod.claims()) {
            claims.get(pod.namespace(), c.name()).ifPresent(claim -> add(claim, found));
        }
    }

    private void add(Revision claim, Set<Volume> found) {
        Revision volume =
                volumes.get("", claim.object().string("spec", "volumeName")).orElse(null);
        if (volume != null) {
            add(volume.object(), found);
            return;
        }
        String driver = classes.get("", claim.object().string("spec", "storageClassName"))
                .map(c -> c.object().string("provisioner"))
                .orElse("");
        if (!driver.isEmpty()) {
            found.add(new Volume(driver, "claim " + claim.key()));
        }
    }

    private static void add(Unstructured volume, Set<Volume> found) {
        Unstructured csi = volume.object("spec", "csi");
        if (!csi.string("driver").isEmpty() && !csi.string("volumeHandle").isEmpty()) {
            found.add(new Volume(csi.string("driver"), csi.string("volumeHandle")));
        }
    }

    private void addAttached(String node, Set<Volume> found) {
        for (Revision a : attachments.list()) {
            Unstructured spec = a.object().object("spec");
            if (spec.string("nodeName").equals(node)) {
                volumes.get("", spec.string("source", "persistentVolumeName")).ifPresent(v -> add(v.object(), found));
            }
        }
    }

    @Override
    public boolean isHelpedBy(PodInfo pod, ClusterEvent event) {
        return event instanceof ClusterEvent.ObjectChanged o
                && (o.resource().equals(Resources.CSI_NODES)
                        || o.resource().equals(Resources.VOLUME_ATTACHMENTS)
                        || o.resource().equals(Resources.PERSISTENT_VOLUME_CLAIMS)
                                && o.key().namespace().equals(pod.namespace())
                                && pod.claims().stream()
                                        .anyMatch(c -> c.name().equals(o.key().name())));
    }
}
