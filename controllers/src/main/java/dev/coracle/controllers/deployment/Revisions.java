package dev.coracle.controllers.deployment;

import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The annotations by which {@code rollout history} and {@code rollout undo} find their way. */
final class Revisions {
    static final String ANNOTATION = "deployment.kubernetes.io/revision";
    static final String HISTORY = "deployment.kubernetes.io/revision-history";
    private static final Set<String> NOT_COPIED = Set.of(
            "kubectl.kubernetes.io/last-applied-configuration", ANNOTATION, HISTORY, Rollout.DESIRED, Rollout.MAXIMUM);

    private Revisions() {}

    static long of(Unstructured set) {
        return Rollout.number(set.annotations().get(ANNOTATION));
    }

    static long newest(List<Unstructured> sets) {
        return sets.stream().mapToLong(Revisions::of).max().orElse(0);
    }

    /** Of a new set. */
    static Map<String, String> annotations(Rollout rollout, String revision) {
        Map<String, String> annotations = copied(rollout.deployment());
        annotations.put(ANNOTATION, revision);
        annotations.put(Rollout.DESIRED, "" + rollout.replicas());
        annotations.put(Rollout.MAXIMUM, "" + (rollout.replicas() + rollout.surge()));
        return annotations;
    }

    private static Map<String, String> copied(Unstructured deployment) {
        Map<String, String> annotations = new LinkedHashMap<>(deployment.annotations());
        annotations.keySet().removeAll(NOT_COPIED);
        return annotations;
    }

    /** A set that is current again, after a rollback, becomes the newest revision; it follows the Deployment's metadata. */
    static Unstructured numbered(Rollout rollout, Unstructured current) {
        Unstructured next = current.copy();
        Unstructured d = rollout.deployment();
        copied(d).forEach((k, v) -> next.set(v, "metadata", "annotations", k));
        long before = of(current);
        long wanted = Math.max(before, newest(rollout.old()) + 1);
        if (before != wanted) {
            next.set("" + wanted, "metadata", "annotations", ANNOTATION);
            if (before > 0) {
                String past = current.annotations().getOrDefault(HISTORY, "");
                next.set(past.isEmpty() ? "" + before : past + "," + before, "metadata", "annotations", HISTORY);
            }
        }
        if (d.integer(0, "spec", "minReadySeconds") != next.integer(0, "spec", "minReadySeconds")) {
            next.set(d.get("spec", "minReadySeconds"), "spec", "minReadySeconds");
        }
        return next;
    }
}
