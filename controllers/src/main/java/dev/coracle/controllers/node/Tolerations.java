package dev.coracle.controllers.node;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.NodeChoice;
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
            if (!NodeChoice.tolerates(t, taint)) {
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
}
