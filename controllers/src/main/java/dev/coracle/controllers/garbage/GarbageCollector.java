package dev.coracle.controllers.garbage;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Informer;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Owned;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.OwnerReference;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Deletes objects all of whose owners are gone, and does what the finalizers {@code orphan} and {@code
 * foregroundDeletion} ask for. Dependents are found by an index over owners' uids; an event costs what it touches.
 */
public final class GarbageCollector implements Controller {
    private static final String BY_OWNER = "owner-uid";
    private static final String FOREGROUND = "foregroundDeletion";
    private static final String ORPHAN = "orphan";
    /** Upstream's {@code --concurrent-gc-syncs}. */
    private static final int WORKERS = 20;

    private record Item(GroupVersionResource resource, ObjectKey key) {
        static Item of(Revision r) {
            return new Item(r.resource(), r.key());
        }
    }

    /** What has become of an owner. */
    private enum Owner {
        THERE,
        /** Being deleted, and waiting for its dependents to go first. */
        WAITING,
        GONE
    }

    private static final GroupVersionResource DEFINITIONS =
            new GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions");
    /** To look at what kinds there are. */
    private static final GroupVersionResource API_SERVICES =
            new GroupVersionResource("apiregistration.k8s.io", "v1", "apiservices");

    private static final Item ALL_KINDS = new Item(DEFINITIONS, new ObjectKey("", ""));
    /** A kind whose objects cannot be listed for so long must not stop the others. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Those of one kind that are followed, and since when. */
    private record Followed(Informer informer, long since) {}

    private final ControllerContext world;
    private final Map<GroupVersionResource, Followed> followed = new ConcurrentHashMap<>();
    private final KeyedWorkQueue<Item> queue;
    private volatile Kinds kinds = Kinds.NONE;

    public GarbageCollector(ControllerContext world) {
        this.world = world;
        this.queue = new KeyedWorkQueue<>(world.environment(), "garbage", WORKERS, this::reconcile);
        followAll();
        world.informers().of(DEFINITIONS).handle((before, after) -> queue.add(ALL_KINDS));
        world.informers().of(API_SERVICES).handle((before, after) -> queue.add(ALL_KINDS));
    }

    /** Kinds come and go with their definitions, and with the servers that have them. */
    private synchronized void followAll() {
        Kinds now = new Kinds(world.client().resources());
        Set<GroupVersionResource> served = new HashSet<>();
        now.all().forEach(r -> served.add(r.resource()));
        for (GroupVersionResource gone : Set.copyOf(followed.keySet())) {
            if (!served.contains(gone)) {
                followed.remove(gone);
                world.informers().forget(gone);
            }
        }
        kinds = now;
        served.stream().filter(r -> !followed.containsKey(r)).forEach(this::follow);
    }

    private void follow(GroupVersionResource resource) {
        Informer informer = world.informers().of(resource);
        informer.index(
                BY_OWNER,
                r -> r.ownerReferences().stream().map(OwnerReference::uid).toList());
        followed.put(
                resource, new Followed(informer, world.environment().clock().nanos()));
        informer.handle((before, after) -> {
            if (after == null && before != null) {
                dependents(before.uid()).forEach(d -> queue.add(Item.of(d)));
                wakeOwners(before);
            } else if (after != null && concerns(before, after)) {
                queue.add(Item.of(after));
                if (before != null) {
                    wakeOwners(before);
                }
            }
        });
    }

    private boolean ready() {
        return followed.values().stream()
                .allMatch(f -> f.informer().synced()
                        || world.environment().clock().elapsed(f.since()).compareTo(PATIENCE) > 0);
    }

    /** An object is looked at when it is new, when its owners change, and when its deletion begins. */
    private static boolean concerns(@Nullable Revision before, Revision after) {
        if (before == null || !before.uid().equals(after.uid())) {
            return !after.ownerReferences().isEmpty() || after.isDeleting();
        }
        return !before.ownerReferences().equals(after.ownerReferences())
                || after.isDeleting()
                        && (!before.isDeleting()
                                || !before.object()
                                        .finalizers()
                                        .equals(after.object().finalizers()));
    }

    private void wakeOwners(Revision dependent) {
        for (OwnerReference o : dependent.ownerReferences()) {
            Kinds.Place place = kinds.of(o, dependent.namespace());
            if (place != null) {
                queue.add(new Item(place.resource(), new ObjectKey(place.namespace(), o.name())));
            }
        }
    }

    private List<Revision> dependents(String uid) {
        return followed.values().stream()
                .flatMap(f -> f.informer().byIndex(BY_OWNER, uid).stream())
                .toList();
    }

    private Reconciler.Result reconcile(Item item) {
        if (item.equals(ALL_KINDS)) {
            followAll();
            return Reconciler.Result.DONE;
        }
        Revision r = known(item.resource(), item.key());
        if (r == null) {
            return Reconciler.Result.DONE;
        }
        if (!ready()) {
            return Reconciler.Result.after(Duration.ofMillis(100));
        }
        if (r.isDeleting()) {
            finalizers(r);
        } else if (!r.ownerReferences().isEmpty()) {
            judge(r);
        }
        return Reconciler.Result.DONE;
    }

    private @Nullable Revision known(GroupVersionResource resource, ObjectKey key) {
        Followed f = followed.get(resource);
        return f == null ? null : f.informer().get(key).orElse(null);
    }

    private void judge(Revision r) {
        List<OwnerReference> lost = new ArrayList<>();
        boolean held = false;
        boolean waiting = false;
        for (OwnerReference o : r.ownerReferences()) {
            switch (owner(o, r.namespace())) {
                case THERE -> held = true;
                case WAITING -> {
                    waiting = true;
                    lost.add(o);
                }
                case GONE -> lost.add(o);
            }
        }
        if (held) {
            if (!lost.isEmpty()) {
                Unstructured next = r.object().copy();
                lost.forEach(o -> Owned.disown(next, o.uid()));
                world.client().update(r.resource(), next, WriteOptions.DEFAULT);
            }
            return;
        }
        List<Revision> dependents = dependents(r.uid());
        if (waiting && !dependents.isEmpty()) {
            if (dependents.stream().anyMatch(GarbageCollector::isWaiting)) {
                unblock(r);
            }
            delete(r, "Foreground");
        } else {
            List<String> finalizers = r.object().finalizers();
            delete(
                    r,
                    finalizers.contains(ORPHAN)
                            ? "Orphan"
                            : finalizers.contains(FOREGROUND) ? "Foreground" : "Background");
        }
    }

    /** In a circle of owners each would wait for the other: whoever finds the circle stops blocking. */
    private void unblock(Revision r) {
        Unstructured next = r.object().copy();
        List<Unstructured> owners = next.objects("metadata", "ownerReferences");
        owners.forEach(o -> o.set(false, "blockOwnerDeletion"));
        if (!next.equals(r.object())) {
            world.client().update(r.resource(), next, WriteOptions.DEFAULT);
        }
    }

    private static boolean isWaiting(Revision r) {
        return r.isDeleting() && r.object().finalizers().contains(FOREGROUND);
    }

    private void finalizers(Revision r) {
        List<String> finalizers = r.object().finalizers();
        List<Revision> dependents = dependents(r.uid());
        if (finalizers.contains(ORPHAN)) {
            for (Revision d : dependents) {
                Unstructured next = d.object().copy();
                Owned.disown(next, r.uid());
                world.client().update(d.resource(), next, WriteOptions.DEFAULT);
            }
            drop(r, ORPHAN);
        } else if (finalizers.contains(FOREGROUND)) {
            boolean blocked = false;
            for (Revision d : dependents) {
                queue.add(Item.of(d));
                blocked |=
                        d.ownerReferences().stream().anyMatch(o -> o.uid().equals(r.uid()) && o.blockOwnerDeletion());
            }
            if (!blocked) {
                drop(r, FOREGROUND);
            }
        }
    }

    private void drop(Revision r, String finalizer) {
        Unstructured next = r.object().copy();
        List<String> rest = next.finalizers();
        rest.remove(finalizer);
        next.set(rest.isEmpty() ? null : rest, "metadata", "finalizers");
        world.client().update(r.resource(), next, WriteOptions.DEFAULT);
    }

    private void delete(Revision r, String propagation) {
        try {
            world.client()
                    .delete(
                            r.resource(),
                            r.namespace(),
                            r.name(),
                            DeleteOptions.of(r.uid()).propagation(propagation));
        } catch (StatusException e) {
            if (!e.isNotFound() && !e.isConflict()) {
                throw e;
            }
        }
    }

    /** An owner not in the copy may only not be seen yet, which must not cost its objects their life: ask the server. */
    private Owner owner(OwnerReference reference, String namespace) {
        Kinds.Place place = kinds.of(reference, namespace);
        if (place == null) {
            return Owner.THERE;
        }
        Revision owner = known(place.resource(), new ObjectKey(place.namespace(), reference.name()));
        if (owner == null || !owner.uid().equals(reference.uid())) {
            try {
                owner = world.client().get(place.resource(), place.namespace(), reference.name());
            } catch (StatusException e) {
                if (e.isNotFound()) {
                    return Owner.GONE;
                }
                throw e;
            }
            if (!owner.uid().equals(reference.uid())) {
                return Owner.GONE;
            }
        }
        return isWaiting(owner) ? Owner.WAITING : Owner.THERE;
    }

    @Override
    public WorkQueue<?> queue() {
        return queue;
    }
}
