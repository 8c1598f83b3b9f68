package dev.coracle.controllers.podautoscaler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.controllers.World;
import dev.coracle.controllers.podautoscaler.ReplicaCalculator.Proposal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sizes that metrics ask for, without a cluster. */
class ReplicaCalculatorTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final String UNREADY = "u";
    private static final String PENDING = "p";
    private static final String GONE = "g";
    private static final String FAILED = "f";

    /**
     * Pods request 1000 each. {@code r900} is ready and uses 900, {@code r} is ready and not measured, {@code u900} not
     * ready yet, {@code p} pending, {@code g900} on its way out, {@code f900} failed.
     */
    @ParameterizedTest(name = "{0} at a target of {1} % makes {2}")
    @CsvSource(textBlock = """
                    r900 r900 r900 r900, 50, 8, 90
                    r300 r500 r700, 30, 5, 50
                    r100 r200 r300 r400 r500, 60, 3, 30
                    # within a tenth of the target
                    r540 r540, 50, 2, 54
                    r450 r450, 50, 2, 45
                    r551 r551, 50, 2, 55
                    r560 r560, 50, 3, 56
                    # going up, what is not ready counts as idle
                    r900 r900 r900 u999, 50, 6, 90
                    r500 r900 p, 30, 5, 70
                    # and if that takes all the excess away nothing is done
                    r400 u900 p, 30, 3, 40
                    r300 u500 u700, 30, 3, 30
                    # going down, what is not ready is left out
                    r100 r100 r100 u900, 50, 1, 10
                    # going up, what was not measured counts as idle, going down as all it requests
                    r900 r900 r, 50, 4, 90
                    r100 r100 r, 50, 3, 10
                    r100 r100 r100 r100 r, 50, 3, 10
                    # at a target above what is requested, as the target
                    r900 r, 200, 2, 90
                    # what is on its way out or failed does not count
                    r900 r900 g900 f900, 50, 4, 90
                    """)
    void byUtilization(String pods, long target, long size, long percent) {
        Proposal p =
                calculator(pods, Tolerances.STANDARD).byUtilization(samples(pods), () -> requests(pods), target, true);
        assertThat(p.replicas()).isEqualTo(size);
        assertThat(p.percent()).isEqualTo(percent);
    }

    @ParameterizedTest(name = "{0} at a target of {1} makes {2}")
    @CsvSource(textBlock = """
                    r20000 r10000 r30000, 15000, 4, 20000
                    r12000 r12000 r12000 r12000 r12000, 20000, 3, 12000
                    r20000 r20000, 19000, 2, 20000
                    # of metrics other than the processor's a pod that is not ready counts
                    r10000 u30000, 10000, 4, 20000
                    r10000 r, 5000, 2, 10000
                    r1000 r, 5000, 2, 1000
                    r10000 r10000 p, 4000, 5, 10000
                    """)
    void byAverage(String pods, long target, long size, long average) {
        Proposal p = calculator(pods, Tolerances.STANDARD).byAverage(samples(pods), target, false);
        assertThat(p.replicas()).isEqualTo(size);
        assertThat(p.usage()).isEqualTo(average);
    }

    @Test
    void theToleranceOfEachDirectionIsItsOwn() {
        String pods = "r540 r540";
        assertThat(calculator(pods, new Tolerances(0.1, 0.05))
                        .byUtilization(samples(pods), () -> requests(pods), 50, true)
                        .replicas())
                .isEqualTo(3);
        assertThat(calculator(pods, new Tolerances(0, 0.1))
                        .byUtilization(samples(pods), () -> requests(pods), 50, true)
                        .replicas())
                .isEqualTo(2);
        assertThat(Tolerances.of(World.tree("{'spec':{'behavior':{'scaleUp':{'tolerance':'50m'}}}}")))
                .isEqualTo(new Tolerances(0.1, 0.05));
    }

    @ParameterizedTest(name = "{0} of {1}, {2} pods, {3} serving, makes {4}")
    @CsvSource(textBlock = """
            20000, 15000, 3, 3, 4
            20000, 15000, 3, 2, 3
            10000, 20000, 4, 4, 2
            21000, 20000, 4, 1, 4
            0, 20000, 4, 4, 0
            9000, 2000, 0, 0, 5
            0, 2000, 0, 0, 0
            9223372036854775807, 1, 3, 3, 2147483647
            """)
    void byValue(long usage, long target, int replicas, int serving, long size) {
        List<Replica> pods = new ArrayList<>();
        for (int i = 0; i < Math.max(1, replicas); i++) {
            pods.add(new Replica("p" + i, false, "Running", i < serving ? "True" : "False", NOW, NOW));
        }
        var calculator = new ReplicaCalculator(replicas, pods, Tolerances.STANDARD, NOW);
        assertThat(calculator.byValue(usage, target)).isEqualTo(new Proposal(size, usage, 0));
    }

    @ParameterizedTest(name = "{0}, {1} for each, shared by {2} makes {3}")
    @CsvSource(textBlock = """
            9000, 2000, 3, 5, 3000
            6100, 2000, 3, 3, 2034
            1000, 2000, 3, 1, 334
            5000, 2000, 0, 3, 5000
            """)
    void byShare(long usage, long target, long there, long size, long each) {
        var calculator = new ReplicaCalculator(3, List.of(), Tolerances.STANDARD, NOW);
        assertThat(calculator.byShare(usage, target, there)).isEqualTo(new Proposal(size, each, 0));
    }

    @Test
    void aPodThatStartsIsNotMeasuredByItsStart() {
        Sample sample = new Sample(1, NOW, Duration.ofSeconds(15));
        assertThat(started(600, 500, "True").isStarting(sample, NOW)).isFalse();
        assertThat(started(600, 5, "False").isStarting(sample, NOW))
                .as("was ready once, and is overloaded perhaps")
                .isFalse();
        assertThat(started(600, 590, "False").isStarting(sample, NOW))
                .as("was never ready")
                .isTrue();
        assertThat(started(60, 20, "True").isStarting(sample, NOW)).isFalse();
        assertThat(started(60, 10, "True").isStarting(sample, NOW))
                .as("the window reaches back to before it was ready")
                .isTrue();
        assertThat(started(60, 20, "False").isStarting(sample, NOW)).isTrue();
        assertThat(started(60, 20, "").isStarting(sample, NOW)).isTrue();
    }

    @Test
    void nothingIsSaidWhereNothingIsKnown() {
        assertThatThrownBy(() -> calculator("", Tolerances.STANDARD).byAverage(Map.of(), 5, false))
                .hasMessage("no pods returned by selector while calculating replica count");
        assertThatThrownBy(() -> calculator("u5 p g7", Tolerances.STANDARD).byAverage(samples("u5 p g7"), 5, true))
                .hasMessage("did not receive metrics for targeted pods (pods might be unready)");
        assertThatThrownBy(() -> calculator("r5", Tolerances.STANDARD).byUtilization(samples("r5"), Map::of, 5, true))
                .hasMessage("no metrics returned matched known pods");
        assertThatThrownBy(() -> new ReplicaCalculator(2, List.of(), Tolerances.STANDARD, NOW).byValue(5, 1))
                .hasMessage("unable to calculate ready pods: no pods returned by selector while calculating replica"
                        + " count");
    }

    @Test
    void sumsThatNoNumberHoldsDoNotTurnOver() {
        String pods = "r9223372036854775807 r9223372036854775807";
        Proposal p = calculator(pods, Tolerances.STANDARD).byAverage(samples(pods), 1, false);
        assertThat(p).isEqualTo(new Proposal(Integer.MAX_VALUE, Long.MAX_VALUE, 0));
        assertThat(ReplicaCalculator.total(List.of(Long.MAX_VALUE, 1L))).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void requestsAreThoseOfTheContainersThatRunAsLongAsThePod() {
        var pod = World.tree("""
                {'metadata': {'name': 'p'}, 'spec': {
                  'containers': [{'name': 'a', 'resources': {'requests': {'cpu': '100m'}}},
                                 {'name': 'b', 'resources': {'requests': {'cpu': '0.2', 'memory': '1Ki'}}}],
                  'initContainers': [{'name': 'once'},
                    {'name': 'side', 'restartPolicy': 'Always', 'resources': {'requests': {'cpu': '50m'}}}]}}
                """);
        assertThat(Requests.of(List.of(pod), "cpu", "")).containsEntry("p", 350L);
        assertThat(Requests.of(List.of(pod), "cpu", "b")).containsEntry("p", 200L);
        assertThatThrownBy(() -> Requests.of(List.of(pod), "memory", ""))
                .hasMessage("missing request for memory in container a of Pod p");
        assertThatThrownBy(() -> Requests.of(List.of(pod), "cpu", "c")).hasMessage("container c not found in Pod p");
        pod.set("2", "spec", "resources", "requests", "cpu");
        assertThat(Requests.of(List.of(pod), "cpu", "")).containsEntry("p", 2000L);
        assertThat(Requests.of(List.of(pod), "cpu", "b")).containsEntry("p", 200L);
    }

    private static Replica started(long age, long turned, String ready) {
        return new Replica("p", false, "Running", ready, NOW.minusSeconds(turned), NOW.minusSeconds(age));
    }

    private static ReplicaCalculator calculator(String pods, Tolerances tolerances) {
        List<Replica> all = new ArrayList<>();
        for (String pod : names(pods)) {
            String kind = pod.substring(pod.length() - 1);
            all.add(new Replica(
                    pod,
                    kind.equals(GONE) || kind.equals(FAILED),
                    kind.equals(PENDING) ? "Pending" : kind.equals(FAILED) ? "Failed" : "Running",
                    kind.equals(UNREADY) || kind.equals(PENDING) ? "False" : "True",
                    NOW.minusSeconds(100),
                    NOW.minusSeconds(110)));
        }
        int living = (int) all.stream().filter(r -> !r.going()).count();
        return new ReplicaCalculator(living, all, tolerances, NOW);
    }

    private static Map<String, Sample> samples(String pods) {
        Map<String, Sample> samples = new HashMap<>();
        List<String> names = names(pods);
        for (int i = 0; i < names.size(); i++) {
            String value = pods.split(" ")[i].substring(1);
            if (!value.isEmpty()) {
                samples.put(names.get(i), new Sample(Long.parseLong(value), NOW, Duration.ofSeconds(15)));
            }
        }
        return samples;
    }

    private static Map<String, Long> requests(String pods) {
        Map<String, Long> requests = new HashMap<>();
        names(pods).forEach(n -> requests.put(n, 1000L));
        return requests;
    }

    /** The number of each, and its kind. */
    private static List<String> names(String pods) {
        List<String> names = new ArrayList<>();
        for (String pod : pods.isEmpty() ? new String[0] : pods.split(" ")) {
            names.add(names.size() + pod.substring(0, 1));
        }
        return names;
    }
}
