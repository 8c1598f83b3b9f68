package dev.coracle.client;

import dev.coracle.machinery.object.GroupVersionResource;
import java.time.Duration;

/** Makes and shares informers over one client. Start it once all informers and handlers are asked for. */
public interface Informers extends AutoCloseable {
    /** The informer of a resource in all namespaces. */
    Informer of(GroupVersionResource resource);

    /** The informer of the objects of a resource that match a field selector, e.g. {@code spec.nodeName=node-1}. */
    Informer of(GroupVersionResource resource, String fieldSelector);

    /** Ends the informer of a resource that is no more; asked for again, it begins anew. */
    void forget(GroupVersionResource resource);

    /** Begins listing and watching; informers asked for later start at once. */
    void start();

    /** Waits until every informer has its first list; false when {@code timeout} passed first. */
    boolean awaitSync(Duration timeout);

    @Override
    void close();
}
