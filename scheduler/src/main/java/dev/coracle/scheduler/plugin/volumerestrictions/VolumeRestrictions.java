package dev.coracle.scheduler.plugin.volumerestrictions;

import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.NodeFilter;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.Snapshot;
import dev.coracle.scheduler.framework.Status;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Some disks may be on one node for one writer only. A claim that is {@code ReadWriteOncePod} is one pod's in the whole
 * cluster: as long as another has it no node will do, and preemption may help where that one is.
 */
public final class VolumeRestrictions implements Plugin.Filters {
    private static final Status NO_DISK = Status.unschedulable("node(s) had no available disk");
    private static final Status CLAIM_TAKEN = Status.unschedulable(
            "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode");

    private final Informer claims;

    public VolumeRestrictions(Informers informers) {
        this.claims = informers.of(Resources.PERSISTENT_VOLUME_CLAIMS);
    }

    @Override
    public String name() {
        return "VolumeRestrictions";
    }

    @Override
    public boolean synced() {
        return claims.synced();
    }

    @Override
    public NodeFilter preFilter(Cycle cycle) {
        List<Disk> disks = Disk.of(cycle.pod().pod());
        Set<String> alone = new HashSet<>();
        for (PodInfo.Claim c : cycle.pod().claims()) {
            // One that is not there blocks the pod by VolumeBinding.
            boolean once = claims.get(cycle.pod().namespace(), c.name())
                    .map(r -> r.object().stringList("spec", "accessModes").contains("ReadWriteOncePod"))
                    .orElse(false);
            if (once) {
                alone.add(c.name());
            }
        }
        return disks.isEmpty() && alone.isEmpty()
                ? NodeFilter.PASS
                : new Filter(cycle.pod(), disks, alone, uses(cycle.pod(), alone, cycle.snapshot()));
    }

    private static int uses(PodInfo pod, Set<String> alone, Snapshot snapshot) {
        return alone.isEmpty()
                ? 0
                : snapshot.nodes().stream().mapToInt(n -> uses(pod, alone, n)).sum();
    }

    private static int uses(PodInfo pod, Set<String> alone, NodeInfo node) {
        int n = 0;
        for (PodInfo there : node.pods()) {
            if (there.namespace().equals(pod.namespace())) {
                for (PodInfo.Claim c : there.claims()) {
                    n += alone.contains(c.name()) ? 1 : 0;
                }
            }
        }
        return n;
    }

    /** @param users how often others use what the pod must have alone */
    private record Filter(PodInfo pod, List<Disk> disks, Set<String> alone, int users) implements NodeFilter {
        @Override
        public Status filter(NodeInfo node) {
            if (!disks.isEmpty()) {
                for (PodInfo there : node.pods()) {
                    if (conflict(there)) {
                        return NO_DISK;
                    }
                }
            }
            return users > 0 ? CLAIM_TAKEN : Status.OK;
        }

        private boolean conflict(PodInfo there) {
            List<Disk> others = Disk.of(there.pod());
            return disks.stream().anyMatch(d -> others.stream().anyMatch(d::conflicts));
        }

        @Override
        public NodeFilter supposing(NodeInfo before, NodeInfo after) {
            return alone.isEmpty()
                    ? this
                    : new Filter(pod, disks, alone, users - uses(pod, alone, before) + uses(pod, alone, after));
        }
    }

    @Override
    public boolean isLocal() {
        return false;
    }

    @Override
    public boolean isHelpedBy(PodInfo pod, ClusterEvent event) {
        return switch (event) {
            case ClusterEvent.NodeChanged n -> true;
            case ClusterEvent.PodMoved moved -> {
                List<Disk> theirs = Disk.of(moved.pod().pod());
                yield Disk.of(pod.pod()).stream().anyMatch(d -> theirs.stream().anyMatch(d::conflicts))
                        || moved.pod().namespace().equals(pod.namespace())
                                && moved.pod().claims().stream().anyMatch(pod.claims()::contains);
            }
            case ClusterEvent.ObjectChanged o ->
                o.resource().equals(Resources.PERSISTENT_VOLUME_CLAIMS)
                        && pod.claims().stream()
                                .anyMatch(c -> o.key().equals(new ObjectKey(pod.namespace(), c.name())));
        };
    }
}
