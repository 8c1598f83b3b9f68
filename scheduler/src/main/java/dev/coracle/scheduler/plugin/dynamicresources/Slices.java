package dev.coracle.scheduler.plugin.dynamicresources;

import dev.coracle.client.Informer;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Revision;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The devices there are. Of one thread. */
final class Slices {
    private record Known(Revision revision, Slice slice) {}

    private final Informer informer;
    private Map<ObjectKey, Known> known = Map.of();
    private List<Pool> pools = List.of();

    Slices(Informer informer) {
        this.informer = informer;
    }

    boolean synced() {
        return informer.synced();
    }

    /** All pools; the same objects while nothing changes. */
    List<Pool> pools() {
        List<Revision> now = informer.list();
        boolean same = now.size() == known.size();
        Map<ObjectKey, Known> next = new HashMap<>();
        for (Revision r : now) {
            Known k = known.get(r.key());
            if (k == null || k.revision != r) {
                same = false;
                k = new Known(r, Slice.of(r.object()));
            }
            next.put(r.key(), k);
        }
        if (!same) {
            known = next;
            pools = Pool.of(next.values().stream().map(Known::slice).toList());
        }
        return pools;
    }
}
