package dev.coracle.client;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.patch.MergePatch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/** An API of one resource in memory, whose watches and calls fail as a test tells them to. */
final class ScriptedApi implements Client {
    private record Watcher(long from, WatchListener listener) {}

    final List<String> calls = new ArrayList<>();
    /** Thrown by the calls to come, one each. */
    final Queue<RuntimeException> failures = new ArrayDeque<>();
    /** Run at the beginning of each write, before it is seen. */
    Runnable onWrite = () -> {};

    private final Map<ObjectKey, Revision> objects = new LinkedHashMap<>();
    private final List<Watcher> watchers = new ArrayList<>();
    private final List<WatchEvent> history = new ArrayList<>();
    private long version = 10;

    private void called(String call) {
        calls.add(call);
        RuntimeException failure = failures.poll();
        if (failure != null) {
            throw failure;
        }
    }

    void put(GroupVersionResource resource, Unstructured object) {
        Unstructured copy = object.copy().set("" + ++version, "metadata", "resourceVersion");
        Revision r = new Revision(resource, version, copy.json());
        boolean known = objects.put(r.key(), r) != null;
        tell(new WatchEvent(known ? WatchEvent.Type.MODIFIED : WatchEvent.Type.ADDED, r));
    }

    void remove(String namespace, String name) {
        Revision last = objects.remove(new ObjectKey(namespace, name));
        Unstructured copy = last.object().copy().set("" + ++version, "metadata", "resourceVersion");
        tell(new WatchEvent(WatchEvent.Type.DELETED, new Revision(last.resource(), version, copy.json())));
    }

    void bookmark(GroupVersionResource resource) {
        Unstructured mark = Unstructured.of("v1", "Pod").set("" + ++version, "metadata", "resourceVersion");
        tell(new WatchEvent(WatchEvent.Type.BOOKMARK, new Revision(resource, version, mark.json())));
    }

    private void tell(WatchEvent event) {
        history.add(event);
        List.copyOf(watchers).forEach(w -> w.listener().onEvent(event));
    }

    /** Ends every watch. */
    void drop(StatusException cause) {
        List<Watcher> all = List.copyOf(watchers);
        watchers.clear();
        all.forEach(w -> w.listener().onClosed(cause));
    }

    int watches() {
        return watchers.size();
    }

    long version() {
        return version;
    }

    List<Unstructured> all() {
        return objects.values().stream().map(Revision::object).toList();
    }

    @Override
    public List<ApiResource> resources() {
        return List.of();
    }

    @Override
    public Revision get(GroupVersionResource resource, String namespace, String name) {
        Revision r = objects.get(new ObjectKey(namespace, name));
        if (r == null) {
            throw StatusException.notFound(resource, name);
        }
        return r;
    }

    @Override
    public RevisionList list(GroupVersionResource resource, String namespace, ListOptions options) {
        called("list");
        return new RevisionList(new ArrayList<>(objects.values()), "" + version, "", 0);
    }

    @Override
    public Watch watch(GroupVersionResource resource, String namespace, ListOptions options, WatchListener listener) {
        called("watch from " + options.resourceVersion());
        Watcher w = new Watcher(Long.parseLong(options.resourceVersion()), listener);
        watchers.add(w);
        for (WatchEvent e : List.copyOf(history)) {
            if (e.revision().version() > w.from()) {
                listener.onEvent(e);
            }
        }
        return () -> watchers.remove(w);
    }

    @Override
    public Revision create(GroupVersionResource resource, String namespace, Unstructured object, WriteOptions options) {
        onWrite.run();
        called("create");
        if (objects.containsKey(ObjectKey.of(object))) {
            throw StatusException.alreadyExists(resource, object.name());
        }
        put(resource, object);
        return get(resource, object.namespace(), object.name());
    }

    @Override
    public Revision patch(
            GroupVersionResource resource, String namespace, String name, Patch patch, WriteOptions options) {
        onWrite.run();
        called("patch");
        Unstructured now = get(resource, namespace, name).object();
        @SuppressWarnings("unchecked")
        var patched = (Map<String, Object>) MergePatch.apply(now.map(), Json.parse(patch.body()));
        put(resource, new Unstructured(java.util.Objects.requireNonNull(patched)));
        return get(resource, namespace, name);
    }

    @Override
    public Revision update(GroupVersionResource resource, Unstructured object, WriteOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Revision delete(GroupVersionResource resource, String namespace, String name, DeleteOptions options) {
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
    public Unstructured post(
            GroupVersionResource resource, String namespace, String name, String subresource, Unstructured body) {
        throw new UnsupportedOperationException();
    }
}
