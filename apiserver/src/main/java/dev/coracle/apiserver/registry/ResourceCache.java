package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.apiserver.encryption.Transformer;
import dev.coracle.apiserver.encryption.UnreadableException;
import dev.coracle.client.Client;
import dev.coracle.client.WatchEvent;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.store.CompactedException;
import dev.coracle.store.KeyRange;
import dev.coracle.store.KeyValue;
import dev.coracle.store.Store;
import dev.coracle.store.StoreEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Everything there is of one resource, and its latest changes: serves reads and feeds watches. Each revision is encoded
 * once, here, and shared by all who read it. A writer waits until it has been told of the write, so it is never behind for
 * the writer.
 */
final class ResourceCache {
    private static final System.Logger LOG = System.getLogger("coracle.apiserver");
    private static final int REMEMBERED = 2048;
    /** Of large objects fewer: 2,048 changes of a megabyte each would fill the heap. */
    private static final long REMEMBERED_BYTES = Math.clamp(Runtime.getRuntime().maxMemory() / 32, 4 << 20, 256 << 20);

    /** What was written, and what it took the place of. */
    private static final class Change {
        private final WatchEvent.Type type;
        private final Revision now;
        private final @Nullable Revision before;
        /** About how many bytes it is. */
        private final int length;

        private @Nullable Revision left;

        Change(WatchEvent.Type type, Revision now, @Nullable Revision before, int length) {
            this.length = length;
            this.type = type;
            this.now = now;
            this.before = before;
        }

        /** For whom the object ceased to match: what it was, in the version in which it ceased. Made once for all. */
        Revision left() {
            Revision known = left;
            if (known == null) {
                Unstructured o = Objects.requireNonNull(before).object().copy();
                o.set(String.valueOf(now.version()), "metadata", "resourceVersion");
                known = new Revision(now.resource(), now.version(), o.json(), o);
                left = known;
            }
            return known;
        }
    }

    record Watcher(String namespace, Predicate<Revision> filter, Client.WatchListener listener) {}

    private final ResourceDefinition definition;
    private final String prefix;
    private final TreeMap<String, Revision> objects = new TreeMap<>();
    private final Sealed sealed;
    private final ArrayDeque<Change> changes = new ArrayDeque<>();
    /** Bytes of {@link #changes}. */
    private long remembered;

    private final Audience watchers = new Audience();
    /** What is on its way to the store, by the very bytes that it was sealed in. */
    private final Map<byte[], Unstructured> handed = new ConcurrentHashMap<>();

    private final Store store;
    private final Store.Watch feed;
    private long floor;
    private long seen;

    ResourceCache(ResourceDefinition definition, Store store, Transformer transformer) {
        this.definition = definition;
        this.store = store;
        this.sealed = new Sealed(transformer);
        this.prefix = prefix(definition);
        var all = store.range(KeyRange.prefix(prefix), 0, 0);
        for (KeyValue kv : all.kvs()) {
            try {
                Sealed.Opened opened = sealed.open(kv);
                objects.put(kv.key(), revision(opened, kv));
                sealed.current(kv.key(), opened.stale());
            } catch (UnreadableException e) {
                sealed.unreadable(kv.key(), e);
            }
        }
        sealed.firstUnreadable()
                .ifPresent(first -> LOG.log(
                        System.Logger.Level.WARNING,
                        sealed.unreadable() + " of the stored " + definition.plural() + " cannot be read, the first is "
                                + first));
        floor = all.revision();
        seen = all.revision();
        feed = store.watch(KeyRange.prefix(prefix), all.revision() + 1, this::onEvents);
    }

    /** As upstream lays keys. */
    static String prefix(ResourceDefinition d) {
        return "/registry/" + d.directory() + "/";
    }

    String key(String namespace, String name) {
        return definition.namespaced() ? prefix + namespace + "/" + name : prefix + name;
    }

    /** Where the objects of a namespace lie; all of them for {@code ""}. */
    private String within(String namespace) {
        return namespace.isEmpty() ? prefix : prefix + namespace + "/";
    }

    /** The object's key as a {@link Continuation} of a list of {@code namespace} has it. */
    String relative(String namespace, Revision r) {
        return key(r.namespace(), r.name()).substring(within(namespace).length());
    }

    synchronized int size() {
        return objects.size() + sealed.unreadable();
    }

    /** Whether a write is due that changes nothing but how the object is stored. */
    synchronized boolean isStale(String namespace, String name) {
        return sealed.isStale(key(namespace, name));
    }

    byte[] seal(String key, Unstructured o) {
        return sealed.seal(key, o);
    }

    /**
     * Spares the reading of what this process writes itself.
     *
     * @param value what will be stored
     * @param o what that is; becomes shared with the write and must not be changed afterwards
     */
    void hand(byte[] value, Unstructured o) {
        handed.put(value, o);
    }

    /** It was not written. */
    void takeBack(byte[] value) {
        handed.remove(value);
    }

    private Sealed.Opened open(KeyValue kv) throws UnreadableException {
        Unstructured known = handed.remove(kv.value());
        if (known == null) {
            return sealed.open(kv);
        }
        assert known.equals(sealed.open(kv).object()) : kv.key() + " is not what was written";
        return new Sealed.Opened(known, false);
    }

    private Revision revision(Sealed.Opened opened, KeyValue kv) throws UnreadableException {
        Unstructured o;
        try {
            o = definition.read().apply(opened.object());
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "what was stored as " + kv.key() + " cannot be read", e);
            throw new UnreadableException("it is not as its definition says");
        }
        o.set(String.valueOf(kv.modRevision()), "metadata", "resourceVersion");
        return Revision.of(definition.resource(), kv.modRevision(), o, kv.value().length);
    }

    private synchronized void onEvents(long revision, List<StoreEvent> events) {
        seen = revision;
        for (StoreEvent e : events) {
            String key = e.current().key();
            Revision before = objects.get(key);
            if (e.type() == StoreEvent.Type.PUT) {
                try {
                    Sealed.Opened opened = open(e.current());
                    Revision now = revision(opened, e.current());
                    sealed.current(key, opened.stale());
                    objects.put(key, now);
                    remember(new Change(
                            before == null ? WatchEvent.Type.ADDED : WatchEvent.Type.MODIFIED,
                            now,
                            before,
                            e.current().value().length));
                } catch (UnreadableException unreadable) {
                    objects.remove(key);
                    interrupt(key, sealed.unreadable(key, unreadable));
                }
            } else {
                sealed.gone(key);
                if (before != null) {
                    objects.remove(key);
                    Revision last = deleted(before, revision);
                    remember(new Change(WatchEvent.Type.DELETED, last, before, last.json().length));
                }
            }
        }
    }

    /** As it was last, in the version that removed it. */
    private Revision deleted(Revision before, long version) {
        Unstructured o = before.object().copy();
        o.set(String.valueOf(version), "metadata", "resourceVersion");
        return new Revision(definition.resource(), version, Json.bytes(o.map()), o);
    }

    private void remember(Change change) {
        changes.add(change);
        remembered += change.length;
        while (changes.size() > REMEMBERED || remembered > REMEMBERED_BYTES) {
            Change forgotten = changes.remove();
            remembered -= forgotten.length;
            floor = forgotten.now.version();
        }
        watchers.of(change.now, change.before).forEach(w -> tellOrDrop(w, change));
    }

    /** Nobody can be told what changed: all who watch have to begin anew. */
    private void interrupt(String key, String why) {
        LOG.log(System.Logger.Level.WARNING, "what was stored as " + key + " cannot be read: " + why);
        changes.clear();
        remembered = 0;
        floor = seen;
        watchers.clear().forEach(w -> close(w, StatusException.internal(why)));
    }

    /** Whatever that watcher makes of it. */
    private void close(Watcher w, StatusException why) {
        try {
            w.listener().onClosed(why);
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.WARNING, "a watch of " + definition.plural() + " failed", e);
        }
    }

    /** Whatever one watcher does, the write is done and the others are told. */
    private void tellOrDrop(Watcher w, Change change) {
        if (!watchers.contains(w)) {
            return; // Another's listener has closed it just now.
        }
        try {
            tell(w, change);
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.WARNING, "a watch of " + definition.plural() + " failed and is ended", e);
            watchers.remove(w);
            close(w, StatusException.internal("the watch failed: " + e.getMessage()));
        }
    }

    /** As the watcher sees it: what starts to match is added, what ceases to is deleted. */
    private static void tell(Watcher w, Change c) {
        Revision before = c.before;
        boolean matched = before != null && matches(w, before);
        boolean matches = c.type != WatchEvent.Type.DELETED && matches(w, c.now);
        if (matches) {
            w.listener().onEvent(new WatchEvent(matched ? WatchEvent.Type.MODIFIED : WatchEvent.Type.ADDED, c.now));
        } else if (matched) {
            Revision last = c.type == WatchEvent.Type.DELETED ? c.now : c.left();
            w.listener().onEvent(new WatchEvent(WatchEvent.Type.DELETED, last));
        }
    }

    private static boolean matches(Watcher w, Revision r) {
        return (w.namespace().isEmpty() || r.namespace().equals(w.namespace()))
                && w.filter().test(r);
    }

    /** @throws StatusException 500 when it is there and cannot be read */
    synchronized Optional<Revision> get(String namespace, String name) {
        String key = key(namespace, name);
        sealed.check(key);
        return Optional.ofNullable(objects.get(key));
    }

    /** What there is and the version a watch goes on from, in one instant. */
    record Snapshot(List<Revision> items, long version) {}

    /**
     * @param after where the page before ended, relative to the namespace
     * @throws StatusException 500 when one cannot be read
     */
    synchronized Snapshot list(String namespace, Predicate<Revision> filter, String after) {
        long version = reached();
        String from = within(namespace);
        String end = from.substring(0, from.length() - 1) + "0";
        Map<String, Revision> range = objects.subMap(from + after, after.isEmpty(), end, false);
        sealed.check(from + after, end, Pinned.name(filter));
        List<Revision> found = new ArrayList<>();
        range.values().stream().filter(filter).forEach(found::add);
        return new Snapshot(found, version);
    }

    /** There is no change up to this version that is not here, whether or not the last one was of this resource. */
    private long reached() {
        return Math.max(seen, feed.told());
    }

    /** Returns when all up to this version is here, and who watches it has been told. */
    void await(long version) {
        // One who is being told, and so holds up all that is to come here, reads what he has been told of.
        if (!Thread.holdsLock(this)) {
            feed.awaitTold(version);
        }
    }

    /**
     * What there was.
     *
     * @throws StatusException 410 when that is forgotten
     */
    Snapshot listAt(long revision, String namespace, Predicate<Revision> filter, String after) {
        synchronized (this) {
            if (revision >= reached()) {
                return new Snapshot(list(namespace, filter, after).items(), revision);
            }
        }
        String within = within(namespace);
        KeyRange range = after.isEmpty() ? KeyRange.prefix(within) : KeyRange.after(within, within + after);
        List<Revision> found = new ArrayList<>();
        try {
            for (KeyValue kv : store.range(range, revision, 0).kvs()) {
                try {
                    Revision r = revision(sealed.open(kv), kv);
                    if (filter.test(r)) {
                        found.add(r);
                    }
                } catch (UnreadableException e) {
                    if (Pinned.name(filter).isEmpty() || kv.key().endsWith("/" + Pinned.name(filter))) {
                        throw Sealed.refusal(kv.key(), e.why());
                    }
                }
            }
        } catch (CompactedException e) {
            throw StatusException.gone(
                    after.isEmpty()
                            ? "The resourceVersion for the provided list is too old."
                            : "The provided continue parameter is too old to display a consistent list result. You"
                                    + " must start a new list without the continue parameter.");
        }
        return new Snapshot(found, revision);
    }

    /**
     * @param from changes after this version; -1: what there is as additions, then changes
     * @throws StatusException 410 when changes after {@code from} are not remembered any more
     */
    Client.Watch watch(String namespace, Predicate<Revision> filter, long from, Client.WatchListener listener) {
        if (from > 0) {
            // What is older and still on its way here would be told as if it were new.
            await(Math.min(from, store.revision()));
        }
        return watchFrom(namespace, filter, from, listener);
    }

    private synchronized Client.Watch watchFrom(
            String namespace, Predicate<Revision> filter, long from, Client.WatchListener listener) {
        Watcher w = new Watcher(namespace, filter, listener);
        if (from < 0) {
            String within = within(namespace);
            sealed.check(within, within.substring(0, within.length() - 1) + "0", Pinned.name(filter));
            objects.values().stream()
                    .filter(r -> matches(w, r))
                    .forEach(r -> listener.onEvent(new WatchEvent(WatchEvent.Type.ADDED, r)));
        } else if (from < floor) {
            throw StatusException.gone("too old resource version: " + from + " (" + floor + ")");
        } else {
            changes.stream().filter(c -> c.now.version() > from).forEach(c -> tell(w, c));
        }
        watchers.add(w);
        return new Subscription(w);
    }

    private final class Subscription implements BookmarkedWatch {
        private final Watcher watcher;

        Subscription(Watcher watcher) {
            this.watcher = watcher;
        }

        /** In the lock, so that all up to this version has been told and nothing after it. */
        @Override
        public void bookmark(boolean initialEventsEnd) {
            synchronized (ResourceCache.this) {
                if (watchers.contains(watcher)) {
                    long version = reached();
                    Unstructured mark = Unstructured.of(
                                    definition.kind().apiVersion(),
                                    definition.kind().kind())
                            .set(String.valueOf(version), "metadata", "resourceVersion");
                    if (initialEventsEnd) {
                        mark.set("true", "metadata", "annotations", "k8s.io/initial-events-end");
                    }
                    var revision = new Revision(definition.resource(), version, mark.json(), mark);
                    watcher.listener().onEvent(new WatchEvent(WatchEvent.Type.BOOKMARK, revision));
                }
            }
        }

        @Override
        public void close() {
            synchronized (ResourceCache.this) {
                watchers.remove(watcher);
            }
        }
    }

    synchronized long version() {
        return seen;
    }

    /** There will be no more: whoever watches is told. */
    void withdraw() {
        stop().forEach(w -> close(w, StatusException.gone("the resource is not served any more")));
    }

    /** Those who watched. */
    List<Watcher> stop() {
        feed.close();
        synchronized (this) {
            return watchers.clear();
        }
    }
}
