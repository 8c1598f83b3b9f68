package dev.coracle.controllers.cronjob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.World;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What is due when, without a cluster. */
class TurnTest {
    private static final Instant TEN = Instant.parse("2026-03-02T10:00:00Z");

    @Test
    void nothingIsDueBeforeTheFirstTime() {
        Turn turn = Turn.of(cron("'schedule':'0 * * * *'", ""), TEN.plusSeconds(60));
        assertThat(turn.due()).isNull();
        assertThat(turn.again()).contains(Duration.ofMinutes(59).plusMillis(100));
        assertThat(turn.notes()).isEmpty();
    }

    @Test
    void ofManyTimesThatWereMissedTheLastIsMadeUpFor() {
        Unstructured hourly = cron("'schedule':'0 * * * *'", "");
        Instant later = TEN.plus(Duration.ofHours(80)).plusSeconds(1);
        assertThat(Turn.of(hourly, later).due()).isEqualTo(TEN.plus(Duration.ofHours(80)));
        assertThat(Turn.of(hourly, later).notes()).isEmpty();
        Turn tooMany = Turn.of(hourly, TEN.plus(Duration.ofHours(101)));
        assertThat(tooMany.due()).isEqualTo(TEN.plus(Duration.ofHours(101)));
        assertThat(tooMany.notes())
                .containsExactly(Note.warning(
                        "TooManyMissedTimes",
                        "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock"
                                + " skew"));
        assertThat(Turn.of(cron("'schedule':'0 * * * *','startingDeadlineSeconds':7200", ""), later)
                        .notes())
                .isEmpty();
    }

    @Test
    void yearsLateCostNoMore() {
        Instant late = TEN.plus(Duration.ofDays(9000));
        assertThat(Turn.of(cron("'schedule':'* * * * *'", ""), late).due()).isEqualTo(late);
        assertThat(Turn.of(cron("'schedule':'30 6-16/4 * * 1-5'", ""), late.minus(Duration.ofDays(1)))
                        .due())
                .isEqualTo(Instant.parse("2050-10-21T06:30:00Z"));
    }

    @Test
    void tooLateIsMissedAndTheNextIsAwaited() {
        Turn turn = Turn.of(cron("'schedule':'0 * * * *','startingDeadlineSeconds':10", ""), TEN.plusSeconds(3600 + 5));
        assertThat(turn.due()).isEqualTo(TEN.plusSeconds(3600));
        Turn late =
                Turn.of(cron("'schedule':'0 * * * *','startingDeadlineSeconds':10", ""), TEN.plusSeconds(3600 + 11));
        assertThat(late.due()).isNull();
        assertThat(late.again()).contains(Duration.ofSeconds(3589).plusMillis(100));
    }

    @Test
    void aTimeThatIsServedIsNotDueAgain() {
        assertThat(Turn.of(
                                cron("'schedule':'0 * * * *'", "'lastScheduleTime':'2026-03-02T11:00:00Z'"),
                                TEN.plusSeconds(3600))
                        .due())
                .isNull();
        String name = Turn.jobName(cron("", ""), TEN.plusSeconds(3600));
        assertThat(name).isEqualTo("tick-29540820");
        assertThat(Turn.of(cron("'schedule':'0 * * * *'", "'active':[{'name':'" + name + "'}]"), TEN.plusSeconds(3600))
                        .due())
                .isNull();
    }

    @Test
    void forbiddenWhileOneIsActive() {
        Turn turn = Turn.of(
                cron("'schedule':'0 * * * *','concurrencyPolicy':'Forbid'", "'active':[{'name':'tick-1'}]"),
                TEN.plusSeconds(3600));
        assertThat(turn.due()).isNull();
        assertThat(turn.notes())
                .containsExactly(Note.normal(
                        "JobAlreadyActive",
                        "Not starting job because prior execution is running and concurrency policy is Forbid"));
    }

    @Test
    void whatMakesNoSenseIsToldAndWaitsForAChange() {
        assertNote(
                "'schedule':'0 0 31 2 *'",
                Note.warning(
                        "InvalidSchedule",
                        "invalid schedule: 0 0 31 2 * : time difference between two schedules is less than 1 second"));
        assertNote(
                "'schedule':'99 * * * *'",
                Note.warning(
                        "UnparseableSchedule",
                        "unparseable schedule: \"99 * * * *\" : end of range (99) above maximum (59): 99"));
        assertNote(
                "'schedule':'* * * * *','timeZone':'Mars/Base'",
                Note.warning("UnknownTimeZone", "invalid timeZone: \"Mars/Base\": unknown time zone Mars/Base"));
    }

    private static void assertNote(String spec, Note note) {
        Turn turn = Turn.of(cron(spec, ""), TEN.plusSeconds(3600));
        assertThat(turn.due()).isNull();
        assertThat(turn.again()).isEmpty();
        assertThat(turn.notes()).containsExactly(note);
    }

    @Test
    void itIsTheClockOfTheZoneThatCounts() {
        Unstructured berlin = cron("'schedule':'30 2 * * *','timeZone':'Europe/Berlin'", "");
        assertThat(Turn.of(berlin, Instant.parse("2026-03-03T02:00:00Z")).due())
                .isEqualTo(Instant.parse("2026-03-03T01:30:00Z"));
        Unstructured spring =
                cron("'schedule':'30 2 * * *','timeZone':'Europe/Berlin'", "'lastScheduleTime':'2026-03-28T01:30:00Z'");
        assertThat(Turn.of(spring, Instant.parse("2026-03-29T23:00:00Z")).due())
                .as("on that day there is no half past two")
                .isNull();
        assertThat(Turn.of(spring, Instant.parse("2026-03-30T00:31:00Z")).due())
                .isEqualTo(Instant.parse("2026-03-30T00:30:00Z"));
    }

    private static Unstructured cron(String spec, String status) {
        return World.tree("{'metadata':{'name':'tick','namespace':'default','creationTimestamp':'2026-03-02T10:00:00Z'}"
                + ",'spec':{" + spec + "},'status':{" + status + "}}");
    }
}
