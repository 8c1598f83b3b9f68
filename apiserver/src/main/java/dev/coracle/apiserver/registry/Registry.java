package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.definition.BuiltIns;
import dev.coracle.apiserver.definition.Defaults;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.apiserver.definition.Validation;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.store.Compare;
import dev.coracle.store.Op;
import dev.coracle.store.Store;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Create, read, update, delete and watch of every resource, over one store. No authorization: its callers do that. */
public final class Registry implements AutoCloseable {
    private static final Set<String> GENERATIONLESS = Set.of("ConfigMap", "Secret", "Event", "Lease", "Endpoints");

    private final Store store;
    private final Environment environment;
    private final Map<GroupVersionResource, ResourceDefinition> definitions = new LinkedHashMap<>();
    private final Map<GroupVersionResource, ResourceCache> caches = new LinkedHashMap<>();
    private final ServiceAllocator services;
    private final ReentrantLock serviceLock = new ReentrantLock();

    public Registry(Store store, Environment environment, String serviceCidr) {
        this.store = store;
        this.environment = environment;
        for (ResourceDefinition d : BuiltIns.all()) {
            definitions.put(d.resource(), d);
            caches.put(d.resource(), new ResourceCache(d, store));
        }
        this.services = new ServiceAllocator(
                serviceCidr,
                environment.entropy(),
                () -> cache(Resources.SERVICES).list("", r -> true, "").items());
    }

    public Optional<ResourceDefinition> definition(GroupVersionResource resource) {
        return Optional.ofNullable(definitions.get(resource));
    }

    public Iterable<ResourceDefinition> definitions() {
        return definitions.values();
    }

    private ResourceDefinition known(GroupVersionResource resource) {
        ResourceDefinition d = definitions.get(resource);
        if (d == null) {
            throw new StatusException(404, "NotFound", "the server could not find the requested resource");
        }
        return d;
    }

    private ResourceCache cache(GroupVersionResource resource) {
        known(resource);
        return Objects.requireNonNull(caches.get(resource));
    }

    // ---- reading

    public Optional<Revision> find(GroupVersionResource resource, String namespace, String name) {
        return cache(resource).get(namespace, name);
    }

    public Revision get(GroupVersionResource resource, String namespace, String name) {
        return find(resource, namespace, name).orElseThrow(() -> StatusException.notFound(resource, name));
    }

    /** A page of objects, the store key of the last one if there are more, and the version it shows. */
    public record Page(List<Revision> items, String more, long version) {}

    public Page list(
            GroupVersionResource resource, String namespace, Predicate<Revision> filter, int limit, String after) {
        ResourceCache cache = cache(resource);
        ResourceCache.Snapshot all = cache.list(namespace, filter, after);
        long version = Math.max(all.version(), 1);
        if (limit == 0 || all.items().size() <= limit) {
            return new Page(all.items(), "", version);
        }
        Revision last = all.items().get(limit - 1);
        return new Page(all.items().subList(0, limit), cache.key(last.namespace(), last.name()), version);
    }

    public Client.Watch watch(
            GroupVersionResource resource,
            String namespace,
            Predicate<Revision> filter,
            long from,
            Client.WatchListener listener) {
        return cache(resource).watch(namespace, filter, from, listener);
    }

    /** The newest version of the resource's collection. */
    public long version(GroupVersionResource resource) {
        return cache(resource).version();
    }

    // ---- writing

    public Revision create(GroupVersionResource resource, String namespace, Unstructured given, boolean dryRun) {
        ResourceDefinition d = known(resource);
        Unstructured o = given.copy();
        checkKind(d, o);
        if (!o.resourceVersion().isEmpty()) {
            throw StatusException.badRequest("resourceVersion should not be set on objects to be created");
        }
        if (o.name().isEmpty() && !o.string("metadata", "generateName").isEmpty()) {
            o.set(o.string("metadata", "generateName") + environment.entropy().suffix(5), "metadata", "name");
        }
        place(d, o, namespace);
        o.set(environment.entropy().uuid().toString(), "metadata", "uid");
        o.set(environment.clock().now(), "metadata", "creationTimestamp");
        o.remove("metadata", "deletionTimestamp").remove("metadata", "managedFields");
        if (!GENERATIONLESS.contains(d.kind().kind()) && o.has("spec")) {
            o.set(1L, "metadata", "generation");
        }
        if (d.hasStatus() && !d.plural().equals("nodes") && !d.plural().equals("persistentvolumes")) {
            o.remove("status");
        }
        admit(d, o);
        Defaults.apply(o);
        if (d.plural().equals("pods")) {
            o.set("Pending", "status", "phase").set(QosClass.of(o), "status", "qosClass");
        }
        Validation.check(d, o, null);
        return allocating(d, o, () -> {
            if (dryRun) {
                return new Revision(resource, 0, o.json(), o);
            }
            String key = cache(resource).key(o.namespace(), o.name());
            var result = store.txn(List.of(Compare.absent(key)), List.of(Op.put(key, o.json())), List.of());
            if (!result.succeeded()) {
                throw StatusException.alreadyExists(resource, o.name());
            }
            return written(resource, o, result.revision());
        });
    }

    private Revision allocating(ResourceDefinition d, Unstructured o, java.util.function.Supplier<Revision> write) {
        if (!d.plural().equals("services")) {
            return write.get();
        }
        serviceLock.lock();
        try {
            services.allocate(o);
            return write.get();
        } finally {
            serviceLock.unlock();
        }
    }

    private Revision written(GroupVersionResource resource, Unstructured o, long version) {
        // The cache has it: it was told before the write returned.
        return find(resource, o.namespace(), o.name())
                .filter(r -> r.version() == version)
                .orElseGet(() -> {
                    o.set(String.valueOf(version), "metadata", "resourceVersion");
                    return new Revision(resource, version, o.json(), o);
                });
    }

    private void checkKind(ResourceDefinition d, Unstructured o) {
        if (!o.groupVersionKind().equals(d.kind())) {
            throw StatusException.badRequest("the API version in the data (" + o.apiVersion() + ", Kind=" + o.kind()
                    + ") does not match the expected API version (" + d.kind().apiVersion() + ", Kind="
                    + d.kind().kind() + ")");
        }
    }

    private void place(ResourceDefinition d, Unstructured o, String namespace) {
        if (!d.namespaced()) {
            o.remove("metadata", "namespace");
            return;
        }
        if (!o.namespace().isEmpty() && !o.namespace().equals(namespace)) {
            throw StatusException.badRequest(
                    "the namespace of the provided object does not match the namespace sent on " + "the request");
        }
        o.set(namespace, "metadata", "namespace");
        Revision ns = find(Resources.NAMESPACES, "", namespace)
                .orElseThrow(() -> StatusException.notFound(Resources.NAMESPACES, namespace));
        if (ns.isDeleting()) {
            throw StatusException.forbidden(
                    d.resource(),
                    o.name(),
                    "unable to create new content in namespace " + namespace + " because it is being terminated");
        }
    }

    /** The admission that FlowForge's kinds need: default service account, default storage class. */
    private void admit(ResourceDefinition d, Unstructured o) {
        switch (d.plural()) {
            case "pods" -> {
                if (!o.has("spec", "serviceAccountName")) {
                    o.set("default", "spec", "serviceAccountName");
                }
                for (String taint : List.of("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")) {
                    if (o.objects("spec", "tolerations").stream()
                            .noneMatch(t -> t.string("key").equals(taint)
                                    || t.string("key").isEmpty())) {
                        o.add(
                                Unstructured.parse(
                                        "{\"key\":\"" + taint
                                                + "\",\"operator\":\"Exists\",\"effect\":\"NoExecute\",\"tolerationSeconds\":300}"),
                                "spec",
                                "tolerations");
                    }
                }
            }
            case "persistentvolumeclaims" -> {
                if (!o.has("spec", "storageClassName")) {
                    list(Resources.STORAGE_CLASSES, "", r -> true, 0, "").items().stream()
                            .filter(r -> "true"
                                    .equals(r.object()
                                            .annotations()
                                            .get("storageclass.kubernetes.io/is-default-class")))
                            .findFirst()
                            .ifPresent(r -> o.set(r.name(), "spec", "storageClassName"));
                }
            }
            default -> {}
        }
    }

    /**
     * Replaces an object by what {@code change} makes of a copy of it.
     *
     * @param subresource {@code ""} or {@code status}; what lies outside of it stays as it is
     */
    public Revision update(
            GroupVersionResource resource,
            String namespace,
            String name,
            String subresource,
            boolean dryRun,
            UnaryOperator<Unstructured> change) {
        ResourceDefinition d = known(resource);
        while (true) {
            Revision current = get(resource, namespace, name);
            Unstructured next = change.apply(current.object().copy());
            checkKind(d, next);
            if (!next.name().equals(name)) {
                throw StatusException.badRequest("the name of the object (" + next.name()
                        + ") does not match the name on the URL (" + name + ")");
            }
            String version = next.resourceVersion();
            if (!version.isEmpty() && !version.equals("" + current.version())) {
                throw StatusException.modified(resource, name);
            }
            prepare(d, next, current.object(), subresource);
            if (same(next, current.object()) || dryRun) {
                return dryRun ? new Revision(resource, current.version(), next.json(), next) : current;
            }
            Optional<Revision> done = write(d, next, current);
            if (done.isPresent()) {
                return done.get();
            }
            if (!version.isEmpty() && subresourceWasReplaced(change, current)) {
                throw StatusException.modified(resource, name);
            }
        }
    }

    /** A change that insists on the version it was made from cannot be tried again. */
    private static boolean subresourceWasReplaced(UnaryOperator<Unstructured> change, Revision current) {
        Unstructured probe = current.object().copy();
        probe.set("0", "metadata", "resourceVersion");
        return !change.apply(probe).resourceVersion().equals("0");
    }

    private static boolean same(Unstructured a, Unstructured b) {
        Unstructured x = a.copy();
        x.set(b.resourceVersion(), "metadata", "resourceVersion");
        return x.equals(b);
    }

    private void prepare(ResourceDefinition d, Unstructured next, Unstructured old, String subresource) {
        for (String fixed : List.of(
                "uid",
                "creationTimestamp",
                "namespace",
                "deletionTimestamp",
                "deletionGracePeriodSeconds",
                "generation")) {
            next.set(old.get("metadata", fixed), "metadata", fixed);
        }
        next.remove("metadata", "managedFields");
        if (subresource.equals("status")) {
            Object status = Json.copyOrNull(next.get("status"));
            Object metadata = next.get("metadata");
            next.map().clear();
            next.map().putAll(Json.copy(old.map()));
            next.set(status, "status");
            if (metadata instanceof Map<?, ?> m && d.plural().equals("nodes")) {
                next.set(m.get("annotations"), "metadata", "annotations");
            }
            return;
        }
        if (d.hasStatus()) {
            next.set(old.get("status"), "status");
        }
        Defaults.apply(next);
        if (d.plural().equals("services")) {
            for (String kept : List.of("clusterIP", "clusterIPs")) {
                if (!next.has("spec", kept) && !next.string("spec", "type").equals("ExternalName")) {
                    next.set(old.get("spec", kept), "spec", kept);
                }
            }
        }
        Validation.check(d, next, old);
        if (old.has("metadata", "generation") && !Objects.equals(next.get("spec"), old.get("spec"))) {
            next.set(old.generation() + 1, "metadata", "generation");
        }
    }

    /** Empty when another write came between. An object that waited for its last finalizer goes. */
    private Optional<Revision> write(ResourceDefinition d, Unstructured next, Revision current) {
        String key = cache(d.resource()).key(current.namespace(), current.name());
        if (next.isDeleting() && next.finalizers().isEmpty() && finished(d, next)) {
            return remove(d, current) ? Optional.of(current) : Optional.empty();
        }
        next.remove("metadata", "resourceVersion");
        if (d.plural().equals("services")) {
            serviceLock.lock();
            try {
                services.allocate(next);
                return put(d, key, next, current);
            } finally {
                serviceLock.unlock();
            }
        }
        return put(d, key, next, current);
    }

    private Optional<Revision> put(ResourceDefinition d, String key, Unstructured next, Revision current) {
        var result = store.txn(
                List.of(Compare.unchanged(key, current.version())), List.of(Op.put(key, next.json())), List.of());
        return result.succeeded() ? Optional.of(written(d.resource(), next, result.revision())) : Optional.empty();
    }

    private static boolean finished(ResourceDefinition d, Unstructured o) {
        return switch (d.plural()) {
            case "pods" -> o.integer(0, "metadata", "deletionGracePeriodSeconds") == 0;
            case "namespaces" -> o.stringList("spec", "finalizers").isEmpty();
            default -> true;
        };
    }

    private boolean remove(ResourceDefinition d, Revision current) {
        String key = cache(d.resource()).key(current.namespace(), current.name());
        return store.txn(List.of(Compare.unchanged(key, current.version())), List.of(Op.delete(key)), List.of())
                .succeeded();
    }

    /** Deletes, or marks as being deleted while a grace period or finalizers run. */
    public Revision delete(GroupVersionResource resource, String namespace, String name, DeleteOptions options) {
        ResourceDefinition d = known(resource);
        while (true) {
            Revision current = get(resource, namespace, name);
            if (!options.uid().isEmpty() && !options.uid().equals(current.uid())) {
                throw StatusException.conflict(
                        resource,
                        name,
                        "Precondition failed: UID in precondition: " + options.uid() + ", UID in object meta: "
                                + current.uid());
            }
            if (!options.resourceVersion().isEmpty()
                    && !options.resourceVersion().equals("" + current.version())) {
                throw StatusException.conflict(
                        resource,
                        name,
                        "Precondition failed: ResourceVersion in precondition: " + options.resourceVersion()
                                + ", ResourceVersion in object meta: " + current.version());
            }
            Unstructured next = deleting(d, current.object(), options);
            boolean done = next.finalizers().isEmpty() && finished(d, next);
            if (done) {
                if (remove(d, current)) {
                    return current;
                }
            } else if (same(next, current.object())) {
                return current;
            } else {
                next.remove("metadata", "resourceVersion");
                Optional<Revision> marked = put(d, cache(resource).key(namespace, name), next, current);
                if (marked.isPresent()) {
                    return marked.get();
                }
            }
        }
    }

    private Unstructured deleting(ResourceDefinition d, Unstructured old, DeleteOptions options) {
        Unstructured next = old.copy();
        long grace = 0;
        if (d.plural().equals("pods") && !old.string("spec", "nodeName").isEmpty()) {
            boolean ended = Set.of("Succeeded", "Failed").contains(old.string("status", "phase"));
            grace = options.gracePeriodSeconds() >= 0
                    ? options.gracePeriodSeconds()
                    : ended ? 0 : old.integer(30, "spec", "terminationGracePeriodSeconds");
        }
        if (!old.isDeleting() || grace < old.integer(0, "metadata", "deletionGracePeriodSeconds")) {
            next.set(Timestamps.format(environment.clock().now().plusSeconds(grace)), "metadata", "deletionTimestamp");
            next.set(grace, "metadata", "deletionGracePeriodSeconds");
        }
        String finalizer = switch (options.propagation()) {
            case "Foreground" -> "foregroundDeletion";
            case "Orphan" -> "orphan";
            default -> "";
        };
        if (!finalizer.isEmpty() && !old.isDeleting() && !old.finalizers().contains(finalizer)) {
            next.add(finalizer, "metadata", "finalizers");
        }
        if (d.plural().equals("namespaces")) {
            next.set("Terminating", "status", "phase");
        }
        return next;
    }

    /** Creates what every cluster has, unless it is there. */
    public void ensure(GroupVersionResource resource, String namespace, Unstructured object) {
        if (find(resource, namespace, object.name()).isEmpty()) {
            create(resource, namespace, object, false);
        }
    }

    @Override
    public void close() {
        caches.values().forEach(ResourceCache::stop);
    }

    static @Nullable String mergeKey(String path) {
        return MergeKeys.of(path);
    }

    /** Strategic merge with the built-in kinds' merge keys. */
    public static Map<String, Object> strategic(Map<String, Object> target, Map<String, Object> patch) {
        return new dev.coracle.machinery.patch.StrategicMergePatch(Registry::mergeKey).apply(target, patch);
    }
}
