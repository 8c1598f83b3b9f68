package dev.coracle.kubelet.pod;

import dev.coracle.kubelet.container.ContainerReference;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.CriException;
import java.time.Duration;

/** Stops a container in the background: its preStop hook, its stop signal, the end of its grace, SIGKILL. */
final class ContainerStop {
    private static final System.Logger LOG = System.getLogger("coracle.kubelet");

    private final PodContext context;
    private final Runnable changed;
    private final Hooks hooks;

    ContainerStop(PodContext context, Runnable changed) {
        this.context = context;
        this.changed = changed;
        this.hooks = new Hooks(context);
    }

    /**
     * Begins stopping, or hurries what was begun with a longer grace.
     *
     * @param message of the Killing event
     */
    void stop(Unstructured pod, Unstructured container, ContainerWork work, String id, Duration grace, String message) {
        boolean hurry = work.isStopping(id);
        if (!work.beginStop(id, grace.toSeconds())) {
            return;
        }
        Unstructured hook = container.object("lifecycle", "preStop");
        if (hurry) {
            end(work, id, grace);
            return;
        }
        Unstructured about = ContainerReference.of(pod, container);
        context.events().normal(about, "Killing", message);
        if (hook.map().isEmpty() || grace.isZero()) {
            end(work, id, grace);
        } else if (hook.has("sleep")) {
            Duration sleep = Duration.ofSeconds(hook.integer(0, "sleep", "seconds"));
            Duration bounded = sleep.compareTo(grace) < 0 ? sleep : grace;
            context.environment().timers().schedule(bounded, () -> end(work, id, left(grace, bounded)));
        } else {
            context.environment().tasks().start("preStop", () -> {
                long began = context.environment().clock().nanos();
                if (hooks.run(pod, container, id, hook, grace).isPresent()) {
                    context.events().warning(about, "FailedPreStopHook", "PreStopHook failed");
                }
                end(work, id, left(grace, context.environment().clock().elapsed(began)));
            });
        }
    }

    /** A hook that took all of the grace leaves two seconds to end in, as upstream. */
    private static Duration left(Duration grace, Duration used) {
        Duration left = grace.minus(used);
        return left.compareTo(Duration.ofSeconds(2)) < 0 ? Duration.ofSeconds(2) : left;
    }

    private void end(ContainerWork work, String id, Duration grace) {
        context.environment().tasks().start("stop " + id, () -> {
            try {
                context.runtime().stopContainer(id, grace);
            } catch (CriException e) {
                LOG.log(System.Logger.Level.WARNING, "container " + id + " does not stop", e);
                work.stopFailed();
                context.environment().timers().schedule(Duration.ofSeconds(5), changed);
            }
            changed.run();
        });
    }
}
