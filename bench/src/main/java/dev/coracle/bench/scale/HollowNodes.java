package dev.coracle.bench.scale;

import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Patch;
import dev.coracle.client.Reconciler.Result;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** All kubelets in one, which run nothing: a pod with a node runs and is ready at once; one that is to go is gone. */
final class HollowNodes implements AutoCloseable {
    private static final int AT_ONCE = 8;

    private final Client client;
    private final Informer pods;
    private final Environment environment;
    private final KeyedWorkQueue<ObjectKey> queue;

    HollowNodes(Client client, Informers informers, Environment environment) {
        this.client = client;
        this.environment = environment;
        this.pods = informers.of(Resources.PODS);
        this.queue = new KeyedWorkQueue<>(environment, "hollow-nodes", AT_ONCE, this::report);
        pods.handle((before, after) -> {
            if (after != null && hasNode(after) && (after.isDeleting() || !isRunning(after))) {
                queue.add(after.key());
            }
        });
    }

    private static boolean hasNode(Revision pod) {
        return !pod.object().string("spec", "nodeName").isEmpty();
    }

    private static boolean isRunning(Revision pod) {
        return pod.object().string("status", "phase").equals("Running");
    }

    private Result report(ObjectKey key) {
        Revision pod = pods.get(key).orElse(null);
        try {
            if (pod != null && pod.isDeleting()) {
                client.delete(Resources.PODS, key.namespace(), key.name(), DeleteOptions.NOW);
            } else if (pod != null && !isRunning(pod)) {
                client.patch(Resources.PODS, key.namespace(), key.name(), running(environment), WriteOptions.STATUS);
            }
        } catch (StatusException e) {
            if (!e.isNotFound()) {
                throw e;
            }
        }
        return Result.DONE;
    }

    /** That a pod runs. */
    static Patch running(Environment environment) {
        String now = Instant.ofEpochSecond(environment.clock().now().getEpochSecond())
                .toString();
        List<Map<String, Object>> conditions = new ArrayList<>();
        for (String type : List.of("Initialized", "ContainersReady", "Ready")) {
            conditions.add(Map.of("type", type, "status", "True", "lastTransitionTime", now));
        }
        return Patch.strategic(Unstructured.of("v1", "Pod")
                .set("Running", "status", "phase")
                .set("10.244.0.1", "status", "podIP")
                .set(now, "status", "startTime")
                .set(conditions, "status", "conditions"));
    }

    @Override
    public void close() {
        queue.close();
    }
}
