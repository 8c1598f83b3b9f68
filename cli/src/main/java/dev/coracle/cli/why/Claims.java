package dev.coracle.cli.why;

import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A PersistentVolumeClaim that is not bound, from the claim to its class. */
final class Claims implements Check {
    private static final String DEFAULT = "storageclass.kubernetes.io/is-default-class";

    @Override
    public Optional<Finding> look(View view, Unstructured claim) {
        return switch (claim.string("status", "phase")) {
            case "Bound" -> Optional.empty();
            case "Lost" ->
                found(
                        claim,
                        "VolumeLost",
                        "Its volume \"" + claim.string("spec", "volumeName")
                                + "\" is gone, and with it what was in it.",
                        List.of("status.phase: Lost"),
                        "kubectl " + Subject.of(claim).flag() + "delete pvc " + claim.name()
                                + "  # then create it anew, and restore the data");
            default -> unbound(view, claim);
        };
    }

    private static Optional<Finding> unbound(View view, Unstructured claim) {
        List<String> evidence = new ArrayList<>(List.of("status.phase: " + claim.string("status", "phase")));
        view.warnings(claim).stream()
                .limit(2)
                .forEach(e -> evidence.add("event " + e.string("reason") + ": " + e.string("message")));
        if (!claim.string("spec", "volumeName").isEmpty()) {
            String volume = claim.string("spec", "volumeName");
            if (view.missing(Resources.PERSISTENT_VOLUMES, "", volume)) {
                return found(
                        claim,
                        "VolumeNotFound",
                        "It wants the PersistentVolume \"" + volume + "\", which does not exist.",
                        evidence,
                        "kubectl get pv");
            }
        }
        Object given = claim.get("spec", "storageClassName");
        List<Unstructured> classes = view.list(Resources.STORAGE_CLASSES, "");
        if (given == null) {
            boolean any =
                    classes.stream().anyMatch(c -> "true".equals(c.annotations().get(DEFAULT)));
            if (!any && view.warning(claim, "FailedBinding").isPresent()) {
                return found(
                        claim,
                        "NoDefaultStorageClass",
                        "It names no storage class, and no class is the default.",
                        evidence,
                        "kubectl get storageclass  # then set spec.storageClassName, or mark one as the default");
            }
        }
        String name = claim.string("spec", "storageClassName");
        if (!name.isEmpty() && view.missing(Resources.STORAGE_CLASSES, "", name) && noVolumeOf(view, name)) {
            return found(
                    claim,
                    "StorageClassNotFound",
                    "Its storage class \"" + name + "\" does not exist.",
                    evidence,
                    "kubectl get storageclass  # then make the claim anew with one of these");
        }
        Optional<Unstructured> failed = view.warning(claim, "ProvisioningFailed", "FailedBinding");
        return failed.flatMap(e -> found(
                claim,
                "ProvisioningFailed",
                "No volume could be made for it: " + e.string("message"),
                evidence,
                "kubectl get pv,storageclass"));
    }

    /** Volumes made by hand may have a class that exists in name alone. */
    private static boolean noVolumeOf(View view, String name) {
        return view.list(Resources.PERSISTENT_VOLUMES, "").stream()
                .noneMatch(v -> v.string("spec", "storageClassName").equals(name));
    }

    private static Optional<Finding> found(
            Unstructured claim, String code, String cause, List<String> evidence, String remedy) {
        return Optional.of(new Finding(Subject.of(claim), code, cause, evidence, remedy));
    }
}
