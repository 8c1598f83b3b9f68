package dev.coracle.controllers.statefulset;

import dev.coracle.controllers.statefulset.Replica.State;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Predicate;

/**
 * How a set does.
 *
 * @param present all its pods, also those that are to go
 * @param current the name of the revision that the set had when it was last through
 * @param update the name of that of its template
 * @param leaving how many pods of the current revision were just deleted for an update
 */
record SetStatus(
        Unstructured set, List<Replica> present, String current, String update, long collisions, long leaving) {

    Unstructured toObject() {
        long replicas = count(r -> true);
        long ready = count(Replica::isReady);
        long updated = count(r -> !r.terminating() && r.revision().equals(update));
        long still = count(r -> !r.terminating() && r.revision().equals(current)) - leaving;
        long wanted = set.integer(1, "spec", "replicas");
        boolean complete = set.string("spec", "updateStrategy", "type").equals("RollingUpdate")
                && updated == wanted
                && ready == wanted
                && replicas == wanted;
        Unstructured status = new Unstructured(new LinkedHashMap<>());
        status.set(set.generation(), "observedGeneration");
        status.set(replicas, "replicas");
        set(status, ready, "readyReplicas");
        status.set(count(r -> r.state() == State.AVAILABLE), "availableReplicas");
        set(status, complete ? updated : still, "currentReplicas");
        set(status, updated, "updatedReplicas");
        status.set(complete ? update : current, "currentRevision");
        status.set(update, "updateRevision");
        status.set(collisions, "collisionCount");
        // Others may tell of the set, too.
        return status.set(set.get("status", "conditions"), "conditions");
    }

    private static void set(Unstructured status, long n, String field) {
        status.set(n == 0 ? null : n, field);
    }

    private long count(Predicate<Replica> which) {
        return present.stream().filter(which).count();
    }
}
