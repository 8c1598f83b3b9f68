package dev.coracle.client;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;

/** Does as another client does: for those that do a few things differently. */
public abstract class ForwardingClient implements Client {
    protected final Client to;

    protected ForwardingClient(Client to) {
        this.to = to;
    }

    @Override
    public Revision get(GroupVersionResource resource, String namespace, String name) {
        return to.get(resource, namespace, name);
    }

    @Override
    public Unstructured scale(GroupVersionResource resource, String namespace, String name) {
        return to.scale(resource, namespace, name);
    }

    @Override
    public Unstructured read(
            GroupVersionResource resource,
            String namespace,
            String name,
            String subresource,
            Map<String, String> parameters) {
        return to.read(resource, namespace, name, subresource, parameters);
    }

    @Override
    public RevisionList list(GroupVersionResource resource, String namespace, ListOptions options) {
        return to.list(resource, namespace, options);
    }

    @Override
    public Watch watch(GroupVersionResource resource, String namespace, ListOptions options, WatchListener listener) {
        return to.watch(resource, namespace, options, listener);
    }

    @Override
    public Revision create(GroupVersionResource resource, String namespace, Unstructured object, WriteOptions options) {
        return to.create(resource, namespace, object, options);
    }

    @Override
    public Revision update(GroupVersionResource resource, Unstructured object, WriteOptions options) {
        return to.update(resource, object, options);
    }

    @Override
    public Revision patch(
            GroupVersionResource resource, String namespace, String name, Patch patch, WriteOptions options) {
        return to.patch(resource, namespace, name, patch, options);
    }

    @Override
    public Revision delete(GroupVersionResource resource, String namespace, String name, DeleteOptions options) {
        return to.delete(resource, namespace, name, options);
    }

    @Override
    public Unstructured post(
            GroupVersionResource resource, String namespace, String name, String subresource, Unstructured body) {
        return to.post(resource, namespace, name, subresource, body);
    }

    @Override
    public List<ApiResource> resources() {
        return to.resources();
    }

    @Override
    public Discovered discover() {
        return to.discover();
    }
}
