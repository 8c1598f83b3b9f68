package dev.coracle.apiserver;

import dev.coracle.apiserver.admission.AdmissionRequest;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.authorization.Attributes;
import dev.coracle.apiserver.authorization.Authorizer;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.apiserver.definition.SelectorRules;
import dev.coracle.apiserver.registry.Continuation;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.Scale;
import dev.coracle.apiserver.registry.WriteContext;
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
import dev.coracle.machinery.selector.FieldSelector;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The API as one user sees it, in process. The HTTPS front calls the same methods, so both authorize alike. */
final class LocalClient implements Client {
    private final Registry registry;
    private final Authorizer authorizer;
    private final UserInfo user;
    private final boolean admitted;
    private final Consumer<String> warnings;

    /**
     * @param admitted whether what is asked for has been authorized: at the HTTPS front that is before its body is read
     * @param warnings told what the user should know of a write that is allowed
     */
    LocalClient(Registry registry, Authorizer authorizer, UserInfo user, boolean admitted, Consumer<String> warnings) {
        this.registry = registry;
        this.authorizer = authorizer;
        this.user = user;
        this.admitted = admitted;
        this.warnings = warnings;
    }

    /** @throws StatusException 404 for what lies in no namespace but is asked for in one; 403 */
    private void authorize(String verb, GroupVersionResource r, String subresource, String namespace, String name) {
        authorize(r, new Attributes(verb, r.group(), r.resource(), subresource, namespace, name, ""));
    }

    private void authorize(GroupVersionResource r, Attributes a) {
        // Else who rules a namespace would rule, by its path, what belongs to the whole cluster.
        if (!a.namespace().isEmpty()
                && registry.definition(r).map(d -> !d.namespaced()).orElse(false)) {
            throw StatusException.notServed(r, a.name());
        }
        if (!admitted) {
            authorizer.require(user, a);
        }
    }

    @Override
    public Revision get(GroupVersionResource resource, String namespace, String name) {
        authorize("get", resource, "", namespace, name);
        return registry.get(resource, namespace, name);
    }

    private Predicate<Revision> filter(GroupVersionResource resource, ListOptions options) {
        try {
            LabelSelector labels = LabelSelector.parse(options.labelSelector());
            SelectorRules.check(labels);
            FieldSelector fields = FieldSelector.parse(
                    options.fieldSelector(),
                    registry.definition(resource)
                            .map(ResourceDefinition::selectable)
                            .orElse(Map.of()));
            return r -> (labels.isEmpty() || labels.matches(r.labels())) && fields.matches(r.object());
        } catch (IllegalArgumentException e) {
            throw StatusException.badRequest(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public RevisionList list(GroupVersionResource resource, String namespace, ListOptions options) {
        authorize(resource, Attributes.ofCollection("list", resource, namespace, options.fieldSelector()));
        Predicate<Revision> filter = filter(resource, options);
        ListVersions versions = ListVersions.of(options);
        registry.reached(versions.least());
        Registry.Page page =
                registry.list(resource, namespace, filter, options.limit(), versions.after(), versions.exactly());
        String more = page.more().isEmpty() ? "" : new Continuation(page.version(), page.more()).token();
        return new RevisionList(page.items(), "" + page.version(), more);
    }

    @Override
    public Watch watch(GroupVersionResource resource, String namespace, ListOptions options, WatchListener listener) {
        authorize(resource, Attributes.ofCollection("watch", resource, namespace, options.fieldSelector()));
        long from = ListVersions.number(options.resourceVersion());
        return registry.watch(resource, namespace, filter(resource, options), from == 0 ? -1 : from, listener);
    }

    @Override
    public Revision create(GroupVersionResource resource, String namespace, Unstructured object, WriteOptions options) {
        authorize("create", resource, "", namespace, "");
        return registry.create(resource, namespace, object, context(options, "CreateOptions"));
    }

    @Override
    public Revision update(GroupVersionResource resource, Unstructured object, WriteOptions options) {
        authorize("update", resource, options.subresource(), object.namespace(), object.name());
        WriteContext context = context(options, "UpdateOptions");
        if (options.subresource().equals("scale")) {
            return scaled(registry.scale(resource, object.namespace(), object.name(), context, old -> object));
        }
        return registry.update(resource, object.namespace(), object.name(), context, old -> object.copy());
    }

    /** Of the subresource {@code scale}, the answer is a Scale as the request was. */
    private static Revision scaled(Revision workload) {
        Unstructured scale = Scale.of(workload.object());
        return new Revision(workload.resource(), workload.version(), scale.json(), scale);
    }

    @Override
    public Revision patch(
            GroupVersionResource resource, String namespace, String name, Patch patch, WriteOptions options) {
        authorize("patch", resource, options.subresource(), namespace, name);
        boolean apply = patch.type() == Patch.Type.APPLY;
        if (apply && options.fieldManager().isEmpty()) {
            throw FieldManagers.missing();
        }
        if (!apply && options.force()) {
            throw FieldManagers.forceOfNone();
        }
        WriteContext context = context(options, "PatchOptions");
        if (options.subresource().equals("scale")) {
            return scaled(registry.scale(
                    resource, namespace, name, context, scale -> Patches.apply(scale, patch, Optional.empty())));
        }
        if (apply) {
            return registry.apply(
                    resource,
                    namespace,
                    name,
                    Patches.intent(patch),
                    options.force(),
                    context,
                    () -> authorizer.require(
                            user,
                            new Attributes("create", resource.group(), resource.resource(), "", namespace, name, "")));
        }
        return registry.update(
                resource,
                namespace,
                name,
                context,
                old -> Patches.apply(old, patch, registry.schemas().of(old.groupVersionKind())));
    }

    @Override
    public Revision delete(GroupVersionResource resource, String namespace, String name, DeleteOptions options) {
        authorize("delete", resource, "", namespace, name);
        var write = new WriteOptions("", WriteOptions.DEFAULT.fieldManager(), false, options.dryRun());
        return registry.delete(resource, namespace, name, options, context(write, "DeleteOptions"));
    }

    private WriteContext context(WriteOptions options, String kind) {
        String manager = FieldManagers.of(options.fieldManager(), user, kind);
        return new WriteContext(user, manager, options.subresource(), options.dryRun(), warnings);
    }

    @Override
    public Unstructured post(
            GroupVersionResource resource, String namespace, String name, String subresource, Unstructured body) {
        authorize("create", resource, subresource, namespace, name);
        registry.admission().admitSubresource(creating(resource, namespace, name, subresource, body, user));
        switch (resource.equals(Resources.PODS) ? subresource : "") {
            case "binding" -> registry.pods().bind(namespace, name, body);
            case "eviction" -> {
                DeleteOptions options = evictionOptions(body);
                var write = new WriteOptions("", WriteOptions.DEFAULT.fieldManager(), false, options.dryRun());
                registry.pods().evict(namespace, name, options, context(write, "CreateOptions"));
            }
            default -> throw StatusException.notServed(resource, name);
        }
        return Unstructured.parse(
                "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{}," + "\"status\":\"Success\",\"code\":201}");
    }

    static AdmissionRequest creating(
            GroupVersionResource resource,
            String namespace,
            String name,
            String subresource,
            Unstructured body,
            UserInfo user) {
        return new AdmissionRequest(
                AdmissionRequest.Operation.CREATE,
                resource,
                subresource,
                namespace,
                name,
                body,
                new Unstructured(Map.of()),
                user,
                false,
                w -> {});
    }

    private static DeleteOptions evictionOptions(Unstructured eviction) {
        return new DeleteOptions(
                eviction.integer(-1, "deleteOptions", "gracePeriodSeconds"),
                eviction.string("deleteOptions", "propagationPolicy"),
                eviction.string("deleteOptions", "preconditions", "uid"),
                eviction.string("deleteOptions", "preconditions", "resourceVersion"),
                eviction.stringList("deleteOptions", "dryRun").contains("All"));
    }
}
