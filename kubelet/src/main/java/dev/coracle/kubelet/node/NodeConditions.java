package dev.coracle.kubelet.node;

import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/** A node's conditions, judged by upstream's default eviction thresholds. */
final class NodeConditions {
    private static final long LEAST_MEMORY = 100L << 20;
    private static final double LEAST_DISK = 0.10;
    private static final double LEAST_PIDS = 0.05;

    private final Machine machine;
    private final Clock clock;

    NodeConditions(Machine machine, Clock clock) {
        this.machine = machine;
        this.clock = clock;
    }

    /** @param old what was told before: times of transition carry over, conditions of others stay */
    List<Unstructured> of(List<Unstructured> old) {
        boolean memory = machine.availableMemory() < LEAST_MEMORY;
        boolean disk = machine.freeDisk() < LEAST_DISK;
        boolean pids = machine.freePids() < LEAST_PIDS;
        List<Unstructured> all = new ArrayList<>();
        all.add(pressure(
                "MemoryPressure",
                memory,
                "KubeletHasInsufficientMemory",
                "KubeletHasSufficientMemory",
                "memory available"));
        all.add(pressure("DiskPressure", disk, "KubeletHasDiskPressure", "KubeletHasNoDiskPressure", "disk pressure"));
        all.add(pressure("PIDPressure", pids, "KubeletHasInsufficientPID", "KubeletHasSufficientPID", "PID available"));
        all.add(condition("Ready", true, "KubeletReady", "kubelet is posting ready status"));
        Instant now = clock.now();
        for (Unstructured c : all) {
            Instant since = old.stream()
                    .filter(o -> o.string("type").equals(c.string("type"))
                            && o.string("status").equals(c.string("status")))
                    .flatMap(o -> o.time("lastTransitionTime").stream())
                    .findFirst()
                    .orElse(now);
            c.set(now, "lastHeartbeatTime").set(since, "lastTransitionTime");
        }
        old.stream()
                .filter(o -> all.stream().noneMatch(c -> c.string("type").equals(o.string("type"))))
                .toList()
                .forEach(all::add);
        return all;
    }

    private static Unstructured pressure(String type, boolean under, String bad, String good, String what) {
        String message = type.equals("DiskPressure")
                ? "kubelet has " + (under ? "" : "no ") + what
                : "kubelet has " + (under ? "insufficient " : "sufficient ") + what;
        return condition(type, under, under ? bad : good, message);
    }

    private static Unstructured condition(String type, boolean status, String reason, String message) {
        return new Unstructured(new LinkedHashMap<>())
                .set(type, "type")
                .set(status ? "True" : "False", "status")
                .set(reason, "reason")
                .set(message, "message");
    }
}
