package dev.coracle.controllers.deployment;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Share;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A Deployment and its ReplicaSets at one instant. Says how large each set should be next; changes nothing.
 *
 * <p>Example: 4 replicas, maxSurge 1, maxUnavailable 1. A new template makes a set of 1 (4 + 1 allowed, 4 there), then
 * the old one may lose 1 (5 wanted by specs, 3 needed, 1 of the new not yet available), and so on until it is empty.
 *
 * @param current the set of the Deployment's template, if there is one
 * @param old all others, oldest first
 */
record Rollout(Unstructured deployment, @Nullable Unstructured current, List<Unstructured> old) {
    static final String DESIRED = "deployment.kubernetes.io/desired-replicas";
    static final String MAXIMUM = "deployment.kubernetes.io/max-replicas";

    /** A set and the size it should have. */
    record Resize(Unstructured set, long replicas) {}

    static Rollout of(Unstructured deployment, List<Unstructured> sets) {
        List<Unstructured> all = new ArrayList<>(sets);
        all.sort(OLDEST_FIRST);
        Unstructured current = null;
        for (Unstructured set : all) {
            if (current == null && PodTemplates.same(deployment, set)) {
                current = set;
            }
        }
        Unstructured found = current;
        return new Rollout(
                deployment, current, all.stream().filter(s -> s != found).toList());
    }

    static final Comparator<Unstructured> OLDEST_FIRST = Comparator.<Unstructured, String>comparing(
                    s -> s.string("metadata", "creationTimestamp"))
            .thenComparing(Unstructured::name);

    Rollout with(Unstructured made) {
        return new Rollout(deployment, made, old);
    }

    List<Unstructured> all() {
        List<Unstructured> all = new ArrayList<>(old);
        if (current != null) {
            all.add(current);
        }
        return all;
    }

    boolean isRecreate() {
        return deployment.string("spec", "strategy", "type").equals("Recreate");
    }

    long replicas() {
        return deployment.integer(1, "spec", "replicas");
    }

    static long size(Unstructured set) {
        return set.integer(1, "spec", "replicas");
    }

    private static long available(Unstructured set) {
        return set.integer(0, "status", "availableReplicas");
    }

    long total() {
        return all().stream().mapToLong(Rollout::size).sum();
    }

    /** Pods beyond the replicas that may exist; percents round up. */
    long surge() {
        return isRecreate() ? 0 : resolve("maxSurge", true);
    }

    /** Replicas that may be missing; percents round down. Where both would be zero nothing could move: then one. */
    long unavailable() {
        if (isRecreate() || replicas() == 0) {
            return 0;
        }
        long most = resolve("maxUnavailable", false);
        return Math.min(replicas(), surge() == 0 && most == 0 ? 1 : most);
    }

    private long resolve(String field, boolean up) {
        return Share.of(deployment.get("spec", "strategy", "rollingUpdate", field), replicas(), up);
    }

    /** How large the set of the template, {@code now} so large, may be. */
    long newSize(long now) {
        if (isRecreate()) {
            return replicas();
        }
        long room = replicas() + surge() - total();
        return room <= 0 ? now : now + Math.min(room, replicas() - now);
    }

    /** The next step of a rolling update; empty when the wait is for pods, or when it is done. */
    List<Resize> roll() {
        if (current == null) {
            return List.of();
        }
        long now = size(current);
        long next = now > replicas() ? replicas() : now == replicas() ? now : newSize(now);
        return next != now ? List.of(new Resize(current, next)) : shrinkOld(current);
    }

    private List<Resize> shrinkOld(Unstructured newest) {
        long least = replicas() - unavailable();
        // By specs, and with the new set's unavailable pods counted as lost: a pod about to go is never counted on.
        long spare = total() - least - (size(newest) - available(newest));
        Map<Unstructured, Long> sizes = new LinkedHashMap<>();
        old.forEach(s -> sizes.put(s, size(s)));
        for (Unstructured set : old) {
            long broken = Math.min(Math.max(0, spare), Math.max(0, size(set) - available(set)));
            sizes.merge(set, -broken, Long::sum);
            spare -= broken;
        }
        long healthy = all().stream().mapToLong(Rollout::available).sum() - least;
        for (Unstructured set : old) {
            long left = sizes.getOrDefault(set, 0L);
            long down = Math.min(left, Math.max(0, Math.min(spare, healthy)));
            sizes.put(set, left - down);
            spare -= down;
            healthy -= down;
        }
        List<Resize> resizes = new ArrayList<>();
        sizes.forEach((set, n) -> {
            if (n != size(set)) {
                resizes.add(new Resize(set, n));
            }
        });
        return resizes;
    }

    /** Whether {@code spec.replicas} changed since the sets were sized. */
    boolean isScaling() {
        return all().stream()
                .filter(s -> size(s) > 0)
                .map(s -> s.annotations().get(DESIRED))
                .anyMatch(desired -> desired != null && !desired.equals("" + replicas()));
    }

    /** Sizes for a changed number of replicas: in the middle of an update each set takes its share. */
    List<Resize> scale() {
        List<Unstructured> active = all().stream().filter(s -> size(s) > 0).toList();
        if (active.size() <= 1) {
            Unstructured only = !active.isEmpty()
                    ? active.getFirst()
                    : current != null ? current : old.isEmpty() ? null : old.getLast();
            return only == null ? List.of() : List.of(new Resize(only, replicas()));
        }
        if (current != null && isSaturated(current)) {
            return old.stream()
                    .filter(s -> size(s) > 0)
                    .map(s -> new Resize(s, 0))
                    .toList();
        }
        return isRecreate() ? List.of() : proportional(active);
    }

    private boolean isSaturated(Unstructured set) {
        return size(set) == replicas()
                && ("" + replicas()).equals(set.annotations().get(DESIRED))
                && available(set) == replicas();
    }

    /** Largest first; of equals the newest when growing, the oldest when shrinking. The first takes what is left over. */
    private List<Resize> proportional(List<Unstructured> active) {
        long change = (replicas() > 0 ? replicas() + surge() : 0) - total();
        List<Unstructured> sorted = new ArrayList<>(active);
        sorted.sort(Comparator.comparingLong(Rollout::size)
                .reversed()
                .thenComparing(change > 0 ? OLDEST_FIRST.reversed() : OLDEST_FIRST));
        long done = 0;
        List<Resize> resizes = new ArrayList<>();
        for (Unstructured set : sorted) {
            long share = change == 0 || change == done ? 0 : share(set);
            long rest = change - done;
            share = change > 0 ? Math.min(share, rest) : Math.max(share, rest);
            done += share;
            resizes.add(new Resize(set, size(set) + share));
        }
        Resize first = resizes.getFirst();
        resizes.set(0, new Resize(first.set(), Math.max(0, first.replicas() + change - done)));
        return resizes;
    }

    private long share(Unstructured set) {
        if (replicas() == 0) {
            return -size(set);
        }
        long before = number(set.annotations().get(MAXIMUM));
        if (before <= 0) {
            before = Math.max(1, deployment.integer(0, "status", "replicas"));
        }
        return Math.round((double) size(set) * (replicas() + surge()) / before) - size(set);
    }

    static long number(@Nullable String text) {
        try {
            return text == null ? 0 : Long.parseLong(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
