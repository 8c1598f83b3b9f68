package dev.coracle.cli.why;

import dev.coracle.client.ApiResource;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.RevisionList;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A cluster as it is at one moment, which can only be looked at. */
final class Snapshot implements Client {
    private final List<Unstructured> objects;
    private final Set<String> forbidden;

    /** @param forbidden resources that may not be read */
    Snapshot(List<Unstructured> objects, Set<String> forbidden) {
        this.objects = objects;
        this.forbidden = forbidden;
    }

    private boolean is(Unstructured o, GroupVersionResource r) {
        String kind = o.kind().toLowerCase(Locale.ROOT);
        String plural = kind.endsWith("y")
                ? kind.substring(0, kind.length() - 1) + "ies"
                : kind.endsWith("s") ? kind + "es" : kind + "s";
        return o.apiVersion().equals(r.apiVersion()) && plural.equals(r.resource());
    }

    private void check(GroupVersionResource r) {
        if (forbidden.contains(r.resource())) {
            throw new StatusException(403, "Forbidden", r.resource() + " is forbidden");
        }
    }

    @Override
    public Revision get(GroupVersionResource resource, String namespace, String name) {
        check(resource);
        return objects.stream()
                .filter(o -> is(o, resource)
                        && o.namespace().equals(namespace)
                        && o.name().equals(name))
                .findFirst()
                .map(o -> Revision.of(resource, 1, o, 1))
                .orElseThrow(() -> StatusException.notFound(resource, name));
    }

    @Override
    public RevisionList list(GroupVersionResource resource, String namespace, ListOptions options) {
        check(resource);
        List<Revision> items = objects.stream()
                .filter(o ->
                        is(o, resource) && (namespace.isEmpty() || o.namespace().equals(namespace)))
                .map(o -> Revision.of(resource, 1, o, 1))
                .toList();
        return new RevisionList(items, "1", "", 0);
    }

    @Override
    public Unstructured scale(GroupVersionResource resource, String namespace, String name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Watch watch(GroupVersionResource resource, String namespace, ListOptions options, WatchListener listener) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Revision create(GroupVersionResource resource, String namespace, Unstructured object, WriteOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Revision update(GroupVersionResource resource, Unstructured object, WriteOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Revision patch(
            GroupVersionResource resource, String namespace, String name, Patch patch, WriteOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Revision delete(GroupVersionResource resource, String namespace, String name, DeleteOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Unstructured post(
            GroupVersionResource resource, String namespace, String name, String subresource, Unstructured body) {
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
    public List<ApiResource> resources() {
        throw new UnsupportedOperationException();
    }
}
