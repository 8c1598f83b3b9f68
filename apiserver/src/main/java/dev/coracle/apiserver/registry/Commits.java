package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.store.Compare;
import dev.coracle.store.KeyValue;
import dev.coracle.store.Op;
import dev.coracle.store.Store;
import dev.coracle.store.StoreFullException;
import dev.coracle.store.TxnResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The transactions: each holds only while the object is still the one it was made from. */
final class Commits {
    /** etcd's {@code --max-request-bytes}. */
    private static final int MAX_OBJECT = 3 << 19;

    private final Registry registry;
    private final Store store;
    private final ServiceAllocator services;
    private final Leases leases;
    private final ReentrantLock serviceLock = new ReentrantLock();

    Commits(Registry registry, Store store, ServiceAllocator services, Clock clock) {
        this.leases = new Leases(store, clock);
        this.registry = registry;
        this.store = store;
        this.services = services;
    }

    /** @throws StatusException 409 AlreadyExists */
    Revision insert(ResourceDefinition d, Unstructured o, boolean dryRun) {
        return allocating(d, o, null, allocation -> {
            if (dryRun) {
                if (registry.find(d.resource(), o.namespace(), o.name()).isPresent()) {
                    throw StatusException.alreadyExists(d.resource(), o.name());
                }
                return new Revision(d.resource(), 0, o.json(), o);
            }
            String key = registry.key(d, o.namespace(), o.name());
            var result = commit(d, new Compare.ModRevision(key, 0), o, allocation);
            if (!result.succeeded()) {
                throw StatusException.alreadyExists(d.resource(), o.name());
            }
            return written(d.resource(), o, result.revision());
        });
    }

    /** @throws StatusException when the object is more than etcd would take: many patches make much, too */
    private Op.Put put(ResourceDefinition d, String key, Unstructured o) {
        byte[] value = registry.seal(d, key, o);
        if (value.length > MAX_OBJECT) {
            throw new StatusException(500, "", "etcdserver: request is too large");
        }
        return new Op.Put(key, value, leases.of(d.strategy().life()));
    }

    /** What is allocated to a Service is read from those that are stored, so nothing may come between. */
    private <T> T allocating(
            ResourceDefinition d, Unstructured o, @Nullable Unstructured old, Function<Allocation, T> write) {
        if (!d.resource().equals(Resources.SERVICES)) {
            return write.apply(Allocation.NONE);
        }
        serviceLock.lock();
        try {
            return write.apply(services.allocate(o, old));
        } finally {
            serviceLock.unlock();
        }
    }

    /**
     * Writes an object and what is allocated to it, unless the object is another than it should be. Where another server
     * was first with what is allocated, with something else.
     */
    private TxnResult commit(ResourceDefinition d, Compare.ModRevision object, Unstructured o, Allocation allocation) {
        TxnResult result = transact(d, object, o, allocation);
        // Also of one that failed: who tries again must not find what it found before.
        registry.await(d.resource(), result.revision());
        if (!allocation.ops().isEmpty()) {
            registry.await(Resources.IP_ADDRESSES, result.revision());
        }
        return result;
    }

    private TxnResult transact(
            ResourceDefinition d, Compare.ModRevision object, Unstructured o, Allocation allocation) {
        while (true) {
            List<Compare> allocated = allocation.compares();
            List<Compare> compares = new ArrayList<>(allocated);
            compares.add(object);
            List<Op> ops = new ArrayList<>(allocation.ops());
            Op.Put put = put(d, object.key(), o);
            ops.add(put);
            List<Op> found = new ArrayList<>();
            if (!allocated.isEmpty()) {
                compares.forEach(c -> found.add(Op.get(c.key())));
            }
            TxnResult result = handing(d, put, o, () -> store.txn(compares, ops, found));
            if (result.succeeded() || allocated.isEmpty()) {
                return result;
            }
            List<KeyValue> now =
                    result.ranges().stream().flatMap(r -> r.kvs().stream()).toList();
            long version = now.stream()
                    .filter(kv -> kv.key().equals(object.key()))
                    .mapToLong(KeyValue::modRevision)
                    .findFirst()
                    .orElse(0);
            if (version != object.expected()) {
                return result;
            }
            allocation.again(now.stream().map(KeyValue::key).collect(Collectors.toSet()));
        }
    }

    /** A cache need not read what is at hand; it has let go of it when the write has failed. */
    private TxnResult handing(ResourceDefinition d, Op.Put put, Unstructured o, Supplier<TxnResult> write) {
        ResourceCache objects = registry.objects(d);
        objects.hand(put.value(), o);
        boolean written = false;
        try {
            TxnResult result = write.get();
            written = result.succeeded();
            return result;
        } catch (StoreFullException e) {
            throw StatusException.internal(String.valueOf(e.getMessage()));
        } finally {
            if (!written) {
                objects.takeBack(put.value());
            }
        }
    }

    private Revision written(GroupVersionResource resource, Unstructured o, long version) {
        return registry.find(resource, o.namespace(), o.name())
                .filter(r -> r.version() == version)
                .orElseGet(() -> {
                    Unstructured mine = o.copy().set(String.valueOf(version), "metadata", "resourceVersion");
                    return new Revision(resource, version, mine.json(), mine);
                });
    }

    /** Empty when another write came between; {@code current} when nothing would change, not even how it is stored. */
    Optional<Revision> replace(ResourceDefinition d, Revision current, Unstructured next, boolean dryRun) {
        return allocating(d, next, current.object(), allocation -> {
            if (same(next, current.object(), true) && !registry.isStale(d, current)) {
                return Optional.of(current);
            }
            if (dryRun) {
                next.set(current.object().resourceVersion(), "metadata", "resourceVersion");
                return Optional.of(new Revision(d.resource(), current.version(), next.json(), next));
            }
            return write(d, current, next, allocation);
        });
    }

    /** Whether a write would change nothing; {@code managedFields} alone are worth one for an apply. */
    static boolean same(Unstructured next, Unstructured old, boolean managed) {
        Map<String, @Nullable Object> a =
                new LinkedHashMap<>(next.object("metadata").map());
        Map<String, @Nullable Object> b =
                new LinkedHashMap<>(old.object("metadata").map());
        for (Map<String, @Nullable Object> m : List.of(a, b)) {
            m.remove("resourceVersion");
            if (!managed) {
                m.remove("managedFields");
            }
        }
        if (!a.equals(b)) {
            return false;
        }
        Map<String, @Nullable Object> x = new LinkedHashMap<>(next.map());
        Map<String, @Nullable Object> y = new LinkedHashMap<>(old.map());
        x.remove("metadata");
        y.remove("metadata");
        return x.equals(y);
    }

    /** Stores {@code next} in place of {@code current}, or removes it if nothing holds it any more. */
    Optional<Revision> write(ResourceDefinition d, Revision current, Unstructured next) {
        return write(d, current, next, Allocation.NONE);
    }

    private Optional<Revision> write(ResourceDefinition d, Revision current, Unstructured next, Allocation allocation) {
        if (next.isDeleting() && Lifecycle.released(d, next)) {
            return remove(d, current) ? Optional.of(current) : Optional.empty();
        }
        String key = registry.key(d, current.namespace(), current.name());
        next.remove("metadata", "resourceVersion");
        var result = commit(d, new Compare.ModRevision(key, current.version()), next, allocation);
        return result.succeeded() ? Optional.of(written(d.resource(), next, result.revision())) : Optional.empty();
    }

    private boolean remove(ResourceDefinition d, Revision current) {
        String key = registry.key(d, current.namespace(), current.name());
        List<Op> ops = new ArrayList<>();
        if (d.resource().equals(Resources.SERVICES)) {
            ops.addAll(services.release(current.object()));
        }
        ops.add(Op.delete(key));
        TxnResult result = store.txn(List.of(Compare.unchanged(key, current.version())), ops, List.of());
        registry.await(d.resource(), result.revision());
        if (ops.size() > 1) {
            registry.await(Resources.IP_ADDRESSES, result.revision());
        }
        return result.succeeded();
    }
}
