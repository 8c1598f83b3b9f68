package dev.coracle.apiserver.builtin.core;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Rules for claims and volumes. */
public final class StorageRules {
    /** All of a volume's spec that is not where its data lies. */
    private static final Set<String> NO_SOURCE = Set.of(
            "accessModes",
            "capacity",
            "claimRef",
            "mountOptions",
            "nodeAffinity",
            "persistentVolumeReclaimPolicy",
            "storageClassName",
            "volumeAttributesClassName",
            "volumeMode");

    private final Findings findings;

    StorageRules(Findings findings) {
        this.findings = findings;
    }

    void claim(Unstructured o, @Nullable Unstructured old) {
        claim(o.object("spec"));
        if (old != null) {
            claimUpdate(o, old);
        }
    }

    private void claim(Unstructured spec) {
        if (spec.stringList("accessModes").isEmpty()) {
            findings.required("spec.accessModes", "at least 1 access mode is required");
        }
        modes(spec);
        if (!spec.has("resources", "requests", "storage")) {
            findings.required("spec.resources[storage]", "");
        } else {
            new ResourceRules(findings)
                    .positive(String.valueOf(spec.get("resources", "requests", "storage")), "spec.resources[storage]");
        }
        String name = spec.string("storageClassName");
        if (!name.isEmpty()) {
            findings.invalid("spec.storageClassName", name, Names.subdomain(name));
        }
    }

    private void modes(Unstructured spec) {
        List<String> modes = spec.stringList("accessModes");
        for (String mode : modes) {
            if (!List.of("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
                    .contains(mode)) {
                findings.notSupported(
                        "spec.accessModes", mode, "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod");
            }
        }
        if (modes.contains("ReadWriteOncePod") && modes.size() > 1) {
            findings.forbidden("spec.accessModes", "may not use ReadWriteOncePod with other access modes");
        }
        findings.oneOf(spec, "spec", "volumeMode", "Block", "Filesystem");
    }

    /** Of a claim its volume may be named once, its class be given late, and more space be asked for once it has one. */
    private void claimUpdate(Unstructured o, Unstructured old) {
        Unstructured now = o.object("spec").copy();
        Unstructured before = old.object("spec").copy();
        boolean bound = old.string("status", "phase").equals("Bound");
        if (before.string("volumeName").isEmpty()) {
            before.set(now.get("volumeName"), "volumeName");
        }
        if (!before.has("storageClassName")) {
            before.set(now.get("storageClassName"), "storageClassName");
        }
        String asked = String.valueOf(now.get("resources", "requests", "storage"));
        String had = String.valueOf(before.get("resources", "requests", "storage"));
        if (bound && now.has("resources", "requests", "storage")) {
            if (!asked.equals(had) && Quantity.parse(asked).compareTo(Quantity.parse(had)) < 0) {
                String real = old.string("status", "capacity", "storage");
                if (real.isEmpty() || Quantity.parse(asked).compareTo(Quantity.parse(real)) < 0) {
                    findings.forbidden("spec.resources.requests.storage", "field can not be less than status.capacity");
                }
            }
            before.set(now.get("resources", "requests", "storage"), "resources", "requests", "storage");
        }
        before.set(now.get("volumeAttributesClassName"), "volumeAttributesClassName");
        if (!now.equals(before)) {
            findings.forbidden(
                    "spec",
                    "spec is immutable after creation except resources.requests and volumeAttributesClassName for"
                            + " bound claims");
        }
    }

    void volume(Unstructured spec, @Nullable Unstructured old) {
        if (spec.stringList("accessModes").isEmpty()) {
            findings.required("spec.accessModes", "");
        }
        modes(spec);
        if (!spec.has("capacity", "storage")) {
            findings.required("spec.capacity", "");
        } else {
            new ResourceRules(findings)
                    .positive(String.valueOf(spec.get("capacity", "storage")), "spec.capacity[storage]");
        }
        findings.oneOf(spec, "spec", "persistentVolumeReclaimPolicy", "Delete", "Recycle", "Retain");
        List<String> sources = new ArrayList<>(spec.map().keySet());
        sources.removeAll(NO_SOURCE);
        if (sources.isEmpty()) {
            findings.required("spec", "must specify a volume type");
        }
        sources.stream()
                .skip(1)
                .forEach(s -> findings.forbidden("spec." + s, "may not specify more than 1 volume type"));
        if (old == null) {
            return;
        }
        Unstructured before = old.object("spec");
        Set<String> all = new java.util.TreeSet<>(before.map().keySet());
        all.addAll(sources);
        all.removeAll(NO_SOURCE);
        if (all.stream().anyMatch(s -> !Objects.equals(spec.get(s), before.get(s)))) {
            findings.forbidden(
                    "spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation");
        }
        if (!Objects.equals(spec.get("volumeMode"), before.get("volumeMode"))) {
            findings.invalid("spec.volumeMode", spec.get("volumeMode"), Findings.IMMUTABLE);
        }
    }

    /** {@code RWO,ROX} */
    static String shortModes(Unstructured o, String part) {
        return o.stringList(part, "accessModes").stream()
                .distinct()
                .map(m -> switch (m) {
                    case "ReadWriteOnce" -> "RWO";
                    case "ReadOnlyMany" -> "ROX";
                    case "ReadWriteMany" -> "RWX";
                    default -> "RWOP";
                })
                .collect(Collectors.joining(","));
    }

    /** Older objects name their class in an annotation. */
    public static String storageClass(Unstructured o) {
        return o.annotations()
                .getOrDefault("volume.beta.kubernetes.io/storage-class", o.string("spec", "storageClassName"));
    }
}
