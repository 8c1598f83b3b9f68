package dev.coracle.controllers;

import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Patch;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.kit.Pods;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/** Plays all nodes' agents: places pods on {@code node-1} unless they are placed, readies them, ends deleted ones. */
public final class Kubelet implements AutoCloseable {
    private final Client client;
    private final Environment environment;
    private final Informer pods;
    private final KeyedWorkQueue<ObjectKey> queue;
    private final Set<String> stopped = new HashSet<>();
    /** When each pod began to run. */
    private final Map<String, Instant> started = new HashMap<>();

    private Predicate<Revision> healthy = pod -> true;
    private Function<Unstructured, Optional<Exit>> exits = pod -> Optional.empty();
    private Duration shutdown = Duration.ZERO;
    private int addresses;

    Kubelet(Client client, Informers informers, Environment environment) {
        this.client = client;
        this.environment = environment;
        this.pods = informers.of(Resources.PODS);
        this.queue = new KeyedWorkQueue<>(environment, "test-kubelet", 1, this::reconcile);
        pods.handle((before, after) -> queue.add((after != null ? after : Objects.requireNonNull(before)).key()));
    }

    /** Only such pods become ready. */
    public void healthy(Predicate<Revision> which) {
        this.healthy = which;
    }

    /** How long pods take to end. */
    public void shutdown(Duration duration) {
        this.shutdown = duration;
    }

    /** How a pod's containers end by themselves: all with {@code code}, so long after they began. */
    public record Exit(Duration after, int code) {}

    /** Which pods end by themselves, and how; asked again whenever a running pod changes. */
    public void exits(Function<Unstructured, Optional<Exit>> how) {
        this.exits = how;
    }

    /** That node's agent is heard of no more. */
    public void stop(String node) {
        stopped.add(node);
    }

    private Reconciler.Result reconcile(ObjectKey key) {
        Revision pod = pods.get(key).orElse(null);
        String node = pod == null ? "" : pod.object().string("spec", "nodeName");
        if (pod == null || stopped.contains(node)) {
            return Reconciler.Result.DONE;
        }
        try {
            if (pod.isDeleting()) {
                if (!shutdown.isZero() && !ended(pod)) {
                    return Reconciler.Result.after(Duration.ofSeconds(1));
                }
                boolean restarts = pod.object().string("spec", "restartPolicy").equals("Always");
                if (!restarts && !Pods.isTerminal(pod.object())) {
                    // Whoever counts how pods end may hold it by a finalizer, and is told before it may go.
                    end(pod, 137);
                }
                client.delete(Resources.PODS, key.namespace(), key.name(), new DeleteOptions(0, "", pod.uid(), ""));
            } else if (pod.object().string("status", "phase").equals("Running")) {
                return exit(pod);
            } else if (!Pods.isTerminal(pod.object()) && healthy.test(pod)) {
                run(pod, node);
            }
        } catch (StatusException e) {
            if (!e.isNotFound()) {
                throw e;
            }
        }
        return Reconciler.Result.DONE;
    }

    private Reconciler.Result exit(Revision pod) {
        Exit exit = exits.apply(pod.object()).orElse(null);
        Instant now = environment.clock().now();
        Instant end = exit == null
                ? Instant.MAX
                : started.getOrDefault(pod.uid(), now).plus(exit.after());
        if (exit != null && !end.isAfter(now)) {
            end(pod, exit.code());
        } else if (exit != null) {
            return Reconciler.Result.after(Duration.between(now, end));
        }
        return Reconciler.Result.DONE;
    }

    private void end(Revision pod, int code) {
        Instant now = environment.clock().now();
        List<Unstructured> containers = pod.object().objects("spec", "containers").stream()
                .map(c -> Unstructured.parse("{}")
                        .set(c.string("name"), "name")
                        .set(c.string("image"), "image")
                        .set(c.string("image"), "imageID")
                        .set(false, "ready")
                        .set(0L, "restartCount")
                        .set((long) code, "state", "terminated", "exitCode")
                        .set(now, "state", "terminated", "finishedAt"))
                .toList();
        Unstructured patch = World.tree("{'status':{'phase':'" + (code == 0 ? "Succeeded" : "Failed")
                + "','conditions':[{'type':'Ready','status':'False','lastTransitionTime':'" + Timestamps.format(now)
                + "'}]}}");
        patch.set(containers, "status", "containerStatuses");
        client.patch(Resources.PODS, pod.namespace(), pod.name(), Patch.merge(patch), WriteOptions.STATUS);
    }

    private boolean ended(Revision pod) {
        long grace = pod.object().integer(0, "metadata", "deletionGracePeriodSeconds");
        return pod.object()
                .time("metadata", "deletionTimestamp")
                .map(t -> !t.minusSeconds(grace)
                        .plus(shutdown)
                        .isAfter(environment.clock().now()))
                .orElse(true);
    }

    private void run(Revision pod, String node) {
        if (node.isEmpty()) {
            client.post(
                    Resources.PODS,
                    pod.namespace(),
                    pod.name(),
                    "binding",
                    World.tree("{'target':{'kind':'Node','name':'node-1'}}"));
        }
        addresses++;
        started.putIfAbsent(pod.uid(), environment.clock().now());
        client.patch(
                Resources.PODS,
                pod.namespace(),
                pod.name(),
                Patch.merge(World.tree("{'status':{'phase':'Running','podIP':'10.244." + addresses / 250 + "."
                        + (1 + addresses % 250) + "','conditions':[{'type':'Ready','status':'True',"
                        + "'lastTransitionTime':'"
                        + Timestamps.format(environment.clock().now()) + "'}]}}")),
                WriteOptions.STATUS);
    }

    @Override
    public void close() {
        queue.close();
    }
}
