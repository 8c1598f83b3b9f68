package dev.coracle.flowforge.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.flowforge.queue.Task;
import dev.coracle.flowforge.queue.Waiting;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class QueueMetricsTest {
    @Test
    void withoutTheDatabaseTheRestIsToldAndThatItIsGone() {
        Exposition exposition = new Exposition();
        var there = new AtomicBoolean(true);
        var metrics = new QueueMetrics(exposition, () -> {
            if (!there.get()) {
                throw new IllegalStateException("connection refused");
            }
            return List.of(new Waiting("echo", Task.noneInAnyStatus(), 1.5));
        });
        metrics.revived("echo");
        assertThat(text(exposition))
                .contains("flowforge_queue_up 1.0", "flowforge_queue_oldest_wait_seconds{type=\"echo\"} 1.5");

        there.set(false);

        assertThat(text(exposition))
                .contains("flowforge_queue_up 0.0", "flowforge_tasks_revived_total{type=\"echo\"} 1.0")
                .doesNotContain("flowforge_queue_tasks", "oldest_wait");
    }

    private static String text(Exposition exposition) {
        return new String(exposition.text(), StandardCharsets.UTF_8);
    }
}
