package dev.coracle.controllers.statefulset;

import dev.coracle.controllers.kit.Pods;
import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One place in the row, and how the pod in it does.
 *
 * @param revision the name of the ControllerRevision that the pod is of, or is to be of
 * @param terminating on its way out, whatever its state: one on a lost node stays so, and its place stays taken
 * @param pod null where the place is empty
 */
record Replica(
        int ordinal,
        String revision,
        State state,
        boolean terminating,
        @Nullable Unstructured pod) {
    enum State {
        ABSENT,
        PENDING,
        /** Failed or succeeded: to be replaced. */
        ENDED,
        UNREADY,
        READY,
        AVAILABLE
    }

    static Replica absent(int ordinal, String revision) {
        return new Replica(ordinal, revision, State.ABSENT, false, null);
    }

    static Replica of(Unstructured set, Unstructured pod, Instant now) {
        return new Replica(
                Identity.ordinal(set, pod),
                pod.labels().getOrDefault(Identity.REVISION, ""),
                state(pod, set.integer(0, "spec", "minReadySeconds"), now),
                pod.isDeleting(),
                pod);
    }

    private static State state(Unstructured pod, long minReadySeconds, Instant now) {
        String phase = pod.string("status", "phase");
        if (Pods.isTerminal(pod)) {
            return State.ENDED;
        }
        if (!phase.equals("Running") || !Pods.isReady(pod)) {
            return phase.equals("Pending") ? State.PENDING : State.UNREADY;
        }
        return Pods.isAvailable(pod, minReadySeconds, now) ? State.AVAILABLE : State.READY;
    }

    boolean isReady() {
        return state == State.READY || state == State.AVAILABLE;
    }

    boolean isAvailable() {
        return state == State.AVAILABLE && !terminating;
    }
}
