package dev.coracle.scheduler;

import dev.coracle.client.Informer;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.State.Waiting;
import dev.coracle.scheduler.framework.Diagnosis;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.PluginFailure;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.Status;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a pod that fits nowhere.
 *
 * @param evictions beside the other effects, lest those that made room wait for their binding until all others have
 * @param outcomes takes what the loop is to do once a write is done
 */
record Refusing(
        State state,
        Profile.All profiles,
        Informer pods,
        Effects effects,
        Effects evictions,
        Clock clock,
        Consumer<Runnable> outcomes) {
    private static final System.Logger LOG = System.getLogger("coracle.scheduler");

    /** Says why no node will do, if that is news; makes room, if that helps; and parks the pod. */
    void refuse(PodInfo pod, Decision decision, long now) {
        ObjectKey key = pod.key();
        state.waiting.put(key, new Waiting(pod, decision.refusers()));
        state.awaiting.remove(key);
        Plugin.Rescue rescue = decision.rescue();
        boolean preempts = !rescue.node().isEmpty() && !isGoing(state.victims.getOrDefault(key, List.of()));
        String nominated = null;
        if (preempts) {
            nominated = rescue.node();
            preempt(pod, rescue);
        } else if (!rescue.keepNomination()) {
            state.victims.remove(key);
            String before = state.placements.unnominate(key);
            state.hints.node(before);
            nominated = before.isEmpty() ? null : "";
        }
        tell(pod, "Unschedulable", decision.message(), nominated, now);
        rescue.writes().forEach(w -> write(pod, w));
        if (preempts) {
            evict(pod, rescue);
        } else {
            state.queue.park(key, now);
        }
    }

    /** What the pod names is broken: it is told so, and tried again after its backoff. */
    void broken(PodInfo pod, PluginFailure failure, long now) {
        String message = String.valueOf(failure.getMessage());
        LOG.log(System.Logger.Level.DEBUG, pod.key() + " is tried again: " + message);
        state.awaiting.remove(pod.key());
        tell(pod, "SchedulerError", message, null, now);
        state.queue.fail(pod.key(), now);
    }

    private void tell(PodInfo pod, String reason, String message, @Nullable String nominated, long now) {
        Unstructured shown = pods.get(pod.key()).map(Revision::object).orElse(pod.pod());
        boolean known = Writes.isKnown(shown, message);
        boolean news = state.queue.isNews(pod.key(), message, known, now);
        if (news || !known || nominated != null) {
            write(pod, () -> {
                if (news) {
                    writes(pod).tell(shown, message);
                }
                if (!known || nominated != null) {
                    writes(pod).note(shown, reason, message, nominated);
                }
            });
        }
    }

    /** Keeps the node for the pod; others of lower priority that were to come there are asked anew. */
    private void preempt(PodInfo pod, Plugin.Rescue rescue) {
        state.victims.put(pod.key(), rescue.victims());
        for (PodInfo lower : state.placements.nominated(rescue.node())) {
            if (lower.priority() < pod.priority()) {
                state.placements.unnominate(lower.key());
                state.hints.node(rescue.node());
                write(lower, () -> writes(lower).nominate(lower.pod(), ""));
            }
        }
        state.placements.nominate(pod, rescue.node());
    }

    /** One that is not bound yet need not be deleted: its place is enough. */
    private void evict(PodInfo pod, Plugin.Rescue rescue) {
        List<PodInfo> running = rescue.victims().stream()
                .filter(v -> !state.permits.isHeld(v.uid()))
                .toList();
        rescue.victims().stream()
                .filter(v -> !running.contains(v))
                .forEach(v -> state.permits.reject(v.uid(), "DefaultPreemption", "preempted"));
        var all = new Evictions(pod, running.size());
        if (running.isEmpty()) {
            outcomes.accept(() -> settle(all));
        }
        for (PodInfo v : running) {
            evictions.submit(v.key(), () -> {
                @Nullable Throwable failure = null;
                try {
                    writes(pod).evict(v, pod, rescue.node());
                } catch (RuntimeException | Error e) {
                    failure = e;
                }
                Throwable met = failure;
                outcomes.accept(() -> {
                    all.left--;
                    all.failure = all.failure == null ? met : all.failure;
                    settle(all);
                });
            });
        }
    }

    /** How many are still to be told to go for one pod; of the loop. */
    private static final class Evictions {
        private final PodInfo pod;
        private int left;
        private @Nullable Throwable failure;

        Evictions(PodInfo pod, int left) {
            this.pod = pod;
            this.left = left;
        }
    }

    private void settle(Evictions all) {
        if (all.left > 0) {
            return;
        }
        if (all.failure != null) {
            failed(all.pod, all.failure);
        } else if (state.isWaiting(all.pod)) {
            state.queue.park(all.pod.key(), clock.nanos());
        }
    }

    /** Whether pods that were told to go are there still and do not yet show it. */
    private boolean isGoing(List<PodInfo> told) {
        return told.stream().anyMatch(v -> {
            PodInfo now = state.placements.placed(v.key());
            return now != null && now.uid().equals(v.uid()) && !now.isDeleting();
        });
    }

    /** What is only told may fail: it is told again. */
    private void write(PodInfo pod, Runnable write) {
        effects.submit(pod.key(), () -> {
            try {
                write.run();
            } catch (RuntimeException e) {
                boolean gone = e instanceof StatusException s && (s.isNotFound() || s.isConflict());
                LOG.log(
                        gone ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING,
                        "cannot write what becomes of " + pod.key() + ": " + e.getMessage());
            }
        });
    }

    /** A plugin would not have the pod bound where it was to go: it gives its place up, and waits for what helps that. */
    void rejected(PodInfo pod, String plugin, String message) {
        giveUp(pod);
        if (state.isWaiting(pod)) {
            Diagnosis diagnosis = new Diagnosis(1);
            diagnosis.add(Status.unschedulable(message));
            refuse(pod, Decision.nowhere(diagnosis.message(), plugin), clock.nanos());
        }
    }

    /** What others were to do for the pod took too long: it gives its place up. */
    void late(PodInfo pod, String message) {
        LOG.log(System.Logger.Level.WARNING, pod.key() + " is tried again: " + message);
        state.awaiting.remove(pod.key());
        giveUp(pod);
        state.queue.fail(pod.key(), clock.nanos());
        write(pod, () -> {
            writes(pod).tell(pod.pod(), message);
            writes(pod).note(pod.pod(), "SchedulerError", message, null);
        });
    }

    /** A write that a decision needs failed: the pod is tried again soon. */
    void failed(PodInfo pod, Throwable e) {
        boolean race = e instanceof StatusException s && (s.isConflict() || s.isNotFound() || s.isAlreadyExists());
        String what = pod.key() + " is tried again: " + e.getMessage();
        if (e instanceof StatusException) {
            LOG.log(race ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING, what);
        } else {
            LOG.log(System.Logger.Level.WARNING, what, e);
        }
        giveUp(pod);
        state.victims.remove(pod.key());
        state.awaiting.remove(pod.key());
        if (state.isWaiting(pod)) {
            state.queue.fail(pod.key(), clock.nanos());
        }
    }

    private void giveUp(PodInfo pod) {
        state.forget(pod);
        takeBack(pod);
    }

    /** A pod that had a node does not go there: what was written for that is taken back before anything else is. */
    void takeBack(PodInfo pod) {
        Profile profile = profiles.find(pod.pod());
        if (profile != null) {
            for (Plugin.Reserves r : profile.reserves()) {
                Runnable write = r.takeBack(pod);
                if (write != null) {
                    write(pod, write);
                }
            }
        }
    }

    private Writes writes(PodInfo pod) {
        return profiles.of(pod.pod()).writes();
    }
}
