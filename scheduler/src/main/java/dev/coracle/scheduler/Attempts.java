package dev.coracle.scheduler;

import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.scheduler.framework.Cycle;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The last attempt of each of the pods that were tried last. Only what decided is kept, which shares all that it can with the
 * next; what came of it in detail is found out again when somebody asks ({@link Explanation}).
 */
final class Attempts {
    private static final int MOST = 128;

    /**
     * @param node where the pod was sent; {@code ""} for nowhere
     * @param message why nowhere
     */
    record Attempt(Cycle cycle, Instant at, String node, String message) {}

    private final Map<ObjectKey, Attempt> last = new LinkedHashMap<>(MOST, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ObjectKey, Attempt> eldest) {
            return size() > MOST;
        }
    };

    void note(Cycle cycle, Instant at, Decision decision) {
        last.put(
                cycle.pod().key(),
                new Attempt(
                        cycle,
                        at,
                        decision.node() == null ? "" : decision.node().name(),
                        decision.message()));
    }

    @Nullable
    Attempt of(ObjectKey pod) {
        return last.get(pod);
    }
}
