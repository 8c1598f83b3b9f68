package dev.coracle.client;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Timers;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * List, then watch from the list's version; when the watch ends, resume from the last version seen, or list anew when
 * that is gone.
 *
 * <p>Two locks, {@code delivery} before the monitor. Everything that changes the copy, handlers included, happens under
 * {@code delivery}, so that they see changes in order; the copy itself is under the monitor, which is never held while a
 * handler runs. A handler may thus look into any copy: two that look into each other's do not wait for one another.
 */
final class WatchingInformer implements Informer {
    private static final System.Logger LOG = System.getLogger("coracle.informer");

    private static final Duration WELL = Duration.ofMinutes(1);

    private record Index(Function<Revision, List<String>> keys, Map<String, Set<ObjectKey>> entries) {}

    private final Client client;
    private final Environment environment;
    private final GroupVersionResource resource;
    private final String namespace;
    private final ListOptions selection;
    private final Map<ObjectKey, Revision> objects = new LinkedHashMap<>();
    private final Map<String, Set<ObjectKey>> namespaces = new HashMap<>();
    private final Map<String, Index> indexes = new HashMap<>();
    private final ReentrantLock delivery = new ReentrantLock();
    /** Under {@code delivery}. */
    private final List<Handler> handlers = new ArrayList<>();
    /** To be run at the first list. */
    private final List<Runnable> awaiting = new ArrayList<>();

    private final CountDownLatch listed = new CountDownLatch(1);
    private Client.@Nullable Watch watch;
    private String lastVersion = "";
    private Timers.@Nullable Timer pending;
    private long watchingSince;
    private int failures;
    private boolean closed;

    WatchingInformer(Client client, Environment environment, GroupVersionResource resource, String fieldSelector) {
        this(client, environment, resource, "", fieldSelector);
    }

    /** @param namespace {@code ""} for all */
    WatchingInformer(
            Client client,
            Environment environment,
            GroupVersionResource resource,
            String namespace,
            String fieldSelector) {
        this.client = client;
        this.environment = environment;
        this.resource = resource;
        this.namespace = namespace;
        this.selection = fieldSelector.isEmpty() ? ListOptions.ALL : ListOptions.fields(fieldSelector);
    }

    void start() {
        environment.tasks().start("informer-" + resource.resource(), this::listAndWatch);
    }

    private void listAndWatch() {
        String version;
        try {
            if (isClosed()) {
                return;
            }
            RevisionList list = client.list(resource, namespace, selection);
            replace(list);
            tellSynced();
            version = list.resourceVersion();
        } catch (RuntimeException e) {
            warn("cannot list ", e);
            retry(this::listAndWatch, e);
            return;
        }
        watchFrom(version);
    }

    private void tellSynced() {
        List<Runnable> tasks;
        synchronized (this) {
            listed.countDown();
            tasks = List.copyOf(awaiting);
            awaiting.clear();
        }
        tasks.forEach(Runnable::run);
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /** What fails because all is being closed is no news. */
    private void warn(String what, RuntimeException e) {
        if (!isClosed()) {
            LOG.log(System.Logger.Level.WARNING, what + resource.resource() + ": " + e.getMessage());
        }
    }

    private void watchFrom(String version) {
        synchronized (this) {
            if (closed) {
                return;
            }
            lastVersion = version;
            watchingSince = environment.clock().nanos();
        }
        try {
            opened(client.watch(resource, namespace, selection.from(version), new Client.WatchListener() {
                @Override
                public void onEvent(WatchEvent event) {
                    change(event);
                }

                @Override
                public void onClosed(StatusException cause) {
                    ended(cause);
                }
            }));
        } catch (RuntimeException e) {
            if (!(e instanceof StatusException s && s.isGone())) {
                warn("cannot watch ", e);
            }
            ended(e);
        }
    }

    private void opened(Client.Watch w) {
        boolean late;
        synchronized (this) {
            watch = w;
            late = closed;
        }
        if (late) {
            w.close();
        }
    }

    /** Gone asks for a new list; after anything else the watch goes on where it was. */
    private void ended(RuntimeException cause) {
        retry(cause instanceof StatusException s && s.isGone() ? this::listAndWatch : this::resume, cause);
    }

    private void resume() {
        String from;
        synchronized (this) {
            from = lastVersion;
        }
        watchFrom(from);
    }

    /**
     * Again after 100 ms, doubling to 25.6 s, with as much again at random at the most; from the start when all was well
     * for a minute. A server that takes a watch only to end it at once is thus asked ever less often.
     */
    private synchronized void retry(Runnable task, RuntimeException cause) {
        if (closed) {
            return;
        }
        if (watchingSince != 0 && environment.clock().elapsed(watchingSince).compareTo(WELL) > 0) {
            failures = 0;
        }
        watchingSince = 0;
        LOG.log(System.Logger.Level.DEBUG, resource.resource() + ": list or watch ended", cause);
        int base = 100 << Math.min(8, failures++);
        pending = environment
                .timers()
                .schedule(Duration.ofMillis(base + environment.entropy().nextInt(base)), task);
    }

    private void replace(RevisionList list) {
        delivery.lock();
        try {
            if (isClosed()) {
                return;
            }
            Set<ObjectKey> gone = keys();
            for (Revision r : list.items()) {
                gone.remove(r.key());
                put(r);
            }
            for (ObjectKey key : gone) {
                remove(key);
            }
        } finally {
            delivery.unlock();
        }
    }

    private synchronized Set<ObjectKey> keys() {
        return new LinkedHashSet<>(objects.keySet());
    }

    private void change(WatchEvent event) {
        delivery.lock();
        try {
            Revision r = event.revision();
            synchronized (this) {
                if (closed) {
                    return;
                }
                lastVersion = String.valueOf(r.version());
            }
            switch (event.type()) {
                case ADDED, MODIFIED -> put(r);
                case DELETED -> remove(r.key());
                case BOOKMARK -> {}
            }
        } finally {
            delivery.unlock();
        }
    }

    private void put(Revision after) {
        ObjectKey key = after.key();
        Revision before;
        synchronized (this) {
            before = objects.get(key);
            // What was seen already, or is older than what is known, comes from a resumed watch.
            if (before != null && before.version() >= after.version()) {
                return;
            }
            objects.put(key, after);
            namespaces
                    .computeIfAbsent(key.namespace(), n -> new LinkedHashSet<>())
                    .add(key);
            indexes.values().forEach(i -> reindex(i, key, before, after));
        }
        handlers.forEach(h -> tell(h, before, after));
    }

    private void remove(ObjectKey key) {
        Revision before;
        synchronized (this) {
            before = objects.remove(key);
            if (before == null) {
                return;
            }
            Set<ObjectKey> siblings = namespaces.get(key.namespace());
            if (siblings != null) {
                siblings.remove(key);
            }
            indexes.values().forEach(i -> reindex(i, key, before, null));
        }
        handlers.forEach(h -> tell(h, before, null));
    }

    /** An object that one handler cannot bear must not keep it from the others, nor the copy from going on. */
    private void tell(Handler handler, @Nullable Revision before, @Nullable Revision after) {
        try {
            handler.onChange(before, after);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a handler failed on " + (after != null ? after : before), e);
        }
    }

    private static List<String> keys(Index index, Revision r) {
        try {
            return index.keys().apply(r);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "cannot index " + r, e);
            return List.of();
        }
    }

    private static void reindex(Index index, ObjectKey key, @Nullable Revision before, @Nullable Revision after) {
        if (before != null) {
            for (String k : keys(index, before)) {
                index.entries().computeIfPresent(k, (x, entries) -> {
                    entries.remove(key);
                    return entries.isEmpty() ? null : entries;
                });
            }
        }
        if (after != null) {
            for (String k : keys(index, after)) {
                index.entries().computeIfAbsent(k, x -> new LinkedHashSet<>()).add(key);
            }
        }
    }

    boolean awaitSync(Duration timeout) {
        try {
            return listed.await(Math.max(0, timeout.toNanos()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** No handler is told of anything once this has returned. */
    void close() {
        Client.Watch w;
        delivery.lock();
        try {
            synchronized (this) {
                closed = true;
                w = watch;
                if (pending != null) {
                    pending.cancel();
                }
            }
        } finally {
            delivery.unlock();
        }
        if (w != null) {
            w.close();
        }
    }

    @Override
    public synchronized Optional<Revision> get(ObjectKey key) {
        return Optional.ofNullable(objects.get(key));
    }

    @Override
    public synchronized List<Revision> list() {
        return new ArrayList<>(objects.values());
    }

    @Override
    public synchronized List<Revision> list(String namespace) {
        return collect(namespaces.getOrDefault(namespace, Set.of()));
    }

    @Override
    public synchronized void index(String name, Function<Revision, List<String>> keys) {
        if (indexes.containsKey(name)) {
            return;
        }
        Index index = new Index(keys, new HashMap<>());
        objects.forEach((key, r) -> reindex(index, key, null, r));
        indexes.put(name, index);
    }

    @Override
    public synchronized List<Revision> byIndex(String name, String key) {
        Index index = indexes.get(name);
        if (index == null) {
            throw new IllegalArgumentException("no index " + name + " on " + resource.resource());
        }
        return collect(index.entries().getOrDefault(key, Set.of()));
    }

    private List<Revision> collect(Set<ObjectKey> keys) {
        List<Revision> found = new ArrayList<>(keys.size());
        for (ObjectKey key : keys) {
            Revision r = objects.get(key);
            if (r != null) {
                found.add(r);
            }
        }
        return found;
    }

    @Override
    public void handle(Handler handler) {
        delivery.lock();
        try {
            handlers.add(handler);
            list().forEach(r -> tell(handler, null, r));
        } finally {
            delivery.unlock();
        }
    }

    @Override
    public boolean synced() {
        return listed.getCount() == 0;
    }

    @Override
    public void whenSynced(Runnable task) {
        synchronized (this) {
            if (!synced()) {
                awaiting.add(task);
                return;
            }
        }
        task.run();
    }
}
