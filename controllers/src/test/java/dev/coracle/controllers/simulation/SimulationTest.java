package dev.coracle.controllers.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Many worlds. One that fails says which: {@code mvn -pl controllers test -Dtest=SimulationTest -Dcoracle.sim.seed=17
 * -Dcoracle.sim.seeds=1}; and for a longer look: {@code -Dcoracle.sim.seeds=20000}.
 */
class SimulationTest {
    private static final long FIRST = Long.getLong("coracle.sim.seed", 1);
    private static final long SEEDS = Long.getLong("coracle.sim.seeds", 300);
    /** In as many worlds each planted fault must show. */
    private static final long ENOUGH = 1000;

    @TempDir
    Path volumes;

    @Test
    void whateverGoesWrongAllHoldsAndComesToWhatWasAskedFor() {
        long writes = 0;
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            writes += run(seed);
        }
        assertThat(writes).isGreaterThan(SEEDS * 10);
    }

    private int run(long seed) {
        try (Simulation s = new Simulation(seed, UnaryOperator.identity(), volumes)) {
            return s.run();
        } catch (Throwable e) {
            throw new AssertionError(
                    "seed " + seed + ": again with `mvn -pl controllers test -Dtest=SimulationTest -Dcoracle.sim.seed="
                            + seed + " -Dcoracle.sim.seeds=1`",
                    e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFaultThatAControllerCouldHaveIsFound(Flaw flaw) {
        for (long seed = 1; seed <= ENOUGH; seed++) {
            try (Simulation s = new Simulation(seed, flaw::in, volumes)) {
                s.run();
            } catch (AssertionError e) {
                return;
            }
        }
        throw new AssertionError(flaw + " shows in none of " + ENOUGH + " worlds");
    }

    @Test
    void aSeedTellsTheSameStoryAgain() {
        assertThat(run(FIRST)).isEqualTo(run(FIRST));
    }
}
