package dev.coracle.bench.scale;

import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Reconciler.Result;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What makes a scheduler look again: a node without room, a Service, and a pod of high priority that is too big for any node
 * come, and go when the next of them come. As upstream's SchedulingWithMixedChurn, and ten times as often, since a run here
 * is over in seconds.
 */
final class Churn implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofMillis(100);

    private final Client client;
    private final Map<GroupVersionResource, Unstructured> things = new LinkedHashMap<>();
    private final KeyedWorkQueue<String> turns;

    Churn(HollowCluster cluster) {
        this.client = cluster.client();
        Victims.highPriority(cluster);
        things.put(
                Resources.NODES,
                Unstructured.of("v1", "Node", "", "churn")
                        .set("0", "status", "capacity", "pods")
                        .set(List.of(Map.of("type", "Ready", "status", "True")), "status", "conditions"));
        things.put(
                Resources.PODS,
                Unstructured.of("v1", "Pod", HollowCluster.NAMESPACE, "churn")
                        .set(Victims.HIGH, "spec", "priorityClassName")
                        .set(Shape.containers("9"), "spec", "containers"));
        things.put(
                Resources.SERVICES,
                Unstructured.of("v1", "Service", HollowCluster.NAMESPACE, "churn")
                        .set(Map.of("app", "churn"), "spec", "selector")
                        .set(List.of(Map.of("port", 80L)), "spec", "ports"));
        this.turns = new KeyedWorkQueue<>(cluster.environment(), "churn", 1, key -> turn());
        turns.add("");
    }

    private Result turn() {
        things.forEach((resource, thing) -> {
            try {
                client.delete(resource, thing.namespace(), thing.name(), DeleteOptions.NOW);
            } catch (StatusException e) {
                if (!e.isNotFound()) {
                    throw e;
                }
            }
            client.create(resource, thing.namespace(), thing.copy(), WriteOptions.DEFAULT);
        });
        return Result.after(INTERVAL);
    }

    @Override
    public void close() {
        turns.close();
    }
}
