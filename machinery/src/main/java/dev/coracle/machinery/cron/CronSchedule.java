package dev.coracle.machinery.cron;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** When something is due, again and again; as {@code ParseStandard} of {@code robfig/cron} v3 reads it. */
public sealed interface CronSchedule permits CronSchedule.Every, CronFields {
    /** The first time after {@code time}; empty when there is none within five years. */
    Optional<Instant> next(Instant time, ZoneId zone);

    /** Throws {@link IllegalArgumentException}, which says what is wrong in upstream's words. */
    static CronSchedule parse(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("empty spec string");
        }
        if (text.startsWith(Every.PREFIX)) {
            try {
                return new Every(GoDuration.parse(text.substring(Every.PREFIX.length())));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("failed to parse duration " + text + ": " + e.getMessage(), e);
            }
        }
        return switch (text) {
            case "@yearly", "@annually" -> CronFields.parse("0 0 1 1 *");
            case "@monthly" -> CronFields.parse("0 0 1 * *");
            case "@weekly" -> CronFields.parse("0 0 * * 0");
            case "@daily", "@midnight" -> CronFields.parse("0 0 * * *");
            case "@hourly" -> CronFields.parse("0 * * * *");
            default -> {
                if (text.startsWith("@")) {
                    throw new IllegalArgumentException("unrecognized descriptor: " + text);
                }
                yield CronFields.parse(text);
            }
        };
    }

    /** The zone of that name in the IANA's list; other ways to write one, such as {@code GMT+2}, are none. */
    static Optional<ZoneId> zone(String name) {
        return ZoneId.getAvailableZoneIds().contains(name) ? Optional.of(ZoneId.of(name)) : Optional.empty();
    }

    /** So long after one another, in whole seconds, whatever the clock says. */
    record Every(Duration period) implements CronSchedule {
        static final String PREFIX = "@every ";

        public Every {
            long seconds = period.toSeconds();
            period = Duration.ofSeconds(Math.max(1, seconds));
        }

        @Override
        public Optional<Instant> next(Instant time, ZoneId zone) {
            return Optional.of(time.truncatedTo(ChronoUnit.SECONDS).plus(period));
        }
    }
}
