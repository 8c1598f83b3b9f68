package dev.coracle.scheduler;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Revision;
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
