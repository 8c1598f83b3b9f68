package dev.coracle.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.json.Json;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ReportTest {
    /** So many a second, each of which took so long. */
    private static Measurement measured(int perSecond, long millis) {
        Measurement m = new Measurement();
        for (int i = 0; i < perSecond; i++) {
            m.took(TimeUnit.MILLISECONDS.toNanos(millis));
        }
        m.lasted(Duration.ofSeconds(1));
        return m;
    }

    @Test
    void lanesThatRanAtOnceShareTheTimeAndTurnsAddTheirs() {
        Measurement all = new Measurement();
        for (int turn = 0; turn < 2; turn++) {
            Measurement lanes = new Measurement();
            for (int lane = 0; lane < 4; lane++) {
                Measurement one = new Measurement();
                one.took(1_000_000);
                lanes.add(one);
            }
            lanes.lasted(Duration.ofMillis(500));
            all.add(lanes);
        }
        assertThat(all.count()).isEqualTo(8);
        assertThat(all.perSecond()).isEqualTo(8.0);
    }

    @Test
    void whatFailedIsCountedByKindAndIsNoLatency() {
        Measurement m = measured(10, 2);
        m.failed("409");
        m.failed("409");
        m.failed("broken connection");
        assertThat(m.count()).isEqualTo(10);
        assertThat(m.errorCount()).isEqualTo(3);
        assertThat(m.errors()).isEqualTo("2 × 409, 1 × broken connection");
    }

    @Test
    void aDurationBeyondTheHistogramIsItsLongest() {
        Measurement m = new Measurement();
        m.took(TimeUnit.HOURS.toNanos(1));
        assertThat(m.maxMillis()).isBetween(119_000.0, 121_000.0);
    }

    @Test
    void oneServerHasNoRatio() {
        Report report = new Report();
        report.add(new Row(Operation.GET, 16, List.of(new Row.Result("measured", measured(1000, 4)))));
        assertThat(report.table().lines().map(String::strip).toList())
                .hasSize(2)
                .last()
                .asString()
                .startsWith("get        16     measured        1000");
    }

    @Test
    void twoServersAreComparedFirstToSecond() {
        Report report = new Report();
        report.add(new Row(
                Operation.CREATE,
                1,
                List.of(new Row.Result("measured", measured(300, 1)), new Row.Result("beside", measured(200, 4)))));
        String ratio = report.table().lines().skip(3).findFirst().orElse("");
        assertThat(ratio.strip().split(" +")).startsWith("ratio", "1.50×", "0.250×");
    }

    @Test
    @SuppressWarnings("unchecked")
    void theSameAsJson() {
        Report report = new Report();
        report.add(new Row(Operation.PATCH, 2, List.of(new Row.Result("measured", measured(100, 8)))));
        var one = (Map<String, Object>) ((List<?>) Json.parse(report.json())).getFirst();
        assertThat(one)
                .containsEntry("operation", "patch")
                .containsEntry("concurrency", 2L)
                .containsEntry("count", 100L)
                .containsEntry("errors", 0L);
        assertThat((Map<String, Object>) one.get("millis")).containsKeys("p50", "p90", "p99", "p99.9", "max");
    }
}
