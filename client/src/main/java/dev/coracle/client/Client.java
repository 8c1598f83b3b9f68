package dev.coracle.client;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;

/**
 * The Kubernetes API as one identity sees it. Calls block and may be made from any number of threads; a refusal is a
 * {@link dev.coracle.machinery.object.StatusException}. {@code namespace} is {@code ""} for cluster-scoped resources,
 * and for lists and watches across all namespaces.
 */
public interface Client {
    Revision get(GroupVersionResource resource, String namespace, String name);

    /**
     * The {@code autoscaling/v1 Scale} of an object: how many replicas it wants and has. It is written by {@link #update}
     * and {@link #patch} with the subresource {@code scale}.
     */
    Unstructured scale(GroupVersionResource resource, String namespace, String name);

    RevisionList list(GroupVersionResource resource, String namespace, ListOptions options);

    /**
     * Every change after {@code options.resourceVersion()}, each exactly once and in order, until the watch is closed or
     * {@link WatchListener#onClosed} tells why it ended.
     */
    Watch watch(GroupVersionResource resource, String namespace, ListOptions options, WatchListener listener);

    /** @param object is copied; may use {@code metadata.generateName} */
    Revision create(GroupVersionResource resource, String namespace, Unstructured object, WriteOptions options);

    /** Replaces the object named in {@code object}; fails with Conflict when its resourceVersion is not the newest. */
    Revision update(GroupVersionResource resource, Unstructured object, WriteOptions options);

    Revision patch(GroupVersionResource resource, String namespace, String name, Patch patch, WriteOptions options);

    /** The object as it was when deletion began (it may live on while finalizers or a grace period run). */
    Revision delete(GroupVersionResource resource, String namespace, String name, DeleteOptions options);

    /**
     * POST to a subresource that is no view of the object: {@code binding}, {@code eviction}, {@code token}. Answers
     * what the server answers.
     */
    Unstructured post(
            GroupVersionResource resource, String namespace, String name, String subresource, Unstructured body);

    /**
     * GET of what is not stored but answered at the moment: measurements ({@code metrics.k8s.io}), and all that other
     * servers answer for. What is stored is for {@link #get} and {@link #list}.
     *
     * @param name {@code ""} for a list
     * @param subresource {@code ""} for none
     * @param parameters of the query; those that are {@code ""} are left out
     */
    Unstructured read(
            GroupVersionResource resource,
            String namespace,
            String name,
            String subresource,
            Map<String, String> parameters);

    /** What kinds of objects there are at this moment, each in one version: kinds come and go while a server runs. */
    List<ApiResource> resources();

    /** As {@link #resources}, and of which groups and versions nobody can say at this moment what kinds they have. */
    default Discovered discover() {
        return new Discovered(resources(), Map.of());
    }

    /** A running watch. Closing it is idempotent; no event is delivered after it returns. */
    interface Watch extends AutoCloseable {
        @Override
        void close();
    }

    /** Receives events one call at a time, in order; should hand over and return. */
    interface WatchListener {
        void onEvent(WatchEvent event);

        /**
         * The watch ended without being closed.
         *
         * @param cause 410 Gone asks for a new list; anything else may be resumed from the last version seen
         */
        void onClosed(dev.coracle.machinery.object.StatusException cause);
    }
}
