package dev.coracle.controllers;

import dev.coracle.client.Informer;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.OwnerReference;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

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
     * Wakes the owner of the kind when one of its objects comes, goes, or changes in what the owner looks at.
     *
     * @param seen what that is of one object
     */
    public static void wake(
            Informer informer, String kind, Function<Unstructured, Object> seen, Consumer<ObjectKey> queue) {
        informer.handle((before, after) -> {
            Revision any = after != null ? after : before;
            boolean same = before != null
                    && after != null
                    && before.uid().equals(after.uid())
                    && seen.apply(before.object()).equals(seen.apply(after.object()));
            if (any != null && !same) {
                any.object()
                        .controllerOf()
                        .filter(o -> o.kind().equals(kind))
                        .ifPresent(o -> queue.accept(new ObjectKey(any.namespace(), o.name())));
            }
        });
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

    public static boolean isReady(Unstructured pod) {
        return pod.objects("status", "conditions").stream()
                .anyMatch(c ->
                        c.string("type").equals("Ready") && c.string("status").equals("True"));
    }

    /** Ready for at least so long. */
    public static boolean isAvailable(Unstructured pod, long minReadySeconds, Instant now) {
        return isReady(pod)
                && (minReadySeconds == 0
                        || pod.objects("status", "conditions").stream()
                                .filter(c -> c.string("type").equals("Ready"))
                                .flatMap(c -> c.time("lastTransitionTime").stream())
                                .anyMatch(t -> !t.plusSeconds(minReadySeconds).isAfter(now)));
    }

    /** Whether a create was refused because its namespace is going: not worth a retry, everything in it goes. */
    public static boolean isTerminating(StatusException e) {
        return e.code() == 403 && String.valueOf(e.getMessage()).contains("because it is being terminated");
    }

    /** How long until a ready pod has been ready long enough. */
    public static Duration untilAvailable(Unstructured pod, long minReadySeconds, Instant now) {
        return pod.objects("status", "conditions").stream()
                .filter(c -> c.string("type").equals("Ready"))
                .flatMap(c -> c.time("lastTransitionTime").stream())
                .map(t -> Duration.between(now, t.plusSeconds(minReadySeconds)))
                .findFirst()
                .orElse(Duration.ofSeconds(minReadySeconds));
    }

    public static boolean isActive(Unstructured pod) {
        String phase = pod.string("status", "phase");
        return !pod.isDeleting() && !phase.equals("Succeeded") && !phase.equals("Failed");
    }
}
