package dev.coracle.network;

import dev.coracle.client.ApiResource;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.RevisionList;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Informers that hold what a test puts, and a client that only patches status, by merge at the first level. */
public final class FakeApi implements Informers, Client {
    private final Map<GroupVersionResource, Copy> copies = new HashMap<>();
    private long version;

    public synchronized void put(GroupVersionResource resource, Unstructured object) {
        of(resource).change(object.namespace(), object.name(), new Revision(resource, ++version, object.json()));
    }

    public synchronized void delete(GroupVersionResource resource, String namespace, String name) {
        of(resource).change(namespace, name, null);
    }

    @Override
    public synchronized void forget(GroupVersionResource resource) {
        copies.remove(resource);
    }

    @Override
    public List<ApiResource> resources() {
        return List.of();
    }

    @Override
    public synchronized Copy of(GroupVersionResource resource) {
        return copies.computeIfAbsent(resource, r -> new Copy());
    }

    @Override
    public Informer of(GroupVersionResource resource, String fieldSelector) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void start() {}

    @Override
    public boolean awaitSync(Duration timeout) {
        return true;
    }

    @Override
    public void close() {}

    @Override
    public Revision get(GroupVersionResource resource, String namespace, String name) {
        return of(resource).get(namespace, name).orElseThrow();
    }

    @Override
    public Revision patch(
            GroupVersionResource resource, String namespace, String name, Patch patch, WriteOptions options) {
        Unstructured object = get(resource, namespace, name).object().copy();
        object.set(Unstructured.parse(patch.body()).object("status"), "status");
        put(resource, object);
        return get(resource, namespace, name);
    }

    @Override
    public RevisionList list(GroupVersionResource resource, String namespace, ListOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Watch watch(GroupVersionResource r, String namespace, ListOptions options, WatchListener listener) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Revision create(GroupVersionResource r, String namespace, Unstructured object, WriteOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Revision update(GroupVersionResource resource, Unstructured object, WriteOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Revision delete(GroupVersionResource r, String namespace, String name, DeleteOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Unstructured read(
            GroupVersionResource resource,
            String namespace,
            String name,
            String subresource,
            Map<String, String> parameters) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Unstructured scale(GroupVersionResource resource, String namespace, String name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Unstructured post(GroupVersionResource r, String namespace, String name, String sub, Unstructured body) {
        throw new UnsupportedOperationException();
    }

    /** One resource's objects. */
    public static final class Copy implements Informer {
        private final Map<ObjectKey, Revision> objects = new LinkedHashMap<>();
        private final Map<String, Function<Revision, List<String>>> indexes = new HashMap<>();
        private final List<Handler> handlers = new CopyOnWriteArrayList<>();

        private synchronized void change(String namespace, String name, Revision after) {
            var key = new ObjectKey(namespace, name);
            Revision before = after == null ? objects.remove(key) : objects.put(key, after);
            handlers.forEach(h -> h.onChange(before, after));
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
        public List<Revision> list(String namespace) {
            return list().stream().filter(r -> r.namespace().equals(namespace)).toList();
        }

        @Override
        public void index(String name, Function<Revision, List<String>> keys) {
            indexes.put(name, keys);
        }

        @Override
        public List<Revision> byIndex(String name, String key) {
            return list().stream()
                    .filter(r -> indexes.get(name).apply(r).contains(key))
                    .toList();
        }

        @Override
        public synchronized void handle(Handler handler) {
            handlers.add(handler);
            objects.values().forEach(r -> handler.onChange(null, r));
        }

        @Override
        public boolean synced() {
            return true;
        }
    }
}
