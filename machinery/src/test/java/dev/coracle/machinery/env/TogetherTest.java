package dev.coracle.machinery.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Pieces of work, some at once. */
class TogetherTest {
    private static void run(int atOnce, int count, java.util.function.IntConsumer work) {
        try (var system = new SystemEnvironment((task, e) -> {})) {
            Together.run(system.environment().tasks(), atOnce, count, work);
        }
    }

    @Test
    void eachIsDoneOnceBeforeTheCallerGoesOn() {
        Set<Integer> done = ConcurrentHashMap.newKeySet();
        run(8, 1000, i -> assertThat(done.add(i)).isTrue());
        assertThat(done).hasSize(1000);
    }

    @Test
    void soManyRunAtOnceAsWereAskedFor() {
        var all = new CountDownLatch(4);
        run(4, 4, i -> {
            all.countDown();
            try {
                all.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(all.getCount()).isZero();
    }

    @Test
    void afterAFailureNoneIsBegunAndTheCallerIsTold() {
        List<Integer> begun = new ArrayList<>();
        assertThatThrownBy(() -> run(1, 10, i -> {
                    begun.add(i);
                    if (i == 3) {
                        throw new IllegalArgumentException("the fourth");
                    }
                }))
                .hasMessage("the fourth");
        assertThat(begun).containsExactly(0, 1, 2, 3);
    }

    @Test
    void whereTasksRunOneAfterTheOtherTheCallerDoesItAll() {
        List<Integer> done = new ArrayList<>();
        Together.run(new VirtualEnvironment(1).environment().tasks(), 8, 5, done::add);
        assertThat(done).containsExactly(0, 1, 2, 3, 4);
    }
}
