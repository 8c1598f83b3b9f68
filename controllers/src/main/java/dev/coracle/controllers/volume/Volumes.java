package dev.coracle.controllers.volume;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which volume suits a claim. */
final class Volumes {
    private Volumes() {}

    /**
     * The smallest free volume of the claim's class that is large enough; one that is reserved for the claim before all.
     *
     * @param node where it must be reachable; null for anywhere
     */
    static Optional<Unstructured> choose(
            Unstructured claim, Collection<Unstructured> volumes, @Nullable Unstructured node) {
        return volumes.stream()
                .filter(v -> !v.isDeleting())
                .filter(v -> suits(v, claim))
                .filter(v -> isFree(v) || isReservedFor(v, claim))
                .filter(v -> node == null || reaches(v, node))
                .min(Comparator.<Unstructured, Boolean>comparing(v -> !isReservedFor(v, claim))
                        .thenComparing(Volumes::capacity)
                        .thenComparing(Unstructured::name));
    }

    static boolean isFree(Unstructured volume) {
        return !volume.has("spec", "claimRef");
    }

    /** By name alone, or by name and uid. */
    static boolean isReservedFor(Unstructured volume, Unstructured claim) {
        Unstructured ref = volume.object("spec", "claimRef");
        return ref.string("name").equals(claim.name())
                && ref.string("namespace").equals(claim.namespace())
                && (ref.string("uid").isEmpty() || ref.string("uid").equals(claim.uid()));
    }

    /** What a volume says of the claim that has it. */
    static Unstructured reference(Unstructured claim) {
        return new Unstructured(new LinkedHashMap<>())
                .set("PersistentVolumeClaim", "kind")
                .set("v1", "apiVersion")
                .set(claim.namespace(), "namespace")
                .set(claim.name(), "name")
                .set(claim.uid(), "uid")
                .set(claim.resourceVersion(), "resourceVersion");
    }

    private static boolean suits(Unstructured v, Unstructured claim) {
        Unstructured selector = claim.object("spec", "selector");
        return v.string("spec", "storageClassName").equals(claim.string("spec", "storageClassName"))
                && v.stringOr("Filesystem", "spec", "volumeMode")
                        .equals(claim.stringOr("Filesystem", "spec", "volumeMode"))
                && v.stringList("spec", "accessModes").containsAll(claim.stringList("spec", "accessModes"))
                && (selector.map().isEmpty() || LabelSelector.of(selector).matches(v.labels()))
                && capacity(v).compareTo(request(claim)) >= 0;
    }

    private static Quantity capacity(Unstructured volume) {
        return Quantity.of(volume.get("spec", "capacity", "storage"));
    }

    static Quantity request(Unstructured claim) {
        return Quantity.of(claim.get("spec", "resources", "requests", "storage"));
    }

    private static boolean reaches(Unstructured volume, Unstructured node) {
        List<Unstructured> terms = volume.objects("spec", "nodeAffinity", "required", "nodeSelectorTerms");
        return terms.isEmpty() || terms.stream().anyMatch(t -> matches(t, node));
    }

    private static boolean matches(Unstructured term, Unstructured node) {
        Unstructured selector = new Unstructured(new LinkedHashMap<>());
        selector.set(term.get("matchExpressions"), "matchExpressions");
        try {
            return LabelSelector.of(selector).matches(node.labels());
        } catch (IllegalArgumentException e) {
            // Gt and Lt: the scheduler understands them; here the volume is left for others.
            return false;
        }
    }
}
