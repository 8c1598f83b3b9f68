package dev.coracle.controllers.simulation;

import dev.coracle.client.ApiResource;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.RevisionList;
import dev.coracle.client.WatchEvent;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;

/** A client that does as another does, for those that do one thing differently. */
class Forwarding implements Client {
    final Client to;

    Forwarding(Client to) {
        this.to = to;
    }

    /** What the controllers see instead of an object. */
    Revision seen(Revision r) {
        return r;
    }

    /** Whether they hear of an event. */
    boolean hears(WatchEvent event) {
        return true;
    }

    /** As the controllers see it. */
    static Revision changed(Revision r, Unstructured object) {
        return new Revision(r.resource(), r.version(), object.json(), object);
    }

    @Override
    public Revision get(GroupVersionResource resource, String namespace, String name) {
        return seen(to.get(resource, namespace, name));
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
        RevisionList list = to.list(resource, namespace, options);
        return new RevisionList(
                list.items().stream().map(this::seen).toList(),
                list.resourceVersion(),
                list.continueToken(),
                list.remaining());
    }

    @Override
    public Watch watch(GroupVersionResource resource, String namespace, ListOptions options, WatchListener listener) {
        return to.watch(resource, namespace, options, new WatchListener() {
            @Override
            public void onEvent(WatchEvent event) {
                if (hears(event)) {
                    listener.onEvent(new WatchEvent(event.type(), seen(event.revision())));
                }
            }

            @Override
            public void onClosed(StatusException cause) {
                listener.onClosed(cause);
            }
        });
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
}
