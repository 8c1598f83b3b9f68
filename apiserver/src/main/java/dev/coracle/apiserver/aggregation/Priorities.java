package dev.coracle.apiserver.aggregation;

import java.util.Map;
import java.util.Optional;

/** Which of the built-in groups clients are to look at first, and which of their versions: upstream's facts. */
final class Priorities {
    /** The higher comes first. */
    record Priority(long group, long version) {}

    /** Of what users define. */
    static final Priority CUSTOM = new Priority(1000, 100);

    private static final Map<String, Priority> BUILT_IN = Map.ofEntries(
            of("v1", 18000, 1),
            of("apps/v1", 17800, 15),
            of("events.k8s.io/v1", 17750, 15),
            of("authentication.k8s.io/v1", 17700, 15),
            of("authorization.k8s.io/v1", 17600, 15),
            of("autoscaling/v2", 17500, 30),
            of("autoscaling/v1", 17500, 15),
            of("batch/v1", 17400, 15),
            of("certificates.k8s.io/v1", 17300, 15),
            of("networking.k8s.io/v1", 17200, 15),
            of("policy/v1", 17100, 15),
            of("rbac.authorization.k8s.io/v1", 17000, 15),
            of("storage.k8s.io/v1", 16800, 15),
            of("admissionregistration.k8s.io/v1", 16700, 15),
            of("apiextensions.k8s.io/v1", 16700, 15),
            of("scheduling.k8s.io/v1", 16600, 15),
            of("coordination.k8s.io/v1", 16500, 15),
            of("node.k8s.io/v1", 16300, 15),
            of("discovery.k8s.io/v1", 16200, 15),
            of("flowcontrol.apiserver.k8s.io/v1", 16100, 21),
            // As metrics-server's own APIService has it.
            of("metrics.k8s.io/v1beta1", 100, 100));

    private Priorities() {}

    private static Map.Entry<String, Priority> of(String groupVersion, int group, int version) {
        return Map.entry(groupVersion, new Priority(group, version));
    }

    /** @param groupVersion {@code apps/v1}; {@code v1} for the group without a name */
    static Optional<Priority> builtIn(String groupVersion) {
        return Optional.ofNullable(BUILT_IN.get(groupVersion));
    }
}
