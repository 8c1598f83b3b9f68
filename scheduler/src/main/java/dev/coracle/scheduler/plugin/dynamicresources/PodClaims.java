package dev.coracle.scheduler.plugin.dynamicresources;

import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The ResourceClaims that a pod names, or that are made for it. */
record PodClaims(ClaimLedger claims) {
    /** How many pods can have a claim at once. */
    private static final int MOST_CONSUMERS = 256;

    /** What a pod's claims are, or why they cannot be looked at: {@code blocked} is then not empty. */
    record Found(String blocked, List<Revision> claims) {
        private static Found blocked(String why) {
            return new Found(why, List.of());
        }

        /** Those that have no devices yet. */
        List<Revision> waiting() {
            return claims.stream().filter(c -> !isAllocated(c)).toList();
        }

        List<Revision> allocated() {
            return claims.stream().filter(PodClaims::isAllocated).toList();
        }

        List<Revision> reservedFor(Unstructured pod) {
            return allocated().stream()
                    .filter(c -> isReservedFor(pod, c.object()))
                    .toList();
        }
    }

    Found of(Unstructured pod) {
        List<Revision> found = new ArrayList<>();
        for (Unstructured asked : pod.objects("spec", "resourceClaims")) {
            boolean made = !asked.has("resourceClaimName");
            Optional<Unstructured> status = status(pod, asked.string("name"));
            if (made && status.isEmpty()) {
                return Found.blocked(
                        "pod \"" + pod.namespace() + "/" + pod.name() + "\": ResourceClaim not created yet");
            }
            String name = name(pod, asked);
            if (name.isEmpty()) {
                continue; // Whoever makes claims has found that none is needed.
            }
            Revision claim = claims.get(new ObjectKey(pod.namespace(), name)).orElse(null);
            if (claim == null) {
                return Found.blocked("could not find ResourceClaim \"" + pod.namespace() + "/" + name + "\"");
            }
            if (claim.isDeleting()) {
                return Found.blocked("resourceclaim \"" + name + "\" is being deleted");
            }
            if (made && !isOf(pod, claim.object())) {
                String place = pod.namespace() + "/";
                return Found.blocked("ResourceClaim " + place + name + " was not created for pod " + place + pod.name()
                        + " (pod is not owner)");
            }
            if (found.stream().noneMatch(c -> c.uid().equals(claim.uid()))) {
                found.add(claim);
            }
        }
        return new Found("", found);
    }

    boolean concern(Unstructured pod, ObjectKey changed) {
        return pod.objects("spec", "resourceClaims").stream()
                .anyMatch(asked -> changed.equals(new ObjectKey(pod.namespace(), name(pod, asked))));
    }

    private static String name(Unstructured pod, Unstructured asked) {
        return asked.has("resourceClaimName")
                ? asked.string("resourceClaimName")
                : status(pod, asked.string("name"))
                        .map(s -> s.string("resourceClaimName"))
                        .orElse("");
    }

    private static Optional<Unstructured> status(Unstructured pod, String name) {
        return pod.objects("status", "resourceClaimStatuses").stream()
                .filter(s -> s.string("name").equals(name))
                .findFirst();
    }

    private static boolean isOf(Unstructured pod, Unstructured claim) {
        return claim.controllerOf().filter(o -> o.uid().equals(pod.uid())).isPresent();
    }

    static boolean isAllocated(Revision claim) {
        return claim.object().has("status", "allocation");
    }

    static boolean isReservedFor(Unstructured pod, Unstructured claim) {
        return claim.objects("status", "reservedFor").stream()
                .anyMatch(r -> r.string("uid").equals(pod.uid()));
    }

    static boolean canBeReserved(Unstructured claim) {
        return claim.objects("status", "reservedFor").size() < MOST_CONSUMERS;
    }
}
