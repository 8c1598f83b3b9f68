package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.admission.AdmissionChain;
import dev.coracle.apiserver.admission.Kinds;
import dev.coracle.apiserver.builtin.BuiltIns;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.apiserver.encryption.Encryption;
import dev.coracle.apiserver.encryption.EncryptionConfiguration;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.patch.apply.Structure;
import dev.coracle.machinery.schema.Schema;
import dev.coracle.machinery.schema.Schemas;
import dev.coracle.store.Store;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Create, read, update, delete and watch of every resource, over one store. No authorization: its callers do that.
 *
 * @see Writer for the way of a write
 */
public final class Registry implements AutoCloseable {
    /**
     * What is served now. Definitions come and go while requests run, so nobody changes one that others may see.
     *
     * @param definitions what clients see
     * @param kinds the same by kind
     * @param stored what is written; one of them may be served in other versions alone
     */
    private record Served(
            Map<GroupVersionResource, ResourceDefinition> definitions,
            Map<GroupVersionKind, ResourceDefinition> kinds,
            Map<GroupVersionResource, ResourceDefinition> stored,
            Map<GroupVersionResource, ResourceCache> caches) {
        Served copy() {
            return new Served(
                    new LinkedHashMap<>(definitions),
                    new LinkedHashMap<>(kinds),
                    new LinkedHashMap<>(stored),
                    new LinkedHashMap<>(caches));
        }

        void serve(ResourceDefinition d) {
            definitions.put(d.resource(), d);
            kinds.put(d.kind(), d);
        }

        Optional<ResourceCache> forget(GroupVersionResource resource) {
            ResourceDefinition d = definitions.remove(resource);
            if (d != null) {
                kinds.remove(d.kind());
            }
            stored.remove(resource);
            return Optional.ofNullable(caches.remove(resource));
        }
    }

    private volatile Served served = new Served(Map.of(), Map.of(), Map.of(), Map.of());
    private final Store store;
    private final Encryption encryption;
    private final Schemas schemas = Schemas.builtIn();
    private final Commits commits;
    private final Writer writer;
    private final PodActions pods;
    private final AdmissionChain admission;
    private final String serviceCidr;
    private final ClusterIps addresses;

    /** Stores everything as it is. */
    public Registry(Store store, Environment environment, String serviceCidr, boolean accounts) {
        this(store, environment, serviceCidr, accounts, new Encryption(EncryptionConfiguration.NONE, environment));
    }

    /** @param accounts whether pods are held to the service accounts there are; needs their controller */
    public Registry(Store store, Environment environment, String serviceCidr, boolean accounts, Encryption encryption) {
        this.store = store;
        this.encryption = encryption;
        this.serviceCidr = serviceCidr;
        Served all = served.copy();
        for (ResourceDefinition d : BuiltIns.all()) {
            all.serve(d);
            if (d.conversion().isEmpty()) {
                all.stored().put(d.resource(), d);
                all.caches().put(d.resource(), stored(d));
            }
        }
        this.served = all;
        this.addresses = new ClusterIps(this, environment);
        var services = new ServiceAllocator(
                addresses,
                environment.entropy(),
                () -> cache(Resources.SERVICES).list("", r -> true, "").items());
        var stored = new dev.coracle.apiserver.admission.Objects() {
            @Override
            public List<Revision> list(GroupVersionResource resource, String namespace) {
                return cache(resource).list(namespace, r -> true, "").items();
            }

            @Override
            public Optional<Revision> get(GroupVersionResource resource, String namespace, String name) {
                return find(resource, namespace, name);
            }

            @Override
            public long version(GroupVersionResource resource) {
                return Registry.this.version(resource);
            }
        };
        var kinds = new Kinds() {
            @Override
            public Collection<ResourceDefinition> definitions() {
                return Registry.this.definitions();
            }

            @Override
            public Optional<ResourceDefinition> definition(GroupVersionResource resource) {
                return Registry.this.definition(resource);
            }

            @Override
            public Optional<ResourceDefinition> definition(GroupVersionKind kind) {
                return Registry.this.definition(kind);
            }

            @Override
            public Optional<Schema> schema(GroupVersionKind kind) {
                return schemas.of(kind);
            }

            @Override
            public Structure structure(GroupVersionKind kind) {
                return Registry.this
                        .definition(kind)
                        .map(d -> FieldOwnership.structure(d, schemas))
                        .orElse(FieldOwnership.UNKNOWN);
            }
        };
        this.commits = new Commits(this, store, services, environment.clock());
        this.pods = new PodActions(this, environment.clock());
        this.admission = accounts
                ? AdmissionChain.standard(stored, kinds, environment)
                : AdmissionChain.withoutAccounts(stored, kinds, environment);
        this.writer = new Writer(this, commits, environment, admission);
    }

    private ResourceCache stored(ResourceDefinition d) {
        return new ResourceCache(d, store, encryption.of(d.resource()));
    }

    public Optional<ResourceDefinition> definition(GroupVersionResource resource) {
        return Optional.ofNullable(served.definitions().get(resource));
    }

    public Optional<ResourceDefinition> definition(GroupVersionKind kind) {
        return Optional.ofNullable(served.kinds().get(kind));
    }

    /** What is served at this moment. */
    public Collection<ResourceDefinition> definitions() {
        return served.definitions().values();
    }

    /**
     * Serves a kind that came, or one that changed instead of what was served of it: who watches it is told that it is
     * over, and may watch it anew. What is stored is read before anybody can ask for it.
     *
     * @param before what was served of it
     * @param stored the version that is written
     * @param served the versions that clients see, {@code stored} among them if it is one
     */
    public void replace(
            Collection<GroupVersionResource> before, ResourceDefinition stored, Collection<ResourceDefinition> served) {
        ResourceCache fresh = stored(stored);
        List<ResourceCache> ended = new ArrayList<>();
        synchronized (this) {
            Served next = this.served.copy();
            for (GroupVersionResource r : before) {
                next.forget(r).ifPresent(ended::add);
            }
            next.stored().put(stored.resource(), stored);
            next.caches().put(stored.resource(), fresh);
            served.forEach(next::serve);
            this.served = next;
        }
        ended.forEach(ResourceCache::withdraw);
    }

    /** Serves these no longer: who watches them is told that it is over. */
    public void withdraw(Collection<GroupVersionResource> resources) {
        List<ResourceCache> ended = new ArrayList<>();
        synchronized (this) {
            Served next = served.copy();
            for (GroupVersionResource r : resources) {
                next.forget(r).ifPresent(ended::add);
            }
            served = next;
        }
        ended.forEach(ResourceCache::withdraw);
    }

    /** One that is stored, not one that is converted. */
    ResourceDefinition known(GroupVersionResource resource) {
        ResourceDefinition d = served.stored().get(resource);
        if (d == null) {
            throw StatusException.notServed(resource, "");
        }
        return d;
    }

    private ResourceCache cache(GroupVersionResource resource) {
        ResourceCache cache = served.caches().get(resource);
        if (cache == null) {
            throw StatusException.notServed(resource, "");
        }
        return cache;
    }

    /** 400 for an object of another kind or version than the request is for. */
    public static StatusException otherKind(ResourceDefinition d, Unstructured o) {
        return StatusException.badRequest("the API version in the data (" + o.apiVersion() + ", Kind=" + o.kind()
                + ") does not match the expected API version (" + d.kind().apiVersion() + ", Kind="
                + d.kind().kind() + ")");
    }

    // ---- reading

    public Optional<Revision> find(GroupVersionResource resource, String namespace, String name) {
        return cache(resource).get(namespace, name);
    }

    public Revision get(GroupVersionResource resource, String namespace, String name) {
        return find(resource, namespace, name).orElseThrow(() -> StatusException.notFound(resource, name));
    }

    /** A page of objects, the last one if there are more (see {@link Continuation}) and how many, and the version it shows. */
    public record Page(List<Revision> items, String more, long remaining, long version) {}

    public Page list(
            GroupVersionResource resource, String namespace, Predicate<Revision> filter, int limit, String after) {
        return list(resource, namespace, filter, limit, after, 0);
    }

    /**
     * @param limit at most so many; 0 for all
     * @param after where the page before ended; {@code ""} for the first
     * @param revision shows the collection as it was then; 0 for now
     * @throws StatusException 410 when {@code revision} is forgotten, 504 when it is still to come
     */
    public Page list(
            GroupVersionResource resource,
            String namespace,
            Predicate<Revision> filter,
            int limit,
            String after,
            long revision) {
        reached(resource, revision);
        ResourceCache cache = cache(resource);
        ResourceCache.Snapshot all =
                revision == 0 ? cache.list(namespace, filter, after) : cache.listAt(revision, namespace, filter, after);
        long version = Math.max(all.version(), 1);
        if (limit == 0 || all.items().size() <= limit) {
            return new Page(all.items(), "", 0, version);
        }
        Revision last = all.items().get(limit - 1);
        return new Page(
                all.items().subList(0, limit),
                cache.relative(namespace, last),
                all.items().size() - limit,
                version);
    }

    /**
     * Returns when what is read of a resource is at least of this revision.
     *
     * @throws StatusException 504 when that is still to come
     */
    public void reached(GroupVersionResource resource, long revision) {
        long current = store.revision();
        if (revision > current) {
            Unstructured details = new Unstructured(new LinkedHashMap<>());
            details.add(
                    new Unstructured(new LinkedHashMap<>())
                            .set("ResourceVersionTooLarge", "reason")
                            .set("Too large resource version", "message"),
                    "causes");
            throw new StatusException(
                    504,
                    "Timeout",
                    "Timeout: Too large resource version: " + revision + ", current: " + current,
                    details.set(1, "retryAfterSeconds"));
        }
        cache(resource).await(revision);
    }

    /**
     * Returns when what is read of a resource is at least what could be read of any at this moment, so that nobody goes
     * back who reads first of one and then of another.
     */
    public void fresh(GroupVersionResource resource) {
        cache(resource).await(store.revision());
    }

    /** Why nothing can be written any more; empty while all is well. */
    /** Whether only deletions are done, for want of room. */
    public boolean full() {
        return store.full();
    }

    public Optional<Throwable> failure() {
        return store.failure();
    }

    public Client.Watch watch(
            GroupVersionResource resource,
            String namespace,
            Predicate<Revision> filter,
            long from,
            Client.WatchListener listener) {
        return cache(resource).watch(namespace, filter, from, listener);
    }

    /** The resource's objects, to whoever writes one. */
    ResourceCache objects(ResourceDefinition d) {
        return cache(d.resource());
    }

    /** Returns when what was written in this revision is read by everybody, and who watches it has been told. */
    void await(GroupVersionResource resource, long revision) {
        cache(resource).await(revision);
    }

    /** The newest version of the resource's collection. */
    public long version(GroupVersionResource resource) {
        return cache(resource).version();
    }

    // ---- writing

    /** @throws StatusException 409 AlreadyExists, 422 Invalid, 403 Forbidden by admission… */
    public Revision create(GroupVersionResource resource, String namespace, Unstructured given, WriteContext context) {
        return writer.create(resource, namespace, given, context);
    }

    /**
     * Replaces an object by what {@code change} makes of a copy of it. Where the result carries a resourceVersion it is
     * a precondition. When another write comes between, {@code change} is asked again, with what that one left: a
     * change that insists on a version then fails, any other is made on top.
     *
     * @throws StatusException 404; 409 Conflict; 422 Invalid…
     */
    public Revision update(
            GroupVersionResource resource,
            String namespace,
            String name,
            WriteContext context,
            UnaryOperator<Unstructured> change) {
        return writer.update(resource, namespace, name, context, change);
    }

    /** Scales a workload to what {@code change} makes of its {@link Scale}. */
    public Revision scale(
            GroupVersionResource resource,
            String namespace,
            String name,
            WriteContext context,
            UnaryOperator<Unstructured> change) {
        ResourceDefinition d = known(resource);
        return update(
                resource, namespace, name, context, old -> Scale.into(d, old.copy(), change.apply(Scale.of(d, old))));
    }

    /**
     * Server-side apply.
     *
     * @param force take the fields in conflict from their owners
     * @param beforeCreate is asked (and may refuse) when there is no such object and one is about to be made
     * @throws StatusException 409 with a cause for each field that another manager owns
     */
    public Revision apply(
            GroupVersionResource resource,
            String namespace,
            String name,
            Unstructured intent,
            boolean force,
            WriteContext context,
            Runnable beforeCreate) {
        return writer.apply(resource, namespace, name, intent, force, context, beforeCreate);
    }

    /** Deletes, or marks as being deleted while a grace period or finalizers run. */
    public Revision delete(
            GroupVersionResource resource, String namespace, String name, DeleteOptions options, WriteContext context) {
        return writer.delete(resource, namespace, name, options, context);
    }

    /** As {@link #delete}, of what admission has judged as something else. */
    Revision deleteAdmitted(
            GroupVersionResource resource, String namespace, String name, DeleteOptions options, WriteContext context) {
        return writer.deleteAdmitted(resource, namespace, name, options, context);
    }

    /** Writes around all rules: what a subresource of its own checks itself. Empty when another write came between. */
    Optional<Revision> write(GroupVersionResource resource, Revision current, Unstructured next) {
        return commits.write(known(resource), current, next);
    }

    /** Whether a write is due that changes nothing but how the object is stored. */
    boolean isStale(ResourceDefinition d, Revision r) {
        return cache(d.resource()).isStale(r.namespace(), r.name());
    }

    /** As it is stored. */
    byte[] seal(ResourceDefinition d, String key, Unstructured o) {
        return cache(d.resource()).seal(key, o);
    }

    String key(ResourceDefinition d, String namespace, String name) {
        return cache(d.resource()).key(namespace, name);
    }

    /** Creates what every cluster has, unless it is there. */
    public void ensure(GroupVersionResource resource, String namespace, Unstructured object) {
        if (find(resource, namespace, object.name()).isEmpty()) {
            create(resource, namespace, object, WriteContext.SERVER);
        }
    }

    /** How many objects there are of each resource, as they are stored. */
    public Map<GroupVersionResource, Integer> counts() {
        Map<GroupVersionResource, Integer> counts = new LinkedHashMap<>();
        served.caches().forEach((resource, cache) -> counts.put(resource, cache.size()));
        return counts;
    }

    /** The pods' actions that are no plain writes. */
    public PodActions pods() {
        return pods;
    }

    /** What admission says to what is asked of a subresource. */
    public AdmissionChain admission() {
        return admission;
    }

    @Override
    public void close() {
        admission.close();
        served.caches().values().forEach(ResourceCache::stop);
    }

    /** The range that Services have their addresses from. */
    public String serviceCidr() {
        return serviceCidr;
    }

    /** Writes down whose the cluster IPs are that Services had before there was account of it. */
    public void claimClusterIps() {
        for (Revision service :
                cache(Resources.SERVICES).list("", r -> true, "").items()) {
            for (String ip : ClusterIps.of(service.object())) {
                if (addresses.isKnown(ip) && !addresses.isTaken(ip)) {
                    store.txn(List.of(addresses.absent(ip)), List.of(addresses.claim(service.object(), ip)), List.of());
                }
            }
        }
    }

    /** The schemas of the kinds it serves. */
    public Schemas schemas() {
        return schemas;
    }
}
