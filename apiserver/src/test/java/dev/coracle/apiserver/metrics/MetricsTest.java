package dev.coracle.apiserver.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private static final Instant NOW = Instant.parse("2026-11-24T05:00:00.5Z");

    private final UsageSource source = new UsageSource() {
        @Override
        public List<Node> nodes() {
            return List.of(new Node("worker", NOW, Duration.ofMillis(15_016), new Usage(250_000_000, 64 << 20)));
        }

        @Override
        public List<Pod> pods() {
            var container = new Container("app", new Usage(1_500_000, 1 << 20));
            return List.of(
                    new Pod("b", "web", NOW, Duration.ofSeconds(15), List.of(container)),
                    new Pod("a", "web", NOW, Duration.ofSeconds(15), List.of(container)),
                    new Pod("a", "gone", NOW, Duration.ofSeconds(15), List.of(container)));
        }
    };

    private final Metrics metrics = new Metrics(
            source,
            (resource, namespace, name) -> name.equals("gone")
                    ? Optional.empty()
                    : Optional.of(Unstructured.of("v1", "Any", namespace, name)
                            .set(Map.of("app", "web-" + namespace), "metadata", "labels")));

    @Test
    void useIsToldInTheUnitsOfMetricsServer() {
        Unstructured node = metrics.get("nodes", "", "worker");

        assertThat(node.string("kind")).isEqualTo("NodeMetrics");
        assertThat(node.string("usage", "cpu")).isEqualTo("250000000n");
        assertThat(node.string("usage", "memory")).isEqualTo("65536Ki");
        assertThat(node.string("window")).isEqualTo("15.016s");
        assertThat(node.string("timestamp")).isEqualTo("2026-11-24T05:00:00Z");
    }

    @Test
    void podsAreListedByNamespaceAndLabelAndThoseThatAreGoneAreNot() {
        assertThat(metrics.list("pods", "", LabelSelector.parse("")).objects("items"))
                .extracting(p -> p.namespace() + "/" + p.name())
                .containsExactly("a/web", "b/web");
        assertThat(metrics.list("pods", "a", LabelSelector.parse("app=web-b")).objects("items"))
                .isEmpty();
        assertThat(metrics.list("pods", "a", LabelSelector.parse("app=web-a")).objects("items"))
                .singleElement()
                .satisfies(p -> assertThat(p.objects("containers"))
                        .singleElement()
                        .satisfies(c -> assertThat(c.string("usage", "cpu")).isEqualTo("1500000n")));
    }

    @Test
    void whatNobodyMeasuredIsNotFound() {
        assertThatThrownBy(() -> metrics.get("pods", "a", "nope"))
                .isInstanceOfSatisfying(
                        StatusException.class,
                        e -> assertThat(e.details().string("kind")).isEqualTo("podmetrics"))
                .hasMessage("podmetrics.metrics.k8s.io \"a/nope\" not found");
    }
}
