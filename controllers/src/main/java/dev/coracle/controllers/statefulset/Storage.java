package dev.coracle.controllers.statefulset;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The claims of a set's pods, {@code TEMPLATE-NAME-ORDINAL}, and the volumes that use them. */
final class Storage {
    private Storage() {}

    static List<Unstructured> templates(Unstructured set) {
        return set.objects("spec", "volumeClaimTemplates");
    }

    static String claimName(Unstructured template, Unstructured set, int ordinal) {
        return template.name() + "-" + Identity.podName(set, ordinal);
    }

    static List<String> claimNames(Unstructured set, int ordinal) {
        return templates(set).stream().map(t -> claimName(t, set, ordinal)).toList();
    }

    /** Whether the claim is one that some pod of the set has or could have. */
    static boolean isClaimOf(Unstructured set, String claim) {
        return templates(set).stream().anyMatch(t -> Identity.ordinal(t.name() + "-" + set.name(), claim) >= 0);
    }

    /** The claims that a pod needs, labelled so that the set's selector finds them. */
    static List<Unstructured> claims(Unstructured set, int ordinal) {
        List<Unstructured> claims = new ArrayList<>();
        for (Unstructured template : templates(set)) {
            Map<String, String> labels = new LinkedHashMap<>(template.labels());
            labels.putAll(set.strings("spec", "selector", "matchLabels"));
            Unstructured claim = template.copy()
                    .set(claimName(template, set, ordinal), "metadata", "name")
                    .set(set.namespace(), "metadata", "namespace")
                    .set(labels, "metadata", "labels");
            claims.add(claim.remove("status"));
        }
        return claims;
    }

    static boolean matches(Unstructured set, Unstructured pod, int ordinal) {
        Map<String, String> mounted = pod.objects("spec", "volumes").stream()
                .collect(Collectors.toMap(
                        v -> v.string("name"), v -> v.string("persistentVolumeClaim", "claimName"), (a, b) -> b));
        return templates(set).stream().allMatch(t -> claimName(t, set, ordinal).equals(mounted.get(t.name())));
    }

    /** Volumes of the claims, in place of those of the same names. */
    static void mount(Unstructured set, Unstructured pod, int ordinal) {
        List<Unstructured> volumes = new ArrayList<>();
        for (Unstructured template : templates(set)) {
            volumes.add(new Unstructured(new LinkedHashMap<>())
                    .set(template.name(), "name")
                    .set(claimName(template, set, ordinal), "persistentVolumeClaim", "claimName"));
        }
        Set<String> taken = templates(set).stream().map(Unstructured::name).collect(Collectors.toSet());
        pod.objects("spec", "volumes").stream()
                .filter(v -> !taken.contains(v.string("name")))
                .forEach(volumes::add);
        pod.set(volumes.isEmpty() ? null : volumes, "spec", "volumes");
    }
}
