package dev.coracle.controllers.node;

import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a node's conditions mean for it: which taints it bears. Taints of other keys are left alone. */
final class NodeTaints {
    static final String NOT_READY = "node.kubernetes.io/not-ready";
    static final String UNREACHABLE = "node.kubernetes.io/unreachable";
    private static final String UNSCHEDULABLE = "node.kubernetes.io/unschedulable";
    private static final Map<String, String> PRESSURES = Map.of(
            "MemoryPressure", "node.kubernetes.io/memory-pressure",
            "DiskPressure", "node.kubernetes.io/disk-pressure",
            "PIDPressure", "node.kubernetes.io/pid-pressure",
            "NetworkUnavailable", "node.kubernetes.io/network-unavailable");
    private static final Set<String> OURS = Set.of(
            NOT_READY,
            UNREACHABLE,
            UNSCHEDULABLE,
            "node.kubernetes.io/memory-pressure",
            "node.kubernetes.io/disk-pressure",
            "node.kubernetes.io/pid-pressure",
            "node.kubernetes.io/network-unavailable");

    private record Taint(String key, String effect) {}

    private NodeTaints() {}

    /** All taints the node should have; those it has already keep their time. */
    static List<Unstructured> of(Unstructured node, Instant now) {
        List<Taint> wanted = new ArrayList<>();
        for (Unstructured c : node.objects("status", "conditions")) {
            String status = c.string("status");
            if (c.string("type").equals("Ready") && !status.equals("True")) {
                String key = status.equals("False") ? NOT_READY : UNREACHABLE;
                wanted.add(new Taint(key, "NoSchedule"));
                wanted.add(new Taint(key, "NoExecute"));
            }
            String pressure = PRESSURES.get(c.string("type"));
            if (pressure != null && status.equals("True")) {
                wanted.add(new Taint(pressure, "NoSchedule"));
            }
        }
        if (node.bool("spec", "unschedulable")) {
            wanted.add(new Taint(UNSCHEDULABLE, "NoSchedule"));
        }
        List<Unstructured> taints = new ArrayList<>();
        for (Unstructured t : node.objects("spec", "taints")) {
            boolean kept = wanted.remove(new Taint(t.string("key"), t.string("effect")));
            if (kept || !OURS.contains(t.string("key"))) {
                taints.add(t);
            }
        }
        for (Taint t : wanted) {
            taints.add(new Unstructured(new LinkedHashMap<>())
                    .set(t.key(), "key")
                    .set(t.effect(), "effect")
                    .set(Timestamps.format(now), "timeAdded"));
        }
        return taints;
    }
}
