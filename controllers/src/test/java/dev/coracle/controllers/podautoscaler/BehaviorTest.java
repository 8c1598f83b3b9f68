package dev.coracle.controllers.podautoscaler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.World;
import dev.coracle.controllers.podautoscaler.Behavior.Bounds;
import dev.coracle.controllers.podautoscaler.Behavior.Decision;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What limits and windows leave of what metrics ask for, without a cluster. */
class BehaviorTest {
    private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");

    @ParameterizedTest(name = "{0} of {1} to {2}, {3} wanted, makes {4}: {5}")
    @CsvSource(textBlock = """
            3, 1, 10, 5, 5, DesiredWithinRange, false
            3, 1, 20, 15, 6, ScaleUpLimit, true
            1, 1, 20, 15, 4, ScaleUpLimit, true
            8, 1, 10, 15, 10, TooManyReplicas, true
            3, 2, 10, 1, 2, TooFewReplicas, true
            3, 2, 10, 2, 2, DesiredWithinRange, false
            """)
    void withoutRulesItDoublesAtMost(
            long current, long least, long most, long desired, long size, String reason, boolean limited) {
        Decision d = Behavior.standard(nothing(), new Bounds(current, least, most), desired, START);
        assertThat(d.replicas()).isEqualTo(size);
        assertThat(d.limited().reason()).isEqualTo(reason);
        assertThat(d.limited().status()).isEqualTo(limited);
        assertThat(d.able().reason()).isEqualTo("ReadyForNewScale");
    }

    @Test
    void withoutRulesTheHighestOfFiveMinutesCounts() {
        Memory memory = Memory.of(6, START);
        Bounds bounds = new Bounds(6, 1, 10);
        Decision d = Behavior.standard(memory, bounds, 2, START.plusSeconds(100));
        assertThat(d.replicas()).isEqualTo(6);
        assertThat(d.able().reason()).isEqualTo("ScaleDownStabilized");
        d = Behavior.standard(d.memory(), bounds, 4, START.plusSeconds(200));
        assertThat(d.replicas()).isEqualTo(6);
        d = Behavior.standard(d.memory(), bounds, 2, START.plusSeconds(301));
        assertThat(d.replicas()).isEqualTo(4);
        d = Behavior.standard(d.memory(), bounds, 2, START.plusSeconds(501));
        assertThat(d.replicas()).isEqualTo(2);
        assertThat(d.memory().advice()).as("what is old is forgotten").hasSize(2);
    }

    /** The rules of both directions as {@code window select policy…}, a policy as {@code 4/60} or {@code 50%/60}. */
    @ParameterizedTest(name = "{0}: {1} wanting {2} makes {3}: {4}")
    @CsvSource(textBlock = """
            0 Max 4/60, 3, 20, 7, ScaleUpLimit
            0 Max 4/60 100%/60, 3, 20, 7, ScaleUpLimit
            0 Max 4/60 100%/60, 6, 20, 12, ScaleUpLimit
            0 Min 4/60 100%/60, 6, 20, 10, ScaleUpLimit
            0 Min 10%/60, 3, 20, 4, ScaleUpLimit
            0 Disabled 4/60, 3, 20, 3, ScaleUpLimit
            0 Max 900/60, 3, 99, 50, TooManyReplicas
            0 Max 4/60, 20, 2, 16, ScaleDownLimit
            0 Max 4/60 50%/60, 20, 2, 10, ScaleDownLimit
            0 Min 4/60 50%/60, 20, 2, 16, ScaleDownLimit
            0 Max 10%/60, 15, 2, 13, ScaleDownLimit
            0 Disabled 100%/15, 20, 2, 20, ScaleDownLimit
            0 Max 100%/15, 20, 1, 2, TooFewReplicas
            0 Max 4/60, 20, 19, 19, DesiredWithinRange
            """)
    void policiesLimitTheChangeOfAPeriod(String rules, long current, long desired, long size, String reason) {
        Decision d = behavior(rules, rules).decide(nothing(), new Bounds(current, 2, 50), desired, START);
        assertThat(d.replicas()).isEqualTo(size);
        assertThat(d.limited().reason()).isEqualTo(reason);
        assertThat(d.limited().status()).isEqualTo(size != desired);
    }

    @Test
    void whatAPeriodAllowedIsUsedUpUntilThePeriodEnds() {
        Behavior behavior = behavior("0 Max 4/60", "0 Max 50%/60");
        assertThat(sizes(behavior, 2, 15, 30, 30, 30, 30, 30, 30))
                .as("4 in a minute")
                .containsExactly(6L, 6L, 6L, 6L, 10L, 10L);
        assertThat(sizes(behavior, 20, 20, 2, 2, 2, 2, 2, 2, 2))
                .as("half in a minute")
                .containsExactly(10L, 10L, 10L, 5L, 5L, 5L, 2L);
        assertThat(sizes(behavior, 4, 15, 30, 2, 30))
                .as("ups are undone by downs")
                .containsExactly(8L, 2L, 8L);
    }

    @Test
    void windowsTakeTheMostModerateOfWhatWasAskedFor() {
        Behavior behavior = behavior("60 Max 100/15", "120 Max 100/15");
        assertThat(sizes(behavior, 5, 30, 9, 7, 8, 8))
                .as("up to the lowest of a minute")
                .containsExactly(5L, 7L, 7L, 8L);
        assertThat(sizes(behavior, 5, 30, 3, 4, 2, 2, 2, 2))
                .as("down to the highest of two minutes")
                .containsExactly(5L, 5L, 5L, 4L, 4L, 2L);
        assertThat(sizes(behavior, 5, 30, 9, 2, 9, 2, 9, 2, 9))
                .as("what flaps goes nowhere")
                .containsOnly(5L);
        Decision d = behavior.decide(Memory.of(5, START), new Bounds(5, 1, 10), 9, START.plusSeconds(30));
        assertThat(d.able().reason()).isEqualTo("ScaleUpStabilized");
        d = behavior.decide(Memory.of(5, START), new Bounds(5, 1, 10), 2, START.plusSeconds(30));
        assertThat(d.able().reason()).isEqualTo("ScaleDownStabilized");
    }

    @Test
    void theWindowDownIsFiveMinutesWhereItIsNotGiven() {
        Behavior behavior = Behavior.of(World.tree("""
                        {'spec': {'behavior': {
                          'scaleUp': {'stabilizationWindowSeconds': 0, 'selectPolicy': 'Max', 'policies': []},
                          'scaleDown': {'selectPolicy': 'Min', 'policies': [
                            {'type': 'Percent', 'value': 10, 'periodSeconds': 60}]}}}}
                        """)).orElseThrow();
        assertThat(behavior.down().window()).isEqualTo(Behavior.DOWN_WINDOW);
        assertThat(behavior.down().select()).isEqualTo("Min");
        assertThat(behavior.down().longest()).hasSeconds(60);
        assertThat(Behavior.of(World.tree("{'spec':{}}"))).isEmpty();
    }

    /** The sizes after each look, every {@code interval} seconds, when each asks for that. */
    private static List<Long> sizes(Behavior behavior, long size, int interval, long... desired) {
        Memory memory = Memory.of(size, START);
        List<Long> sizes = new ArrayList<>();
        for (int i = 0; i < desired.length; i++) {
            Instant now = START.plusSeconds((i + 1L) * interval);
            Decision d = behavior.decide(memory, new Bounds(size, 2, 50), desired[i], now);
            memory = d.memory();
            if (d.replicas() != size) {
                memory = memory.scaled(behavior, size, d.replicas(), now);
            }
            size = d.replicas();
            sizes.add(size);
        }
        return sizes;
    }

    private static Memory nothing() {
        return new Memory(List.of(), List.of(), List.of());
    }

    private static Behavior behavior(String up, String down) {
        return new Behavior(rules(up), rules(down));
    }

    private static Behavior.Rules rules(String text) {
        String[] parts = text.split(" ");
        List<Behavior.Policy> policies = new ArrayList<>();
        for (int i = 2; i < parts.length; i++) {
            String[] policy = parts[i].split("/");
            policies.add(new Behavior.Policy(
                    policy[0].endsWith("%"),
                    Long.parseLong(policy[0].replace("%", "")),
                    java.time.Duration.ofSeconds(Long.parseLong(policy[1]))));
        }
        return new Behavior.Rules(
                java.time.Duration.ofSeconds(Long.parseLong(parts[0])), parts[1], List.copyOf(policies));
    }
}
