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

    Unstructured pod(int i) {
        Unstructured pod = Unstructured.of("v1", "Pod", HollowCluster.NAMESPACE, "pod-" + i)
                .set(COLOR, "metadata", "labels")
                .set(
                        List.of(Map.of(
                                "name",
                                "pause",
                                "image",
                                "registry.k8s.io/pause:3.10",
                                "resources",
                                Map.of("requests", Map.of("cpu", "100m", "memory", "500Mi")))),
                        "spec",
                        "containers");
        demand(pod);
        return pod;
    }

    /** As people read it. */
    String words() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
