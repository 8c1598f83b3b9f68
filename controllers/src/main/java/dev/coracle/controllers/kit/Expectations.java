package dev.coracle.controllers.kit;

import dev.coracle.machinery.object.ObjectKey;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * What a controller did and its copy does not show yet: pods created or deleted, by name. While anything is expected the
 * controller does not count, so a stale copy never makes one pod too many.
 *
 * <p>What was created and deleted before it was ever seen would be expected for ever, and so would what was perhaps not
 * done at all; what is older than {@link #LONG} is therefore asked for once, at its source.
 *
 * <p>Example: a deletion is answered with a time-out. The pod counts as deleted until the copy shows that it is going, or
 * until the server says, five seconds later, that it stays. Deleted at once a second time, it could be another pod's turn.
 */
public final class Expectations {
    public static final Duration LONG = Duration.ofSeconds(5);

    /** Where pods are looked for. */
    interface Sight {
        /** Whether the copy has the pod. */
        boolean has(String pod);

        /** Whether the copy has the pod, and not as being deleted. */
        boolean hasLive(String pod);

        /** Whether the server has the pod; asked rarely. */
        boolean exists(String pod);

        /** Whether the server has the pod, and not as being deleted; asked rarely. */
        boolean stays(String pod);
    }

    private final Map<ObjectKey, Map<String, Instant>> adds = new HashMap<>();
    private final Map<ObjectKey, Map<String, Instant>> deletes = new HashMap<>();
    private final Map<ObjectKey, Instant> unsure = new HashMap<>();

    public synchronized void created(ObjectKey owner, String pod, Instant now) {
        adds.computeIfAbsent(owner, k -> new HashMap<>()).put(pod, now);
    }

    /** Perhaps a pod was created, of a name that nobody told. */
    public synchronized void perhapsCreated(ObjectKey owner, Instant now) {
        unsure.put(owner, now);
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
        unsure.remove(owner);
    }

    /** Whether the copy shows all that was done. */
    synchronized boolean settled(ObjectKey owner, Sight sight, Instant now) {
        Map<String, Instant> created = adds.get(owner);
        if (created != null) {
            created.entrySet()
                    .removeIf(e -> sight.has(e.getKey()) || isOld(e.getValue(), now) && !sight.exists(e.getKey()));
            if (created.isEmpty()) {
                adds.remove(owner);
            }
        }
        Map<String, Instant> deleted = deletes.get(owner);
        if (deleted != null) {
            deleted.entrySet()
                    .removeIf(e -> !sight.hasLive(e.getKey()) || isOld(e.getValue(), now) && sight.stays(e.getKey()));
            if (deleted.isEmpty()) {
                deletes.remove(owner);
            }
        }
        unsure.computeIfPresent(owner, (o, since) -> isOld(since, now) ? null : since);
        return !adds.containsKey(owner) && !deletes.containsKey(owner) && !unsure.containsKey(owner);
    }

    private static boolean isOld(Instant since, Instant now) {
        return !since.plus(LONG).isAfter(now);
    }
}
