package dev.coracle.controllers.cronjob;

import dev.coracle.machinery.cron.CronSchedule;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which of a CronJob's times is due. Only the last that was missed is ever made up for; how many there were is estimated by
 * the distance of the first two, for after years they would be too many to count.
 */
record Timetable(
        CronSchedule schedule,
        ZoneId zone,
        Instant since,
        @Nullable Long startingDeadlineSeconds) {
    /** Clocks differ a little, and too late is better than a whole round. */
    private static final Duration MARGIN = Duration.ofMillis(100);

    private static final int MANY = 100;

    /** A schedule that is well-formed, and of which no sense can be made. */
    static final class Senseless extends Exception {
        private static final long serialVersionUID = 1;

        Senseless() {
            super("time difference between two schedules is less than 1 second");
        }
    }

    /**
     * @param last that is not after now; null: none was missed
     * @param missed whether any was, and there may yet be none in {@code last}
     * @param tooMany whether they are more than can be right
     */
    record Missed(@Nullable Instant last, boolean missed, boolean tooMany) {}

    /** Throws {@link IllegalArgumentException} for a schedule that is not well-formed. */
    static Timetable of(Unstructured cron, ZoneId zone) {
        return new Timetable(
                CronSchedule.parse(cron.string("spec", "schedule")),
                zone,
                cron.time("status", "lastScheduleTime")
                        .or(() -> cron.time("metadata", "creationTimestamp"))
                        .orElse(Instant.EPOCH),
                cron.has("spec", "startingDeadlineSeconds")
                        ? cron.integer(0, "spec", "startingDeadlineSeconds")
                        : null);
    }

    /** The zone that a CronJob names; UTC where it names none, and empty where there is none of that name. */
    static Optional<ZoneId> zone(Unstructured cron) {
        return cron.has("spec", "timeZone")
                ? CronSchedule.zone(cron.string("spec", "timeZone"))
                : Optional.of(ZoneOffset.UTC);
    }

    /** As it is once a Job was made for {@code time}. */
    Timetable served(Instant time) {
        return new Timetable(schedule, zone, time, startingDeadlineSeconds);
    }

    Missed missed(Instant now) throws Senseless {
        Instant from = since;
        if (startingDeadlineSeconds != null
                && now.minusSeconds(startingDeadlineSeconds).isAfter(from)) {
            from = now.minusSeconds(startingDeadlineSeconds);
        }
        return missed(from, now);
    }

    private Missed missed(Instant from, Instant now) throws Senseless {
        Instant first = schedule.next(from, zone).orElseThrow(Senseless::new);
        if (now.isBefore(first)) {
            return new Missed(null, false, false);
        }
        Instant second = schedule.next(first, zone).orElseThrow(Senseless::new);
        if (now.isBefore(second)) {
            return new Missed(first, false, false);
        }
        long between = Duration.between(first, second).toSeconds();
        if (between < 1) {
            throw new Senseless();
        }
        long rounds = Duration.between(first, now).toSeconds() / between;
        Instant last = null;
        // One round further back, for they need not be equally long; and in whole ones, for those of @every are.
        Instant at = first.plusSeconds((rounds - 1) * between);
        for (Optional<Instant> t = schedule.next(at, zone);
                t.isPresent() && !t.get().isAfter(now);
                t = schedule.next(t.get(), zone)) {
            last = t.get();
        }
        return new Missed(last, true, rounds + 1 > MANY);
    }

    /** How long until the next time; empty when there will be none. */
    Optional<Duration> untilNext(Instant now) {
        Instant from = now;
        try {
            Missed missed = missed(since, now);
            if (missed.last() != null) {
                from = missed.last();
            } else if (!missed.missed()) {
                from = since;
            }
        } catch (Senseless e) {
            from = now;
        }
        return schedule.next(from, zone).map(t -> Duration.between(now, t).plus(MARGIN));
    }
}
