package dev.coracle.scheduler;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What rules a node out for a pod, in upstream's order and words. */
final class Filters {
    private Filters() {}

    /** Why the node does not do; empty when it does. */
    static List<String> reasons(Unstructured pod, NodeInfo.Request request, NodeInfo info) {
        Unstructured node = info.node();
        if (node.bool("spec", "unschedulable")
                && !tolerates(pod, "node.kubernetes.io/unschedulable", "", "NoSchedule")) {
            return List.of("node(s) were unschedulable");
        }
        for (Unstructured taint : node.objects("spec", "taints")) {
            String effect = taint.string("effect");
            if (!effect.equals("PreferNoSchedule")
                    && !tolerates(pod, taint.string("key"), taint.string("value"), effect)) {
                return List.of(
                        "node(s) had untolerated taint {" + taint.string("key") + ": " + taint.string("value") + "}");
            }
        }
        if (!selected(pod, node)) {
            return List.of("node(s) didn't match Pod's node affinity/selector");
        }
        List<String> lacking = new ArrayList<>();
        if (info.podCount() + 1 > info.maxPods()) {
            lacking.add("Too many pods");
        }
        if (request.cpu() > 0 && request.cpu() > info.freeCpu()) {
            lacking.add("Insufficient cpu");
        }
        if (request.memory() > 0 && request.memory() > info.freeMemory()) {
            lacking.add("Insufficient memory");
        }
        if (request.ports().stream().anyMatch(info::usesPort)) {
            lacking.add("node(s) didn't have free ports for the requested pod ports");
        }
        return lacking;
    }

    private static boolean tolerates(Unstructured pod, String key, String value, String effect) {
        for (Unstructured t : pod.objects("spec", "tolerations")) {
            boolean keyed = t.string("key").isEmpty() || t.string("key").equals(key);
            boolean valued =
                    t.string("operator").equals("Exists") || t.string("value").equals(value);
            boolean effective =
                    t.string("effect").isEmpty() || t.string("effect").equals(effect);
            if (keyed && valued && effective) {
                return true;
            }
        }
        return false;
    }

    private static boolean selected(Unstructured pod, Unstructured node) {
        Map<String, String> labels = node.labels();
        if (!labels.entrySet().containsAll(pod.strings("spec", "nodeSelector").entrySet())) {
            return false;
        }
        List<Unstructured> terms = pod.objects(
                "spec",
                "affinity",
                "nodeAffinity",
                "requiredDuringSchedulingIgnoredDuringExecution",
                "nodeSelectorTerms");
        return terms.isEmpty() || terms.stream().anyMatch(t -> matches(t, node));
    }

    /** One term of a node selector: all its expressions and fields hold. */
    static boolean matches(Unstructured term, Unstructured node) {
        Map<String, String> labels = node.labels();
        return term.objects("matchExpressions").stream().allMatch(e -> holds(e, labels.get(e.string("key"))))
                && term.objects("matchFields").stream().allMatch(e -> holds(e, node.name()));
    }

    private static boolean holds(Unstructured e, @Nullable String value) {
        List<String> values = e.stringList("values");
        return switch (e.string("operator")) {
            case "In" -> value != null && values.contains(value);
            case "NotIn" -> value == null || !values.contains(value);
            case "Exists" -> value != null;
            case "DoesNotExist" -> value == null;
            case "Gt" -> value != null && number(value) > number(values.getFirst());
            case "Lt" -> value != null && number(value) < number(values.getFirst());
            default -> false;
        };
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return Long.MIN_VALUE;
        }
    }
}
