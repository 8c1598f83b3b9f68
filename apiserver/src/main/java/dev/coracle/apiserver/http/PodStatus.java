package dev.coracle.apiserver.http;

import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The columns READY, STATUS and RESTARTS of a pod, as upstream's printer finds them. While a pod initialises, the restarts
 * are those of its init containers; afterwards those of the main containers and of the sidecars.
 */
final class PodStatus {
    private static final Set<String> TERMINAL = Set.of("Succeeded", "Failed");

    private final Unstructured pod;
    private final Set<String> sidecars;
    private String reason;
    private int total;
    private int ready;
    private long restarts;
    private @Nullable Instant lastRestart;

    private PodStatus(Unstructured pod) {
        this.pod = pod;
        this.reason = pod.stringOr(pod.string("status", "phase"), "status", "reason");
        this.sidecars = pod.objects("spec", "initContainers").stream()
                .filter(c -> c.string("restartPolicy").equals("Always"))
                .map(c -> c.string("name"))
                .collect(Collectors.toSet());
        this.total = pod.objects("spec", "containers").size() + sidecars.size();
    }

    static PodStatus of(Unstructured pod) {
        PodStatus s = new PodStatus(pod);
        s.look();
        return s;
    }

    String reason() {
        return reason;
    }

    /** {@code 1/2} */
    String ready() {
        return ready + "/" + total;
    }

    long restarts() {
        return restarts;
    }

    /** When a container that was started again had ended last. */
    Optional<Instant> lastRestart() {
        return restarts == 0 ? Optional.empty() : Optional.ofNullable(lastRestart);
    }

    private void look() {
        if (pod.objects("status", "conditions").stream()
                .anyMatch(c -> c.string("type").equals("PodScheduled")
                        && c.string("reason").equals("SchedulingGated"))) {
            reason = "SchedulingGated";
        }
        if (!initializing() || condition("Initialized")) {
            restarts = 0;
            lastRestart = null;
            pod.objects("status", "initContainerStatuses").stream()
                    .filter(s -> sidecars.contains(s.string("name")))
                    .forEach(this::count);
            mains();
        }
        if (pod.isDeleting() && pod.string("status", "reason").equals("NodeLost")) {
            reason = "Unknown";
        } else if (pod.isDeleting() && !TERMINAL.contains(pod.string("status", "phase"))) {
            reason = "Terminating";
        }
    }

    private boolean initializing() {
        int index = -1;
        for (Unstructured s : pod.objects("status", "initContainerStatuses")) {
            index++;
            count(s);
            if (s.has("state", "terminated") && s.integer(0, "state", "terminated", "exitCode") == 0) {
                continue;
            }
            if (sidecars.contains(s.string("name")) && s.bool("started")) {
                ready += s.bool("ready") ? 1 : 0;
                continue;
            }
            String waiting = s.string("state", "waiting", "reason");
            if (s.has("state", "terminated")) {
                reason = "Init:" + ended(s);
            } else if (!waiting.isEmpty() && !waiting.equals("PodInitializing")) {
                reason = "Init:" + waiting;
            } else {
                reason = "Init:" + index + "/"
                        + pod.objects("spec", "initContainers").size();
            }
            return true;
        }
        return false;
    }

    private void mains() {
        boolean running = false;
        // From the last to the first, so that the first has the last word.
        for (Unstructured s : pod.objects("status", "containerStatuses").reversed()) {
            count(s);
            String waiting = s.string("state", "waiting", "reason");
            if (!waiting.isEmpty()) {
                reason = waiting;
            } else if (s.has("state", "terminated")) {
                reason = ended(s);
            } else if (s.bool("ready") && s.has("state", "running")) {
                running = true;
                ready++;
            }
        }
        if (reason.equals("Completed") && running) {
            reason = condition("Ready") ? "Running" : "NotReady";
        }
    }

    private void count(Unstructured status) {
        restarts += status.integer(0, "restartCount");
        status.time("lastState", "terminated", "finishedAt")
                .filter(t -> lastRestart == null || lastRestart.isBefore(t))
                .ifPresent(t -> lastRestart = t);
    }

    private static String ended(Unstructured status) {
        Unstructured t = status.object("state", "terminated");
        if (!t.string("reason").isEmpty()) {
            return t.string("reason");
        }
        return t.integer(0, "signal") != 0
                ? "Signal:" + t.integer(0, "signal")
                : "ExitCode:" + t.integer(0, "exitCode");
    }

    private boolean condition(String type) {
        return pod.objects("status", "conditions").stream()
                .anyMatch(
                        c -> c.string("type").equals(type) && c.string("status").equals("True"));
    }
}
