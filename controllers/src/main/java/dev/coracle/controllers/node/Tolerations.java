package dev.coracle.controllers.node;

import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.Optional;

/** How long a pod bears a taint. */
final class Tolerations {
    private Tolerations() {}

    /** Zero without a toleration, the shortest where several match, empty for ever. */
    static Optional<Duration> of(Unstructured pod, Unstructured taint) {
        boolean tolerated = false;
        Duration shortest = null;
        for (Unstructured t : pod.objects("spec", "tolerations")) {
            if (!matches(t, taint)) {
                continue;
            }
            tolerated = true;
            if (t.has("tolerationSeconds")) {
                Duration d = Duration.ofSeconds(Math.max(0, t.integer(0, "tolerationSeconds")));
                shortest = shortest == null || d.compareTo(shortest) < 0 ? d : shortest;
            }
        }
        return tolerated ? Optional.ofNullable(shortest) : Optional.of(Duration.ZERO);
    }

    private static boolean matches(Unstructured t, Unstructured taint) {
        boolean effect = t.string("effect").isEmpty() || t.string("effect").equals(taint.string("effect"));
        boolean exists = t.string("operator").equals("Exists");
        boolean key =
                t.string("key").equals(taint.string("key")) || t.string("key").isEmpty() && exists;
        return effect && key && (exists || t.string("value").equals(taint.string("value")));
    }
}
