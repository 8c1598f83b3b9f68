package dev.coracle.controllers.daemonset;

import dev.coracle.controllers.daemonset.Changes.Deletion;
import dev.coracle.controllers.daemonset.Changes.Why;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * All places of a set at one instant. First good order is made ({@link #tidy}): a pod where one should be, none where not.
 * Only when nothing is left to be done for that an update goes on ({@link #roll}): without surge by deleting old pods, of
 * which good order makes new ones; with surge by adding new ones beside them, which take over when they are available.
 *
 * @param places by name of their nodes
 */
record Roster(List<Place> places, Rules rules) {
    /**
     * How an update goes, as the set has it: a number, or a share of the nodes that should have a pod, rounded up.
     *
     * @param rolling false where pods are replaced only when somebody deletes them
     */
    record Rules(
            boolean rolling,
            @Nullable Object maxUnavailable,
            @Nullable Object maxSurge) {
        static Rules of(Unstructured set) {
            boolean rolling = set.string("spec", "updateStrategy", "type").equals("RollingUpdate");
            Unstructured how = set.object("spec", "updateStrategy", "rollingUpdate");
            return new Rules(rolling, how.get("maxUnavailable"), how.get("maxSurge"));
        }

        boolean surges() {
            return surge(1) > 0;
        }

        long surge(long desired) {
            return rolling ? share(maxSurge, desired) : 0;
        }

        /** Where both would be none nothing could move: then one. */
        long unavailable(long desired) {
            long most = rolling ? share(maxUnavailable, desired) : 0;
            return most == 0 && surge(desired) == 0 && desired > 0 ? 1 : most;
        }

        private static long share(@Nullable Object value, long whole) {
            if (value instanceof Number n) {
                return n.longValue();
            }
            return value instanceof String s && s.endsWith("%")
                    ? Math.ceilDiv(Long.parseLong(s.substring(0, s.length() - 1)) * whole, 100)
                    : 0;
        }
    }

    /** How many nodes should have a pod. */
    long desired() {
        return places.stream().filter(p -> p.fit().shouldRun()).count();
    }

    // ---- good order

    /** @param heldBack nodes where a pod that failed is left for now */
    Changes tidy(Predicate<String> heldBack) {
        List<String> nodes = new ArrayList<>();
        List<Deletion> deletions = new ArrayList<>();
        for (Place p : places) {
            if (!p.exists()) {
                // Those that were bound are the pod collector's.
                p.daemons().stream()
                        .filter(d -> !d.scheduled())
                        .forEach(d -> deletions.add(new Deletion(p.node(), d, Why.EXCESS)));
            } else if (p.fit().shouldRun() && p.daemons().isEmpty()) {
                nodes.add(p.node());
            } else if (p.fit().mayStay()) {
                tidy(p, heldBack, nodes, deletions);
            } else {
                p.living().forEach(d -> deletions.add(new Deletion(p.node(), d, Why.EXCESS)));
            }
        }
        return new Changes(nodes, deletions);
    }

    private void tidy(Place p, Predicate<String> heldBack, List<String> nodes, List<Deletion> deletions) {
        List<Daemon> running = new ArrayList<>();
        for (Daemon d : p.living()) {
            switch (d.phase()) {
                case "Failed" -> {
                    if (!heldBack.test(p.node())) {
                        deletions.add(new Deletion(p.node(), d, Why.FAILED));
                    }
                }
                case "Succeeded" -> deletions.add(new Deletion(p.node(), d, Why.SUCCEEDED));
                default -> running.add(d);
            }
        }
        if (!rules.surges()) {
            running.stream().skip(1).forEach(d -> deletions.add(new Deletion(p.node(), d, Why.EXCESS)));
        } else if (p.fit().shouldRun() && p.daemons().stream().allMatch(Daemon::terminating)) {
            // What is going need not be gone: there may be two. One that failed must be, or they would pile up.
            nodes.add(p.node());
        } else {
            pair(p, running, deletions);
        }
    }

    /** An old and a new one may be side by side while the old is ready and the new not yet available. */
    private static void pair(Place p, List<Daemon> running, List<Deletion> deletions) {
        Daemon fresh = null;
        Daemon old = null;
        for (Daemon d : running) {
            if (d.fresh() && fresh == null) {
                fresh = d;
            } else if (!d.fresh() && old == null) {
                old = d;
            } else {
                deletions.add(new Deletion(p.node(), d, Why.EXCESS));
            }
        }
        if (fresh != null && old != null && (!old.ready() || fresh.available())) {
            deletions.add(new Deletion(p.node(), old, Why.UPDATE));
        }
    }

    // ---- updates

    /** Nothing, where pods are not to be replaced. */
    Changes roll() {
        if (!rules.rolling()) {
            return new Changes(List.of(), List.of());
        }
        List<Place> taking = places.stream()
                .filter(p -> p.fit().shouldRun() || !p.daemons().isEmpty())
                .toList();
        long desired = desired();
        return rules.surge(desired) == 0
                ? replace(taking, rules.unavailable(desired))
                : surge(taking, desired, rules.surge(desired));
    }

    /** What is on a place: at most one of either sort, or else it is for {@link #tidy} first. */
    private record Pair(@Nullable Daemon fresh, @Nullable Daemon old, boolean clear) {
        static Pair of(Place p) {
            List<Daemon> fresh = p.living().stream().filter(Daemon::fresh).toList();
            List<Daemon> old = p.living().stream().filter(d -> !d.fresh()).toList();
            return new Pair(
                    fresh.isEmpty() ? null : fresh.getFirst(),
                    old.isEmpty() ? null : old.getFirst(),
                    fresh.size() <= 1 && old.size() <= 1);
        }
    }

    /** Old pods that are not available may go at once: nothing is lost. Others only as far as the limit allows. */
    private static Changes replace(List<Place> places, long most) {
        List<Deletion> deletions = new ArrayList<>();
        List<Deletion> candidates = new ArrayList<>();
        long unavailable = 0;
        for (Place p : places) {
            Pair pair = Pair.of(p);
            Daemon old = pair.old();
            Daemon fresh = pair.fresh();
            if (!pair.clear() || (old == null) == (fresh == null)) {
                unavailable++;
            } else if (fresh != null) {
                unavailable += fresh.available() ? 0 : 1;
            } else if (old != null && !old.available()) {
                unavailable++;
                deletions.add(new Deletion(p.node(), old, Why.UPDATE));
            } else if (old != null) {
                candidates.add(new Deletion(p.node(), old, Why.UPDATE));
            }
        }
        candidates.stream().limit(Math.max(0, most - unavailable)).forEach(deletions::add);
        return new Changes(List.of(), deletions);
    }

    private static Changes surge(List<Place> places, long desired, long most) {
        List<Deletion> deletions = new ArrayList<>();
        List<Deletion> misplaced = new ArrayList<>();
        List<String> nodes = new ArrayList<>();
        List<String> candidates = new ArrayList<>();
        long surging = 0;
        long available = 0;
        for (Place p : places) {
            Pair pair = Pair.of(p);
            Daemon old = pair.old();
            Daemon fresh = pair.fresh();
            if (!pair.clear()) {
                surging++;
                continue;
            }
            Daemon first = old != null ? old : fresh;
            available += first != null && first.available() ? 1 : 0;
            if (old == null) {
                continue;
            }
            Deletion replaced = new Deletion(p.node(), old, Why.UPDATE);
            if (fresh != null) {
                if (fresh.available()) {
                    deletions.add(replaced);
                } else {
                    surging++;
                }
            } else if (!p.fit().shouldRun()) {
                (old.available() ? misplaced : deletions).add(replaced);
            } else {
                (old.available() ? candidates : nodes).add(p.node());
            }
        }
        // Where the nodes that fit have changed, the old go only as the new become available.
        misplaced.stream().limit(Math.max(0, available - desired)).forEach(deletions::add);
        candidates.stream().limit(Math.max(0, most - surging)).forEach(nodes::add);
        return new Changes(nodes, deletions);
    }
}
