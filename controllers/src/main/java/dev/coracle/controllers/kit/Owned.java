package dev.coracle.controllers.kit;

import dev.coracle.client.Informer;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.OwnerReference;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Finding what a controller's object owns. */
public final class Owned {
    private static final String INDEX = "controller-uid";

    private Owned() {}

    /** Files objects under their controller's uid. */
    public static void index(Informer informer) {
        informer.index(
                INDEX, r -> r.object().controllerOf().map(o -> List.of(o.uid())).orElse(List.of()));
    }

    public static List<Revision> of(Informer informer, String uid) {
        return informer.byIndex(INDEX, uid);
    }

    /** Wakes the owner of the kind whenever one of its objects changes. */
    public static void wake(Informer informer, String kind, Consumer<ObjectKey> queue) {
        wake(informer, kind, Unstructured::resourceVersion, queue);
    }

    /**
     * Wakes the owner of the kind when one of its objects comes, goes, or changes in what the owner looks at; both owners
     * when it changes hands.
     *
     * @param seen what that is of one object
     */
    public static void wake(
            Informer informer, String kind, Function<Unstructured, Object> seen, Consumer<ObjectKey> queue) {
        informer.handle((before, after) -> {
            Optional<ObjectKey> past = owner(before, kind);
            Optional<ObjectKey> present = owner(after, kind);
            boolean same = before != null
                    && after != null
                    && before.uid().equals(after.uid())
                    && past.equals(present)
                    && seen.apply(before.object()).equals(seen.apply(after.object()));
            if (!same) {
                present.ifPresent(queue);
                past.filter(p -> present.filter(p::equals).isEmpty()).ifPresent(queue);
            }
        });
    }

    private static Optional<ObjectKey> owner(@Nullable Revision r, String kind) {
        return Optional.ofNullable(r)
                .flatMap(x -> x.object().controllerOf())
                .filter(o -> o.kind().equals(kind))
                .map(o -> new ObjectKey(Objects.requireNonNull(r).namespace(), o.name()));
    }

    /** Takes the references to one owner out of an object. */
    public static void disown(Unstructured object, String uid) {
        List<Unstructured> owners = object.objects("metadata", "ownerReferences");
        owners.removeIf(o -> o.string("uid").equals(uid));
        object.set(owners.isEmpty() ? null : owners, "metadata", "ownerReferences");
    }

    public static OwnerReference reference(Unstructured owner) {
        return new OwnerReference(owner.apiVersion(), owner.kind(), owner.name(), owner.uid(), true, true);
    }
}
