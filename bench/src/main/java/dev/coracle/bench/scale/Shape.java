package dev.coracle.bench.scale;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Pods as upstream's scheduler_perf makes them, by what is hard about placing them. */
enum Shape {
    BASIC,
    TOPOLOGY_SPREADING {
        @Override
        void demand(Unstructured pod) {
            pod.set(
                    List.of(Map.of(
                            "maxSkew",
                            5L,
                            "topologyKey",
                            ZONE,
                            "whenUnsatisfiable",
                            "DoNotSchedule",
                            "labelSelector",
                            Map.of("matchLabels", COLOR))),
                    "spec",
                    "topologySpreadConstraints");
        }
    },
    PREFERRED_ANTI_AFFINITY {
        @Override
        void demand(Unstructured pod) {
            pod.set(
                    List.of(Map.of("weight", 1L, "podAffinityTerm", term("kubernetes.io/hostname"))),
                    "spec",
                    "affinity",
                    "podAntiAffinity",
                    "preferredDuringSchedulingIgnoredDuringExecution");
        }
    },
    AFFINITY {
        @Override
        void demand(Unstructured pod) {
            pod.set(
                    List.of(term(ZONE)),
                    "spec",
                    "affinity",
                    "podAffinity",
                    "requiredDuringSchedulingIgnoredDuringExecution");
        }
    },
    /** As many can be placed as there are nodes. */
    ANTI_AFFINITY {
        @Override
        void demand(Unstructured pod) {
            pod.set(
                    List.of(term("kubernetes.io/hostname")),
                    "spec",
                    "affinity",
                    "podAntiAffinity",
                    "requiredDuringSchedulingIgnoredDuringExecution");
        }

        @Override
        int atMost(int nodes) {
            return nodes;
        }
    },
    /** Plain pods, while a node, a Service and a pod that fits nowhere and comes before all others come and go. */
    CHURN {
        @Override
        AutoCloseable beside(HollowCluster cluster) {
            return new Churn(cluster);
        }
    },
    /** Every pod has three others make room, which fill the nodes. */
    PREEMPTION {
        @Override
        void demand(Unstructured pod) {
            pod.set(Victims.HIGH, "spec", "priorityClassName").set(containers("3"), "spec", "containers");
        }

        @Override
        AutoCloseable beside(HollowCluster cluster) throws InterruptedException {
            Victims.highPriority(cluster);
            cluster.each(cluster.nodes() * Victims.PER_NODE, i -> Victims.create(cluster, i));
            cluster.awaitPods(cluster.nodes() * Victims.PER_NODE);
            return () -> {};
        }

        @Override
        void place(HollowCluster cluster, String pod, int node) {
            Victims.evict(cluster, pod, node);
            super.place(cluster, pod, node);
        }

        @Override
        int atMost(int nodes) {
            return nodes;
        }
    },
    /** Plain pods that do not come all at once: how long one takes that finds no queue. */
    LATENCY {
        @Override
        int perSecond() {
            return 500;
        }
    };

    private static final String ZONE = "topology.kubernetes.io/zone";
    private static final Map<String, String> COLOR = Map.of("color", "blue");

    private static Map<String, Object> term(String topology) {
        return Map.of("topologyKey", topology, "labelSelector", Map.of("matchLabels", COLOR));
    }

    /** Adds to a plain pod what makes it hard. */
    void demand(Unstructured pod) {}

    /** How many such pods find a place on so many nodes, though all be in one zone of three. */
    int atMost(int nodes) {
        return nodes * 10;
    }

    /** How many are created in a second; 0: as many as can be. */
    int perSecond() {
        return 0;
    }

    /** What is there before the first of them, and goes on until it is closed. */
    AutoCloseable beside(HollowCluster cluster) throws InterruptedException {
        return () -> {};
    }

    /** What a scheduler writes for such a pod, without deciding anything. */
    void place(HollowCluster cluster, String pod, int node) {
        cluster.bind(pod, "node-" + node);
    }

    static List<Object> containers(String cpu) {
        return List.of(Map.of(
                "name",
                "pause",
                "image",
                "registry.k8s.io/pause:3.10",
                "resources",
                Map.of("requests", Map.of("cpu", cpu, "memory", "500Mi"))));
    }

    Unstructured pod(int i) {
        Unstructured pod = Unstructured.of("v1", "Pod", HollowCluster.NAMESPACE, "pod-" + i)
                .set(COLOR, "metadata", "labels")
                .set(containers("100m"), "spec", "containers");
        demand(pod);
        return pod;
    }

    /** As people read it. */
    String words() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
