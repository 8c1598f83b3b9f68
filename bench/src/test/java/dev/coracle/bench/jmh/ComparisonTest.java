package dev.coracle.bench.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.bench.jmh.Comparison.Score;
import java.util.List;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    @Test
    void eachStandsBesideItsReferenceWithTheSameParameters() {
        String table = Comparison.of(List.of(
                        new Score("A.read", "n=1", 100),
                        new Score("A.read", "n=2", 10),
                        new Score("A.readReference", "n=1", 200),
                        new Score("A.readReference", "n=2", 5),
                        new Score("A.alone", "", 7)))
                .toString();
        assertThat(table.lines().map(l -> l.strip().replaceAll(" +", " ")))
                .containsExactly(
                        "benchmark per second reference ratio",
                        "A.read n=1 100 200 0.500×",
                        "A.read n=2 10.0 5.00 2.00×",
                        "A.alone 7.00 -");
    }
}
