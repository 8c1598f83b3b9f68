package dev.coracle.apiserver;

import dev.coracle.apiserver.admission.AdmissionRequest;
import dev.coracle.apiserver.admission.Write;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.authorization.Attributes;
import dev.coracle.apiserver.authorization.Authorizer;
import dev.coracle.apiserver.definition.Conversion;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.apiserver.definition.Rule;
import dev.coracle.apiserver.definition.SelectorRules;
import dev.coracle.apiserver.registry.Continuation;
import dev.coracle.apiserver.registry.Pinned;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.Scale;
import dev.coracle.apiserver.registry.WriteContext;
import dev.coracle.client.ApiResource;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.RevisionList;
import dev.coracle.client.WatchEvent;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.FieldSelector;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** The API as one user sees it, in process. The HTTPS front calls the same methods, so both authorize alike. */
final class LocalClient implements Client {
    private static final Set<String> ALL_VERBS =
            Set.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");

    private static final GroupVersionKind BINDING = new GroupVersionKind("", "v1", "Binding");
    private static final GroupVersionKind EVICTION = new GroupVersionKind("policy", "v1", "Eviction");

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
        ResourceDefinition d = known(resource);
        registry.fresh(d.storage());
        return served(d, registry.get(d.storage(), namespace, name));
    }

    @Override
    public Unstructured scale(GroupVersionResource resource, String namespace, String name) {
        authorize("get", resource, "scale", namespace, name);
        ResourceDefinition d = known(resource);
        if (!d.subresources().contains("scale")) {
            throw StatusException.notServed(resource, name);
        }
        registry.fresh(d.storage());
        return Scale.of(d, served(d, registry.get(d.storage(), namespace, name)).object());
    }

    /** Nothing of that is stored. */
    @Override
    public Unstructured read(
            GroupVersionResource resource,
            String namespace,
            String name,
            String subresource,
            Map<String, String> parameters) {
        throw StatusException.notServed(resource, name);
    }

    private ResourceDefinition known(GroupVersionResource resource) {
        return registry.definition(resource)
                .orElseThrow(
                        () -> new StatusException(404, "NotFound", "the server could not find the requested resource"));
    }

    /** In the version asked for. */
    private static Revision served(ResourceDefinition d, Revision stored) {
        return d.conversion().isPresent()
                ? stored.as(d.resource(), d.conversion().get().fromStorage())
                : stored;
    }

    private static Unstructured stored(ResourceDefinition d, Unstructured object) {
        return d.conversion().isPresent() ? d.conversion().get().toStorage().apply(object) : object;
    }

    /** What {@code change} makes of the object in the version asked for, in the one that is stored. */
    private static UnaryOperator<Unstructured> stored(ResourceDefinition d, UnaryOperator<Unstructured> change) {
        return d.conversion()
                .<UnaryOperator<Unstructured>>map(c -> old -> c.toStorage()
                        .apply(typed(d, change.apply(c.fromStorage().apply(old)))))
                .orElse(change);
    }

    /** @throws StatusException 400 for an object of another kind or version than the request is for */
    private static Unstructured typed(ResourceDefinition d, Unstructured object) {
        if (!object.groupVersionKind().equals(d.kind())) {
            throw Registry.otherKind(d, object);
        }
        return object;
    }

    @Override
    public List<ApiResource> resources() {
        Map<GroupVersionResource, ApiResource> found = new LinkedHashMap<>();
        for (ResourceDefinition d : registry.definitions()) {
            // Controllers see the objects as they are stored, where clients see that version at all.
            var resource = new ApiResource(d.resource(), d.kind().kind(), d.namespaced(), ALL_VERBS);
            if (d.conversion().isEmpty()) {
                found.put(d.storage(), resource);
            } else {
                found.putIfAbsent(d.storage(), resource);
            }
        }
        return List.copyOf(found.values());
    }

    private Predicate<Revision> filter(ResourceDefinition d, ListOptions options) {
        try {
            LabelSelector labels = LabelSelector.parse(options.labelSelector());
            SelectorRules.check(labels);
            FieldSelector fields = d.schema().isPresent()
                    ? FieldSelector.parse(options.fieldSelector(), d.selectable(), FieldSelector.UNSUPPORTED)
                    : FieldSelector.parse(options.fieldSelector(), d.selectable());
            boolean anyField = options.fieldSelector().isEmpty();
            String name = fields.name();
            Predicate<Revision> filter = r -> (name.isEmpty() || name.equals(r.name()))
                    && (labels.isEmpty() || labels.matches(r.labels()))
                    && (anyField || fields.matches(served(d, r).object()));
            if (!name.isEmpty()) {
                return Pinned.named(name, filter);
            }
            // Another version may have other fields than what is stored.
            return d.conversion().isEmpty()
                    ? fields.pin()
                            .map(p -> (Predicate<Revision>)
                                    new Pinned(p.field(), r -> p.read().apply(r.object()), p.value(), filter))
                            .orElse(filter)
                    : filter;
        } catch (IllegalArgumentException e) {
            throw StatusException.badRequest(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public RevisionList list(GroupVersionResource resource, String namespace, ListOptions options) {
        authorize(resource, Attributes.ofCollection("list", resource, namespace, options.fieldSelector()));
        ResourceDefinition d = known(resource);
        Predicate<Revision> filter = filter(d, options);
        ListVersions versions = ListVersions.of(options);
        if (options.resourceVersion().isEmpty()) {
            registry.fresh(d.storage());
        } else {
            registry.reached(d.storage(), versions.least());
        }
        Registry.Page page =
                registry.list(d.storage(), namespace, filter, options.limit(), versions.after(), versions.exactly());
        List<Revision> items = d.conversion().isEmpty()
                ? page.items()
                : page.items().stream().map(r -> served(d, r)).toList();
        String more = page.more().isEmpty() ? "" : new Continuation(page.version(), page.more()).token();
        boolean whole =
                options.labelSelector().isEmpty() && options.fieldSelector().isEmpty();
        return new RevisionList(items, "" + page.version(), more, whole ? page.remaining() : 0);
    }

    @Override
    public Watch watch(GroupVersionResource resource, String namespace, ListOptions options, WatchListener listener) {
        authorize(resource, Attributes.ofCollection("watch", resource, namespace, options.fieldSelector()));
        long from = ListVersions.number(options.resourceVersion());
        ResourceDefinition d = known(resource);
        if (options.resourceVersion().isEmpty()) {
            registry.fresh(d.storage());
        }
        return registry.watch(d.storage(), namespace, filter(d, options), from == 0 ? -1 : from, served(d, listener));
    }

    private static WatchListener served(ResourceDefinition d, WatchListener listener) {
        if (d.conversion().isEmpty()) {
            return listener;
        }
        return new WatchListener() {
            @Override
            public void onEvent(WatchEvent event) {
                listener.onEvent(new WatchEvent(event.type(), served(d, event.revision())));
            }

            @Override
            public void onClosed(StatusException cause) {
                listener.onClosed(cause);
            }
        };
    }

    @Override
    public Revision create(GroupVersionResource resource, String namespace, Unstructured object, WriteOptions options) {
        authorize("create", resource, "", namespace, "");
        ResourceDefinition d = known(resource);
        Unstructured given = d.conversion().isEmpty() ? object : stored(d, typed(d, object.copy()));
        return served(d, registry.create(d.storage(), namespace, given, context(d, options, "CreateOptions")));
    }

    @Override
    public Revision update(GroupVersionResource resource, Unstructured object, WriteOptions options) {
        authorize("update", resource, options.subresource(), object.namespace(), object.name());
        ResourceDefinition d = known(resource);
        WriteContext context = context(d, options, "UpdateOptions");
        if (options.subresource().equals("scale")) {
            return scaled(d, registry.scale(d.storage(), object.namespace(), object.name(), context, old -> object));
        }
        return served(
                d,
                registry.update(
                        d.storage(), object.namespace(), object.name(), context, stored(d, old -> object.copy())));
    }

    /** Of the subresource {@code scale}, the answer is a Scale as the request was. */
    private static Revision scaled(ResourceDefinition d, Revision workload) {
        Unstructured scale = Scale.of(d, workload.object());
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
        ResourceDefinition d = known(resource);
        WriteContext context = context(d, options, "PatchOptions");
        if (options.subresource().equals("scale")) {
            return scaled(
                    d,
                    registry.scale(
                            d.storage(),
                            namespace,
                            name,
                            context,
                            scale -> Patches.apply(scale, patch, Optional.empty())));
        }
        if (apply) {
            Unstructured intent = Patches.intent(patch);
            return served(
                    d,
                    registry.apply(
                            d.storage(),
                            namespace,
                            name,
                            d.conversion().isEmpty() ? intent : stored(d, typed(d, intent)),
                            options.force(),
                            context,
                            () -> authorizer.require(
                                    user,
                                    new Attributes(
                                            "create",
                                            resource.group(),
                                            resource.resource(),
                                            "",
                                            namespace,
                                            name,
                                            ""))));
        }
        return served(
                d,
                registry.update(
                        d.storage(),
                        namespace,
                        name,
                        context,
                        stored(
                                d,
                                old -> Patches.apply(
                                        old, patch, registry.schemas().of(old.groupVersionKind())))));
    }

    @Override
    public Revision delete(GroupVersionResource resource, String namespace, String name, DeleteOptions options) {
        authorize("delete", resource, "", namespace, name);
        var write = new WriteOptions("", WriteOptions.DEFAULT.fieldManager(), false, options.dryRun());
        ResourceDefinition d = known(resource);
        return served(d, registry.delete(d.storage(), namespace, name, options, context(d, write, "DeleteOptions")));
    }

    private WriteContext context(ResourceDefinition d, WriteOptions options, String kind) {
        String manager = FieldManagers.of(options.fieldManager(), user, kind);
        Rule rule = d.conversion().map(Conversion::rule).orElse(Rule.NONE);
        return new WriteContext(
                user, manager, options.subresource(), options.dryRun(), warnings, Optional.of(d.resource()), rule);
    }

    @Override
    public Unstructured post(
            GroupVersionResource resource, String namespace, String name, String subresource, Unstructured body) {
        authorize("create", resource, subresource, namespace, name);
        boolean eviction = subresource.equals("eviction");
        if (!resource.equals(Resources.PODS) || !eviction && !subresource.equals("binding")) {
            throw StatusException.notServed(resource, name);
        }
        boolean dryRun = eviction && evictionOptions(body).dryRun();
        var request = AdmissionRequest.creating(
                eviction ? EVICTION : BINDING, resource, subresource, namespace, name, body, user, dryRun, warnings);
        registry.admission().around(request, Write.of(() -> {
            if (eviction) {
                var write = new WriteOptions("", WriteOptions.DEFAULT.fieldManager(), false, dryRun);
                registry.pods()
                        .evict(
                                namespace,
                                name,
                                evictionOptions(body),
                                context(known(resource), write, "CreateOptions"));
            } else {
                registry.pods().bind(namespace, name, body);
            }
            return true;
        }));
        return Unstructured.parse(
                "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{}," + "\"status\":\"Success\",\"code\":201}");
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
