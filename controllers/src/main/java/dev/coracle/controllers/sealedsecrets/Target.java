package dev.coracle.controllers.sealedsecrets;

import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A Secret that is there, and that a SealedSecret may write: its own, or one whose owner has given it away. */
final class Target {
    private static final String MANAGED = "sealedsecrets.bitnami.com/managed";
    private static final String PATCH = "sealedsecrets.bitnami.com/patch";

    private final Unstructured secret;

    private Target(Unstructured secret) {
        this.secret = secret;
    }

    /** Empty when it is somebody else's. */
    static Optional<Target> of(Unstructured secret, String uid) {
        boolean own = secret.controllerOf().filter(c -> c.uid().equals(uid)).isPresent();
        return own || is(secret, MANAGED) || is(secret, PATCH) ? Optional.of(new Target(secret)) : Optional.empty();
    }

    /**
     * What of a Secret a SealedSecret is woken for when it changes. Labels and annotations are put right on the way, but
     * other tools write theirs there too, and would be fought for ever.
     */
    static List<Object> seen(Revision secret) {
        Unstructured o = secret.object();
        return List.of(
                secret.uid(),
                o.string("type"),
                o.object("data"),
                o.objects("metadata", "ownerReferences"),
                is(o, MANAGED),
                is(o, PATCH),
                KeyRing.isKey(secret));
    }

    private static boolean is(Unstructured secret, String annotation) {
        return "true".equals(secret.annotations().get(annotation));
    }

    /** The Secret as it is to be: replaced, or, where it asks for that, added to. */
    Unstructured with(Unstructured wanted) {
        Unstructured next = secret.copy().set(wanted.string("type"), "type");
        boolean patch = is(secret, PATCH);
        if (!patch || is(secret, MANAGED)) {
            next.set(wanted.get("metadata", "ownerReferences"), "metadata", "ownerReferences");
        }
        put(next, wanted, patch, "data");
        put(next, wanted, patch, "metadata", "labels");
        put(next, wanted, patch, "metadata", "annotations");
        return next;
    }

    private static void put(Unstructured next, Unstructured wanted, boolean patch, String... path) {
        if (!patch) {
            next.set(wanted.get(path), path);
        } else {
            Map<String, String> all = next.strings(path);
            all.putAll(wanted.strings(path));
            next.set(all.isEmpty() ? null : all, path);
        }
    }
}
