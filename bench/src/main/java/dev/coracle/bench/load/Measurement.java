package dev.coracle.bench.load;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/** How long things took, how many there were in how much time, and what went wrong. Not safe for several threads. */
final class Measurement {
    private static final long LONGEST = TimeUnit.MINUTES.toNanos(2);

    private final Histogram nanos = new Histogram(LONGEST, 3);
    private final Map<String, Long> errors = new TreeMap<>();
    private Duration elapsed = Duration.ZERO;

    void took(long duration) {
        nanos.recordValue(Math.clamp(duration, 1, LONGEST));
    }

    /** What failed has no place among the durations: a refusal is often the quickest answer. */
    void failed(String what) {
        failed(what, 1);
    }

    void failed(String what, long times) {
        errors.merge(what, times, Long::sum);
    }

    void lasted(Duration more) {
        elapsed = elapsed.plus(more);
    }

    /** Takes in what was measured elsewhere, one after the other or, with no time of its own, at once. */
    void add(Measurement other) {
        nanos.add(other.nanos);
        other.errors.forEach(this::failed);
        elapsed = elapsed.plus(other.elapsed);
    }

    long count() {
        return nanos.getTotalCount();
    }

    double perSecond() {
        return elapsed.isZero() ? 0 : count() * 1e9 / elapsed.toNanos();
    }

    double millis(double percentile) {
        return count() == 0 ? 0 : nanos.getValueAtPercentile(percentile) / 1e6;
    }

    double maxMillis() {
        return nanos.getMaxValue() / 1e6;
    }

    long errorCount() {
        return errors.values().stream().mapToLong(n -> n).sum();
    }

    /** {@code 3 × 409, 1 × broken}. */
    String errors() {
        return errors.entrySet().stream()
                .map(e -> e.getValue() + " × " + e.getKey())
                .collect(Collectors.joining(", "));
    }
}
