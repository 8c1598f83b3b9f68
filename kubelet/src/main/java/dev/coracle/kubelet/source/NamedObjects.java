package dev.coracle.kubelet.source;

import dev.coracle.client.Client;
import dev.coracle.client.PodReferences;
import dev.coracle.client.WatchedObject;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Watches what the node's pods name, from the first pod that names it to the last: however many do, it is watched once,
 * and reading it asks nobody. Ended pods need nothing any more.
 */
public final class NamedObjects implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    /** Told when an object changed that pods name. Must hand over and return. */
    @FunctionalInterface
    public interface Listener {
        void changed(GroupVersionResource resource, String namespace, String name);
    }

    private record Name(GroupVersionResource resource, String namespace, String name) {}

    private static final class Watched {
        private final WatchedObject object;
        private int pods;

        Watched(WatchedObject object) {
            this.object = object;
        }
    }

    private final Client client;
    private final Environment environment;
    private final Listener listener;
    private final Map<ObjectKey, Set<Name>> pods = new HashMap<>();
    private final Map<Name, Watched> watched = new HashMap<>();
    private boolean closed;

    public NamedObjects(Client client, Environment environment, Listener listener) {
        this.client = client;
        this.environment = environment;
        this.listener = listener;
    }

    /** A pod of the node has come, changed or gone. What it comes to name is watched before what it left is let go. */
    public synchronized void onChange(@Nullable Revision before, @Nullable Revision after) {
        Revision any = after == null ? before : after;
        if (any == null || closed) {
            return;
        }
        Set<Name> now = after == null ? Set.of() : named(after.object());
        Set<Name> known = now.isEmpty() ? pods.remove(any.key()) : pods.put(any.key(), now);
        now.forEach(this::hold);
        if (known != null) {
            known.forEach(this::release);
        }
    }

    private static Set<Name> named(Unstructured pod) {
        PodReferences references = PodReferences.of(pod);
        String phase = pod.string("status", "phase");
        if (references.mirror() || phase.equals("Succeeded") || phase.equals("Failed")) {
            return Set.of();
        }
        Set<Name> names = new HashSet<>();
        references.secrets().forEach(n -> names.add(new Name(Resources.SECRETS, pod.namespace(), n)));
        references.configMaps().forEach(n -> names.add(new Name(Resources.CONFIG_MAPS, pod.namespace(), n)));
        return names;
    }

    private void hold(Name name) {
        watched.computeIfAbsent(name, n -> {
                    var object = new WatchedObject(
                            client,
                            environment,
                            n.resource(),
                            n.namespace(),
                            n.name(),
                            () -> listener.changed(n.resource(), n.namespace(), n.name()));
                    object.start();
                    return new Watched(object);
                })
                .pods++;
    }

    private void release(Name name) {
        Watched w = watched.get(name);
        if (w != null && --w.pods == 0) {
            watched.remove(name);
            // Beside whoever tells of the pod: closing may wait for what the watch is just telling.
            environment.tasks().start("unwatch", w.object::close);
        }
    }

    /** How many objects are watched. */
    synchronized int size() {
        return watched.size();
    }

    /**
     * As last seen; empty for what no pod names, which is then nobody's to keep.
     *
     * @throws StatusException 404 when there is no such object; 503 when the API server does not say
     */
    public Optional<Revision> find(GroupVersionResource resource, String namespace, String name) {
        WatchedObject object;
        synchronized (this) {
            Watched w = watched.get(new Name(resource, namespace, name));
            if (w == null) {
                return Optional.empty();
            }
            object = w.object;
        }
        if (!object.awaitKnown(LIMIT)) {
            throw StatusException.unavailable(
                    "failed to sync " + resource.resource() + " cache: timed out waiting for the condition");
        }
        return Optional.of(object.get().orElseThrow(() -> StatusException.notFound(resource, name)));
    }

    @Override
    public void close() {
        Set<Watched> all;
        synchronized (this) {
            closed = true;
            all = new HashSet<>(watched.values());
            watched.clear();
            pods.clear();
        }
        all.forEach(w -> w.object.close());
    }
}
