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
 * ends with the write; or it is <em>in doubt</em>, when nobody can say whether that was done, until somebody can.
 *
 * <p>One lock, under which nothing blocks.
 */
public final class ClaimLedger {
    private static final int FREED = 4096;

    /** @param pod the uid of the one for which it is made */
    private record Promise(String pod, ObjectKey claim, Unstructured allocation, Stage stage) {
        Promise at(Stage next) {
            return new Promise(pod, claim, allocation, next);
        }
    }

    private enum Stage {
        MADE,
        BEING_WRITTEN,
        IN_DOUBT
    }

    private final Informer claims;
    private final Map<String, Promise> promised = new LinkedHashMap<>();
    private final Map<ObjectKey, Revision> written = new HashMap<>();
    /** What the informer told last; its copy may be ahead of that. */
    private final Map<ObjectKey, Revision> told = new HashMap<>();

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
        if (after == null || PodClaims.isAllocated(after)) {
            promised.values().removeIf(p -> p.claim.equals(key) && p.stage == Stage.IN_DOUBT);
        }
        Revision last = after == null ? told.remove(key) : told.put(key, after);
        if (after != null && PodClaims.isAllocated(after)) {
            freed.remove(key);
        } else if (last != null && PodClaims.isAllocated(last)) {
            freed.put(key, true);
        }
    }

    /** The claim as it is known last. */
    synchronized Optional<Revision> get(ObjectKey key) {
        Revision ours = written.get(key);
        Optional<Revision> shown = claims.get(key);
        return shown.filter(c -> ours == null || c.version() > ours.version()).or(() -> Optional.ofNullable(ours));
    }

    synchronized Taken taken() {
        Taken taken = new Taken();
        told.forEach((key, claim) -> {
            if (!written.containsKey(key) && PodClaims.isAllocated(claim)) {
                taken.add(claim.object().object("status", "allocation"));
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
        promised.put(claim.uid(), new Promise(pod, ObjectKey.of(claim), allocation, Stage.MADE));
    }

    /** Takes back what was promised to a pod and is not being written; the claims that it was for. */
    synchronized List<ObjectKey> release(String pod) {
        List<ObjectKey> released = new ArrayList<>();
        promised.values().removeIf(p -> {
            boolean goes = p.pod.equals(pod) && p.stage == Stage.MADE;
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
        if (p == null || !p.pod.equals(pod) || p.stage != Stage.MADE) {
            return Optional.empty();
        }
        promised.put(claim, p.at(Stage.BEING_WRITTEN));
        return Optional.of(p.allocation);
    }

    /** Nobody can say whether the write was done. */
    synchronized void doubt(String claim) {
        promised.computeIfPresent(claim, (uid, p) -> p.at(Stage.IN_DOUBT));
    }

    synchronized boolean isInDoubt(String claim) {
        Promise p = promised.get(claim);
        return p != null && p.stage == Stage.IN_DOUBT;
    }

    /** The write was not done. */
    synchronized void abandon(String claim) {
        Promise p = promised.remove(claim);
        if (p != null) {
            freed.put(p.claim, true);
        }
    }

    /** What a claim is after a write of ours, promised or not. */
    synchronized void wrote(Revision claim) {
        promised.remove(claim.uid());
        Revision last = told.get(claim.key());
        boolean isNews = last == null || last.version() < claim.version();
        // One that is gone by now, or another of its name, has nothing.
        boolean isThere =
                claims.get(claim.key()).filter(c -> c.uid().equals(claim.uid())).isPresent();
        if (isNews && isThere) {
            written.merge(claim.key(), claim, (a, b) -> a.version() > b.version() ? a : b);
        }
    }
}
