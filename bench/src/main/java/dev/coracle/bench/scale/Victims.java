package dev.coracle.bench.scale;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;

/**
 * Pods of low priority that fill the nodes, four on each with 0.9 of its four CPUs, and the writes that make room for one
 * that asks for three CPUs: as upstream's PreemptionBasic.
 */
final class Victims {
    static final int PER_NODE = 4;
    private static final int EVICTED = 3;
    static final String HIGH = "high";

    private Victims() {}

    /** A class of pods that come before the others. */
    static void highPriority(HollowCluster cluster) {
        cluster.client()
                .create(
                        Resources.PRIORITY_CLASSES,
                        "",
                        Unstructured.of("scheduling.k8s.io/v1", "PriorityClass", "", HIGH)
                                .set(10L, "value"),
                        WriteOptions.DEFAULT);
    }

    private static String name(int node, int i) {
        return "low-" + (node * PER_NODE + i);
    }

    /** They are where they are from the beginning. */
    static void create(HollowCluster cluster, int i) {
        Unstructured pod = Shape.BASIC
                .pod(i)
                .set("low-" + i, "metadata", "name")
                .set("node-" + i / PER_NODE, "spec", "nodeName")
                .set(0L, "spec", "terminationGracePeriodSeconds")
                .set(Shape.containers("900m"), "spec", "containers");
        cluster.client().create(Resources.PODS, HollowCluster.NAMESPACE, pod, WriteOptions.DEFAULT);
    }

    /** The pod is told that it waits; those that are to go are told why, and go. */
    static void evict(HollowCluster cluster, String pod, int node) {
        condition(cluster, pod, "PodScheduled", "False");
        for (int i = 0; i < EVICTED; i++) {
            condition(cluster, name(node, i), "DisruptionTarget", "True");
            cluster.client().delete(Resources.PODS, HollowCluster.NAMESPACE, name(node, i), DeleteOptions.DEFAULT);
        }
    }

    private static void condition(HollowCluster cluster, String pod, String type, String status) {
        cluster.client()
                .patch(
                        Resources.PODS,
                        HollowCluster.NAMESPACE,
                        pod,
                        Patch.strategic(Unstructured.of("v1", "Pod")
                                .set(
                                        List.of(Map.of("type", type, "status", status, "reason", "Preemption")),
                                        "status",
                                        "conditions")),
                        WriteOptions.STATUS);
    }
}
