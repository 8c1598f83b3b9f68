package dev.coracle.controllers.kit;

import dev.coracle.client.Client;
import dev.coracle.client.Informer;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Which objects belong to an owner: those that name it as their controller and match its selector. One that ceases to
 * match is released; one that matches and has no controller is adopted. As {@code controller_ref_manager.go}.
 */
public final class Claims {
    private static final String ORPHANS = "orphans";

    private final Client client;
    private final GroupVersionResource owners;
    private final Informer objects;
    private final Function<Unstructured, LabelSelector> selectors;
    private final BiPredicate<Unstructured, Unstructured> fits;

    /** @param owners the resource of the owning objects; {@code objects} may be shared */
    public Claims(Client client, GroupVersionResource owners, Informer objects) {
        this(client, owners, objects, Claims::labelSelector);
    }

    /** @param selectors reads an owner's selector; one that is empty selects nothing */
    public Claims(
            Client client,
            GroupVersionResource owners,
            Informer objects,
            Function<Unstructured, LabelSelector> selectors) {
        this(client, owners, objects, selectors, (owner, object) -> true);
    }

    /** @param fits whether an object that an owner selects can be its at all: by its name, say */
    public Claims(
            Client client,
            GroupVersionResource owners,
            Informer objects,
            Function<Unstructured, LabelSelector> selectors,
            BiPredicate<Unstructured, Unstructured> fits) {
        this.client = client;
        this.owners = owners;
        this.objects = objects;
        this.selectors = selectors;
        this.fits = fits;
        Owned.index(objects);
        objects.index(ORPHANS, r -> r.object().controllerOf().isPresent() ? List.of() : List.of(r.namespace()));
    }

    /** Wakes each owner that an object without a controller could belong to. Such objects are rare. */
    public void wakeForOrphans(Informer owners, Consumer<ObjectKey> queue) {
        objects.handle((before, after) -> {
            if (after == null
                    || after.isDeleting()
                    || after.object().controllerOf().isPresent()) {
                return;
            }
            for (Revision owner : owners.list(after.namespace())) {
                if (selector(owner.object()).test(after.object())) {
                    queue.accept(owner.key());
                }
            }
        });
    }

    /** The objects of the owner, after releasing and adopting. */
    public List<Unstructured> of(Unstructured owner) {
        List<Unstructured> claimed = new ArrayList<>();
        Predicate<Unstructured> selector = selector(owner);
        for (Revision r : Owned.of(objects, owner.uid())) {
            if (r.isDeleting() || owner.isDeleting() || selector.test(r.object())) {
                claimed.add(r.object());
            } else {
                release(r, owner.uid());
            }
        }
        if (owner.isDeleting()) {
            return claimed;
        }
        boolean checked = false;
        for (Revision r : objects.byIndex(ORPHANS, owner.namespace())) {
            if (r.isDeleting() || !selector.test(r.object())) {
                continue;
            }
            if (!checked && !isStillThere(owner)) {
                return claimed;
            }
            checked = true;
            claimed.add(adopt(r, owner));
        }
        return claimed;
    }

    private Predicate<Unstructured> selector(Unstructured owner) {
        LabelSelector labels = selectors.apply(owner);
        return object -> !labels.isEmpty() && labels.matches(object.labels()) && fits.test(owner, object);
    }

    /** Where nearly every owner has it. */
    public static LabelSelector labelSelector(Unstructured owner) {
        return LabelSelector.of(owner.object("spec", "selector"));
    }

    /** Asks the server: the copy may show an owner that is already going, whose objects were just orphaned. */
    private boolean isStillThere(Unstructured owner) {
        return Live.find(client, owners, owner.namespace(), owner.name())
                .filter(now -> now.uid().equals(owner.uid()) && !now.isDeleting())
                .isPresent();
    }

    /** The update carries the version we saw, so that of two adopters only one succeeds. */
    private Unstructured adopt(Revision r, Unstructured owner) {
        Unstructured next = r.object().copy().addOwner(Owned.reference(owner));
        return client.update(r.resource(), next, WriteOptions.DEFAULT).object();
    }

    private void release(Revision r, String uid) {
        Unstructured next = r.object().copy();
        Owned.disown(next, uid);
        client.update(r.resource(), next, WriteOptions.DEFAULT);
    }
}
