package dev.coracle.scheduler;

import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.scheduler.framework.Plugin.ClusterEvent;
import dev.coracle.scheduler.framework.PodInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All that the scheduler's loop owns; nobody else reads or changes it. */
final class State {
    /** @param refusers who refused it the last time; empty before that */
    record Waiting(PodInfo pod, Set<String> refusers) {}

    final Placements placements = new Placements();
    final Hints hints = new Hints();
    final SchedulingQueue queue;
    final Map<ObjectKey, Waiting> waiting = new HashMap<>();
    /** The pods that are to go for each that preempts, until their going shows. */
    final Map<ObjectKey, List<PodInfo>> victims = new HashMap<>();

    /** Since when those have their node that await something there. */
    final Map<ObjectKey, Long> awaiting = new HashMap<>();

    final Attempts attempts = new Attempts();

    final Permits permits;

    private final Profile.All profiles;

    State(SchedulingQueue queue, Permits permits, Profile.All profiles) {
        this.queue = queue;
        this.permits = permits;
        this.profiles = profiles;
    }

    /** A pod needs no node any more; one that was kept free for it is free for others. */
    void leave(ObjectKey key) {
        queue.remove(key);
        Waiting gone = waiting.remove(key);
        if (gone != null) {
            permits.forget(gone.pod.uid());
            unreserve(gone.pod);
        }
        victims.remove(key);
        awaiting.remove(key);
        hints.node(placements.unnominate(key));
    }

    /** What was decided for the pod is not to be. */
    void forget(PodInfo pod) {
        unreserve(pod);
        String freed = placements.forget(pod);
        if (!freed.isEmpty()) {
            hints.node(freed);
            hints.event(new ClusterEvent.PodMoved(pod));
        }
    }

    /** What plugins keep for the pod elsewhere, and did not write, is free again. */
    void unreserve(PodInfo pod) {
        Profile profile = profiles.find(pod.pod());
        if (profile != null) {
            profile.reserves().forEach(r -> r.unreserve(pod).forEach(hints::event));
        }
    }

    /** The pod counts nowhere any more. */
    void unplace(ObjectKey key) {
        PodInfo pod = placements.placed(key);
        if (pod != null) {
            hints.node(placements.unplace(key));
            hints.event(new ClusterEvent.PodMoved(pod));
        }
    }

    /** Whether this very pod, and not another of its name, waits. */
    boolean isWaiting(PodInfo pod) {
        return queue.isWaiting(pod.key(), pod.uid());
    }
}
