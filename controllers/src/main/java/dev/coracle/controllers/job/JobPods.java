package dev.coracle.controllers.job;

import dev.coracle.controllers.kit.Conditions;
import dev.coracle.controllers.kit.Pods;
import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What a Job reads from a pod of its own. */
final class JobPods {
    static final String FINALIZER = "batch.kubernetes.io/job-tracking";
    /** An annotation and a label. */
    static final String INDEX = "batch.kubernetes.io/job-completion-index";
    /** How many pods of the index failed before this. */
    static final String FAILURES = "batch.kubernetes.io/job-index-failure-count";
    /** And how many more, which the podFailurePolicy ignored. */
    static final String IGNORED = "batch.kubernetes.io/job-index-ignored-failure-count";
    /** Of a pod without an index. */
    static final int NONE = -1;

    private JobPods() {}

    /** Has the finalizer: is not counted yet. */
    static boolean isTracked(Unstructured pod) {
        return pod.finalizers().contains(FINALIZER);
    }

    static int index(Unstructured pod) {
        return number(pod, INDEX, NONE);
    }

    static int failures(Unstructured pod) {
        return number(pod, FAILURES, 0);
    }

    static int ignored(Unstructured pod) {
        return number(pod, IGNORED, 0);
    }

    /** Users may write there what they like. */
    private static int number(Unstructured pod, String annotation, int otherwise) {
        try {
            int n = Integer.parseInt(pod.annotations().getOrDefault(annotation, ""));
            return n < 0 ? otherwise : n;
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    static boolean isSucceeded(Unstructured pod) {
        return pod.string("status", "phase").equals("Succeeded");
    }

    /** One that is deleted may never come to its end, where its node is gone; so it counts at once if it may. */
    static boolean isFailed(Unstructured pod, JobSpec spec) {
        return pod.string("status", "phase").equals("Failed")
                || !spec.replacesOnlyFailed() && pod.isDeleting() && !isSucceeded(pod);
    }

    static boolean isTerminating(Unstructured pod) {
        return pod.isDeleting() && !Pods.isTerminal(pod);
    }

    /** When its last container ended; else when it ceased to be ready, else when it was deleted, else when it began. */
    static Instant finishedAt(Unstructured pod) {
        return lastContainer(pod)
                .or(() -> Conditions.find(pod, "Ready")
                        .filter(c -> c.string("status").equals("False"))
                        .flatMap(c -> c.time("lastTransitionTime")))
                .or(() -> pod.time("metadata", "deletionTimestamp")
                        .map(t -> t.minusSeconds(pod.integer(0, "metadata", "deletionGracePeriodSeconds"))))
                .or(() -> pod.time("metadata", "creationTimestamp"))
                .orElse(Instant.EPOCH);
    }

    private static Optional<Instant> lastContainer(Unstructured pod) {
        List<Optional<Instant>> ends = pod.objects("status", "containerStatuses").stream()
                .map(c -> c.time("state", "terminated", "finishedAt"))
                .toList();
        return ends.stream().allMatch(Optional::isPresent)
                ? ends.stream().flatMap(Optional::stream).max(Instant::compareTo)
                : Optional.empty();
    }

    static long restarts(Unstructured pod) {
        return List.of("initContainerStatuses", "containerStatuses").stream()
                .flatMap(field -> pod.objects("status", field).stream())
                .mapToLong(c -> c.integer(0, "restartCount"))
                .sum();
    }
}
