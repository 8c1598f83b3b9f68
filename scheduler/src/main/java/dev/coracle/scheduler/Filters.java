package dev.coracle.scheduler;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What rules a node out for a pod, in upstream's order and words. */
final class Filters {
    private Filters() {}

    /**
     * Whether a node does.
     *
     * @param reasons why not; empty when it does
     * @param resolvable whether the removal of other pods could make it do
     */
    record Verdict(List<String> reasons, boolean resolvable) {
        static final Verdict FITS = new Verdict(List.of(), true);

        static Verdict never(String reason) {
            return new Verdict(List.of(reason), false);
        }

        boolean fits() {
            return reasons.isEmpty();
        }
    }

    /** The first filter that objects has the word, as upstream; resources name all that they lack. */
    static Verdict judge(Unstructured pod, Request request, VolumeClaims.Needs volumes, NodeInfo info) {
        Unstructured node = info.node();
        if (node.bool("spec", "unschedulable")
                && !tolerates(pod, "node.kubernetes.io/unschedulable", "", "NoSchedule")) {
            return Verdict.never("node(s) were unschedulable");
        }
        for (Unstructured taint : node.objects("spec", "taints")) {
            String effect = taint.string("effect");
            if (!effect.equals("PreferNoSchedule")
                    && !tolerates(pod, taint.string("key"), taint.string("value"), effect)) {
                return Verdict.never(
                        "node(s) had untolerated taint {" + taint.string("key") + ": " + taint.string("value") + "}");
            }
        }
        if (!selected(pod, node)) {
            return Verdict.never("node(s) didn't match Pod's node affinity/selector");
        }
        if (request.ports().stream().anyMatch(info::usesPort)) {
            return new Verdict(List.of("node(s) didn't have free ports for the requested pod ports"), true);
        }
        Verdict fit = fit(request, info);
        if (!fit.fits()) {
            return fit;
        }
        // Each volume must be reachable, by one of its own terms.
        return volumes.affinities().stream().allMatch(terms -> terms.stream().anyMatch(t -> matches(t, node)))
                ? Verdict.FITS
                : Verdict.never("node(s) didn't match PersistentVolume's node affinity");
    }

    private static Verdict fit(Request request, NodeInfo info) {
        List<String> lacking = new ArrayList<>();
        boolean resolvable = true;
        if (info.podCount() + 1 > info.allocatable("pods")) {
            lacking.add("Too many pods");
        }
        for (Map.Entry<String, Long> e : request.amounts().entrySet()) {
            String resource = e.getKey();
            if (e.getValue() > 0 && e.getValue() > info.free(resource)) {
                lacking.add("Insufficient " + resource);
                resolvable &= e.getValue() <= info.allocatable(resource);
            }
        }
        return lacking.isEmpty() ? Verdict.FITS : new Verdict(lacking, resolvable);
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
        boolean required =
                pod.has("spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution");
        return !required || terms.stream().anyMatch(t -> matches(t, node));
    }

    /** One term of a node selector: all its expressions and fields hold. */
    static boolean matches(Unstructured term, Unstructured node) {
        Map<String, String> labels = node.labels();
        if (term.objects("matchExpressions").isEmpty()
                && term.objects("matchFields").isEmpty()) {
            return false; // An empty term selects nothing, not everything.
        }
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
            case "Gt" -> value != null && compare(value, values) > 0;
            case "Lt" -> value != null && compare(value, values) < 0;
            default -> false;
        };
    }

    /** 0, which satisfies neither Gt nor Lt, when one side is no integer. */
    private static int compare(String value, List<String> values) {
        try {
            return Long.compare(Long.parseLong(value), Long.parseLong(values.getFirst()));
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
