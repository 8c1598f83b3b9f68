package dev.coracle.scheduler;

import dev.coracle.client.ApiEventRecorder;
import dev.coracle.client.Client;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Patch;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One pod at a time, over a snapshot of the nodes that is kept by difference. A pod counts on its node from the moment it
 * is decided, before the informer shows it. Pods that fit nowhere wait for a node, a pod or a claim to change.
 */
public final class Scheduler implements AutoCloseable {
    private static final String SELECTED_NODE = "volume.kubernetes.io/selected-node";

    private final Client client;
    private final Environment environment;
    private final EventRecorder events;
    private final Informer pods;
    private final Informer nodes;
    private final Informer claims;
    private final Informer volumes;
    private final Informer classes;
    private final Map<String, NodeInfo> infos = new LinkedHashMap<>();
    private final Map<String, String> placed = new LinkedHashMap<>();
    private final Set<ObjectKey> unschedulable = new LinkedHashSet<>();
    private final KeyedWorkQueue<ObjectKey> queue;

    public Scheduler(Client client, Informers informers, Environment environment) {
        this.client = client;
        this.environment = environment;
        this.events = new ApiEventRecorder(client, environment, "default-scheduler", "");
        this.pods = informers.of(Resources.PODS);
        this.nodes = informers.of(Resources.NODES);
        this.claims = informers.of(Resources.PERSISTENT_VOLUME_CLAIMS);
        this.volumes = informers.of(Resources.PERSISTENT_VOLUMES);
        this.classes = informers.of(Resources.STORAGE_CLASSES);
        this.queue = new KeyedWorkQueue<>(environment, "scheduler", 1, this::schedule);
    }

    /** Begins to schedule; the caller starts the informers. */
    public void start() {
        nodes.handle((before, after) -> {
            nodeChanged(before, after);
            retry();
        });
        pods.handle(this::podChanged);
        claims.handle((before, after) -> retry());
    }

    private synchronized void nodeChanged(@Nullable Revision before, @Nullable Revision after) {
        if (after != null) {
            NodeInfo info = infos.get(after.name());
            if (info == null) {
                infos.put(after.name(), new NodeInfo(after.object()));
                pods.list().stream()
                        .filter(p -> p.object().string("spec", "nodeName").equals(after.name()))
                        .forEach(p -> place(p.object(), after.name()));
            } else {
                info.node(after.object());
            }
        } else if (before != null) {
            infos.remove(before.name());
        }
    }

    private void podChanged(@Nullable Revision before, @Nullable Revision after) {
        if (after == null) {
            if (before != null) {
                unplace(before.uid());
                retry();
            }
            return;
        }
        Unstructured pod = after.object();
        String node = pod.string("spec", "nodeName");
        boolean ended = List.of("Succeeded", "Failed").contains(pod.string("status", "phase"));
        if (ended) {
            unplace(pod.uid());
            retry();
        } else if (!node.isEmpty()) {
            synchronized (this) {
                unschedulable.remove(after.key());
                place(pod, node);
            }
        } else if (before == null || !before.object().object("spec").equals(pod.object("spec"))) {
            queue.add(after.key());
        }
    }

    private synchronized void place(Unstructured pod, String node) {
        NodeInfo info = infos.get(node);
        if (info != null) {
            info.add(pod.uid(), NodeInfo.Request.of(pod));
        }
        placed.put(pod.uid(), node);
    }

    private synchronized void unplace(String uid) {
        String node = placed.remove(uid);
        NodeInfo info = node == null ? null : infos.get(node);
        if (info != null) {
            info.remove(uid);
        }
    }

    private synchronized void retry() {
        unschedulable.forEach(queue::add);
        unschedulable.clear();
    }

    private Reconciler.Result schedule(ObjectKey key) {
        Revision revision = pods.get(key).orElse(null);
        if (revision == null
                || revision.isDeleting()
                || !revision.object().string("spec", "nodeName").isEmpty()
                || !revision.object()
                        .stringOr("default-scheduler", "spec", "schedulerName")
                        .equals("default-scheduler")
                || !revision.object().objects("spec", "schedulingGates").isEmpty()) {
            return Reconciler.Result.DONE;
        }
        Unstructured pod = revision.object();
        List<Unstructured> unbound = new ArrayList<>();
        List<Unstructured> affinities = new ArrayList<>();
        String blocked = claims(pod, unbound, affinities);
        if (!blocked.isEmpty()) {
            fail(pod, "0/" + infos.size() + " nodes are available: " + blocked + ".");
            return Reconciler.Result.DONE;
        }
        String node = choose(pod, affinities);
        if (node.isEmpty()) {
            return Reconciler.Result.DONE;
        }
        if (!unbound.isEmpty()) {
            // The provisioner binds the claims on this node; their change brings the pod back here.
            for (Unstructured claim : unbound) {
                select(claim, node);
            }
            synchronized (this) {
                unschedulable.add(key);
            }
            return Reconciler.Result.DONE;
        }
        place(pod, node);
        try {
            client.post(
                    Resources.PODS,
                    pod.namespace(),
                    pod.name(),
                    "binding",
                    Unstructured.of("v1", "Binding", pod.namespace(), pod.name())
                            .set("v1", "target", "apiVersion")
                            .set("Node", "target", "kind")
                            .set(node, "target", "name"));
        } catch (RuntimeException e) {
            unplace(pod.uid());
            throw e;
        }
        events.normal(pod, "Scheduled", "Successfully assigned " + pod.namespace() + "/" + pod.name() + " to " + node);
        return Reconciler.Result.DONE;
    }

    /** Sorts the pod's claims; what keeps it from being scheduled, or {@code ""}. */
    private String claims(Unstructured pod, List<Unstructured> unbound, List<Unstructured> affinities) {
        for (Unstructured v : pod.objects("spec", "volumes")) {
            String name = v.string("persistentVolumeClaim", "claimName");
            if (name.isEmpty()) {
                continue;
            }
            Revision claim = claims.get(pod.namespace(), name).orElse(null);
            if (claim == null) {
                return "persistentvolumeclaim \"" + name + "\" not found";
            }
            String volume = claim.object().string("spec", "volumeName");
            if (!volume.isEmpty()) {
                volumes.get("", volume)
                        .ifPresent(pv -> affinities.addAll(
                                pv.object().objects("spec", "nodeAffinity", "required", "nodeSelectorTerms")));
                continue;
            }
            boolean waits = classes.get("", claim.object().string("spec", "storageClassName"))
                    .map(c -> c.object().string("volumeBindingMode").equals("WaitForFirstConsumer"))
                    .orElse(false);
            if (!waits) {
                return "pod has unbound immediate PersistentVolumeClaims";
            }
            unbound.add(claim.object());
        }
        return "";
    }

    private void select(Unstructured claim, String node) {
        if (!node.equals(claim.annotations().get(SELECTED_NODE))) {
            Unstructured patch =
                    new Unstructured(new LinkedHashMap<>()).set(node, "metadata", "annotations", SELECTED_NODE);
            client.patch(
                    Resources.PERSISTENT_VOLUME_CLAIMS,
                    claim.namespace(),
                    claim.name(),
                    Patch.merge(patch),
                    WriteOptions.DEFAULT);
        }
    }

    /** The best node's name; {@code ""} after the pod was told why there is none. */
    private String choose(Unstructured pod, List<Unstructured> affinities) {
        NodeInfo.Request request = NodeInfo.Request.of(pod);
        Map<String, Integer> reasons = new TreeMap<>();
        String best = "";
        long bestScore = -1;
        int all;
        synchronized (this) {
            all = infos.size();
            for (NodeInfo info : infos.values()) {
                List<String> why = Filters.reasons(pod, request, info);
                if (why.isEmpty()
                        && !affinities.isEmpty()
                        && affinities.stream().noneMatch(t -> Filters.matches(t, info.node()))) {
                    why = List.of("node(s) didn't match PersistentVolume's node affinity");
                }
                why.forEach(w -> reasons.merge(w, 1, Integer::sum));
                // Equal nodes are told apart by how many pods they have, so that replicas spread.
                long score = info.score(request) * 1000 - info.podCount();
                if (why.isEmpty() && (best.isEmpty() || score > bestScore)) {
                    best = info.node().name();
                    bestScore = score;
                }
            }
        }
        if (best.isEmpty()) {
            String list = reasons.entrySet().stream()
                    .map(e -> e.getValue() + " " + e.getKey())
                    .sorted()
                    .collect(Collectors.joining(", "));
            String message = all == 0
                    ? "no nodes available to schedule pods"
                    : "0/" + all + " nodes are available: " + list + ".";
            if (all > 0) {
                message += " preemption: 0/" + all + " nodes are available: " + all
                        + " Preemption is not helpful for scheduling.";
            }
            fail(pod, message);
        }
        return best;
    }

    private void fail(Unstructured pod, String message) {
        synchronized (this) {
            unschedulable.add(ObjectKey.of(pod));
        }
        boolean said = pod.objects("status", "conditions").stream()
                .anyMatch(c -> c.string("type").equals("PodScheduled")
                        && c.string("message").equals(message));
        if (said) {
            return;
        }
        events.warning(pod, "FailedScheduling", message);
        List<Unstructured> conditions = pod.copy().objects("status", "conditions");
        conditions.removeIf(c -> c.string("type").equals("PodScheduled"));
        conditions.add(new Unstructured(new LinkedHashMap<>())
                .set("PodScheduled", "type")
                .set("False", "status")
                .set("Unschedulable", "reason")
                .set(message, "message")
                .set(environment.clock().now(), "lastTransitionTime"));
        client.patch(
                Resources.PODS,
                pod.namespace(),
                pod.name(),
                Patch.merge(new Unstructured(new LinkedHashMap<>()).set(conditions, "status", "conditions")),
                WriteOptions.STATUS);
    }

    @Override
    public void close() {
        queue.close();
    }
}
