package dev.coracle.machinery.cron;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * Five fields: minute, hour, day of the month, month, day of the week. A day is due when both its fields have it; where
 * neither of them is a star, when one has.
 */
record CronFields(CronField minute, CronField hour, CronField day, CronField month, CronField weekday)
        implements CronSchedule {
    private static final int YEARS = 5;

    static CronFields parse(String text) {
        List<String> f = List.of(text.strip().split("\\s+"));
        f = f.equals(List.of("")) ? List.of() : f;
        if (f.size() != 5) {
            throw new IllegalArgumentException(
                    "expected exactly 5 fields, found " + f.size() + ": [" + String.join(" ", f) + "]");
        }
        return new CronFields(
                CronField.parse(f.get(0), CronField.Kind.MINUTE),
                CronField.parse(f.get(1), CronField.Kind.HOUR),
                CronField.parse(f.get(2), CronField.Kind.DAY),
                CronField.parse(f.get(3), CronField.Kind.MONTH),
                CronField.parse(f.get(4), CronField.Kind.WEEKDAY));
    }

    private boolean isDue(ZonedDateTime t) {
        boolean byMonth = day.has(t.getDayOfMonth());
        boolean byWeek = weekday.has(t.getDayOfWeek().getValue() % 7);
        return day.star() || weekday.star() ? byMonth && byWeek : byMonth || byWeek;
    }

    /**
     * From the largest field to the smallest, each is raised until it fits; when one begins anew the larger ones are looked
     * at again. Hours and minutes are those that pass, so a time that the clock skips is due the next day, and of one that
     * it has twice both are.
     */
    @Override
    public Optional<Instant> next(Instant time, ZoneId zone) {
        ZonedDateTime t = time.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1).atZone(zone);
        int last = t.getYear() + YEARS;
        // Whether the smaller fields are at their least already.
        boolean reset = false;
        again:
        while (t.getYear() <= last) {
            while (!month.has(t.getMonthValue())) {
                LocalDateTime local = t.toLocalDateTime();
                t = at((reset ? local : local.withDayOfMonth(1).truncatedTo(ChronoUnit.DAYS)).plusMonths(1), zone);
                reset = true;
                if (t.getMonthValue() == 1) {
                    continue again;
                }
            }
            while (!isDue(t)) {
                t = midnightAfter(reset ? t : at(t.toLocalDateTime().truncatedTo(ChronoUnit.DAYS), zone), zone);
                reset = true;
                if (t.getDayOfMonth() == 1) {
                    continue again;
                }
            }
            while (!hour.has(t.getHour())) {
                t = (reset ? t : at(t.toLocalDateTime().truncatedTo(ChronoUnit.HOURS), zone)).plusHours(1);
                reset = true;
                if (t.getHour() == 0) {
                    continue again;
                }
            }
            while (!minute.has(t.getMinute())) {
                t = t.truncatedTo(ChronoUnit.MINUTES).plusMinutes(1);
                reset = true;
                if (t.getMinute() == 0) {
                    continue again;
                }
            }
            if (t.getSecond() == 0) {
                return Optional.of(t.toInstant());
            }
            t = t.truncatedTo(ChronoUnit.MINUTES).plusMinutes(1);
            reset = true;
        }
        return Optional.empty();
    }

    /** Where the clock skips midnight one comes out an hour before or after it. */
    private static ZonedDateTime midnightAfter(ZonedDateTime t, ZoneId zone) {
        ZonedDateTime next = at(t.toLocalDateTime().plusDays(1), zone);
        int hour = next.getHour();
        return hour == 0 ? next : next.plusHours(hour > 12 ? 24 - hour : -hour);
    }

    /** A local time that there is not, or twice, is read with the offset that is found when it is first taken for UTC. */
    private static ZonedDateTime at(LocalDateTime local, ZoneId zone) {
        Instant utc = local.toInstant(ZoneOffset.UTC);
        ZoneOffset first = zone.getRules().getOffset(utc);
        ZoneOffset offset = zone.getRules().getOffset(local.toInstant(first));
        return local.toInstant(offset).atZone(zone);
    }
}
