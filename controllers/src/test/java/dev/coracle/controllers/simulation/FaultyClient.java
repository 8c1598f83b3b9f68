package dev.coracle.controllers.simulation;

import dev.coracle.client.ApiResource;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.RevisionList;
import dev.coracle.client.WatchEvent;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The API as the controllers of one life see it. When that life is over it answers nothing any more. */
final class FaultyClient implements Client {
    /** Told of what this life did, and when it must end. */
    interface Watcher {
        /** Before a write; {@code what} is the call's name. */
        void before(String what, GroupVersionResource resource, String namespace, String name, Object body);

        /** After a write that was done. */
        void after();

        void crash();
    }

    private final Client client;
    private final Environment environment;
    private final Faults faults;
    private final Watcher watcher;
    private boolean dead;

    FaultyClient(Client client, Environment environment, Faults faults, Watcher watcher) {
        this.client = client;
        this.environment = environment;
        this.faults = faults;
        this.watcher = watcher;
    }

    void die() {
        dead = true;
    }

    private <T> T read(Supplier<T> call) {
        alive();
        if (faults.callFails()) {
            throw faults.refusal(false);
        }
        return call.get();
    }

    private void alive() {
        if (dead) {
            throw StatusException.unavailable("this process is no more");
        }
    }

    private <T> T write(
            String what, GroupVersionResource resource, String namespace, String name, Object body, Supplier<T> call) {
        alive();
        if (resource.equals(Resources.EVENTS)) {
            return call.get();
        }
        boolean fails = faults.callFails();
        if (fails && !faults.afterwards()) {
            throw faults.refusal(false);
        }
        if (faults.crashes()) {
            die();
            watcher.crash();
            throw StatusException.unavailable("this process is no more");
        }
        watcher.before(what, resource, namespace, name, body);
        T done = call.get();
        watcher.after();
        if (fails) {
            throw faults.refusal(true);
        }
        if (faults.crashes()) {
            die();
            watcher.crash();
            throw StatusException.unavailable("this process is no more");
        }
        return done;
    }

    @Override
    public Revision get(GroupVersionResource resource, String namespace, String name) {
        return read(() -> client.get(resource, namespace, name));
    }

    @Override
    public Unstructured scale(GroupVersionResource resource, String namespace, String name) {
        return read(() -> client.scale(resource, namespace, name));
    }

    @Override
    public Unstructured read(
            GroupVersionResource resource,
            String namespace,
            String name,
            String subresource,
            Map<String, String> parameters) {
        return read(() -> client.read(resource, namespace, name, subresource, parameters));
    }

    @Override
    public RevisionList list(GroupVersionResource resource, String namespace, ListOptions options) {
        return read(() -> client.list(resource, namespace, options));
    }

    @Override
    public List<ApiResource> resources() {
        alive();
        return client.resources();
    }

    @Override
    public Revision create(GroupVersionResource resource, String namespace, Unstructured object, WriteOptions options) {
        return write(
                "create",
                resource,
                namespace,
                object.name(),
                object,
                () -> client.create(resource, namespace, object, options));
    }

    @Override
    public Revision update(GroupVersionResource resource, Unstructured object, WriteOptions options) {
        return write(
                "update",
                resource,
                object.namespace(),
                object.name(),
                object,
                () -> client.update(resource, object, options));
    }

    @Override
    public Revision patch(
            GroupVersionResource resource, String namespace, String name, Patch patch, WriteOptions options) {
        return write(
                "patch",
                resource,
                namespace,
                name,
                patch,
                () -> client.patch(resource, namespace, name, patch, options));
    }

    @Override
    public Revision delete(GroupVersionResource resource, String namespace, String name, DeleteOptions options) {
        return write(
                "delete", resource, namespace, name, options, () -> client.delete(resource, namespace, name, options));
    }

    @Override
    public Unstructured post(
            GroupVersionResource resource, String namespace, String name, String subresource, Unstructured body) {
        return write(
                subresource,
                resource,
                namespace,
                name,
                body,
                () -> client.post(resource, namespace, name, subresource, body));
    }

    @Override
    public Watch watch(GroupVersionResource resource, String namespace, ListOptions options, WatchListener listener) {
        alive();
        if (faults.callFails()) {
            throw faults.refusal(false);
        }
        LateWatch late = new LateWatch(listener);
        late.under = client.watch(resource, namespace, options, late);
        return late;
    }

    /** In order, but late, perhaps twice, and not for ever. */
    private final class LateWatch implements Watch, WatchListener {
        private final WatchListener listener;
        private Watch under = () -> {};
        private long last;
        private boolean closed;

        LateWatch(WatchListener listener) {
            this.listener = listener;
        }

        @Override
        public void onEvent(WatchEvent event) {
            later(() -> {
                if (faults.watchEnds()) {
                    // This event, and what follows, is lost.
                    close();
                    listener.onClosed(
                            faults.forgotten()
                                    ? StatusException.gone("too old resource version")
                                    : StatusException.unavailable("connection reset"));
                    return;
                }
                listener.onEvent(event);
                if (faults.doubled()) {
                    listener.onEvent(event);
                }
            });
        }

        @Override
        public void onClosed(StatusException cause) {
            later(() -> listener.onClosed(cause));
        }

        private void later(Runnable tell) {
            long now = environment.clock().nanos();
            long due = Math.max(last + 1, now + faults.delay().toNanos());
            last = due;
            environment.timers().schedule(Duration.ofNanos(due - now), () -> {
                if (!closed && !dead) {
                    tell.run();
                }
            });
        }

        @Override
        public void close() {
            closed = true;
            under.close();
        }
    }
}
