package dev.coracle.kubelet.pod;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Reconciler.Result;
import dev.coracle.kubelet.admission.Refusal;
import dev.coracle.kubelet.container.ConfigException;
import dev.coracle.kubelet.volume.Trees;
import dev.coracle.kubelet.volume.VolumeException;
import dev.coracle.kubelet.volume.Volumes;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.RuntimeService.ContainerState;
import dev.coracle.runtime.RuntimeService.ContainerStatus;
import dev.coracle.runtime.RuntimeService.PodSandbox;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One pod's state machine. {@link #sync} looks at what should be and what is, does what can be done without waiting, tells
 * the API server, and returns when to look again. Whatever takes long (a pull, a stop, a hook, a probe) runs beside it and
 * causes another sync when it is through. Only one sync runs at a time.
 */
final class PodWorker {
    private static final Duration FIRST_RETRY = Duration.ofMillis(500);
    private static final Duration LAST_RETRY = Duration.ofSeconds(122);

    private final PodContext context;
    private final String uid;
    private final Map<String, ContainerWork> works = new LinkedHashMap<>();
    private final ContainerStart starting;
    private final ContainerStop stopping;
    private final PodStatuses statuses;
    private final StatusWriter writer;
    private final PodResize resize;
    private final ClaimedDevices devices;
    private volatile @Nullable Revision desired;
    private volatile boolean removed;
    private volatile boolean volumesStale = true;
    private Map<String, Path> volumes = Map.of();
    private boolean admitted;
    private boolean volumesReady;
    private Duration retry = FIRST_RETRY;
    private PodStatuses.Ending ending = PodStatuses.Ending.NONE;
    private List<String> ips = List.of();
    private final Runnable changed;

    /** @param changed asks for another sync */
    PodWorker(PodContext context, String uid, Runnable changed) {
        this.context = context;
        this.uid = uid;
        this.changed = changed;
        this.starting = new ContainerStart(context, changed);
        this.stopping = new ContainerStop(context, changed);
        this.statuses = new PodStatuses(context.node(), context.configs());
        this.writer = new StatusWriter(context.client(), context.environment().clock());
        this.resize = new PodResize(context, uid, changed);
        this.devices = new ClaimedDevices(context.client());
    }

    /** The pod with what an earlier life of the kubelet promised it, if it promised something else than it asks for. */
    Unstructured promised(Unstructured pod) {
        return resize.promised(pod);
    }

    /** The pod as the API has it now; null: it is gone. */
    void offer(@Nullable Revision pod) {
        if (pod == null) {
            removed = true;
        } else {
            Revision before = desired;
            desired = pod;
            volumesStale |= before != null && showsOtherwise(before.object(), pod.object());
        }
    }

    /** Whether files that show the pod itself have other contents now. */
    private static boolean showsOtherwise(Unstructured before, Unstructured now) {
        return now.objects("spec", "volumes").stream()
                        .anyMatch(v -> v.has("downwardAPI")
                                || v.objects("projected", "sources").stream().anyMatch(s -> s.has("downwardAPI")))
                && !(before.labels().equals(now.labels())
                        && before.annotations().equals(now.annotations())
                        && before.generation() == now.generation());
    }

    @Nullable
    Revision desired() {
        return desired;
    }

    /** An object that a volume may come from has changed. */
    void refreshVolumes() {
        volumesStale = true;
    }

    /** @return false from {@link #isDone} on: nothing of the pod is left */
    Result sync() {
        Revision wanted = desired;
        PodView view = PodView.of(uid, context.runtime());
        if (wanted == null || removed) {
            return remove(wanted == null ? null : wanted.object(), view);
        }
        Unstructured pod = wanted.object();
        for (Unstructured c : Specs.all(pod)) {
            works.computeIfAbsent(c.string("name"), n -> new ContainerWork(context, c, changed));
        }
        Specs.ephemeral(pod).forEach(this::work);
        address(pod, view);
        observe(pod, view);
        Soonest again = new Soonest();
        boolean over = false;
        if (pod.isDeleting()) {
            over = !stopAll(pod, view, grace(pod));
            if (over) {
                free(view);
            }
        } else if (Specs.isTerminal(pod) || !ending.reason().isEmpty()) {
            end(pod, view);
        } else {
            run(withAddresses(pod), view, again);
        }
        view = PodView.of(uid, context.runtime());
        address(pod, view);
        observe(pod, view);
        tell(pod, view, !over);
        if (over) {
            finish(pod);
        }
        return again.result();
    }

    /** @param alive whether something of it is still to run */
    private void tell(Unstructured pod, PodView view, boolean alive) {
        Instant now = context.environment().clock().now();
        Unstructured status = statuses.status(pod, view, works, ips, ending, now);
        resize.report(pod, status);
        writer.write(pod, status, view.readySandbox().isPresent() && alive);
    }

    /** Before the API is told that the pod has ended: whoever reads so may send another in its place. */
    private void free(PodView view) {
        for (PodSandbox s : view.sandboxes()) {
            context.runtime().stopPodSandbox(s.id());
        }
        context.admission().release(uid);
    }

    private static Duration grace(Unstructured pod) {
        return Duration.ofSeconds(Math.max(1, pod.integer(30, "metadata", "deletionGracePeriodSeconds")));
    }

    private void address(Unstructured pod, PodView view) {
        Optional<PodSandbox> sandbox = view.readySandbox();
        if (sandbox.isPresent()) {
            ips = pod.bool("spec", "hostNetwork")
                    ? List.of(context.node().ip())
                    : sandbox.get().ips();
        }
    }

    private Unstructured withAddresses(Unstructured pod) {
        Unstructured copy = pod.copy().set(context.node().ip(), "status", "hostIP");
        if (!ips.isEmpty()) {
            copy.set(ips.getFirst(), "status", "podIP");
            copy.set(ips.stream().map(ip -> Map.of("ip", ip)).toList(), "status", "podIPs");
        }
        return copy;
    }

    private void observe(Unstructured pod, PodView view) {
        works.forEach((name, work) -> view.latest(name)
                .ifPresent(run -> work.observe(
                        pod, ips.isEmpty() ? "" : ips.getFirst(), run, run.state() == ContainerState.RUNNING)));
    }

    // ---- bringing up

    private void run(Unstructured asked, PodView view, Soonest again) {
        if (refused(asked) || deadlinePassed(asked, again)) {
            end(asked, view);
            return;
        }
        if (resize.decide(asked, again)) {
            tell(asked, view, true);
        }
        Unstructured pod = resize.promised(asked);
        List<Unstructured> mains = pod.objects("spec", "containers");
        boolean work = mains.stream().anyMatch(c -> shouldStart(pod, c, view.latest(c.string("name"))));
        boolean running = mains.stream()
                .anyMatch(c -> view.latest(c.string("name"))
                        .filter(r -> r.state() == ContainerState.RUNNING)
                        .isPresent());
        if (!work && !running) {
            end(pod, view);
            return;
        }
        if (!prepareVolumes(pod, again)) {
            return;
        }
        Optional<String> sandbox = sandbox(pod, view, again);
        if (sandbox.isEmpty()) {
            return;
        }
        PodView now = PodView.of(uid, context.runtime());
        address(pod, now);
        Unstructured addressed = withAddresses(pod);
        // Before the others: where those do not get far, somebody wants to see why.
        for (Unstructured c : Specs.ephemeral(pod)) {
            if (Specs.shouldStartEphemeral(pod, c, now.latest(c.string("name")))) {
                start(addressed, c, now, sandbox.get(), again);
            }
        }
        if (initialize(addressed, now, sandbox.get(), again)) {
            for (Unstructured c : mains) {
                mainContainer(addressed, c, now, sandbox.get(), again);
            }
        }
        resize.fit(pod, PodView.of(uid, context.runtime()), (c, r, why) -> restart(pod, c, r, why), again);
    }

    /** What this node gives to no pod ends this one before anything of it is made. */
    private boolean refused(Unstructured pod) {
        if (admitted) {
            return false;
        }
        Optional<Refusal> refusal = context.admission().admit(pod);
        admitted = refusal.isEmpty();
        if (admitted) {
            resize.admitted(pod);
        }
        refusal.ifPresent(r -> {
            ending = new PodStatuses.Ending(r.reason(), "Pod was rejected: " + r.message());
            context.events().warning(pod, r.reason(), r.message());
        });
        return refusal.isPresent();
    }

    private boolean deadlinePassed(Unstructured pod, Soonest again) {
        long seconds = pod.integer(0, "spec", "activeDeadlineSeconds");
        Optional<Instant> started = pod.time("status", "startTime");
        if (seconds <= 0 || started.isEmpty()) {
            return false;
        }
        Duration left = Duration.between(
                context.environment().clock().now(), started.get().plusSeconds(seconds));
        if (left.isPositive()) {
            again.after(left);
            return false;
        }
        String message = "Pod was active on the node longer than the specified deadline";
        ending = new PodStatuses.Ending("DeadlineExceeded", message);
        context.events().normal(pod, "DeadlineExceeded", message);
        return true;
    }

    private boolean prepareVolumes(Unstructured pod, Soonest again) {
        if (volumesReady && !volumesStale) {
            again.after(context.volumes().renewal(uid));
            return true;
        }
        volumesStale = false;
        try {
            volumes = context.volumes().prepare(pod);
            volumesReady = true;
            retry = FIRST_RETRY;
            if (context.volumes().renewal(uid).compareTo(Duration.ofDays(300)) < 0) {
                Duration renewal = context.volumes().renewal(uid);
                context.environment().timers().schedule(renewal, () -> {
                    volumesStale = true;
                    changed.run();
                });
            }
        } catch (VolumeException e) {
            context.events().warning(pod, "FailedMount", String.valueOf(e.getMessage()));
            volumesStale = true;
            again.after(nextRetry());
        }
        return volumesReady;
    }

    private Duration nextRetry() {
        Duration now = retry;
        Duration doubled = retry.multipliedBy(2);
        retry = doubled.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : doubled;
        return now;
    }

    private Optional<String> sandbox(Unstructured pod, PodView view, Soonest again) {
        Optional<PodSandbox> ready = view.readySandbox();
        if (ready.isPresent()) {
            return Optional.of(ready.get().id());
        }
        int attempt =
                view.sandboxes().stream().mapToInt(s -> s.attempt() + 1).max().orElse(0);
        if (attempt > 0) {
            context.events().normal(pod, "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
        }
        try {
            for (PodSandbox old : view.sandboxes()) {
                context.runtime().stopPodSandbox(old.id());
            }
            Optional<String> missing = devices.refusal(pod);
            if (missing.isPresent()) {
                context.events()
                        .warning(
                                pod,
                                "FailedPrepareDynamicResources",
                                "Failed to prepare dynamic resources: " + missing.get());
                again.after(nextRetry());
                return Optional.empty();
            }
            String id = context.runtime().runPodSandbox(context.sandboxes().config(pod, attempt));
            retry = FIRST_RETRY;
            return Optional.of(id);
        } catch (CriException | ConfigException e) {
            context.events()
                    .warning(
                            pod,
                            "FailedCreatePodSandBox",
                            "Failed to create pod sandbox: rpc error: code = Unknown desc = " + e.getMessage());
            again.after(nextRetry());
            return Optional.empty();
        }
    }

    /** Brings the init containers forward by one step; true when the main ones may run. */
    private boolean initialize(Unstructured pod, PodView view, String sandbox, Soonest again) {
        boolean begun = pod.objects("spec", "containers").stream()
                .anyMatch(c -> view.latestIn(sandbox, c.string("name")).isPresent());
        for (Unstructured c : pod.objects("spec", "initContainers")) {
            Optional<ContainerStatus> run = view.latestIn(sandbox, c.string("name"));
            boolean running = run.isPresent() && run.get().state() == ContainerState.RUNNING;
            boolean exited = run.isPresent() && run.get().state() == ContainerState.EXITED;
            ContainerWork work = work(c);
            if (Specs.isSidecar(c)) {
                if (running) {
                    killIfAsked(pod, c, work, run.get());
                    if (!begun && !work.started(run.get().id())) {
                        return false;
                    }
                    continue;
                }
                start(pod, c, view, sandbox, again);
                if (!begun) {
                    return false;
                }
            } else if (!begun && !(exited && run.get().exitCode() == 0)) {
                if (!running && (!exited || Specs.shouldRestartInit(pod, c, run.get()))) {
                    start(pod, c, view, sandbox, again);
                }
                return false;
            }
        }
        return true;
    }

    private void mainContainer(Unstructured pod, Unstructured c, PodView view, String sandbox, Soonest again) {
        Optional<ContainerStatus> run = view.latest(c.string("name"));
        if (run.isPresent() && run.get().state() == ContainerState.RUNNING) {
            killIfAsked(pod, c, work(c), run.get());
        } else if (shouldStart(pod, c, run)) {
            start(pod, c, view, sandbox, again);
        }
    }

    private boolean shouldStart(Unstructured pod, Unstructured c, Optional<ContainerStatus> last) {
        return Specs.shouldStart(pod, c, last)
                || last.filter(r -> r.state() == ContainerState.EXITED && resize.hasEnded(r.id()))
                        .isPresent();
    }

    private void restart(Unstructured pod, Unstructured c, ContainerStatus run, String why) {
        Duration grace = Duration.ofSeconds(pod.integer(30, "spec", "terminationGracePeriodSeconds"));
        stopping.stop(pod, c, work(c), run.id(), grace, why);
    }

    private void start(Unstructured pod, Unstructured c, PodView view, String sandbox, Soonest again) {
        if (!Specs.isEphemeral(pod, c)) {
            resize.starts(c);
        }
        starting.start(pod, c, work(c), view, sandbox, volumes, again);
    }

    private ContainerWork work(Unstructured container) {
        return works.computeIfAbsent(container.string("name"), n -> new ContainerWork(context, container, changed));
    }

    private void killIfAsked(Unstructured pod, Unstructured c, ContainerWork work, ContainerStatus run) {
        work.killOf(run.id()).ifPresent(kill -> {
            long grace = pod.integer(30, "spec", "terminationGracePeriodSeconds");
            if (!kill.probe().isEmpty()) {
                grace = c.integer(grace, kill.probe(), "terminationGracePeriodSeconds");
            }
            stopping.stop(pod, c, work, run.id(), Duration.ofSeconds(grace), kill.message());
        });
    }

    // ---- taking down

    /** Nothing is to be started any more: what still runs is stopped. */
    private void end(Unstructured pod, PodView view) {
        works.values().forEach(w -> w.waiting("", ""));
        Duration grace = Duration.ofSeconds(pod.integer(30, "spec", "terminationGracePeriodSeconds"));
        if (!stopAll(pod, view, grace)) {
            view.sandboxes().stream()
                    .filter(PodSandbox::ready)
                    .forEach(s -> context.runtime().stopPodSandbox(s.id()));
            context.volumes().teardown(uid);
            context.admission().release(uid);
            volumesReady = false;
            volumesStale = true;
        }
    }

    /** Main containers together, then sidecars one by one, the last first. @return whether any still runs */
    private boolean stopAll(Unstructured pod, PodView view, Duration grace) {
        boolean running = false;
        List<Unstructured> inits = pod.objects("spec", "initContainers");
        for (Unstructured c : Specs.ephemeral(pod)) {
            running |= stop(pod, c, view, grace);
        }
        for (Unstructured c : Specs.all(pod)) {
            if (!(Specs.isSidecar(c) && inits.contains(c))) {
                running |= stop(pod, c, view, grace);
            }
        }
        for (Unstructured c : inits.reversed()) {
            if (!running && Specs.isSidecar(c)) {
                running = stop(pod, c, view, grace);
            }
        }
        return running;
    }

    private boolean stop(Unstructured pod, Unstructured c, PodView view, Duration grace) {
        String name = c.string("name");
        Optional<ContainerStatus> run = view.latest(name).filter(r -> r.state() == ContainerState.RUNNING);
        run.ifPresent(r -> stopping.stop(pod, c, work(c), r.id(), grace, "Stopping container " + name));
        return run.isPresent();
    }

    /** A deleted pod has ended: its things go, then it itself. */
    private void finish(Unstructured pod) {
        works.values().forEach(ContainerWork::endProbes);
        context.volumes().teardown(uid);
        try {
            context.client().delete(Resources.PODS, pod.namespace(), pod.name(), new DeleteOptions(0, "", uid, ""));
        } catch (StatusException e) {
            if (!e.isNotFound() && !e.isConflict()) {
                throw e;
            }
        }
    }

    private boolean gone;

    /** Nothing of the pod is left on the node. */
    boolean isGone() {
        return gone;
    }

    private Result remove(@Nullable Unstructured pod, PodView view) {
        works.values().forEach(ContainerWork::endProbes);
        context.admission().release(uid);
        if (pod != null && view.anyRunning() && stopAll(pod, view, Duration.ofSeconds(1))) {
            return Result.DONE;
        }
        for (PodSandbox s : view.sandboxes()) {
            context.runtime().removePodSandbox(s.id());
        }
        context.volumes().teardown(uid);
        try {
            Trees.delete(context.node().pods().resolve(uid));
            for (String log : Volumes.names(context.node().logs())) {
                if (log.endsWith("_" + uid) || log.equals(uid)) {
                    Trees.delete(context.node().logs().resolve(log));
                }
            }
        } catch (IOException e) {
            throw new VolumeException("files of pod " + uid + ": " + e.getMessage());
        }
        gone = true;
        return Result.DONE;
    }

    /** Ends what runs beside the syncs; containers run on. */
    void close() {
        works.values().forEach(ContainerWork::endProbes);
    }
}
