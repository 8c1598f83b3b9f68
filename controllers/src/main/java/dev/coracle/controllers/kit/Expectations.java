package dev.coracle.controllers.kit;

import dev.coracle.machinery.object.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What a controller did and its copy does not show yet: pods created or deleted, by name. While anything is expected the
 * controller does not count, so a stale copy never makes one pod too many.
 *
 * <p>What was created and deleted before it was ever seen would be expected for ever; what is older than {@link #LONG} is
 * therefore asked for once, at its source.
 */
public final class Expectations {
    public static final Duration LONG = Duration.ofSeconds(5);

    private final Map<ObjectKey, Map<String, Instant>> adds = new HashMap<>();
    private final Map<ObjectKey, Map<String, Instant>> deletes = new HashMap<>();

    public synchronized void created(ObjectKey owner, String pod, Instant now) {
        adds.computeIfAbsent(owner, k -> new HashMap<>()).put(pod, now);
    }

    public synchronized void deleted(ObjectKey owner, String pod, Instant now) {
        deletes.computeIfAbsent(owner, k -> new HashMap<>()).put(pod, now);
    }

    /** The deletion failed. */
    public synchronized void notDeleted(ObjectKey owner, String pod) {
        Map<String, Instant> expected = deletes.get(owner);
        if (expected != null) {
            expected.remove(pod);
        }
    }

    public synchronized void forget(ObjectKey owner) {
        adds.remove(owner);
        deletes.remove(owner);
    }

    /**
     * Whether the copy shows all that was done.
     *
     * @param seen whether the copy has the pod
     * @param live whether the copy has the pod, and not as being deleted
     * @param exists whether the server has the pod; asked rarely
     */
    public synchronized boolean settled(
            ObjectKey owner, Predicate<String> seen, Predicate<String> live, Predicate<String> exists, Instant now) {
        Map<String, Instant> created = adds.get(owner);
        if (created != null) {
            created.entrySet()
                    .removeIf(e ->
                            seen.test(e.getKey()) || !e.getValue().plus(LONG).isAfter(now) && !exists.test(e.getKey()));
            if (created.isEmpty()) {
                adds.remove(owner);
            }
        }
        Map<String, Instant> deleted = deletes.get(owner);
        if (deleted != null) {
            deleted.keySet().removeIf(name -> !live.test(name));
            if (deleted.isEmpty()) {
                deletes.remove(owner);
            }
        }
        return !adds.containsKey(owner) && !deletes.containsKey(owner);
    }
}
