package dev.coracle.client;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import java.time.Duration;
import java.util.Optional;

/**
 * A local copy of one object, there or not, kept fresh by a list and watch of its name alone: for those who may read
 * this object and not its neighbours.
 */
public final class WatchedObject implements AutoCloseable {
    private final WatchingInformer informer;
    private final String namespace;
    private final String name;

    /** @param changed called when it came, changed or went after it was first known; must hand over and return */
    public WatchedObject(
            Client client,
            Environment environment,
            GroupVersionResource resource,
            String namespace,
            String name,
            Runnable changed) {
        this.namespace = namespace;
        this.name = name;
        this.informer = new WatchingInformer(client, environment, resource, namespace, "metadata.name=" + name);
        informer.handle((before, after) -> {
            if (informer.synced()) {
                changed.run();
            }
        });
    }

    public void start() {
        informer.start();
    }

    /** Waits until it is known whether there is such an object; false when {@code timeout} passed first. */
    public boolean awaitKnown(Duration timeout) {
        return informer.awaitSync(timeout);
    }

    /** As last seen; empty when there is none. */
    public Optional<Revision> get() {
        return informer.get(namespace, name);
    }

    @Override
    public void close() {
        informer.close();
    }
}
