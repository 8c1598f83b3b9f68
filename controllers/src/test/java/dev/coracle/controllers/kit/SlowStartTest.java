package dev.coracle.controllers.kit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Of many calls that would all be refused few are made. */
class SlowStartTest {
    private final List<Integer> called = new ArrayList<>();

    private SlowStart.Outcome run(int count, int... refused) {
        return SlowStart.run(new VirtualEnvironment(1).environment().tasks(), count, i -> {
            called.add(i);
            for (int r : refused) {
                if (r == i) {
                    throw StatusException.forbidden(Resources.PODS, "", "refused " + i);
                }
            }
        });
    }

    @Test
    void whatIsNotRefusedIsAllDone() {
        assertThat(run(500)).isEqualTo(new SlowStart.Outcome(500, 0, null));
        assertThat(called).hasSize(500).isSorted();
        assertThat(run(0)).isEqualTo(new SlowStart.Outcome(0, 0, null));
    }

    @Test
    void theFirstIsTriedAlone() {
        SlowStart.Outcome outcome = run(500, 0);
        assertThat(called).containsExactly(0);
        assertThat(outcome.succeeded()).isZero();
        assertThat(outcome.skipped()).isEqualTo(499);
        assertThat(outcome.failure()).hasMessage("pods is forbidden: refused 0");
    }

    @Test
    void aBatchIsFinishedAndNoOtherBegun() {
        SlowStart.Outcome outcome = run(500, 4, 5);
        assertThat(called).as("1, 2 and 4").hasSize(7);
        assertThat(outcome.succeeded()).isEqualTo(5);
        assertThat(outcome.skipped()).isEqualTo(493);
        assertThat(outcome.failure()).as("the first").hasMessage("pods is forbidden: refused 4");
    }
}
