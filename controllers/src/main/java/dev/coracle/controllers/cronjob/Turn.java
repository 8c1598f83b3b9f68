package dev.coracle.controllers.cronjob;

import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done for a CronJob now.
 *
 * @param due the time for which a Job is to be made; null: none is
 * @param again when to look again, if it is to be before anything changes
 */
record Turn(@Nullable Instant due, Optional<Duration> again, List<Note> notes) {
    private static final DateTimeFormatter RFC_1123 = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss Z", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private static Turn idle(Note... notes) {
        return new Turn(null, Optional.empty(), List.of(notes));
    }

    static Turn of(Unstructured cron, Instant now) {
        if (cron.isDeleting()) {
            return idle();
        }
        ZoneId zone = Timetable.zone(cron).orElse(null);
        if (zone == null) {
            String name = cron.string("spec", "timeZone");
            return idle(
                    Note.warning("UnknownTimeZone", "invalid timeZone: \"" + name + "\": unknown time zone " + name));
        }
        if (cron.bool("spec", "suspend")) {
            return idle();
        }
        String text = cron.string("spec", "schedule");
        Timetable timetable;
        Timetable.Missed missed;
        try {
            timetable = Timetable.of(cron, zone);
            missed = timetable.missed(now);
        } catch (IllegalArgumentException e) {
            return idle(
                    Note.warning("UnparseableSchedule", "unparseable schedule: \"" + text + "\" : " + e.getMessage()));
        } catch (Timetable.Senseless e) {
            return idle(Note.warning("InvalidSchedule", "invalid schedule: " + text + " : " + e.getMessage()));
        }
        Instant due = missed.last();
        Optional<Duration> again = timetable.untilNext(now);
        if (due == null) {
            return new Turn(null, again, List.of());
        }
        List<Note> many = missed.tooMany()
                ? List.of(Note.warning(
                        "TooManyMissedTimes",
                        "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock"
                                + " skew"))
                : List.of();
        Note hindrance = hindrance(cron, timetable, due, now);
        if (hindrance != null) {
            return new Turn(
                    null,
                    again,
                    Stream.concat(many.stream(), Stream.of(hindrance)).toList());
        }
        return isServed(cron, due)
                ? new Turn(null, again, many)
                : new Turn(due, timetable.served(due).untilNext(now), many);
    }

    private static @Nullable Note hindrance(Unstructured cron, Timetable timetable, Instant due, Instant now) {
        Long deadline = timetable.startingDeadlineSeconds();
        if (deadline != null && due.plusSeconds(deadline).isBefore(now)) {
            return Note.warning("MissSchedule", "Missed scheduled time to start a job: " + RFC_1123.format(due));
        }
        boolean forbidden = cron.string("spec", "concurrencyPolicy").equals("Forbid")
                && !cron.objects("status", "active").isEmpty();
        return forbidden && !isServed(cron, due)
                ? Note.normal(
                        "JobAlreadyActive",
                        "Not starting job because prior execution is running and concurrency policy is Forbid")
                : null;
    }

    private static boolean isServed(Unstructured cron, Instant due) {
        String name = jobName(cron, due);
        return cron.time("status", "lastScheduleTime").filter(due::equals).isPresent()
                || cron.objects("status", "active").stream()
                        .anyMatch(j -> j.string("name").equals(name));
    }

    /** By minutes, which is as often as a schedule may be. */
    static String jobName(Unstructured cron, Instant due) {
        return cron.name() + "-" + due.getEpochSecond() / 60;
    }
}
