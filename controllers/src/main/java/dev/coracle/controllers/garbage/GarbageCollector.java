package dev.coracle.controllers.garbage;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Informer;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.Owned;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.OwnerReference;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Deletes objects all of whose owners are gone, and does what the finalizers {@code orphan} and {@code
 * foregroundDeletion} ask for. Dependents are found by an index over owners' uids; an event costs what it touches.
 */
public final class GarbageCollector implements Controller {
    private static final String BY_OWNER = "owner-uid";
    private static final String FOREGROUND = "foregroundDeletion";
    private static final String ORPHAN = "orphan";

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

    private final ControllerContext world;
    private final Map<GroupVersionResource, Informer> informers = new LinkedHashMap<>();
    private final KeyedWorkQueue<Item> queue;

    public GarbageCollector(ControllerContext world) {
        this.world = world;
        this.queue = new KeyedWorkQueue<>(world.environment(), "garbage", 2, this::reconcile);
        for (GroupVersionResource resource : Kinds.all()) {
            Informer informer = world.informers().of(resource);
            informers.put(resource, informer);
            informer.index(
                    BY_OWNER,
                    r -> r.ownerReferences().stream().map(OwnerReference::uid).toList());
        }
        informers
                .values()
                .forEach(informer -> informer.handle((before, after) -> {
                    if (after == null && before != null) {
                        dependents(before.uid()).forEach(d -> queue.add(Item.of(d)));
                        wakeOwners(before);
                    } else if (after != null && concerns(before, after)) {
                        queue.add(Item.of(after));
                        if (before != null) {
                            wakeOwners(before);
                        }
                    }
                }));
    }

    /** An object is looked at when it is new, when its owners change, and when its deletion begins. */
    private static boolean concerns(@org.jspecify.annotations.Nullable Revision before, Revision after) {
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
            Kinds.Place place = Kinds.of(o, dependent.namespace());
            if (place != null) {
                queue.add(new Item(place.resource(), new ObjectKey(place.namespace(), o.name())));
            }
        }
    }

    private List<Revision> dependents(String uid) {
        return informers.values().stream()
                .flatMap(i -> i.byIndex(BY_OWNER, uid).stream())
                .toList();
    }

    private Reconciler.Result reconcile(Item item) {
        Revision r = Objects.requireNonNull(informers.get(item.resource()))
                .get(item.key())
                .orElse(null);
        if (r == null) {
            return Reconciler.Result.DONE;
        }
        if (!informers.values().stream().allMatch(Informer::synced)) {
            return Reconciler.Result.after(Duration.ofMillis(100));
        }
        if (r.isDeleting()) {
            finalizers(r);
        } else if (!r.ownerReferences().isEmpty()) {
            judge(r);
        }
        return Reconciler.Result.DONE;
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
        Kinds.Place place = Kinds.of(reference, namespace);
        if (place == null) {
            return Owner.THERE;
        }
        Revision owner = Objects.requireNonNull(informers.get(place.resource()))
                .get(place.namespace(), reference.name())
                .filter(o -> o.uid().equals(reference.uid()))
                .orElse(null);
        if (owner == null) {
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
    public void close() {
        queue.close();
    }
}
