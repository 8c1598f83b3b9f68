package dev.coracle.controllers.kit;

import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What state a pod is in, as {@code pkg/api/v1/pod} and {@code controller_utils.go} tell it. */
public final class Pods {
    private Pods() {}

    /** Ended, and never to run again. */
    public static boolean isTerminal(Unstructured pod) {
        String phase = pod.string("status", "phase");
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    /** Neither ended nor on its way out. */
    public static boolean isActive(Unstructured pod) {
        return !pod.isDeleting() && !isTerminal(pod);
    }

    public static boolean isReady(Unstructured pod) {
        return Conditions.isTrue(pod, "Ready");
    }

    /** Since when the pod is as ready, or unready, as it is. */
    public static Optional<Instant> readySince(Unstructured pod) {
        return Conditions.find(pod, "Ready").flatMap(c -> c.time("lastTransitionTime"));
    }

    /** Ready for at least so long. */
    public static boolean isAvailable(Unstructured pod, long minReadySeconds, Instant now) {
        return isReady(pod)
                && (minReadySeconds == 0
                        || readySince(pod)
                                .filter(t -> !t.plusSeconds(minReadySeconds).isAfter(now))
                                .isPresent());
    }

    /** How long until a ready pod has been ready long enough. */
    public static Duration untilAvailable(Unstructured pod, long minReadySeconds, Instant now) {
        return readySince(pod)
                .map(t -> Duration.between(now, t.plusSeconds(minReadySeconds)))
                .orElse(Duration.ofSeconds(minReadySeconds));
    }
}
