package dev.coracle.controllers.namespace;

import static java.util.stream.Collectors.joining;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What is left in a namespace that is being deleted, and how its conditions tell of it. */
final class Remains {
    private final Map<String, Integer> resources = new TreeMap<>();
    private final Map<String, Integer> finalizers = new TreeMap<>();
    private final Map<String, String> undiscovered;
    private final List<String> failures = new ArrayList<>();

    /** @param undiscovered groups and versions of which nobody knows what they have, and why */
    Remains(Map<String, String> undiscovered) {
        this.undiscovered = undiscovered;
    }

    /** Some of it could not be deleted, or even looked at. */
    void fail(String why) {
        failures.add(why);
    }

    /** Whether nothing that is known of is left, but more may be. */
    boolean isUncertain() {
        return !undiscovered.isEmpty() || !failures.isEmpty();
    }

    void add(GroupVersionResource resource, List<Revision> left) {
        if (left.isEmpty()) {
            return;
        }
        resources.put(resource.resource() + "." + resource.group(), left.size());
        left.forEach(r -> r.object().finalizers().forEach(f -> finalizers.merge(f, 1, Integer::sum)));
    }

    boolean isEmpty() {
        return resources.isEmpty();
    }

    /** The namespace with the conditions that upstream's {@code status_condition_utils.go} sets. */
    Unstructured tell(Unstructured namespace, Instant now) {
        List<Unstructured> conditions = new ArrayList<>();
        add(
                conditions,
                "NamespaceDeletionDiscoveryFailure",
                !undiscovered.isEmpty(),
                undiscovered.isEmpty() ? "ResourcesDiscovered" : "DiscoveryFailed",
                undiscovered.isEmpty()
                        ? "All resources successfully discovered"
                        : "Discovery failed for some groups, " + undiscovered.size()
                                + " failing: unable to retrieve the complete list of server APIs: "
                                + undiscovered.entrySet().stream()
                                        .map(e -> e.getKey() + ": " + e.getValue())
                                        .collect(joining(", ")));
        add(
                conditions,
                "NamespaceDeletionGroupVersionParsingFailure",
                false,
                "ParsedGroupVersions",
                "All legacy kube types successfully parsed");
        add(
                conditions,
                "NamespaceDeletionContentFailure",
                !failures.isEmpty(),
                failures.isEmpty() ? "ContentDeleted" : "ContentDeletionFailed",
                failures.isEmpty()
                        ? "All content successfully deleted, may be waiting on finalization"
                        : "Failed to delete all resource types, " + failures.size() + " remaining: "
                                + failures.stream().sorted().collect(joining(", ")));
        boolean left = !resources.isEmpty();
        add(
                conditions,
                "NamespaceContentRemaining",
                left,
                left ? "SomeResourcesRemain" : "ContentRemoved",
                left
                        ? "Some resources are remaining: " + join(resources, " has ")
                        : "All content successfully removed");
        boolean held = !finalizers.isEmpty();
        add(
                conditions,
                "NamespaceFinalizersRemaining",
                held,
                held ? "SomeFinalizersRemain" : "ContentHasNoFinalizers",
                held
                        ? "Some content in the namespace has finalizers remaining: " + join(finalizers, " in ")
                        : "All content-preserving finalizers finished");
        List<Unstructured> before = namespace.objects("status", "conditions");
        for (Unstructured c : conditions) {
            String time = before.stream()
                    .filter(b -> b.string("type").equals(c.string("type"))
                            && b.string("status").equals(c.string("status")))
                    .map(b -> b.string("lastTransitionTime"))
                    .findFirst()
                    .orElse(Timestamps.format(now));
            c.set(time, "lastTransitionTime");
        }
        return namespace.copy().set(conditions, "status", "conditions");
    }

    private static String join(Map<String, Integer> counts, String verb) {
        List<String> parts = new ArrayList<>();
        counts.forEach((what, n) -> parts.add(what + verb + n + " resource instances"));
        return String.join(", ", parts);
    }

    private static void add(List<Unstructured> list, String type, boolean value, String reason, String message) {
        list.add(new Unstructured(new LinkedHashMap<>())
                .set(type, "type")
                .set(value ? "True" : "False", "status")
                .set(reason, "reason")
                .set(message, "message"));
    }
}
