package dev.coracle.kubelet.pod;

import dev.coracle.kubelet.container.ContainerConfigs;
import dev.coracle.kubelet.container.NodeSettings;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.RuntimeService.ContainerState;
import dev.coracle.runtime.RuntimeService.ContainerStatus;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Words a pod's status from what the runtime and the workers know. Decides nothing. */
final class PodStatuses {
    private final NodeSettings node;
    private final ContainerConfigs configs;

    PodStatuses(NodeSettings node, ContainerConfigs configs) {
        this.node = node;
        this.configs = configs;
    }

    /** @param reason and {@code message}: why the pod as a whole was ended, {@code ""} if it was not */
    record Ending(String reason, String message) {
        static final Ending NONE = new Ending("", "");
    }

    /**
     * The status without conditions of others; {@link Conditions} are to be added.
     *
     * @param ips the pod's addresses
     */
    Unstructured status(
            Unstructured pod,
            PodView view,
            Map<String, ContainerWork> works,
            List<String> ips,
            Ending ending,
            Instant now) {
        Unstructured s = new Unstructured(new LinkedHashMap<>());
        List<Unstructured> inits = statuses(pod, pod.objects("spec", "initContainers"), true, view, works);
        boolean initialized = initialized(pod, inits);
        List<Unstructured> mains = statuses(pod, pod.objects("spec", "containers"), !initialized, view, works);
        String phase = ending.reason().isEmpty() ? phase(pod, view, inits, mains) : view.anyRunning() ? "" : "Failed";
        // While what must end still runs, the phase stays as it was told before.
        phase = phase.isEmpty() ? pod.stringOr("Running", "status", "phase") : phase;
        if (Specs.isTerminal(pod)) {
            phase = pod.string("status", "phase");
        }
        s.set(pod.generation() > 0 ? pod.generation() : null, "observedGeneration");
        s.set(phase, "phase");
        String reason = ending.reason().isEmpty() ? pod.string("status", "reason") : ending.reason();
        String message = ending.reason().isEmpty() ? pod.string("status", "message") : ending.message();
        s.set(reason.isEmpty() ? null : reason, "reason");
        s.set(message.isEmpty() ? null : message, "message");
        s.set(node.ip(), "hostIP");
        s.set(List.of(Map.of("ip", node.ip())), "hostIPs");
        if (!ips.isEmpty()) {
            s.set(ips.getFirst(), "podIP");
            s.set(ips.stream().map(ip -> Map.of("ip", ip)).toList(), "podIPs");
        } else if (Specs.isTerminal(pod) && pod.has("status", "podIPs")) {
            // What it had, when a kubelet looks at it that never saw it run.
            s.set(pod.string("status", "podIP"), "podIP").set(pod.objects("status", "podIPs"), "podIPs");
        }
        s.set(pod.time("status", "startTime").orElse(now), "startTime");
        // Of a pod that was not admitted no container was ever to come; kubectl shows the reason then.
        boolean admitted = !phase.equals("Failed")
                || !view.runs().isEmpty()
                || !pod.objects("status", "containerStatuses").isEmpty();
        if (!inits.isEmpty() && admitted) {
            s.set(inits, "initContainerStatuses");
        }
        if (admitted) {
            s.set(mains, "containerStatuses");
        }
        List<Unstructured> ephemeral = statuses(pod, Specs.ephemeral(pod), false, view, works);
        for (Unstructured e : ephemeral) {
            // Of these nothing is promised, so nothing is asked.
            e.set(false, "ready").remove("started");
        }
        if (!ephemeral.isEmpty() && admitted) {
            s.set(ephemeral, "ephemeralContainerStatuses");
        }
        s.set(pod.has("status", "qosClass") ? pod.get("status", "qosClass") : null, "qosClass");
        return s;
    }

    private List<Unstructured> statuses(
            Unstructured pod,
            List<Unstructured> containers,
            boolean initializing,
            PodView view,
            Map<String, ContainerWork> works) {
        List<Unstructured> all = new ArrayList<>();
        String waiting = initializing && pod.has("spec", "initContainers") ? "PodInitializing" : "ContainerCreating";
        for (Unstructured c : containers) {
            ContainerWork work = works.get(c.string("name"));
            if (work != null) {
                all.add(status(pod, c, view, work, waiting));
            }
        }
        return all;
    }

    private Unstructured status(
            Unstructured pod, Unstructured container, PodView view, ContainerWork work, String waiting) {
        String name = container.string("name");
        List<ContainerStatus> runs = view.of(name);
        Optional<ContainerStatus> last = runs.stream().findFirst();
        if (last.isEmpty() && Specs.isTerminal(pod) && Specs.reported(pod, name).has("state", "terminated")) {
            // The pod is over and its containers are gone, as after a restart: what was told of them stays true.
            return Specs.reported(pod, name).copy();
        }
        Optional<ContainerStatus> before = runs.stream()
                .skip(1)
                .filter(r -> r.state() == ContainerState.EXITED)
                .findFirst();
        Unstructured state = new Unstructured(new LinkedHashMap<>());
        Unstructured lastState = new Unstructured(new LinkedHashMap<>());
        boolean running = last.isPresent() && last.get().state() == ContainerState.RUNNING;
        boolean exited = last.isPresent() && last.get().state() == ContainerState.EXITED;
        if (running) {
            state.set(Specs.time(last.get().startedAtNanos()), "running", "startedAt");
            before.ifPresent(r -> lastState.set(terminated(pod, container, r), "terminated"));
        } else if (exited && (work.waitingReason().isEmpty() || !Specs.restarts(pod, container, last.get()))) {
            state.set(terminated(pod, container, last.get()), "terminated");
            before.ifPresent(r -> lastState.set(terminated(pod, container, r), "terminated"));
        } else {
            String reason = work.waitingReason();
            state.set(reason.isEmpty() ? waiting : reason, "waiting", "reason");
            String message = work.waitingMessage();
            state.set(message.isEmpty() ? null : message, "waiting", "message");
            last.filter(r -> exited).ifPresent(r -> lastState.set(terminated(pod, container, r), "terminated"));
        }
        Unstructured reported = Specs.reported(pod, name);
        if (last.isEmpty()) {
            lost(reported, lastState);
        } else if (last.get().attempt() > 0 && lastState.map().isEmpty() && reported.has("lastState", "terminated")) {
            // The run before is not there any more, what was told of it is.
            lastState.set(reported.get("lastState", "terminated"), "terminated");
        }
        Unstructured s = new Unstructured(new LinkedHashMap<>()).set(name, "name");
        s.set(state, "state").set(lastState, "lastState");
        boolean init = Specs.isInit(pod, container);
        boolean ready = running
                ? work.ready(last.get().id()) && (!init || Specs.isSidecar(container))
                : init && exited && last.get().exitCode() == 0 && !Specs.isSidecar(container);
        s.set(ready, "ready");
        s.set(
                last.map(r -> r.state() == ContainerState.CREATED ? Math.max(0, r.attempt()) : r.attempt())
                        .orElseGet(() -> Specs.restarts(pod, reported)),
                "restartCount");
        s.set(container.string("image"), "image");
        s.set(last.map(r -> r.imageRef().isEmpty() ? r.imageId() : r.imageRef()).orElse(""), "imageID");
        last.ifPresent(r -> s.set("coracle://" + r.id(), "containerID"));
        s.set(running && work.started(last.get().id()), "started");
        return s;
    }

    /** Words of a run that the runtime has lost, as upstream's; what was told of one before is told again. */
    private static void lost(Unstructured reported, Unstructured lastState) {
        if (reported.has("lastState", "terminated")) {
            lastState.set(reported.get("lastState", "terminated"), "terminated");
        } else if (reported.has("state", "running")) {
            lastState.set("ContainerStatusUnknown", "terminated", "reason");
            lastState.set(
                    "The container could not be located when the pod was deleted.  The container used to be Running",
                    "terminated",
                    "message");
            lastState.set(137, "terminated", "exitCode");
        }
    }

    private Unstructured terminated(Unstructured pod, Unstructured container, ContainerStatus run) {
        Unstructured t = new Unstructured(new LinkedHashMap<>()).set(run.exitCode(), "exitCode");
        t.set(run.reason().isEmpty() ? run.exitCode() == 0 ? "Completed" : "Error" : run.reason(), "reason");
        String message = message(pod, container, run);
        t.set(message.isEmpty() ? null : message, "message");
        t.set(Specs.time(run.startedAtNanos()), "startedAt");
        t.set(Specs.time(run.finishedAtNanos()), "finishedAt");
        return t.set("coracle://" + run.id(), "containerID");
    }

    /** Its last words; the end of its log where those are asked for and it left none. */
    private String message(Unstructured pod, Unstructured container, ContainerStatus run) {
        String message = run.message();
        if (message.isEmpty()) {
            message = LastWords.message(configs.terminationLog(pod.uid(), container.string("name"), run.attempt()));
        }
        boolean fallback = container.string("terminationMessagePolicy").equals("FallbackToLogsOnError");
        if (message.isEmpty()
                && fallback
                && run.exitCode() != 0
                && !run.logPath().isEmpty()) {
            message = LastWords.log(Path.of(run.logPath()));
        }
        return LastWords.share(message, Specs.all(pod).size());
    }

    static boolean initialized(Unstructured pod, List<Unstructured> initStatuses) {
        List<Unstructured> inits = pod.objects("spec", "initContainers");
        for (int i = 0; i < inits.size() && i < initStatuses.size(); i++) {
            if (!isDone(inits.get(i), initStatuses.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** An init container has done its part when it has ended well, a sidecar when it has started. */
    static boolean isDone(Unstructured initContainer, Unstructured status) {
        return Specs.isSidecar(initContainer) ? status.bool("started") : status.bool("ready");
    }

    /** As upstream's getPhase. */
    private static String phase(Unstructured pod, PodView view, List<Unstructured> inits, List<Unstructured> mains) {
        boolean deleting = pod.isDeleting();
        if (deleting && !view.anyRunning() && !view.runs().isEmpty()) {
            boolean clean = mains.stream().allMatch(PodStatuses::succeeded);
            return clean ? "Succeeded" : "Failed";
        }
        String policy = pod.stringOr("Always", "spec", "restartPolicy");
        boolean mainRan = mains.stream().anyMatch(m -> !m.has("state", "waiting") || m.has("lastState", "terminated"));
        if (!mainRan) {
            boolean failed = policy.equals("Never")
                    && inits.stream()
                            .anyMatch(i -> i.has("state", "terminated")
                                    && i.integer(0, "state", "terminated", "exitCode") != 0);
            return failed && !view.anyRunning() ? "Failed" : "Pending";
        }
        boolean fresh = mains.stream().anyMatch(m -> m.has("state", "waiting") && !m.has("lastState", "terminated"));
        if (fresh) {
            return "Pending";
        }
        if (policy.equals("Always") || view.anyRunning()) {
            return "Running";
        }
        if (mains.stream().allMatch(PodStatuses::succeeded)) {
            return "Succeeded";
        }
        boolean over = mains.stream().allMatch(m -> m.has("state", "terminated") || m.has("lastState", "terminated"));
        return policy.equals("Never") && over ? "Failed" : "Running";
    }

    private static boolean succeeded(Unstructured s) {
        return s.has("state", "terminated") && s.integer(1, "state", "terminated", "exitCode") == 0;
    }
}
