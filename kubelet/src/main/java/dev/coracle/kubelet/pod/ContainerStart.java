package dev.coracle.kubelet.pod;

import dev.coracle.kubelet.container.ConfigException;
import dev.coracle.kubelet.container.ContainerReference;
import dev.coracle.kubelet.container.CrashBackoff;
import dev.coracle.kubelet.container.ImagePuller.Outcome;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.ImageService.Image;
import dev.coracle.runtime.RuntimeService.ContainerConfig;
import dev.coracle.runtime.RuntimeService.ContainerState;
import dev.coracle.runtime.RuntimeService.ContainerStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Starts a container, or says in its {@link ContainerWork} why that has to wait. */
final class ContainerStart {
    private static final Duration RETRY = Duration.ofSeconds(10);

    /** Of what failed at its start, shown for a moment before the wait is. */
    private static final Set<String> START_FAILURES = Set.of("RunContainerError", "PostStartHookError");

    /** Upstream has none for hooks after the start. */
    private static final Duration UNBOUNDED = Duration.ofDays(1);

    private final PodContext context;
    private final Runnable changed;
    private final PullSecrets pullSecrets;
    private final Hooks hooks;

    ContainerStart(PodContext context, Runnable changed) {
        this.context = context;
        this.changed = changed;
        this.pullSecrets = new PullSecrets(context.client());
        this.hooks = new Hooks(context);
    }

    /**
     * @param pod with its addresses
     * @param again is told when to come back if it has to wait
     */
    void start(
            Unstructured pod,
            Unstructured container,
            ContainerWork work,
            PodView view,
            String sandboxId,
            Map<String, Path> volumes,
            Soonest again) {
        String name = container.string("name");
        Optional<ContainerStatus> last = view.latest(name);
        Optional<ContainerStatus> ended = last.filter(r -> r.state() == ContainerState.EXITED);
        if (ended.isPresent() && backsOff(pod, container, work, ended.get(), again)) {
            return;
        }
        switch (work.puller.ensure(pod, container, () -> pullSecrets.credentials(pod))) {
            case Outcome.Waiting w -> {
                if (!w.reason().isEmpty()) {
                    work.waiting(w.reason(), w.message());
                }
                again.after(w.retry());
            }
            case Outcome.Present present -> {
                // One that was made but never started, by a kubelet that was killed in between, is made anew.
                last.filter(r -> r.state() == ContainerState.CREATED)
                        .ifPresent(r -> context.runtime().removeContainer(r.id()));
                int attempt = last.map(r -> ended.isPresent() ? r.attempt() + 1 : r.attempt())
                        .orElseGet(() -> Specs.restarts(pod, Specs.reported(pod, name)));
                create(pod, container, work, view, sandboxId, volumes, again, present.image(), attempt)
                        .ifPresent(id -> {
                            ended.ifPresent(r -> work.backoff.restarted(Specs.time(r.finishedAtNanos())));
                            run(pod, container, work, id, again);
                            discard(view, name, attempt);
                        });
            }
        }
    }

    private boolean backsOff(
            Unstructured pod, Unstructured container, ContainerWork work, ContainerStatus ended, Soonest again) {
        String name = container.string("name");
        Instant finished = Specs.time(ended.finishedAtNanos());
        Duration left = work.backoff.remaining(finished);
        if (left.isZero()) {
            return false;
        }
        String delay = CrashBackoff.text(work.backoff.delay());
        // What failed to start at all shows that for a moment before it shows the wait.
        boolean shown = START_FAILURES.contains(work.waitingReason())
                && Duration.between(finished, context.environment().clock().now())
                                .compareTo(Duration.ofSeconds(2))
                        < 0;
        if (shown) {
            again.after(Duration.ofSeconds(2));
            return true;
        }
        work.waiting(
                "CrashLoopBackOff",
                "back-off " + delay + " restarting failed container=" + name + " pod=" + Specs.format(pod));
        if (work.announce("BackOff " + ended.id())) {
            context.events()
                    .warning(
                            ContainerReference.of(pod, container),
                            "BackOff",
                            "Back-off restarting failed container " + name + " in pod " + Specs.format(pod));
        }
        again.after(left);
        return true;
    }

    private Optional<String> create(
            Unstructured pod,
            Unstructured container,
            ContainerWork work,
            PodView view,
            String sandboxId,
            Map<String, Path> volumes,
            Soonest again,
            Image image,
            int attempt) {
        try {
            ContainerConfig config = context.configs()
                    .config(
                            pod,
                            container,
                            attempt,
                            image,
                            volumes,
                            context.services().apply(pod.namespace()),
                            pidTarget(pod, container, view));
            String id = context.runtime().createContainer(sandboxId, config);
            context.events().normal(ContainerReference.of(pod, container), "Created", "Container created");
            return Optional.of(id);
        } catch (ConfigException e) {
            failed(ContainerReference.of(pod, container), work, "CreateContainerConfigError", e, again);
        } catch (CriException e) {
            failed(ContainerReference.of(pod, container), work, "CreateContainerError", e, again);
        }
        return Optional.empty();
    }

    /** Of an ephemeral container, the run whose processes it looks at; a pod that shares them all shows them anyway. */
    private static String pidTarget(Unstructured pod, Unstructured container, PodView view) {
        String name = container.string("targetContainerName");
        if (name.isEmpty()) {
            return "";
        }
        String id = view.latest(name)
                .orElseThrow(() -> new ConfigException("unable to find target container " + name))
                .id();
        boolean shared = pod.bool("spec", "hostPID") || pod.bool("spec", "shareProcessNamespace");
        return shared ? "" : id;
    }

    private void failed(Unstructured about, ContainerWork work, String reason, RuntimeException e, Soonest again) {
        String message = String.valueOf(e.getMessage());
        work.waiting(reason, message);
        context.events().warning(about, "Failed", "Error: " + message);
        again.after(RETRY);
    }

    private void run(Unstructured pod, Unstructured container, ContainerWork work, String id, Soonest again) {
        Unstructured hook = container.object("lifecycle", "postStart");
        if (!hook.map().isEmpty()) {
            work.hook(id);
        }
        try {
            context.runtime().startContainer(id);
        } catch (CriException e) {
            work.hookEnded(id, "");
            failed(ContainerReference.of(pod, container), work, "RunContainerError", e, again);
            again.after(Duration.ofSeconds(2));
            return;
        }
        work.waiting("", "");
        context.events().normal(ContainerReference.of(pod, container), "Started", "Container started");
        if (hook.has("sleep")) {
            context.environment().timers().schedule(Duration.ofSeconds(hook.integer(0, "sleep", "seconds")), () -> {
                work.hookEnded(id, "");
                changed.run();
            });
        } else if (!hook.map().isEmpty()) {
            context.environment().tasks().start("postStart", () -> postStart(pod, container, work, id, hook));
        }
    }

    private void postStart(Unstructured pod, Unstructured container, ContainerWork work, String id, Unstructured hook) {
        Optional<String> failure = hooks.run(pod, container, id, hook, UNBOUNDED);
        if (failure.isPresent()) {
            // The event does not say how, lest a secret that the hook printed be in it.
            context.events()
                    .warning(ContainerReference.of(pod, container), "FailedPostStartHook", "PostStartHook failed");
        }
        work.hookEnded(id, failure.orElse(""));
        changed.run();
    }

    /** Of ended runs the newest is kept, for {@code kubectl logs --previous} and the last state. */
    private void discard(PodView view, String name, int attempt) {
        for (ContainerStatus old : view.of(name)) {
            if (old.attempt() < attempt - 1 && old.state() == ContainerState.EXITED) {
                context.runtime().removeContainer(old.id());
                try {
                    if (!old.logPath().isEmpty()) {
                        Files.deleteIfExists(Path.of(old.logPath()));
                    }
                } catch (IOException e) {
                    // Goes with the pod.
                    System.getLogger("coracle.kubelet").log(System.Logger.Level.DEBUG, "old log", e);
                }
            }
        }
    }
}
