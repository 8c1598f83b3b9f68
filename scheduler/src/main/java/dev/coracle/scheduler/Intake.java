package dev.coracle.scheduler;

import dev.coracle.client.Informer;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.State.Waiting;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.Plugin.ClusterEvent;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.Snapshot;
import java.util.List;
import java.util.Set;

/** Brings what the informers show into what the loop knows, and lets those pods go on that can be helped. */
record Intake(State state, Profile.All profiles, Informer pods, Informer nodes, Informer namespaces) {
    private static final System.Logger LOG = System.getLogger("coracle.scheduler");

    void takeIn(List<Changes.Change> taken, long now) {
        for (Changes.Change c : taken) {
            try {
                if (c.resource().equals(Resources.NODES)) {
                    nodeChanged(c.key());
                } else if (c.resource().equals(Resources.PODS)) {
                    podChanged(c.key(), now);
                } else {
                    if (c.resource().equals(Resources.NAMESPACES)) {
                        state.placements.namespace(
                                c.key().name(),
                                namespaces.get(c.key()).map(Revision::labels).orElse(null));
                    }
                    state.hints.event(new ClusterEvent.ObjectChanged(c.resource(), c.key()));
                }
            } catch (RuntimeException e) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "cannot make sense of " + c.resource().resource() + " " + c.key(),
                        e);
            }
        }
    }

    /** Lets those go on whom it can help that something happened. */
    void help(long now) {
        if (state.hints.isEmpty()) {
            return;
        }
        Snapshot snapshot = state.placements.snapshot();
        state.queue.unpark(
                key -> {
                    Waiting w = state.waiting.get(key);
                    Profile profile = w == null ? null : profiles.find(w.pod());
                    return w != null && profile != null && state.hints.help(profile, w.pod(), w.refusers(), snapshot);
                },
                now);
        state.hints.clear();
    }

    private void nodeChanged(ObjectKey key) {
        nodes.get(key)
                .ifPresentOrElse(n -> state.placements.put(n.object()), () -> state.placements.remove(key.name()));
        NodeInfo node = state.placements.node(key.name());
        if (node != null) {
            state.hints.nodeChanged(node);
        }
    }

    private void podChanged(ObjectKey key, long now) {
        Revision revision = pods.get(key).orElse(null);
        if (revision != null && isOurs(revision)) {
            // One that is bound already is not yet shown so.
            if (!state.placements.isPlaced(key, revision.uid())) {
                state.unplace(key);
                waits(PodInfo.of(revision.object()), now);
            }
            return;
        }
        state.leave(key);
        String node = revision == null || Changes.hasEnded(revision.object())
                ? ""
                : revision.object().string("spec", "nodeName");
        if (revision == null || node.isEmpty()) {
            state.unplace(key);
            return;
        }
        PodInfo pod = PodInfo.of(revision.object());
        PodInfo before = state.placements.placed(key);
        state.hints.node(state.placements.place(pod, node));
        if (before == null
                || before.isDeleting() != pod.isDeleting()
                || !before.labels().equals(pod.labels())) {
            state.hints.event(new ClusterEvent.PodMoved(pod));
        }
    }

    private void waits(PodInfo pod, long now) {
        Waiting known = state.waiting.get(pod.key());
        boolean same = known != null
                && known.pod().uid().equals(pod.uid())
                && known.pod().labels().equals(pod.labels())
                && known.pod().pod().object("spec").equals(pod.pod().object("spec"))
                && claims(known.pod()).equals(claims(pod));
        state.waiting.put(pod.key(), new Waiting(pod, known != null && same ? known.refusers() : Set.of()));
        String nominated = pod.pod().string("status", "nominatedNodeName");
        if (!nominated.isEmpty()) {
            state.placements.nominate(pod, nominated);
        } else if (known != null && known.pod().pod().has("status", "nominatedNodeName")) {
            // Only then: one that was nominated just now is not shown so yet.
            state.hints.node(state.placements.unnominate(pod.key()));
        }
        if (!same) {
            state.queue.add(pod.key(), pod.uid(), pod.priority(), now);
        }
    }

    /** Those that were made for it. */
    private static List<Unstructured> claims(PodInfo pod) {
        return pod.pod().objects("status", "resourceClaimStatuses");
    }

    private boolean isOurs(Revision revision) {
        Unstructured pod = revision.object();
        if (revision.isDeleting()
                || Changes.hasEnded(pod)
                || !pod.string("spec", "nodeName").isEmpty()) {
            return false;
        }
        Profile profile = profiles.find(pod);
        return profile != null && profile.gates().stream().allMatch(g -> g.mayEnter(pod));
    }
}
