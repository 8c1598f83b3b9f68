package dev.coracle.scheduler.plugin.volumebinding;

import dev.coracle.client.Informer;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.NodeSelector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a pod's PersistentVolumeClaims ask of the choice of its node. */
record VolumeClaims(Informer claims, Informer volumes, Informer classes) {
    /** On a claim: the node that its first consumer will run on, so that the provisioner makes the volume there. */
    static final String SELECTED_NODE = "volume.kubernetes.io/selected-node";

    /**
     * @param blocked what keeps the pod from being scheduled anywhere, or {@code ""}
     * @param unbound the claims that wait for a node to be chosen
     * @param affinities for each bound volume that is tied to nodes, the terms of which one must match
     */
    record Needs(String blocked, List<Unstructured> unbound, List<NodeSelector> affinities) {
        static Needs blocked(String reason) {
            return new Needs(reason, List.of(), List.of());
        }

        /** The node that was chosen before, when a provisioner may be at work there already; or {@code ""}. */
        String chosenNode() {
            return unbound.stream()
                    .map(c -> c.annotations().getOrDefault(SELECTED_NODE, ""))
                    .filter(n -> !n.isEmpty())
                    .findFirst()
                    .orElse("");
        }
    }

    boolean synced() {
        return claims.synced() && volumes.synced() && classes.synced();
    }

    Needs of(Unstructured pod) {
        List<Unstructured> unbound = new ArrayList<>();
        List<NodeSelector> affinities = new ArrayList<>();
        for (Unstructured v : pod.objects("spec", "volumes")) {
            String name = claimName(pod, v);
            if (name.isEmpty()) {
                continue;
            }
            Revision claim = claims.get(pod.namespace(), name).orElse(null);
            if (claim == null) {
                return Needs.blocked(
                        v.has("ephemeral")
                                ? "waiting for ephemeral volume controller to create the persistentvolumeclaim \""
                                        + name + "\""
                                : "persistentvolumeclaim \"" + name + "\" not found");
            }
            if (claim.isDeleting()) {
                return Needs.blocked("persistentvolumeclaim \"" + name + "\" is being deleted");
            }
            String volume = claim.object().string("spec", "volumeName");
            if (volume.isEmpty()) {
                if (!waitsForConsumer(claim.object())) {
                    return Needs.blocked("pod has unbound immediate PersistentVolumeClaims");
                }
                unbound.add(claim.object());
                continue;
            }
            Optional<Revision> pv = volumes.get("", volume);
            if (pv.isEmpty()) {
                return Needs.blocked("persistentvolume \"" + volume + "\" not found");
            }
            if (pv.get().object().has("spec", "nodeAffinity", "required")) {
                affinities.add(NodeSelector.of(
                        pv.get().object().objects("spec", "nodeAffinity", "required", "nodeSelectorTerms")));
            }
        }
        return new Needs("", unbound, affinities);
    }

    static boolean concernsAny(Unstructured pod) {
        return pod.objects("spec", "volumes").stream()
                .anyMatch(v -> !claimName(pod, v).isEmpty());
    }

    /** Whether a claim, a volume or a class is one that the pod's node depends on. */
    boolean concern(Unstructured pod, GroupVersionResource resource, ObjectKey changed) {
        if (!resource.equals(Resources.PERSISTENT_VOLUME_CLAIMS)
                && !resource.equals(Resources.PERSISTENT_VOLUMES)
                && !resource.equals(Resources.STORAGE_CLASSES)) {
            return false;
        }
        for (Unstructured v : pod.objects("spec", "volumes")) {
            String name = claimName(pod, v);
            if (name.isEmpty()) {
                continue;
            }
            if (resource.equals(Resources.PERSISTENT_VOLUME_CLAIMS)) {
                if (changed.equals(new ObjectKey(pod.namespace(), name))) {
                    return true;
                }
                continue;
            }
            Unstructured spec = claims.get(pod.namespace(), name)
                    .map(c -> c.object().object("spec"))
                    .orElseGet(() -> new Unstructured(Map.of()));
            String field = resource.equals(Resources.PERSISTENT_VOLUMES) ? "volumeName" : "storageClassName";
            if (spec.string(field).equals(changed.name())) {
                return true;
            }
        }
        return false;
    }

    /** The name of the claim behind one of a pod's volumes; {@code ""} when it has none. */
    private static String claimName(Unstructured pod, Unstructured volume) {
        return volume.has("ephemeral")
                ? pod.name() + "-" + volume.string("name")
                : volume.string("persistentVolumeClaim", "claimName");
    }

    private boolean waitsForConsumer(Unstructured claim) {
        return classes.get("", claim.string("spec", "storageClassName"))
                .map(c -> c.object().string("volumeBindingMode").equals("WaitForFirstConsumer"))
                .orElse(false);
    }
}
