package dev.coracle.scheduler.plugin.dynamicresources;

import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who has which devices, so that none is given twice: what the claims say; what was written here and the informer does not show
 * yet; and what is <em>promised</em>, decided but not yet written. All profiles of a scheduler share it.
 *
 * <p>A promise is made by the scheduler's loop and kept beside it. While it is being written nobody can take it back: then it
 * ends with the write.
 *
 * <p>One lock, under which nothing blocks.
 */
public final class ClaimLedger {
    private static final int FREED = 4096;

    /** @param pod the uid of the one for which it is made */
    private record Promise(String pod, ObjectKey claim, Unstructured allocation, boolean isBeingWritten) {}

    private final Informer claims;
    private final Map<String, Promise> promised = new LinkedHashMap<>();
    private final Map<ObjectKey, Revision> written = new HashMap<>();
    private final Map<ObjectKey, Unstructured> shown = new HashMap<>();
    /** Claims that had devices, or were promised some, and have none now: the last so many. */
    private final Map<ObjectKey, Boolean> freed = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ObjectKey, Boolean> eldest) {
            return size() > FREED;
        }
    };

    public ClaimLedger(Informers informers) {
        this.claims = informers.of(Resources.RESOURCE_CLAIMS);
        claims.handle(this::changed);
    }

    boolean synced() {
        return claims.synced();
    }

    private synchronized void changed(@Nullable Revision before, @Nullable Revision after) {
        Revision any = after != null ? after : before;
        if (any == null) {
            return;
        }
        ObjectKey key = any.key();
        Revision ours = written.get(key);
        if (ours != null && (after == null || after.version() >= ours.version())) {
            written.remove(key);
        }
        if (after != null && after.object().has("status", "allocation")) {
            shown.put(key, after.object().object("status", "allocation"));
            freed.remove(key);
        } else if (shown.remove(key) != null) {
            freed.put(key, true);
        }
    }

    /** The claim as it is known last. */
    synchronized Optional<Revision> get(ObjectKey key) {
        Revision ours = written.get(key);
        return ours != null ? Optional.of(ours) : claims.get(key);
    }

    synchronized Taken taken() {
        Taken taken = new Taken();
        shown.forEach((key, allocation) -> {
            if (!written.containsKey(key)) {
                taken.add(allocation);
            }
        });
        written.values().forEach(r -> taken.add(r.object().object("status", "allocation")));
        promised.values().forEach(p -> taken.add(p.allocation));
        return taken;
    }

    /** Whether devices are promised to a claim. */
    synchronized boolean isPromised(String claim) {
        return promised.containsKey(claim);
    }

    synchronized boolean wasFreed(ObjectKey claim) {
        return freed.containsKey(claim);
    }

    synchronized void promise(String pod, Unstructured claim, Unstructured allocation) {
        promised.put(claim.uid(), new Promise(pod, ObjectKey.of(claim), allocation, false));
    }

    /** Takes back what was promised to a pod and is not being written; the claims that it was for. */
    synchronized List<ObjectKey> release(String pod) {
        List<ObjectKey> released = new ArrayList<>();
        promised.values().removeIf(p -> {
            boolean goes = p.pod.equals(pod) && !p.isBeingWritten;
            if (goes) {
                released.add(p.claim);
                freed.put(p.claim, true);
            }
            return goes;
        });
        return released;
    }

    /** What was promised to a pod for a claim, which is now written; nothing when the promise was taken back. */
    synchronized Optional<Unstructured> begin(String pod, String claim) {
        Promise p = promised.get(claim);
        if (p == null || !p.pod.equals(pod) || p.isBeingWritten) {
            return Optional.empty();
        }
        promised.put(claim, new Promise(p.pod, p.claim, p.allocation, true));
        return Optional.of(p.allocation);
    }

    /** The write failed. Whether it was done all the same shows by itself. */
    synchronized void abandon(String claim) {
        Promise p = promised.remove(claim);
        if (p != null) {
            freed.put(p.claim, true);
        }
    }

    /** What a claim is after a write of ours, promised or not. */
    synchronized void wrote(Revision claim) {
        promised.remove(claim.uid());
        Revision known = claims.get(claim.key()).orElse(null);
        // One that is gone by now, or another of its name, has nothing.
        if (known != null && known.uid().equals(claim.uid()) && known.version() < claim.version()) {
            written.merge(claim.key(), claim, (a, b) -> a.version() > b.version() ? a : b);
        }
    }
}
