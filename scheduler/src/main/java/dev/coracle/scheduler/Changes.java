package dev.coracle.scheduler;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What has changed since the scheduler last looked; what became of it, the informers tell. Informers' threads put in, the
 * scheduler's takes out, and an object that changes many times meanwhile is in here once.
 */
final class Changes {
    record Change(GroupVersionResource resource, ObjectKey key) {}

    private Set<Change> changes = new LinkedHashSet<>();

    /** What of a node decides whether pods fit, or do well: heartbeats change nothing that a pod could wait for. */
    static Object ofNode(Revision revision) {
        Unstructured node = revision.object();
        return List.of(
                node.object("spec"),
                node.object("metadata", "labels"),
                node.object("status", "allocatable"),
                node.objects("status", "images"));
    }

    /** What of a pod decides where it fits, what it takes, and how it counts for others. */
    static Object ofPod(Revision revision) {
        Unstructured pod = revision.object();
        return List.of(
                pod.uid(),
                hasEnded(pod),
                pod.isDeleting(),
                pod.object("metadata", "labels"),
                pod.object("spec"),
                pod.string("status", "nominatedNodeName"),
                pod.objects("status", "resourceClaimStatuses"));
    }

    static boolean hasEnded(Unstructured pod) {
        String phase = pod.string("status", "phase");
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    synchronized void add(Revision object) {
        changes.add(new Change(object.resource(), object.key()));
    }

    synchronized List<Change> take() {
        if (changes.isEmpty()) {
            return List.of();
        }
        List<Change> taken = List.copyOf(changes);
        changes = new LinkedHashSet<>();
        return taken;
    }
}
