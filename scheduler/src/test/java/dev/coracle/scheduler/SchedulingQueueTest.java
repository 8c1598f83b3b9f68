package dev.coracle.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.object.ObjectKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SchedulingQueueTest {
    private final SchedulingQueue queue = new SchedulingQueue(Duration.ofSeconds(1), Duration.ofSeconds(10));
    private long now = Duration.ofHours(1).toNanos();

    @Test
    void podsComeInTheOrderInWhichTheyArrived() {
        add("a", "b", "c");
        queue.remove(key("b"));
        add("a");
        assertThat(polled()).containsExactly("a", "c");
    }

    @Test
    void theMoreImportantComesFirst() {
        add("a");
        queue.add(key("high"), "uid-high", 1000, now);
        queue.add(key("low"), "uid-low", -5, now);
        add("b");
        assertThat(polled()).containsExactly("high", "a", "b", "low");
    }

    @Test
    void whatHelpsAPodInFlightIsNotLost() {
        add("a", "b");
        polled();
        queue.unpark(key("a")::equals, now);
        queue.await(key("a"), now, Duration.ofMinutes(10));
        queue.await(key("b"), now, Duration.ofMinutes(10));
        assertThat(polled()).containsExactly("a");
    }

    @Test
    void aParkedPodComesWhenItIsHelped() {
        add("a", "b");
        park(2);
        assertThat(polled()).isEmpty();
        queue.unpark(key("b")::equals, now);
        assertThat(polled()).containsExactly("b");
        assertThat(polled()).isEmpty();
    }

    @Test
    void aParkedPodComesWhenItChangesAndAnotherOfItsNameAtOnce() {
        add("a");
        park(1);
        add("a");
        assertThat(polled()).containsExactly("a");
        queue.park(key("a"), now);
        queue.add(key("a"), "another", 0, now);
        add("late");
        assertThat(polled()).containsExactly("a", "late");
    }

    @Test
    void aNewcomerGoesBeforeACrowdThatWasTriedJustNow() {
        add("a", "b");
        park(2);
        queue.unpark(k -> true, now);
        add("new");
        assertThat(polled()).containsExactly("new", "a", "b");

        queue.park(key("a"), now);
        pass(Duration.ofSeconds(2));
        queue.unpark(k -> true, now);
        add("newer");
        assertThat(polled()).as("it was two seconds for its second attempt").containsExactly("a", "newer");
    }

    @Test
    void whoHasBackedOffGoesBeforeThoseThatCameMeanwhile() {
        add("tried");
        park(1);
        add("came");
        queue.unpark(k -> true, now);
        pass(Duration.ofSeconds(1));
        assertThat(polled()).containsExactly("tried", "came");
    }

    @Test
    void anErrorBacksOffFromOneSecondToTen() {
        add("a");
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            assertThat(polled()).containsExactly("a");
            queue.fail(key("a"), now);
            assertThat(polled()).isEmpty();
            Duration wait = queue.untilReady(now);
            waits.add(wait == null ? -1 : wait.toSeconds());
            pass(wait == null ? Duration.ZERO : wait);
        }
        assertThat(waits).containsExactly(1L, 2L, 4L, 8L, 10L, 10L);
    }

    @Test
    void nobodyIsParkedForMoreThanFiveMinutes() {
        add("a");
        park(1);
        pass(Duration.ofSeconds(10));
        add("b");
        park(1);
        pass(SchedulingQueue.LONGEST_PARKED.minusSeconds(10));
        queue.unparkOld(now);
        assertThat(polled()).containsExactly("a");
        pass(Duration.ofSeconds(10));
        queue.unparkOld(now);
        assertThat(polled()).containsExactly("b");
    }

    @Test
    void whoWaitsForOthersGoesOnAtOnce() {
        add("a");
        polled();
        queue.await(key("a"), now, Duration.ofMinutes(10));
        add("b");
        queue.unpark(key("a")::equals, now);
        assertThat(polled()).as("it does not back off").containsExactly("b", "a");
    }

    @Test
    void aReasonIsNewsOnceAndAgainBeforeItsEventEnds() {
        add("a");
        park(1);
        assertThat(queue.isNews(key("a"), "no room", false, now)).isTrue();
        assertThat(queue.isNews(key("a"), "no room", true, now)).isFalse();
        assertThat(queue.isNews(key("a"), "no node", false, now)).isTrue();
        pass(Duration.ofMinutes(29));
        assertThat(queue.isNews(key("a"), "no node", true, now)).isFalse();
        pass(Duration.ofMinutes(1));
        assertThat(queue.isNews(key("a"), "no node", true, now)).isTrue();
        assertThat(queue.isNews(key("a"), "no node", true, now)).isFalse();
    }

    @Test
    void whatTheLastProcessSaidIsNoNews() {
        add("a");
        park(1);
        assertThat(queue.isNews(key("a"), "no room", true, now)).isFalse();
        pass(Duration.ofMinutes(30));
        assertThat(queue.isNews(key("a"), "no room", true, now)).isTrue();
    }

    private void add(String... names) {
        for (String name : names) {
            queue.add(key(name), "uid-" + name, 0, now);
        }
    }

    private void park(int times) {
        for (int i = 0; i < times; i++) {
            ObjectKey next = queue.poll(now);
            assertThat(next).isNotNull();
            if (next != null) {
                queue.park(next, now);
            }
        }
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    /** Everybody who is due now. */
    private List<String> polled() {
        List<String> names = new ArrayList<>();
        for (ObjectKey next = queue.poll(now); next != null; next = queue.poll(now)) {
            names.add(next.name());
        }
        return names;
    }

    private static ObjectKey key(String name) {
        return new ObjectKey("default", name);
    }
}
