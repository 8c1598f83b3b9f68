package dev.coracle.store.mvcc;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Tasks;
import dev.coracle.machinery.env.Timers;
import dev.coracle.store.CompactedException;
import dev.coracle.store.Compare;
import dev.coracle.store.KeyRange;
import dev.coracle.store.KeyValue;
import dev.coracle.store.Op;
import dev.coracle.store.RangeResult;
import dev.coracle.store.Store;
import dev.coracle.store.StoreEvent;
import dev.coracle.store.StoreFailedException;
import dev.coracle.store.StoreFullException;
import dev.coracle.store.TxnResult;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The store contract; see the package. */
public final class MvccStore implements Store {
    private record Pending(
            List<Compare> compares, List<Op> success, List<Op> failure, CompletableFuture<TxnResult> done) {
        boolean puts() {
            return success.stream().anyMatch(Op.Put.class::isInstance)
                    || failure.stream().anyMatch(Op.Put.class::isInstance);
        }
    }

    private record Offer(Watcher to, long revision, List<StoreEvent> events) {}

    private record Lease(long ttlSeconds, Timers.Timer timer) {}

    private final Environment environment;
    private final Journal journal;
    private final ConcurrentSkipListMap<String, KeyValue[]> keys = new ConcurrentSkipListMap<>();
    private final ConcurrentSkipListMap<Long, List<StoreEvent>> history = new ConcurrentSkipListMap<>();
    /** Those that have more than what they hold now, and so something to forget. Owned by the writer lock. */
    private final Set<String> aged = new HashSet<>();

    private final LinkedBlockingQueue<Pending> queue = new LinkedBlockingQueue<>();
    private final ReentrantLock writer = new ReentrantLock(true);
    private final Watchers watchers = new Watchers();
    /** In order; not empty where a listener that is told by who writes itself writes. Owned by the writer lock. */
    private final ArrayDeque<Offer> offers = new ArrayDeque<>();
    /** That commits, and does nothing else; null where those who write commit themselves. */
    private final Tasks.@Nullable Task committer;

    private final Map<Long, Lease> leases = new ConcurrentHashMap<>();
    /** The keys that end with each lease. Owned by the writer lock. */
    private final Map<Long, Set<String>> leased = new HashMap<>();

    private long next = 1;
    private volatile long published = 1;
    /** All watches it concerns have been offered what changed up to here; follows {@link #published}. */
    private volatile long offered = 1;

    private volatile long compacted;
    private volatile boolean closed;
    /** Why the journal could not be written: nothing is, after that. */
    private volatile @Nullable Throwable failure;

    /** One whose writers commit and tell those who watch, each in its own thread: for a journal that takes no time. */
    public MvccStore(Journal journal, Environment environment) {
        this(journal, environment, false);
    }

    /**
     * @param apart whether a thread of its own commits, so that a write that waits for a disk holds up no thread that
     *     others could use, and whoever is told is told on tasks
     */
    public MvccStore(Journal journal, Environment environment, boolean apart) {
        this.journal = journal;
        this.environment = environment;
        this.committer = apart ? environment.tasks().startApart("store-commit", this::commitForever) : null;
    }

    /**
     * Takes in what a journal kept; before first use.
     *
     * @param records in order of revision
     */
    public void restore(List<KeyValue> records, Map<Long, Long> leaseTtls, long compactRevision) {
        compacted = compactRevision;
        next = Math.max(1, compactRevision);
        for (KeyValue kv : records) {
            KeyValue before = newest(kv.key());
            put(kv, before);
            next = Math.max(next, kv.modRevision());
            if (kv.modRevision() > compactRevision) {
                history.computeIfAbsent(kv.modRevision(), r -> new ArrayList<>())
                        .add(event(kv, before));
            }
        }
        published = next;
        offered = next;
        leaseTtls.forEach((id, ttl) -> leases.put(id, lease(id, ttl)));
    }

    @Override
    public long revision() {
        return published;
    }

    @Override
    public RangeResult range(KeyRange range, long revision, int limit) {
        if (revision != 0 && revision < compacted) {
            throw new CompactedException(compacted);
        }
        while (true) {
            long newest = published;
            if (revision > newest) {
                throw new IllegalArgumentException("required revision " + revision + " is a future revision");
            }
            long at = revision == 0 ? newest : revision;
            RangeResult result = read(range, at, limit, newest);
            if (at >= compacted) {
                return result;
            }
            // While this was reading: some of it may be gone. What is newest has become another.
            if (revision != 0) {
                throw new CompactedException(compacted);
            }
        }
    }

    @Override
    public Optional<Throwable> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public boolean full() {
        // Nobody may have written since there is room again.
        writer.lock();
        try {
            return !closed && journal.full();
        } finally {
            writer.unlock();
        }
    }

    private RangeResult read(KeyRange range, long revision, int limit, long newest) {
        List<KeyValue> found = new ArrayList<>();
        long count = 0;
        for (KeyValue[] versions : select(range).values()) {
            KeyValue kv = at(versions, revision);
            if (kv != null && kv.version() > 0) {
                count++;
                if (limit == 0 || found.size() < limit) {
                    found.add(kv);
                }
            }
        }
        return new RangeResult(newest, found, count > found.size(), count);
    }

    private NavigableMap<String, KeyValue[]> select(KeyRange range) {
        String end = range.end();
        return end == null
                ? keys.subMap(range.start(), true, range.start(), true)
                : keys.subMap(range.start(), true, end, false);
    }

    private static @Nullable KeyValue at(KeyValue[] versions, long revision) {
        for (int i = versions.length - 1; i >= 0; i--) {
            if (versions[i].modRevision() <= revision) {
                return versions[i];
            }
        }
        return null;
    }

    /** What the key holds now, acknowledged or not; null when there is none or it was deleted. */
    private @Nullable KeyValue newest(String key) {
        KeyValue[] versions = keys.get(key);
        KeyValue last = versions == null ? null : versions[versions.length - 1];
        return last == null || last.version() == 0 ? null : last;
    }

    @Override
    public TxnResult txn(List<Compare> compares, List<Op> success, List<Op> otherwise) {
        checkUsable();
        var mine = new Pending(compares, success, otherwise, new CompletableFuture<>());
        queue.add(mine);
        if (committer == null) {
            commit(mine);
        } else if (closed) {
            // Nobody may be there any more who would look.
            refuse(new IllegalStateException("the store is closed"));
        }
        try {
            return mine.done().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof StoreFullException) {
                throw new StoreFullException();
            }
            throw new StoreFailedException(Objects.requireNonNullElse(e.getCause(), e));
        }
    }

    private void commit(Pending mine) {
        writer.lock();
        try {
            // Another may have committed mine while this waited for the lock.
            if (!mine.done().isDone()) {
                commitAll();
            }
        } finally {
            writer.unlock();
        }
    }

    /** Until the store is closed. What is written while a batch is on its way to the disk makes the next one. */
    private void commitForever() {
        List<Pending> first = new ArrayList<>();
        while (!closed) {
            try {
                first.add(queue.take());
            } catch (InterruptedException e) {
                continue; // Closed.
            }
            writer.lock();
            try {
                queue.drainTo(first);
                commit(first);
            } catch (RuntimeException | Error e) {
                // Nobody would ever answer again: rather nothing is written, and everybody is told why.
                failure = e;
                first.forEach(p -> p.done().completeExceptionally(e));
            } finally {
                writer.unlock();
            }
            first.clear();
        }
        refuse(new IllegalStateException("the store is closed"));
    }

    private void refuse(Throwable why) {
        for (Pending p = queue.poll(); p != null; p = queue.poll()) {
            p.done().completeExceptionally(why);
        }
    }

    private void checkUsable() {
        Throwable why = failure;
        if (why != null) {
            throw new StoreFailedException(why);
        }
        if (closed) {
            throw new IllegalStateException("the store is closed");
        }
    }

    private void commitAll() {
        List<Pending> all = new ArrayList<>();
        queue.drainTo(all);
        commit(all);
    }

    /** In one append. After one that failed there is none: what follows would show what was lost. */
    private void commit(List<Pending> batch) {
        // What was let in before the close must not reach a journal that is closed: its memory is no longer ours.
        Throwable before = closed ? new IllegalStateException("the store is closed") : failure;
        if (before != null) {
            batch.forEach(p -> p.done().completeExceptionally(before));
            return;
        }
        Map<Pending, TxnResult> results = new java.util.LinkedHashMap<>();
        List<KeyValue> records = new ArrayList<>();
        TreeMap<Long, List<StoreEvent>> events = new TreeMap<>();
        try {
            boolean full = journal.full();
            for (Pending p : batch) {
                if (full && p.puts()) {
                    p.done().completeExceptionally(new StoreFullException());
                } else {
                    results.put(p, apply(p, records, events));
                }
            }
            if (!records.isEmpty()) {
                journal.append(records);
            }
        } catch (RuntimeException | Error e) {
            // What the index holds beyond `published` may not be on disk: it is never shown.
            failure = e;
            batch.forEach(p -> p.done().completeExceptionally(e));
            return;
        }
        long newest = next;
        history.putAll(events);
        // All are found before one is told: who begins to watch in between finds these in the history.
        events.forEach((revision, changes) ->
                watchers.select(changes, (w, concerned) -> offers.add(new Offer(w, revision, concerned))));
        published = newest;
        @Nullable Error worst = offer(newest);
        // Last: who waits for its own watch to be told of this must find it offered.
        results.forEach((p, r) -> p.done().complete(r));
        if (worst != null) {
            throw worst;
        }
    }

    /** Returns what a listener threw that was told here and now and that is worse than an exception. */
    private @Nullable Error offer(long newest) {
        @Nullable Error worst = null;
        for (Offer o = offers.poll(); o != null; o = offers.poll()) {
            try {
                o.to().offer(o.revision(), o.events());
            } catch (Error e) {
                worst = worst == null ? e : worst;
            }
        }
        offered = Math.max(offered, newest);
        return worst;
    }

    /** Those who commit hold the lock until all has been offered. */
    private void catchUp(long revision) {
        if (revision <= offered) {
            return;
        }
        writer.lock();
        try {
            // There is some only where a listener asks that is told by who writes: then it has to help.
            @Nullable Error worst = offer(published);
            if (worst != null) {
                throw worst;
            }
        } finally {
            writer.unlock();
        }
    }

    private TxnResult apply(Pending p, List<KeyValue> records, Map<Long, List<StoreEvent>> events) {
        boolean held = p.compares().stream().allMatch(this::holds);
        long revision = next + 1;
        List<StoreEvent> changes = new ArrayList<>();
        List<RangeResult> ranges = new ArrayList<>();
        for (Op op : held ? p.success() : p.failure()) {
            switch (op) {
                case Op.Put put -> {
                    KeyValue before = newest(put.key());
                    change(
                            new KeyValue(
                                    put.key(),
                                    put.value(),
                                    before == null ? revision : before.createRevision(),
                                    revision,
                                    before == null ? 1 : before.version() + 1,
                                    put.lease()),
                            before,
                            records,
                            changes);
                }
                case Op.Delete delete -> {
                    for (KeyValue kv :
                            read(delete.range(), Long.MAX_VALUE, 0, 0).kvs()) {
                        change(new KeyValue(kv.key(), new byte[0], 0, revision, 0, 0), kv, records, changes);
                    }
                }
                case Op.Range range -> ranges.add(read(range.range(), Long.MAX_VALUE, range.limit(), next));
            }
        }
        if (!changes.isEmpty()) {
            next = revision;
            events.put(revision, List.copyOf(changes));
        }
        return new TxnResult(held, next, ranges);
    }

    private void change(KeyValue after, @Nullable KeyValue before, List<KeyValue> records, List<StoreEvent> changes) {
        put(after, before);
        records.add(after);
        changes.add(event(after, before));
    }

    private static StoreEvent event(KeyValue after, @Nullable KeyValue before) {
        return new StoreEvent(after.version() == 0 ? StoreEvent.Type.DELETE : StoreEvent.Type.PUT, after, before);
    }

    private void put(KeyValue kv, @Nullable KeyValue before) {
        if (before != null && before.lease() != 0 && before.lease() != kv.lease()) {
            Set<String> left = leased.get(before.lease());
            if (left != null) {
                left.remove(kv.key());
            }
        }
        if (kv.lease() != 0) {
            leased.computeIfAbsent(kv.lease(), id -> new HashSet<>()).add(kv.key());
        }
        keys.compute(kv.key(), (k, versions) -> {
            if (versions == null) {
                return new KeyValue[] {kv};
            }
            aged.add(k);
            KeyValue[] longer = Arrays.copyOf(versions, versions.length + 1);
            longer[versions.length] = kv;
            return longer;
        });
    }

    private boolean holds(Compare compare) {
        KeyValue kv = newest(compare.key());
        return switch (compare) {
            case Compare.ModRevision c -> (kv == null ? 0 : kv.modRevision()) == c.expected();
            case Compare.Version c -> (kv == null ? 0 : kv.version()) == c.expected();
        };
    }

    @Override
    public Watch watch(KeyRange range, long fromRevision, WatchListener listener) {
        writer.lock();
        try {
            var w = new Watcher(
                    range,
                    fromRevision,
                    listener,
                    () -> offered,
                    this::catchUp,
                    committer == null ? null : environment.tasks(),
                    watchers::remove);
            if (fromRevision != 0) {
                if (fromRevision <= compacted) {
                    throw new CompactedException(compacted);
                }
                history.tailMap(fromRevision, true).forEach((revision, events) -> {
                    List<StoreEvent> matching = events.stream()
                            .filter(e -> range.contains(e.current().key()))
                            .toList();
                    if (!matching.isEmpty()) {
                        w.offer(revision, matching);
                    }
                });
            }
            watchers.add(w);
            return w;
        } finally {
            writer.unlock();
        }
    }

    @Override
    public long grant(long ttlSeconds) {
        writer.lock();
        try {
            checkUsable();
            if (journal.full()) {
                throw new StoreFullException();
            }
            long id;
            do {
                id = 1 + (long) (environment.entropy().nextDouble() * (Long.MAX_VALUE - 1));
            } while (leases.containsKey(id));
            journal.lease(id, ttlSeconds);
            leases.put(id, lease(id, ttlSeconds));
            return id;
        } finally {
            writer.unlock();
        }
    }

    private Lease lease(long id, long ttlSeconds) {
        return new Lease(ttlSeconds, environment.timers().schedule(Duration.ofSeconds(ttlSeconds), () -> revoke(id)));
    }

    @Override
    public void keepAlive(long id) {
        writer.lock();
        try {
            Lease lease = leases.get(id);
            if (lease == null) {
                throw new IllegalArgumentException("requested lease not found");
            }
            lease.timer().cancel();
            leases.put(id, lease(id, lease.ttlSeconds()));
        } finally {
            writer.unlock();
        }
    }

    @Override
    public void revoke(long id) {
        Lease lease = leases.remove(id);
        if (lease == null || closed || failure != null) {
            return;
        }
        lease.timer().cancel();
        // Again where one of the keys was put meanwhile: it may not be the lease's any more.
        while (!end(id)) {}
        writer.lock();
        try {
            if (closed) {
                return; // It ends anew when the store is opened.
            }
            journal.endLease(id);
        } finally {
            writer.unlock();
        }
    }

    /** Deletes the keys of a lease; false when one of them was written between. */
    private boolean end(long id) {
        List<Compare> unchanged = new ArrayList<>();
        List<Op> deletes = new ArrayList<>();
        writer.lock();
        try {
            for (String key : leased.getOrDefault(id, Set.of())) {
                KeyValue kv = Objects.requireNonNull(newest(key), key);
                unchanged.add(Compare.unchanged(key, kv.modRevision()));
                deletes.add(Op.delete(key));
            }
            if (deletes.isEmpty()) {
                leased.remove(id);
                return true;
            }
        } finally {
            writer.unlock();
        }
        txn(unchanged, deletes, List.of());
        return false;
    }

    @Override
    public void compact(long revision) {
        writer.lock();
        try {
            if (revision <= compacted || revision > published || closed || failure != null) {
                return;
            }
            compacted = revision;
            history.headMap(revision, true).clear();
            List<KeyValue> superseded = new ArrayList<>();
            aged.removeIf(key -> isYoung(keys.computeIfPresent(key, (k, v) -> trim(v, revision, superseded))));
            journal.compact(revision, superseded);
        } finally {
            writer.unlock();
        }
    }

    private static boolean isYoung(KeyValue @Nullable [] versions) {
        return versions == null || versions.length == 1 && versions[0].version() > 0;
    }

    /** Keeps the newest version at or before the revision, unless it is a deletion, and all after it. */
    private static KeyValue @Nullable [] trim(KeyValue[] versions, long revision, List<KeyValue> superseded) {
        int keep = 0;
        while (keep + 1 < versions.length && versions[keep + 1].modRevision() <= revision) {
            keep++;
        }
        if (versions[keep].version() == 0 && versions[keep].modRevision() <= revision) {
            keep++;
        }
        superseded.addAll(Arrays.asList(versions).subList(0, keep));
        if (keep == versions.length) {
            return null;
        }
        return keep == 0 ? versions : Arrays.copyOfRange(versions, keep, versions.length);
    }

    @Override
    public void close() {
        writer.lock();
        try {
            if (!closed) {
                closed = true;
                watchers.clear().forEach(Watcher::end);
                leases.values().forEach(l -> l.timer().cancel());
                if (committer != null) {
                    committer.interrupt();
                }
            }
            journal.close();
        } finally {
            writer.unlock();
        }
    }
}
