package dev.coracle.apiserver;

import dev.coracle.apiserver.aggregation.Aggregation;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.authorization.Attributes;
import dev.coracle.apiserver.authorization.Authorizer;
import dev.coracle.client.ApiResource;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Discovered;
import dev.coracle.client.ForwardingClient;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.RevisionList;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What components of this process do with objects that other servers keep: as through the front door, who asks needs the
 * right here, and then the other server's. Without it an owner's collection and a namespace's deletion would pass them by.
 */
final class AggregatedClient extends ForwardingClient {
    private final Predicate<GroupVersionResource> own;
    private final Aggregation aggregation;
    private final Authorizer authorizer;
    private final UserInfo user;
    private final Client others;

    /** @param own whether this server has a resource itself */
    AggregatedClient(
            Client to,
            Predicate<GroupVersionResource> own,
            Aggregation aggregation,
            Authorizer authorizer,
            UserInfo user) {
        super(to);
        this.own = own;
        this.aggregation = aggregation;
        this.authorizer = authorizer;
        this.user = user;
        this.others = aggregation.client(user);
    }

    private boolean isOthers(GroupVersionResource r) {
        return !own.test(r) && aggregation.isRemote(r.group(), r.version());
    }

    /** Who answers, asked by one who may. */
    private Client of(GroupVersionResource r, Attributes asked) {
        if (!isOthers(r)) {
            return to;
        }
        authorizer.require(user, asked);
        return others;
    }

    private Client of(String verb, GroupVersionResource r, String subresource, String namespace, String name) {
        return of(r, new Attributes(verb, r.group(), r.resource(), subresource, namespace, name, ""));
    }

    @Override
    public Revision get(GroupVersionResource resource, String namespace, String name) {
        return of("get", resource, "", namespace, name).get(resource, namespace, name);
    }

    @Override
    public Unstructured scale(GroupVersionResource resource, String namespace, String name) {
        return of("get", resource, "scale", namespace, name).scale(resource, namespace, name);
    }

    @Override
    public RevisionList list(GroupVersionResource resource, String namespace, ListOptions options) {
        return of(resource, Attributes.ofCollection("list", resource, namespace, options.fieldSelector()))
                .list(resource, namespace, options);
    }

    @Override
    public Watch watch(GroupVersionResource resource, String namespace, ListOptions options, WatchListener listener) {
        return of(resource, Attributes.ofCollection("watch", resource, namespace, options.fieldSelector()))
                .watch(resource, namespace, options, listener);
    }

    @Override
    public Revision create(GroupVersionResource resource, String namespace, Unstructured object, WriteOptions options) {
        return of("create", resource, options.subresource(), namespace, "")
                .create(resource, namespace, object, options);
    }

    @Override
    public Revision update(GroupVersionResource resource, Unstructured object, WriteOptions options) {
        return of("update", resource, options.subresource(), object.namespace(), object.name())
                .update(resource, object, options);
    }

    @Override
    public Revision patch(
            GroupVersionResource resource, String namespace, String name, Patch patch, WriteOptions options) {
        return of("patch", resource, options.subresource(), namespace, name)
                .patch(resource, namespace, name, patch, options);
    }

    @Override
    public Revision delete(GroupVersionResource resource, String namespace, String name, DeleteOptions options) {
        return of("delete", resource, "", namespace, name).delete(resource, namespace, name, options);
    }

    @Override
    public Unstructured post(
            GroupVersionResource resource, String namespace, String name, String subresource, Unstructured body) {
        return of("create", resource, subresource, namespace, name).post(resource, namespace, name, subresource, body);
    }

    @Override
    public List<ApiResource> resources() {
        return discover().resources();
    }

    @Override
    public Discovered discover() {
        Discovered here = to.discover();
        Discovered there = aggregation.discover();
        if (there.resources().isEmpty() && there.failed().isEmpty()) {
            return here;
        }
        List<ApiResource> all = new ArrayList<>(here.resources());
        there.resources().stream().filter(r -> !own.test(r.resource())).forEach(all::add);
        Map<String, String> failed = new LinkedHashMap<>(here.failed());
        failed.putAll(there.failed());
        return new Discovered(List.copyOf(all), failed);
    }
}
