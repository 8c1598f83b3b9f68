package dev.coracle.controllers.statefulset;

import dev.coracle.machinery.object.OwnerReference;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;

/**
 * Who owns a claim, and so with whom it goes: the set where {@code whenDeleted} is Delete, the pod where {@code
 * whenScaled} is and the pod is beyond the replicas. A claim that another controller owns, or an earlier object of the same
 * name, keeps the owners that it has.
 *
 * @param set the owning set
 * @param pod the pod that uses the claim; it may have no uid yet
 * @param condemned whether the pod's ordinal is out of the set's range
 */
record Retention(Unstructured set, Unstructured pod, boolean condemned) {
    static boolean deletes(Unstructured set, String when) {
        return set.string("spec", "persistentVolumeClaimRetentionPolicy", when).equals("Delete");
    }

    boolean isUpToDate(Unstructured claim) {
        List<OwnerReference> owners = claim.ownerReferences();
        if (owners.stream().anyMatch(this::isStale)) {
            return true;
        }
        if (isForeign(claim)) {
            return !isOwner(owners, set) && !isOwner(owners, pod);
        }
        boolean controlled = owners.stream().filter(o -> isOurs(o)).allMatch(OwnerReference::controller);
        return controlled && isOwner(owners, set) == setOwns() && isOwner(owners, pod) == podOwns();
    }

    /** The claim with the owners that it should have. */
    Unstructured apply(Unstructured claim) {
        List<OwnerReference> owners = new ArrayList<>(claim.ownerReferences());
        owners.removeIf(o -> names(o, set) || names(o, pod));
        Unstructured next = claim.copy().remove("metadata", "ownerReferences");
        owners.forEach(next::addOwner);
        if (!isForeign(claim)) {
            if (setOwns()) {
                next.addOwner(owner(set));
            }
            if (podOwns()) {
                next.addOwner(owner(pod));
            }
        }
        return next;
    }

    private boolean setOwns() {
        return deletes(set, "whenDeleted") && !(deletes(set, "whenScaled") && condemned);
    }

    private boolean podOwns() {
        return deletes(set, "whenScaled") && condemned;
    }

    /** Someone else decides when the claim goes. Where the claim is retained, that is no concern of ours. */
    boolean isForeign(Unstructured claim) {
        if (!deletes(set, "whenDeleted") && !deletes(set, "whenScaled")) {
            return false;
        }
        return claim.ownerReferences().stream()
                .anyMatch(o -> isStale(o) || o.controller() && !names(o, set) && !names(o, pod));
    }

    /** Names us, and means one that was before us. */
    private boolean isStale(OwnerReference o) {
        return names(o, set) && !o.uid().equals(set.uid())
                || names(o, pod) && !o.uid().equals(pod.uid());
    }

    private boolean isOurs(OwnerReference o) {
        return o.uid().equals(set.uid()) || o.uid().equals(pod.uid());
    }

    /** A claim that waits to go with an earlier pod of this name must not be given to a new one. */
    static boolean isLeftBehind(Unstructured set, Unstructured pod, Unstructured claim) {
        return deletes(set, "whenScaled")
                && claim.ownerReferences().stream()
                        .anyMatch(o -> names(o, pod) && !o.uid().equals(pod.uid()));
    }

    private static boolean isOwner(List<OwnerReference> owners, Unstructured object) {
        return !object.uid().isEmpty() && owners.stream().anyMatch(o -> o.uid().equals(object.uid()));
    }

    private static boolean names(OwnerReference o, Unstructured object) {
        return o.apiVersion().equals(object.apiVersion())
                && o.kind().equals(object.kind())
                && o.name().equals(object.name());
    }

    private static OwnerReference owner(Unstructured object) {
        return new OwnerReference(object.apiVersion(), object.kind(), object.name(), object.uid(), true, true);
    }
}
