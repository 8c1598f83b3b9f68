package dev.coracle.kubelet.source;

import dev.coracle.client.ApiResource;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.RevisionList;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;

/** The API as the pod workers see it: what their pods name comes from {@link NamedObjects}, all else from the server. */
public final class NodeClient implements Client {
    private final Client server;
    private final NamedObjects named;

    public NodeClient(Client server, NamedObjects named) {
        this.server = server;
        this.named = named;
    }

    @Override
    public Revision get(GroupVersionResource resource, String namespace, String name) {
        if (resource.equals(Resources.SECRETS) || resource.equals(Resources.CONFIG_MAPS)) {
            return named.find(resource, namespace, name).orElseGet(() -> server.get(resource, namespace, name));
        }
        try {
            return server.get(resource, namespace, name);
        } catch (StatusException e) {
            // A node may read the pods that are on it, and workers ask for no others: such a pod is no more.
            throw e.code() == 403 && resource.equals(Resources.PODS) ? StatusException.notFound(resource, name) : e;
        }
    }

    @Override
    public List<ApiResource> resources() {
        return server.resources();
    }

    @Override
    public RevisionList list(GroupVersionResource resource, String namespace, ListOptions options) {
        return server.list(resource, namespace, options);
    }

    @Override
    public Watch watch(GroupVersionResource resource, String namespace, ListOptions options, WatchListener listener) {
        return server.watch(resource, namespace, options, listener);
    }

    @Override
    public Revision create(GroupVersionResource resource, String namespace, Unstructured object, WriteOptions options) {
        return server.create(resource, namespace, object, options);
    }

    @Override
    public Revision update(GroupVersionResource resource, Unstructured object, WriteOptions options) {
        return server.update(resource, object, options);
    }

    @Override
    public Revision patch(
            GroupVersionResource resource, String namespace, String name, Patch patch, WriteOptions options) {
        return server.patch(resource, namespace, name, patch, options);
    }

    @Override
    public Revision delete(GroupVersionResource resource, String namespace, String name, DeleteOptions options) {
        return server.delete(resource, namespace, name, options);
    }

    @Override
    public Unstructured read(
            GroupVersionResource resource,
            String namespace,
            String name,
            String subresource,
            Map<String, String> parameters) {
        return server.read(resource, namespace, name, subresource, parameters);
    }

    @Override
    public Unstructured scale(GroupVersionResource resource, String namespace, String name) {
        return server.scale(resource, namespace, name);
    }

    @Override
    public Unstructured post(
            GroupVersionResource resource, String namespace, String name, String subresource, Unstructured body) {
        return server.post(resource, namespace, name, subresource, body);
    }
}
