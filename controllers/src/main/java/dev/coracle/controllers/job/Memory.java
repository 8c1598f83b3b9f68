package dev.coracle.controllers.job;

import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What was done for one Job: its copies may not show it yet. A Job whose status is older than what was written to it would
 * forget pods that are counted, and make others for them; so it is not looked at.
 */
final class Memory {
    private final String uid;
    private final Map<String, Long> released = new HashMap<>();
    private long written;
    private Backoff backoff = Backoff.NONE;

    Memory(String uid) {
        this.uid = uid;
    }

    boolean isOf(Unstructured job) {
        return job.uid().equals(uid);
    }

    void wrote(Revision job) {
        written = Math.max(written, job.version());
    }

    boolean isAhead(Revision job) {
        return job.version() < written;
    }

    /** A pod's finalizer was removed, in this version of the pod. */
    void released(Revision pod) {
        released.put(pod.uid(), pod.version());
    }

    /** The uids of those pods that are shown as they were before that. */
    Set<String> released(List<Unstructured> pods) {
        Set<String> stale = new HashSet<>();
        for (Unstructured pod : pods) {
            Long since = released.get(pod.uid());
            if (since != null && Long.parseLong(pod.resourceVersion()) < since) {
                stale.add(pod.uid());
            }
        }
        released.keySet().retainAll(stale);
        return stale;
    }

    Backoff backoff() {
        return backoff;
    }

    void backoff(Backoff next) {
        backoff = next;
    }
}
