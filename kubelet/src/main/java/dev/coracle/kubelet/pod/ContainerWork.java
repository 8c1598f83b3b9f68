package dev.coracle.kubelet.pod;

import dev.coracle.kubelet.container.ContainerReference;
import dev.coracle.kubelet.container.CrashBackoff;
import dev.coracle.kubelet.container.ImagePuller;
import dev.coracle.kubelet.probe.ProbeKind;
import dev.coracle.kubelet.probe.ProbeSchedule;
import dev.coracle.kubelet.probe.Prober;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.RuntimeService.ContainerStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is remembered of one container of one pod besides what the runtime knows: why it waits, how it answers probes, and
 * whether it is being stopped. Guarded by itself, since probes answer on their own threads.
 */
final class ContainerWork {
    private final PodContext context;
    private final Unstructured container;
    private final Runnable changed;
    final CrashBackoff backoff;
    final ImagePuller puller;
    private final List<ProbeSchedule> probes = new ArrayList<>();
    private String waitingReason = "";
    private String waitingMessage = "";
    private String announced = "";
    private String run = "";
    private String hookOf = "";
    private boolean started;
    private boolean ready;
    private Kill kill = Kill.NONE;
    private String stopping = "";
    private long stopGrace;

    /**
     * That a run must be ended.
     *
     * @param message of the Killing event
     * @param probe which one's own grace counts, if it has any; {@code ""}: the pod's does
     */
    record Kill(String run, String message, String probe) {
        static final Kill NONE = new Kill("", "", "");
    }

    /** @param changed called when a probe, a pull or a hook has changed something */
    ContainerWork(PodContext context, Unstructured container, Runnable changed) {
        this.context = context;
        this.container = container;
        this.changed = changed;
        this.backoff = new CrashBackoff(context.environment().clock());
        this.puller = new ImagePuller(context.images(), context.events(), context.environment(), changed);
    }

    synchronized void waiting(String reason, String message) {
        waitingReason = reason;
        waitingMessage = message;
    }

    synchronized String waitingReason() {
        return waitingReason;
    }

    synchronized String waitingMessage() {
        return waitingMessage;
    }

    /** True the first time it is asked about {@code what}. */
    synchronized boolean announce(String what) {
        boolean fresh = !announced.equals(what);
        announced = what;
        return fresh;
    }

    synchronized boolean started(String id) {
        return run.equals(id) && started;
    }

    synchronized boolean ready(String id) {
        return run.equals(id) && started && ready;
    }

    /** What is to be done to end run {@code id}, if it is. */
    synchronized Optional<Kill> killOf(String id) {
        return kill.run().equals(id) ? Optional.of(kill) : Optional.empty();
    }

    /** A hook runs after the start of run {@code id}; its probes wait for it. */
    synchronized void hook(String id) {
        hookOf = id;
    }

    /** The hook of run {@code id} has ended. @param failure why it failed, {@code ""} if it did not: then the run ends */
    synchronized void hookEnded(String id, String failure) {
        if (!hookRuns(id)) {
            // That run has ended before its hook has, and another may have begun.
            return;
        }
        hookOf = "";
        if (!failure.isEmpty()) {
            waiting("PostStartHookError", failure);
            kill = new Kill(id, "FailedPostStartHook", "");
        }
    }

    synchronized boolean hookRuns(String id) {
        return hookOf.equals(id) && !id.isEmpty();
    }

    /** True when stopping {@code id} must be begun, or hurried. */
    synchronized boolean beginStop(String id, long grace) {
        if (stopping.equals(id) && grace >= stopGrace) {
            return false;
        }
        stopping = id;
        stopGrace = grace;
        return true;
    }

    synchronized boolean isStopping(String id) {
        return stopping.equals(id);
    }

    synchronized void stopFailed() {
        stopping = "";
    }

    /** Follows the newest run: probes begin with it and end with it. */
    void observe(Unstructured pod, String podIp, ContainerStatus latest, boolean running) {
        synchronized (this) {
            // One that is to be killed before it was ever followed, as its hook failed, is never ready.
            if (running
                    && (run.equals(latest.id())
                            || hookRuns(latest.id())
                            || killOf(latest.id()).isPresent())) {
                return;
            }
            endProbes();
            kill = Kill.NONE;
            run = "";
            started = false;
            ready = false;
            if (!running) {
                return;
            }
            run = latest.id();
            waitingReason = "";
            waitingMessage = "";
            boolean startup = container.has(ProbeKind.STARTUP.field());
            boolean readiness = container.has(ProbeKind.READINESS.field());
            Unstructured known = reported(pod, latest.id());
            started = !startup || known.bool("started");
            ready = !readiness || known.bool("ready");
        }
        Duration age = Duration.between(
                Specs.time(latest.startedAtNanos()),
                context.environment().clock().now());
        if (started(latest.id())) {
            probe(ProbeKind.LIVENESS, pod, podIp, latest.id(), age);
            probe(ProbeKind.READINESS, pod, podIp, latest.id(), age);
        } else {
            probe(ProbeKind.STARTUP, pod, podIp, latest.id(), age);
        }
    }

    /** What the API was told of this run before the kubelet was restarted. */
    private Unstructured reported(Unstructured pod, String id) {
        for (String list : List.of("containerStatuses", "initContainerStatuses")) {
            for (Unstructured s : pod.objects("status", list)) {
                if (s.string("containerID").equals("coracle://" + id)) {
                    return s;
                }
            }
        }
        return new Unstructured(java.util.Map.of());
    }

    private void probe(ProbeKind kind, Unstructured pod, String podIp, String id, Duration age) {
        if (!container.has(kind.field())) {
            return;
        }
        var question = new Prober.Question(id, podIp, container.object(kind.field()), container.objects("ports"));
        var schedule = new ProbeSchedule(
                kind,
                container.object(kind.field()),
                question,
                context.prober(),
                context.environment(),
                new ProbeSchedule.Listener() {
                    @Override
                    public void onComplaint(ProbeKind k, Prober.Answer answer) {
                        complain(ContainerReference.of(pod, container), k, answer);
                    }

                    @Override
                    public void onResult(ProbeKind k, boolean success) {
                        answered(k, success, pod, podIp, id);
                    }
                });
        synchronized (this) {
            if (!run.equals(id)) {
                return;
            }
            probes.add(schedule);
        }
        schedule.start(age);
    }

    private void complain(Unstructured about, ProbeKind kind, Prober.Answer answer) {
        boolean warning = answer.result() == Prober.Result.WARNING;
        String how = switch (answer.result()) {
            case WARNING -> "warning";
            case ERROR -> "errored and resulted in failure state";
            default -> "failed";
        };
        context.events()
                .warning(
                        about,
                        warning ? "ProbeWarning" : "Unhealthy",
                        kind.title() + " probe " + how + ": " + answer.output());
    }

    private void answered(ProbeKind kind, boolean success, Unstructured pod, String podIp, String id) {
        boolean begin = false;
        synchronized (this) {
            if (!run.equals(id)) {
                return;
            }
            if (kind == ProbeKind.READINESS) {
                if (ready == success) {
                    return;
                }
                ready = success;
            } else if (!success) {
                String message = "Container " + container.string("name") + " failed "
                        + kind.title().toLowerCase(java.util.Locale.ROOT) + " probe, will be restarted";
                kill = new Kill(id, message, kind.field());
                endProbes();
            } else if (kind == ProbeKind.STARTUP && !started) {
                started = true;
                begin = true;
                endProbes();
            } else {
                return;
            }
        }
        if (begin) {
            probe(ProbeKind.LIVENESS, pod, podIp, id, Duration.ZERO);
            probe(ProbeKind.READINESS, pod, podIp, id, Duration.ZERO);
        }
        changed.run();
    }

    synchronized void endProbes() {
        probes.forEach(ProbeSchedule::stop);
        probes.clear();
    }
}
