package dev.coracle.apiserver.flowcontrol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Who is next, and what a level remembers. */
class LevelTest {
    private static final long BUSY = 1;
    private static final long NEW = 2;

    private static Level level(int queues, int hand) {
        var config = new PriorityLevel("apps", "1", false, 1, 0, 0, queues, hand, 50);
        Level level = new Level(config);
        level.configure(config, 1);
        return level;
    }

    private static Level.Waiting line(Level level, long flow) {
        return Objects.requireNonNull(level.line(flow));
    }

    /** A seat that nobody else wanted is no debt. */
    @Test
    void whatAFlowTookInCalmTimesIsNotHeldAgainstIt() {
        Level level = level(64, 4);
        for (int i = 0; i < 100; i++) {
            level.leave(level.sit(BUSY), 60);
        }
        Level.Queue serving = level.sit(NEW);
        Level.Waiting busy = line(level, BUSY);
        Level.Waiting other = line(level, NEW);
        for (int i = 0; i < 3 && !busy.seat.isDone(); i++) {
            level.leave(serving, 1);
            level.next();
            serving = other.queue();
            other = other.seat.isDone() ? line(level, NEW) : other;
        }
        assertThat(busy.seat).isDone();
    }

    /** Nor is one that nobody else wanted while requests of the flow overlapped, so that its queue was never empty. */
    @Test
    void norIsWhatItTookWithoutAPause() {
        Level level = level(64, 1);
        Level.Queue last = level.sit(BUSY);
        for (int i = 0; i < 100; i++) {
            Level.Queue next = level.sit(BUSY);
            level.leave(last, 60);
            last = next;
        }
        Level.Waiting busy = line(level, BUSY);
        int turns = 0;
        while (!busy.seat.isDone() && turns++ < 200) {
            Level.Waiting other = line(level, NEW);
            level.next();
            if (other.seat.isDone()) {
                level.leave(other.queue(), 1);
            }
        }
        // It has just had a minute, and that is made up for; no more.
        assertThat(turns).isBetween(50, 70);
    }

    /** As many as a configuration may have, many times over. */
    @Test
    void queuesThatNobodyIsInTakeNoPlace() {
        for (int i = 0; i < 100; i++) {
            Level level = level(10_000_000, 2);
            for (int flow = 0; flow < 100; flow++) {
                level.leave(level.sit(flow), 1);
            }
            assertThat(level.isIdle()).isTrue();
        }
    }
}
