package dev.coracle.controllers.podautoscaler;

import dev.coracle.controllers.kit.Conditions;
import dev.coracle.controllers.kit.Pods;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A pod of the target, as far as it matters whether its measurements mean anything.
 *
 * @param going deleted or failed
 * @param ready the status of its condition; {@code ""} without one
 * @param since when that status is so
 */
record Replica(
        String name,
        boolean going,
        String phase,
        String ready,
        @Nullable Instant since,
        @Nullable Instant started) {
    /** For so long after its start a pod may be busy with that. */
    private static final Duration CPU_INITIALIZATION = Duration.ofMinutes(5);
    /** What became unready so soon after its start has not been ready at all. */
    private static final Duration INITIAL_READINESS = Duration.ofSeconds(30);

    static Replica of(Unstructured pod) {
        return new Replica(
                pod.name(),
                pod.isDeleting() || pod.string("status", "phase").equals("Failed"),
                pod.string("status", "phase"),
                Conditions.find(pod, "Ready").map(c -> c.string("status")).orElse(""),
                Pods.readySince(pod).orElse(null),
                pod.time("status", "startTime").orElse(null));
    }

    boolean isPending() {
        return phase.equals("Pending");
    }

    boolean isServing() {
        return phase.equals("Running") && ready.equals("True");
    }

    /** Whether what it uses of the processor is still what its start uses. */
    boolean isStarting(Sample sample, Instant now) {
        if (ready.isEmpty() || started == null) {
            return true;
        }
        Instant turned = since == null ? Instant.EPOCH : since;
        if (started.plus(CPU_INITIALIZATION).isAfter(now)) {
            return ready.equals("False") || sample.time().isBefore(turned.plus(sample.window()));
        }
        return ready.equals("False") && started.plus(INITIAL_READINESS).isAfter(turned);
    }
}
