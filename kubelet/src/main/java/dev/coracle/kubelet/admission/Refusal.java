package dev.coracle.kubelet.admission;

/**
 * Why the node does not take a pod, as its status and an event tell.
 *
 * @param reason one word: {@code NodePorts}, {@code OutOfcpu}
 */
public record Refusal(String reason, String message) {
    /** Of a resize that the node is too small for. */
    public static final String INFEASIBLE = "Infeasible";

    /** Of a resize that the node has no room for now. */
    public static final String DEFERRED = "Deferred";

    static Refusal predicate(String name, String why) {
        return new Refusal(name, "Predicate " + name + " failed: " + why);
    }

    static Refusal outOf(String resource, long requested, long used, long capacity) {
        return new Refusal(
                "OutOf" + resource,
                "Node didn't have enough resource: %s, requested: %d, used: %d, capacity: %d"
                        .formatted(resource, requested, used, capacity));
    }
}
