package dev.coracle.machinery.cron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Schedules and when they are due. */
class CronScheduleTest {
    private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            2012-07-09T14:45:00 | 0/15 * * * *            | 2012-07-09T15:00:00
            2012-07-09T14:59:59 | 0/15 * * * *            | 2012-07-09T15:00:00
            2012-07-09T15:00:00 | 0/15 * * * *            | 2012-07-09T15:15:00
            2012-07-09T15:45:00 | 20-35/15 * * * *        | 2012-07-09T16:20:00
            2012-07-09T23:46:00 | */15 * * * *            | 2012-07-10T00:00:00
            2012-07-09T23:35:51 | 20-35/15 1/2 * * *      | 2012-07-10T01:20:00
            2012-07-09T23:35:51 | 20-35/15 * 9-20 * *     | 2012-07-10T00:20:00
            2012-07-09T23:35:00 | 0 0 9 Apr-Oct ?         | 2012-08-09T00:00:00
            2012-07-09T23:35:00 | 0 0 * Feb Mon           | 2013-02-04T00:00:00
            2012-07-09T23:35:00 | 0 0 * feb MON/2         | 2013-02-01T00:00:00
            2012-12-31T23:59:45 | * * * * *               | 2013-01-01T00:00:00
            2012-07-09T23:35:00 | 0 0 29 Feb ?            | 2016-02-29T00:00:00
            2012-07-09T00:00:00 | 30 8 15 Jul ?           | 2012-07-15T08:30:00
            2012-07-10T00:00:00 | 0 0 1,15 * Sun          | 2012-07-15T00:00:00
            2012-07-15T00:00:00 | 0 0 1,15 * Sun          | 2012-07-22T00:00:00
            2012-07-22T00:00:00 | 0 0 */10 * Sun          | 2012-07-29T00:00:00
            2012-07-09T00:09:00 | 9/9223372036854775807 * * * * | 2012-07-09T01:09:00
            2012-07-09T15:04:00 | @hourly                 | 2012-07-09T16:00:00
            2012-07-09T15:04:00 | @daily                  | 2012-07-10T00:00:00
            2012-07-09T15:04:00 | @midnight               | 2012-07-10T00:00:00
            2012-07-09T15:04:00 | @weekly                 | 2012-07-15T00:00:00
            2012-07-09T15:04:00 | @monthly                | 2012-08-01T00:00:00
            2012-07-09T15:04:00 | @yearly                 | 2013-01-01T00:00:00
            2012-07-09T15:04:05 | @every 1h30m            | 2012-07-09T16:34:05
            2012-07-09T15:04:05 | @every 1.5s             | 2012-07-09T15:04:06
            """)
    void theNextTimeIsAfterTheLast(String time, String schedule, String next) {
        assertThat(CronSchedule.parse(schedule).next(utc(time), ZoneOffset.UTC)).contains(utc(next));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            2012-03-11T00:00:00-05:00 | 30 2 11 Mar ? | 2013-03-11T02:30:00-04:00
            2012-03-11T00:00:00-05:00 | 30 2 * * *    | 2012-03-12T02:30:00-04:00
            2012-03-11T00:00:00-05:00 | 0 * * * *     | 2012-03-11T01:00:00-05:00
            2012-03-11T01:00:00-05:00 | 0 * * * *     | 2012-03-11T03:00:00-04:00
            2012-11-04T00:00:00-04:00 | 30 2 4 Nov ?  | 2012-11-04T02:30:00-05:00
            2012-11-04T01:45:00-04:00 | 30 1 4 Nov ?  | 2012-11-04T01:30:00-05:00
            2012-11-04T00:00:00-04:00 | 30 1 * * *    | 2012-11-04T01:30:00-04:00
            """)
    void whereClocksChangeASkippedTimeIsNotDueAndOneThatIsTwiceIsDueTwice(String time, String schedule, String next) {
        assertThat(CronSchedule.parse(schedule).next(OffsetDateTime.parse(time).toInstant(), NEW_YORK))
                .contains(OffsetDateTime.parse(next).toInstant());
    }

    @Test
    void aDayWithoutAMidnightHasItsFirstHour() {
        ZoneId zone = ZoneId.of("America/Sao_Paulo");
        Instant before = OffsetDateTime.parse("2018-11-03T12:00:00-03:00").toInstant();
        assertThat(CronSchedule.parse("0 1 4 11 *").next(before, zone))
                .contains(OffsetDateTime.parse("2018-11-04T01:00:00-02:00").toInstant());
    }

    @ParameterizedTest
    @CsvSource({"0 0 30 Feb ?", "'0 0 31 Apr,Jun ?'", "', 0 * * *'"})
    void whatIsNeverDueHasNoNextTime(String schedule) {
        assertThat(CronSchedule.parse(schedule).next(utc("2012-07-09T00:00:00"), ZoneOffset.UTC))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``              | empty spec string
            ` `             | expected exactly 5 fields, found 0: []
            * * * *         | expected exactly 5 fields, found 4: [* * * *]
            0 * * * * *     | expected exactly 5 fields, found 6: [0 * * * * *]
            60 * * * *      | end of range (60) above maximum (59): 60
            * 24 * * *      | end of range (24) above maximum (23): 24
            * * 0 * *       | beginning of range (0) below minimum (1): 0
            * * 32 * *      | end of range (32) above maximum (31): 32
            * * * 13 *      | end of range (13) above maximum (12): 13
            * * * * 7       | end of range (7) above maximum (6): 7
            5-3 * * * *     | beginning of range (5) beyond end of range (3): 5-3
            */0 * * * *     | step of range should be a positive number: */0
            1-2-3 * * * *   | too many hyphens: 1-2-3
            1/2/3 * * * *   | too many slashes: 1/2/3
            1/99999999999999999999 * * * * | failed to parse int from 99999999999999999999: strconv.Atoi: parsing "99999999999999999999": value out of range
            x * * * *       | failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax
            -1 * * * *      | failed to parse int from : strconv.Atoi: parsing "": invalid syntax
            */-2 * * * *    | negative number (-2) not allowed: -2
            * * * june *    | failed to parse int from june: strconv.Atoi: parsing "june": invalid syntax
            mon * * * *     | failed to parse int from mon: strconv.Atoi: parsing "mon": invalid syntax
            @fortnightly    | unrecognized descriptor: @fortnightly
            @every          | unrecognized descriptor: @every
            @every 5        | failed to parse duration @every 5: time: missing unit in duration "5"
            @every 5d       | failed to parse duration @every 5d: time: unknown unit "d" in duration "5d"
            @every soon     | failed to parse duration @every soon: time: invalid duration "soon"
            """)
    void whatIsNoScheduleIsToldInUpstreamsWords(String schedule, String message) {
        assertThatThrownBy(() -> CronSchedule.parse(schedule == null ? "" : schedule))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void aZoneIsOneOfTheList() {
        assertThat(CronSchedule.zone("Europe/Berlin")).contains(ZoneId.of("Europe/Berlin"));
        assertThat(CronSchedule.zone("Etc/UTC")).isPresent();
        for (String none : List.of("", "+02:00", "GMT+2", "UTC+1", "Mars/Base", "Local", "europe/berlin")) {
            assertThat(CronSchedule.zone(none)).as(none).isEmpty();
        }
    }

    /** Minute by minute, without clever steps. */
    @Test
    void itIsTheFirstMinuteThatFits() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            List<String> fields = new ArrayList<>();
            fields.add(draw(random, 0, 59));
            fields.add(draw(random, 0, 23));
            fields.add(draw(random, 1, 28));
            fields.add("*");
            fields.add(random.nextInt(3) == 0 ? draw(random, 0, 6) : "*");
            CronFields schedule = CronFields.parse(String.join(" ", fields));
            LocalDateTime start = LocalDateTime.of(2026, 1, 1, 0, 0).plusMinutes(random.nextInt(500_000));
            LocalDateTime t = start.plusMinutes(1);
            while (!(schedule.minute().has(t.getMinute()) && schedule.hour().has(t.getHour()) && day(schedule, t))) {
                t = t.plusMinutes(1);
            }
            assertThat(schedule.next(start.toInstant(ZoneOffset.UTC), ZoneOffset.UTC))
                    .as(fields + " after " + start)
                    .contains(t.toInstant(ZoneOffset.UTC));
        }
    }

    private static boolean day(CronFields s, LocalDateTime t) {
        boolean month = s.day().has(t.getDayOfMonth());
        boolean week = s.weekday().has(t.getDayOfWeek().getValue() % 7);
        return s.day().star() || s.weekday().star() ? month && week : month || week;
    }

    private static String draw(Random random, int least, int most) {
        int a = least + random.nextInt(most - least + 1);
        int b = least + random.nextInt(most - least + 1);
        return switch (random.nextInt(4)) {
            case 0 -> "*";
            case 1 -> "" + a;
            case 2 -> Math.min(a, b) + "-" + Math.max(a, b) + "/" + (1 + random.nextInt(9));
            default -> a + "," + b;
        };
    }

    private static Instant utc(String time) {
        return LocalDateTime.parse(time).toInstant(ZoneOffset.UTC);
    }
}
