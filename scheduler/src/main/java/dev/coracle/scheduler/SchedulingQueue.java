package dev.coracle.scheduler;

import dev.coracle.machinery.object.ObjectKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The pods that wait for a node. One is either <em>active</em>, to be tried in its turn; or <em>parked</em>, when no node
 * took it, until something happens that can help it, or five minutes have passed in case that went unseen; or <em>backing
 * off</em>, when it is to be tried again soon after the last attempt: by default one second after the first, doubling to ten.
 *
 * <p>Of the active ones the highest priority is first, then the one that came, or was tried in vain, first (PrioritySort): one that has
 * backed off goes on before those that came meanwhile.
 *
 * <p>Active ones go before those that back off, so that a crowd that is tried in vain delays no newcomer. When none is
 * active, a pod that was unparked need not wait its backoff out, as upstream has it; one that met an error must.
 *
 * <p>A pod that was polled is <em>in flight</em> until the owner says what became of it. What could help it meanwhile is
 * remembered, so that it is not parked past it.
 *
 * <p>Decides only: times are given in nanoseconds, threads are kept out by the owner.
 */
final class SchedulingQueue {
    static final Duration LONGEST_PARKED = Duration.ofMinutes(5);

    /** An event that nobody repeats is gone after an hour, and the pod would be pending without a reason. */
    private static final long SAY_AGAIN = Duration.ofMinutes(30).toNanos();

    private static final class Waiting {
        private final ObjectKey key;
        private final String uid;
        private final long priority;
        private final long arrival;
        /** Its turn among equals; 0 for the next when it is active. */
        private long entered;

        private boolean helped;
        private int attempts;
        private long tried;
        private long ready;
        private long patience;
        private String said = "";
        private long saidAt;

        Waiting(ObjectKey key, String uid, long priority, long arrival) {
            this.key = key;
            this.uid = uid;
            this.priority = priority;
            this.arrival = arrival;
        }
    }

    private static final Comparator<Waiting> BY_BACKOFF =
            Comparator.<Waiting>comparingLong(w -> w.ready).thenComparingLong(w -> w.arrival);

    private static final Comparator<Waiting> BY_PRIORITY =
            Comparator.<Waiting>comparingLong(w -> w.priority).reversed().thenComparingLong(w -> w.entered);

    private static final Comparator<Waiting> BY_PATIENCE =
            Comparator.<Waiting>comparingLong(w -> w.patience).thenComparingLong(w -> w.arrival);

    private final Map<ObjectKey, Waiting> all = new LinkedHashMap<>();
    private final TreeSet<Waiting> active = new TreeSet<>(BY_PRIORITY);
    private final Set<Waiting> inFlight = new LinkedHashSet<>();
    private final TreeSet<Waiting> unparked = new TreeSet<>(BY_BACKOFF);
    private final TreeSet<Waiting> failed = new TreeSet<>(BY_BACKOFF);
    /** The one tried longest ago first. */
    private final Set<Waiting> parked = new LinkedHashSet<>();
    /** Those of the parked that await others, and for how long. */
    private final TreeSet<Waiting> awaiting = new TreeSet<>(BY_PATIENCE);

    private final long firstBackoff;
    private final long lastBackoff;
    private long arrivals;
    private long entries;

    SchedulingQueue(Duration firstBackoff, Duration lastBackoff) {
        this.firstBackoff = firstBackoff.toNanos();
        this.lastBackoff = lastBackoff.toNanos();
    }

    /** A pod is new, or its spec has changed. */
    void add(ObjectKey key, String uid, long priority, long now) {
        Waiting known = all.get(key);
        if (known != null && known.uid.equals(uid)) {
            help(known, now);
            return;
        }
        remove(key);
        Waiting fresh = new Waiting(key, uid, priority, ++arrivals);
        all.put(key, fresh);
        activate(fresh);
    }

    /** A pod needs no node any more. */
    void remove(ObjectKey key) {
        Waiting w = all.remove(key);
        if (w != null) {
            leave(w);
        }
    }

    /** Whether somebody is to be tried who does not back off any more. */
    boolean hasActive(long now) {
        return !active.isEmpty() || isReady(unparked, now) || isReady(failed, now);
    }

    private static boolean isReady(TreeSet<Waiting> backingOff, long now) {
        return !backingOff.isEmpty() && backingOff.first().ready <= now;
    }

    /** Who is next; null when nobody is for now. The pod is to be parked, failed or removed then. */
    @Nullable
    ObjectKey poll(long now) {
        activate(unparked, now);
        activate(failed, now);
        Waiting next = !active.isEmpty() ? active.first() : unparked.isEmpty() ? null : unparked.first();
        if (next == null) {
            return null;
        }
        leave(next);
        inFlight.add(next);
        return next.key;
    }

    /** All is decided for the pod: it is removed or fails, and is not parked; so nothing can help it meanwhile. */
    void commit(ObjectKey key) {
        Waiting w = all.get(key);
        if (w != null) {
            inFlight.remove(w);
        }
    }

    /** No node took the pod. */
    void park(ObjectKey key, long now) {
        Waiting w = all.get(key);
        if (w != null) {
            leave(w);
            tried(w, now);
            park(w, now);
        }
    }

    /** A node is chosen, but others have to do something first: when they have, the pod goes on at once. */
    void await(ObjectKey key, long now, Duration patience) {
        Waiting w = all.get(key);
        if (w != null) {
            leave(w);
            w.attempts = 0;
            w.entered = 0;
            w.tried = now;
            w.ready = now;
            w.patience = now + patience.toNanos();
            awaiting.add(w);
            park(w, now);
        }
    }

    /** The attempt met an error. */
    void fail(ObjectKey key, long now) {
        Waiting w = all.get(key);
        if (w != null) {
            leave(w);
            tried(w, now);
            failed.add(w);
        }
    }

    /** Lets those parked go on that something can help. */
    void unpark(Predicate<ObjectKey> helped, long now) {
        List<Waiting> asked = new ArrayList<>(parked);
        asked.addAll(inFlight);
        for (Waiting w : asked) {
            if (helped.test(w.key)) {
                help(w, now);
            }
        }
    }

    /** How many {@link #unpark} asks about. */
    int asked() {
        return parked.size() + inFlight.size();
    }

    /** Whether the pod of this uid waits under the key. */
    boolean isWaiting(ObjectKey key, String uid) {
        Waiting w = all.get(key);
        return w != null && w.uid.equals(uid);
    }

    boolean nobodyParked() {
        return parked.isEmpty();
    }

    /** Lets those go on that are parked for too long. */
    void unparkOld(long now) {
        while (!parked.isEmpty() && now - parked.iterator().next().tried >= LONGEST_PARKED.toNanos()) {
            unpark(parked.iterator().next(), now);
        }
        while (!awaiting.isEmpty() && awaiting.first().patience <= now) {
            unpark(awaiting.first(), now);
        }
    }

    /** How long until somebody's backoff or patience ends, when nobody is active. */
    @Nullable
    Duration untilReady(long now) {
        if (failed.isEmpty() && awaiting.isEmpty()) {
            return null;
        }
        long ready = Math.min(
                failed.isEmpty() ? Long.MAX_VALUE : failed.first().ready,
                awaiting.isEmpty() ? Long.MAX_VALUE : awaiting.first().patience);
        return Duration.ofNanos(Math.max(0, ready - now));
    }

    /**
     * Whether it is news to say of a pod why it waits.
     *
     * @param known whether its condition says so, as it may from before this process began
     */
    boolean isNews(ObjectKey key, String message, boolean known, long now) {
        Waiting w = all.get(key);
        if (w == null) {
            return false;
        }
        boolean repeats = w.said.isEmpty() ? known : w.said.equals(message) && now - w.saidAt < SAY_AGAIN;
        if (!repeats || w.said.isEmpty()) {
            w.said = message;
            w.saidAt = now;
        }
        return !repeats;
    }

    private void tried(Waiting w, long now) {
        w.attempts++;
        w.entered = ++entries;
        w.tried = now;
        w.ready = now + backoff(w.attempts);
    }

    private long backoff(int attempts) {
        long backoff = firstBackoff;
        for (int i = 1; i < attempts && backoff < lastBackoff; i++) {
            backoff *= 2;
        }
        return Math.min(backoff, lastBackoff);
    }

    private void park(Waiting w, long now) {
        parked.add(w);
        if (w.helped) {
            unpark(w, now);
        }
    }

    private void help(Waiting w, long now) {
        if (parked.contains(w)) {
            unpark(w, now);
        } else if (inFlight.contains(w)) {
            w.helped = true;
        }
    }

    private void unpark(Waiting w, long now) {
        parked.remove(w);
        awaiting.remove(w);
        w.helped = false;
        if (w.ready <= now) {
            activate(w);
        } else {
            unparked.add(w);
        }
    }

    private void activate(Waiting w) {
        if (w.entered == 0) {
            w.entered = ++entries;
        }
        w.helped = false;
        active.add(w);
    }

    private void activate(TreeSet<Waiting> backingOff, long now) {
        while (isReady(backingOff, now)) {
            activate(backingOff.removeFirst());
        }
    }

    private void leave(Waiting w) {
        active.remove(w);
        inFlight.remove(w);
        unparked.remove(w);
        failed.remove(w);
        parked.remove(w);
        awaiting.remove(w);
    }
}
