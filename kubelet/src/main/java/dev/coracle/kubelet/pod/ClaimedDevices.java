package dev.coracle.kubelet.pod;

import dev.coracle.client.Client;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Optional;

/**
 * The devices of a pod's ResourceClaims, which a driver on the node has to hand over before anything of the pod is made. No
 * driver can register with this kubelet, so a pod whose claims have devices waits, as it does on any node without the driver.
 */
record ClaimedDevices(Client client) {
    /** Why the pod cannot have its devices now; nothing when it needs none. */
    Optional<String> refusal(Unstructured pod) {
        for (Unstructured asked : pod.objects("spec", "resourceClaims")) {
            Optional<String> why = refusal(pod, asked);
            if (why.isPresent()) {
                return why.map(w -> "prepare dynamic resources: " + w);
            }
        }
        return Optional.empty();
    }

    private Optional<String> refusal(Unstructured pod, Unstructured asked) {
        if (asked.has("resourceClaimName")) {
            return refusal(pod, asked.string("resourceClaimName"), false);
        }
        Optional<Unstructured> made = pod.objects("status", "resourceClaimStatuses").stream()
                .filter(s -> s.string("name").equals(asked.string("name")))
                .findFirst();
        if (made.isEmpty()) {
            return Optional.of("pod \"" + pod.namespace() + "/" + pod.name() + "\": ResourceClaim not created yet");
        }
        String name = made.get().string("resourceClaimName");
        // Whoever makes claims may find that none is needed.
        return name.isEmpty() ? Optional.empty() : refusal(pod, name, true);
    }

    /** @param own whether the claim must have been made for this pod */
    private Optional<String> refusal(Unstructured pod, String name, boolean own) {
        Unstructured claim;
        try {
            claim = client.get(Resources.RESOURCE_CLAIMS, pod.namespace(), name).object();
        } catch (StatusException e) {
            return Optional.of("fetch ResourceClaim " + name + ": " + e.getMessage());
        }
        if (own && claim.controllerOf().filter(o -> o.uid().equals(pod.uid())).isEmpty()) {
            String place = pod.namespace() + "/";
            return Optional.of("ResourceClaim " + place + name + " was not created for pod " + place + pod.name()
                    + " (pod is not owner)");
        }
        if (claim.objects("status", "reservedFor").stream()
                .noneMatch(r -> r.string("uid").equals(pod.uid()))) {
            return Optional.of("pod " + pod.name() + " (" + pod.uid() + ") is not allowed to use ResourceClaim " + name
                    + " (" + claim.uid() + ")");
        }
        if (!claim.has("status", "allocation")) {
            return Optional.of("ResourceClaim " + name + ": not allocated");
        }
        List<Unstructured> devices = claim.objects("status", "allocation", "devices", "results");
        return devices.stream()
                .findFirst()
                .map(d -> d.string("driver"))
                .map(d -> d.isEmpty() ? "DRA driver name is empty" : "DRA driver " + d + " is not registered");
    }
}
