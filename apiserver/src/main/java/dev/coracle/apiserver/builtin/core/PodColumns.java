package dev.coracle.apiserver.builtin.core;

import dev.coracle.machinery.object.HumanDuration;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a pod's row shows: the phase, or what keeps its containers from running, and how often those began again. While
 * it initialises, its init containers are told of; then its containers and the sidecars beside them.
 */
record PodColumns(String ready, String status, long restarts, Optional<Instant> lastRestart) {
    static PodColumns of(Unstructured pod) {
        List<Unstructured> specs = pod.objects("spec", "initContainers");
        List<Unstructured> inits = pod.objects("status", "initContainerStatuses");
        Count sidecars = new Count();
        Count all = new Count();
        long total = pod.objects("spec", "containers").size();
        total += specs.stream().filter(PodColumns::isSidecar).count();
        String reason = pod.stringOr(pod.string("status", "phase"), "status", "reason");
        for (Unstructured gate : pod.objects("status", "conditions")) {
            if (gate.string("type").equals("PodScheduled")
                    && gate.string("reason").equals("SchedulingGated")) {
                reason = "SchedulingGated";
            }
        }
        boolean initialising = false;
        for (int i = 0; i < inits.size() && !initialising; i++) {
            Unstructured s = inits.get(i);
            boolean sidecar = specs.stream()
                    .anyMatch(c -> isSidecar(c) && c.string("name").equals(s.string("name")));
            all.add(s);
            if (sidecar) {
                sidecars.add(s);
            }
            if (s.has("state", "terminated") && s.integer(0, "state", "terminated", "exitCode") == 0) {
                continue;
            }
            if (sidecar && s.bool("started")) {
                sidecars.ready += s.bool("ready") ? 1 : 0;
                continue;
            }
            initialising = true;
            reason = "Init:" + initialising(s, i, specs.size());
        }
        if (initialising && !isTrue(pod, "Initialized")) {
            return new PodColumns(sidecars.ready + "/" + total, deleted(pod, reason), all.restarts, all.last);
        }
        return running(pod, sidecars, total, reason);
    }

    private static boolean isTrue(Unstructured pod, String condition) {
        return pod.objects("status", "conditions").stream()
                .anyMatch(c ->
                        c.string("type").equals(condition) && c.string("status").equals("True"));
    }

    private static PodColumns running(Unstructured pod, Count sidecars, long total, String phase) {
        String reason = phase;
        boolean anyRuns = false;
        for (Unstructured s : pod.objects("status", "containerStatuses").reversed()) {
            sidecars.add(s);
            String waiting = s.string("state", "waiting", "reason");
            if (!waiting.isEmpty()) {
                reason = waiting;
            } else if (s.has("state", "terminated")) {
                reason = ended(s.object("state", "terminated"));
            } else if (s.bool("ready") && s.has("state", "running")) {
                anyRuns = true;
                sidecars.ready++;
            }
        }
        if (reason.equals("Completed") && anyRuns) {
            reason = isTrue(pod, "Ready") ? "Running" : "NotReady";
        }
        return new PodColumns(sidecars.ready + "/" + total, deleted(pod, reason), sidecars.restarts, sidecars.last);
    }

    private static String initialising(Unstructured s, int index, int count) {
        String waiting = s.string("state", "waiting", "reason");
        if (s.has("state", "terminated")) {
            return ended(s.object("state", "terminated"));
        }
        return waiting.isEmpty() || waiting.equals("PodInitializing") ? index + "/" + count : waiting;
    }

    private static String ended(Unstructured terminated) {
        if (!terminated.string("reason").isEmpty()) {
            return terminated.string("reason");
        }
        long signal = terminated.integer(0, "signal");
        return signal != 0 ? "Signal:" + signal : "ExitCode:" + terminated.integer(0, "exitCode");
    }

    private static String deleted(Unstructured pod, String reason) {
        if (!pod.isDeleting()) {
            return reason;
        }
        boolean ended = List.of("Succeeded", "Failed").contains(pod.string("status", "phase"));
        return pod.string("status", "reason").equals("NodeLost") ? "Unknown" : ended ? reason : "Terminating";
    }

    private static boolean isSidecar(Unstructured initContainer) {
        return initContainer.string("restartPolicy").equals("Always");
    }

    private static final class Count {
        private long ready;
        private long restarts;
        private Optional<Instant> last = Optional.empty();

        void add(Unstructured status) {
            restarts += status.integer(0, "restartCount");
            Optional<Instant> ended = status.time("lastState", "terminated", "finishedAt");
            last = java.util.stream.Stream.of(last, ended)
                    .flatMap(Optional::stream)
                    .max(Comparator.naturalOrder());
        }
    }

    /** {@code 3 (20s ago)} */
    String restarts(Instant now) {
        return restarts == 0 || lastRestart.isEmpty()
                ? "" + restarts
                : restarts + " (" + HumanDuration.of(Duration.between(lastRestart.get(), now)) + " ago)";
    }

    static String ip(Unstructured pod) {
        return pod.objects("status", "podIPs").stream()
                .map(a -> a.string("ip"))
                .findFirst()
                .orElse(pod.string("status", "podIP"));
    }

    /** How many of the conditions a pod's readiness waits for are there: {@code 1/2}. */
    static String gates(Unstructured pod) {
        List<Unstructured> gates = pod.objects("spec", "readinessGates");
        long open = gates.stream()
                .filter(g -> isTrue(pod, g.string("conditionType")))
                .count();
        return gates.isEmpty() ? "<none>" : open + "/" + gates.size();
    }
}
