package dev.coracle.scheduler.plugin.volumebinding;

import dev.coracle.client.Client;
import dev.coracle.client.Informers;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.config.Fields;
import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.NodeFilter;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.NodeScore;
import dev.coracle.scheduler.framework.NodeSelector;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.Status;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bound volumes must be reachable. A claim that waits for its first consumer is told the node before the pod is bound: the
 * provisioner then makes its volume there, and the claim's change brings the pod back.
 */
public final class VolumeBinding implements Plugin.Filters, Plugin.Scores, Plugin.Reserves {
    private static final Status REFUSED = Status.unresolvable("node(s) didn't match PersistentVolume's node affinity");

    /** @param bindTimeout how long a pod keeps its place while its volumes are made */
    public record Args(Duration bindTimeout) {
        public static Args of(Fields fields) {
            long seconds = fields.within(
                    "bindTimeoutSeconds",
                    600,
                    0,
                    Integer.MAX_VALUE,
                    "invalid BindTimeoutSeconds, should not be a negative value");
            if (fields.has("shape")) {
                fields.problems()
                        .invalid(
                                fields.path("shape"),
                                fields.objects("shape").size() + " points",
                                "unexpected field `shape`, remove it or turn on the feature gate StorageCapacityScoring");
            }
            return new Args(Duration.ofSeconds(seconds));
        }
    }

    private final Args args;
    private final Client client;
    private final VolumeClaims volumes;

    public VolumeBinding(Args args, Client client, Informers informers) {
        this.args = args;
        this.client = client;
        this.volumes = new VolumeClaims(
                informers.of(Resources.PERSISTENT_VOLUME_CLAIMS),
                informers.of(Resources.PERSISTENT_VOLUMES),
                informers.of(Resources.STORAGE_CLASSES));
    }

    @Override
    public String name() {
        return "VolumeBinding";
    }

    @Override
    public boolean synced() {
        return volumes.synced();
    }

    @Override
    public NodeFilter preFilter(Cycle cycle) {
        VolumeClaims.Needs needs = volumes.of(cycle.pod().pod());
        if (!needs.blocked().isEmpty()) {
            return NodeFilter.blocked(needs.blocked());
        }
        if (needs.affinities().isEmpty()) {
            return NodeFilter.PASS;
        }
        return node -> {
            // Each volume must be reachable, by one of its own terms.
            for (NodeSelector terms : needs.affinities()) {
                if (!terms.matches(node)) {
                    return REFUSED;
                }
            }
            return Status.OK;
        };
    }

    /** Where a provisioner may be at work already, the pod goes if it can. */
    @Override
    public @Nullable NodeScore preScore(Cycle cycle, List<NodeInfo> feasible) {
        if (!VolumeClaims.concernsAny(cycle.pod().pod())) {
            return null;
        }
        String chosen = volumes.of(cycle.pod().pod()).chosenNode();
        return chosen.isEmpty() ? null : node -> node.name().equals(chosen) ? NodeScore.MAX : 0;
    }

    @Override
    public @Nullable PreBind reserve(PodInfo pod, NodeInfo node) {
        if (!VolumeClaims.concernsAny(pod.pod())) {
            return null;
        }
        VolumeClaims.Needs needs = volumes.of(pod.pod());
        if (!needs.blocked().isEmpty() || !needs.affinities().stream().allMatch(terms -> terms.matches(node))) {
            return () -> false; // They changed since the node was looked at; that brings the pod back.
        }
        List<Unstructured> unbound = needs.unbound();
        return unbound.isEmpty()
                ? null
                : () -> {
                    unbound.forEach(claim -> select(claim, node.name()));
                    return false;
                };
    }

    @Override
    public Duration patience() {
        return args.bindTimeout();
    }

    @Override
    public String late() {
        return "running PreBind plugin \"VolumeBinding\": binding volumes: context deadline exceeded";
    }

    private void select(Unstructured claim, String node) {
        if (!node.equals(claim.annotations().get(VolumeClaims.SELECTED_NODE))) {
            Unstructured patch = new Unstructured(new LinkedHashMap<>())
                    .set(node, "metadata", "annotations", VolumeClaims.SELECTED_NODE);
            client.patch(
                    Resources.PERSISTENT_VOLUME_CLAIMS,
                    claim.namespace(),
                    claim.name(),
                    Patch.merge(patch),
                    WriteOptions.DEFAULT);
        }
    }

    @Override
    public boolean isHelpedBy(PodInfo pod, ClusterEvent event) {
        return event instanceof ClusterEvent.ObjectChanged o && volumes.concern(pod.pod(), o.resource(), o.key());
    }
}
