package dev.coracle.kubelet.pod;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.RuntimeService.ContainerState;
import dev.coracle.runtime.RuntimeService.ContainerStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a pod spec means for its containers. */
final class Specs {
    private Specs() {}

    /** Those that are there to look around: started once, promised nothing, and nobody waits for them. */
    static List<Unstructured> ephemeral(Unstructured pod) {
        return pod.objects("spec", "ephemeralContainers");
    }

    /** All but the {@link #ephemeral} ones. */
    static List<Unstructured> all(Unstructured pod) {
        List<Unstructured> all = new ArrayList<>(pod.objects("spec", "initContainers"));
        all.addAll(pod.objects("spec", "containers"));
        return all;
    }

    /** An init container that stays: it is started in its turn and runs until all others have ended. */
    static boolean isSidecar(Unstructured initContainer) {
        return initContainer.string("restartPolicy").equals("Always");
    }

    static boolean isEphemeral(Unstructured pod, Unstructured container) {
        return ephemeral(pod).stream().anyMatch(c -> c.string("name").equals(container.string("name")));
    }

    /** Whether an ephemeral container with this last run is to be started: it never is a second time. */
    static boolean shouldStartEphemeral(Unstructured pod, Unstructured container, Optional<ContainerStatus> last) {
        return last.map(r -> r.state() == ContainerState.CREATED)
                .orElseGet(() -> !hasRun(reported(pod, container.string("name"))));
    }

    /** Whether a main container with this last run is to be started (again). */
    static boolean shouldStart(Unstructured pod, Unstructured container, Optional<ContainerStatus> last) {
        String policy = container.stringOr(pod.stringOr("Always", "spec", "restartPolicy"), "restartPolicy");
        if (last.isEmpty()) {
            // One that ran and of which nothing is left counts as failed: what is to run once must not run twice.
            return !(policy.equals("Never") && hasRun(reported(pod, container.string("name"))));
        }
        if (last.get().state() == ContainerState.CREATED) {
            return true;
        }
        if (last.get().state() == ContainerState.RUNNING) {
            return false;
        }
        return switch (policy) {
            case "Never" -> false;
            case "OnFailure" -> last.get().exitCode() != 0;
            default -> true;
        };
    }

    static boolean isInit(Unstructured pod, Unstructured container) {
        return pod.objects("spec", "initContainers").stream()
                .anyMatch(c -> c.string("name").equals(container.string("name")));
    }

    /** Whether a container that has ended so is to be started again; else it has ended for good. */
    static boolean restarts(Unstructured pod, Unstructured container, ContainerStatus ended) {
        return !pod.isDeleting()
                && !isEphemeral(pod, container)
                && (isInit(pod, container)
                        ? shouldRestartInit(pod, container, ended)
                        : shouldStart(pod, container, Optional.of(ended)));
    }

    /** Whether an init container that ended is to be started again. */
    static boolean shouldRestartInit(Unstructured pod, Unstructured container, ContainerStatus ended) {
        return isSidecar(container)
                || ended.exitCode() != 0
                        && !container
                                .stringOr(pod.stringOr("Always", "spec", "restartPolicy"), "restartPolicy")
                                .equals("Never");
    }

    /** What the API was told last of a container; empty if nothing. */
    static Unstructured reported(Unstructured pod, String name) {
        for (String list : List.of("containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses")) {
            for (Unstructured s : pod.objects("status", list)) {
                if (s.string("name").equals(name)) {
                    return s;
                }
            }
        }
        return new Unstructured(Map.of());
    }

    private static boolean hasRun(Unstructured reported) {
        return reported.has("state", "running")
                || reported.has("state", "terminated")
                || reported.has("lastState", "terminated");
    }

    /**
     * The restart count of a container of whose runs the runtime knows none: the one that was told last, and one more if
     * it was told as running, since that run is lost.
     */
    static int restarts(Unstructured pod, Unstructured reported) {
        int told = (int) reported.integer(0, "restartCount");
        return reported.has("state", "running") && !pod.isDeleting() ? told + 1 : told;
    }

    static boolean isTerminal(Unstructured pod) {
        String phase = pod.string("status", "phase");
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    static Instant time(long nanos) {
        return Instant.ofEpochSecond(nanos / 1_000_000_000, nanos % 1_000_000_000);
    }

    /** {@code web-0_default(uid)}, as messages name a pod. */
    static String format(Unstructured pod) {
        return pod.name() + "_" + pod.namespace() + "(" + pod.uid() + ")";
    }
}
