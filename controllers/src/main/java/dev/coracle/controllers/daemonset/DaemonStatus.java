package dev.coracle.controllers.daemonset;

import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Predicate;

/**
 * How a set does: nodes are counted, and of the daemons on a node the first.
 *
 * @param observed the generation that was acted upon
 */
record DaemonStatus(Unstructured set, Roster roster, long observed, long collisions) {
    Unstructured toObject() {
        List<Place> wanted =
                roster.places().stream().filter(p -> p.fit().shouldRun()).toList();
        List<Daemon> first = wanted.stream()
                .filter(p -> !p.daemons().isEmpty())
                .map(p -> p.daemons().getFirst())
                .toList();
        long misplaced = roster.places().stream()
                .filter(p -> p.exists() && !p.fit().shouldRun() && !p.daemons().isEmpty())
                .count();
        long available = count(first, d -> d.ready() && d.available());
        Unstructured status = new Unstructured(new LinkedHashMap<>());
        status.set(first.size(), "currentNumberScheduled");
        status.set(misplaced, "numberMisscheduled");
        status.set(wanted.size(), "desiredNumberScheduled");
        status.set(count(first, Daemon::ready), "numberReady");
        set(status, observed, "observedGeneration");
        set(status, count(first, Daemon::fresh), "updatedNumberScheduled");
        set(status, available, "numberAvailable");
        set(status, wanted.size() - available, "numberUnavailable");
        set(status, collisions, "collisionCount");
        // Others may tell of the set, too.
        return status.set(set.get("status", "conditions"), "conditions");
    }

    private static long count(List<Daemon> daemons, Predicate<Daemon> which) {
        return daemons.stream().filter(which).count();
    }

    private static void set(Unstructured status, long n, String field) {
        status.set(n == 0 ? null : n, field);
    }
}
