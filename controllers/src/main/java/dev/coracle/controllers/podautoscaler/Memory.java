package dev.coracle.controllers.podautoscaler;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What an autoscaler remembers: the sizes that metrics asked for, and the changes that were made. It does not survive the
 * process, as upstream's does not.
 */
record Memory(List<Advice> advice, List<Change> ups, List<Change> downs) {
    /** A size as metrics asked for it, before anything held it back. */
    record Advice(long replicas, Instant at) {}

    /** @param by how many, whatever the direction */
    record Change(long by, Instant at) {}

    /** At first the size that is found was right. */
    static Memory of(long replicas, Instant now) {
        return new Memory(List.of(new Advice(replicas, now)), List.of(), List.of());
    }

    /** @param keep for how long advice matters */
    Memory advised(long replicas, Duration keep, Instant now) {
        List<Advice> all = new ArrayList<>(advice);
        all.removeIf(a -> a.at().isBefore(now.minus(keep)));
        all.add(new Advice(replicas, now));
        return new Memory(List.copyOf(all), ups, downs);
    }

    /** @param behavior whose periods say for how long changes matter */
    Memory scaled(Behavior behavior, long from, long to, Instant now) {
        return to > from
                ? new Memory(advice, with(ups, to - from, behavior.up().longest(), now), downs)
                : new Memory(advice, ups, with(downs, from - to, behavior.down().longest(), now));
    }

    private static List<Change> with(List<Change> changes, long by, Duration keep, Instant now) {
        List<Change> all = new ArrayList<>(changes);
        all.removeIf(c -> c.at().isBefore(now.minus(keep)));
        all.add(new Change(by, now));
        return List.copyOf(all);
    }

    /** What the size was so long ago. */
    long before(Duration period, long replicas, Instant now) {
        return replicas - sum(ups, now.minus(period)) + sum(downs, now.minus(period));
    }

    private static long sum(List<Change> changes, Instant since) {
        return changes.stream()
                .filter(c -> c.at().isAfter(since))
                .mapToLong(Change::by)
                .sum();
    }
}
