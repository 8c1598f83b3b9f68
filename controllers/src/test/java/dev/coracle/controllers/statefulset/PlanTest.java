package dev.coracle.controllers.statefulset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.World;
import dev.coracle.controllers.statefulset.Plan.Rules;
import dev.coracle.controllers.statefulset.Replica.State;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is to be done for a set, without a cluster. {@code a} is the current revision, {@code b} that of the template. */
class PlanTest {
    private static final Rules ORDERED = new Rules(0, 3, true, true, 0);
    private static final Rules PARALLEL = new Rules(0, 3, false, true, 0);

    @Test
    void placesAreFilledInOrderEachWhenItsPredecessorIsAvailable() {
        assertThat(plan(ORDERED)).containsExactly("create 0 b");
        assertThat(plan(ORDERED, pod(0, "b", State.PENDING))).containsExactly("provide 0");
        assertThat(plan(ORDERED, pod(0, "b", State.READY)))
                .as("not for long enough yet")
                .isEmpty();
        assertThat(plan(ORDERED, pod(0, "b", State.AVAILABLE))).containsExactly("conform 0", "create 1 b");
        assertThat(plan(PARALLEL, pod(1, "b", State.UNREADY))).containsExactly("create 0 b", "conform 1", "create 2 b");
    }

    @Test
    void aRowMayStartElsewhere() {
        Rules rules = new Rules(5, 2, true, true, 1);
        assertThat(plan(rules)).as("partition counts places, not names").containsExactly("create 5 a");
        assertThat(plan(rules, pod(5, "a", State.AVAILABLE))).containsExactly("conform 5", "create 6 b");
        assertThat(plan(
                        rules,
                        pod(0, "a", State.AVAILABLE),
                        pod(5, "a", State.AVAILABLE),
                        pod(6, "b", State.AVAILABLE)))
                .as("what is before the start goes")
                .containsExactly("conform 5", "conform 6", "release 0", "delete 0");
    }

    @Test
    void whatEndedIsReplacedAndWhatIsGoingIsWaitedFor() {
        assertThat(plan(ORDERED, pod(0, "b", State.ENDED))).containsExactly("delete 0");
        assertThat(plan(ORDERED, going(0, "b", State.ENDED))).isEmpty();
        assertThat(plan(ORDERED, going(0, "b", State.AVAILABLE)))
                .as("also on a lost node")
                .isEmpty();
        assertThat(plan(PARALLEL, pod(0, "b", State.ENDED), going(1, "b", State.AVAILABLE)))
                .containsExactly("delete 0", "conform 1", "create 2 b");
    }

    @Test
    void thoseBeyondGoFromTheLastToTheFirstOneByOne() {
        Rules one = new Rules(0, 1, true, true, 0);
        Replica zero = pod(0, "b", State.AVAILABLE);
        assertThat(plan(one, zero, pod(1, "b", State.AVAILABLE), pod(2, "b", State.AVAILABLE)))
                .containsExactly("conform 0", "release 2", "release 1", "delete 2");
        assertThat(plan(one, zero, pod(1, "b", State.AVAILABLE), going(2, "b", State.AVAILABLE)))
                .doesNotContain("delete 1");
        assertThat(plan(one, pod(0, "b", State.UNREADY), pod(1, "b", State.AVAILABLE)))
                .as("those that stay must do well first")
                .isEmpty();
        assertThat(plan(one, zero, pod(1, "b", State.UNREADY), pod(2, "b", State.UNREADY)))
                .as("the last waits for the one before it, and so for ever")
                .noneMatch(s -> s.startsWith("delete"));
        assertThat(plan(one, zero, pod(1, "b", State.AVAILABLE), pod(2, "b", State.UNREADY)))
                .as("the last may do badly")
                .contains("delete 2");
        assertThat(plan(new Rules(0, 1, false, true, 0), zero, pod(1, "b", State.UNREADY), pod(2, "b", State.READY)))
                .contains("delete 1", "delete 2");
    }

    @Test
    void anUpdateTakesTheLastOldPodAndWaitsForItsSuccessor() {
        Replica zero = pod(0, "a", State.AVAILABLE);
        Replica one = pod(1, "a", State.AVAILABLE);
        for (Rules rules : List.of(ORDERED, PARALLEL)) {
            assertThat(plan(rules, zero, one, pod(2, "a", State.AVAILABLE))).endsWith("update 2");
            assertThat(plan(rules, zero, one, going(2, "a", State.AVAILABLE))).noneMatch(s -> s.startsWith("update"));
            assertThat(plan(rules, zero, one, pod(2, "b", State.UNREADY))).noneMatch(s -> s.startsWith("update"));
            assertThat(plan(rules, zero, one, pod(2, "b", State.AVAILABLE))).endsWith("update 1");
        }
        assertThat(plan(PARALLEL, zero, one))
                .as("what is about to be made is not there yet")
                .endsWith("create 2 b");
    }

    @Test
    void aPodThatNeverGetsReadyStopsAnOrderedUpdateForwardAndBack() {
        Replica stuck = pod(2, "b", State.UNREADY);
        List<Replica> pods = List.of(pod(0, "a", State.AVAILABLE), pod(1, "a", State.AVAILABLE), stuck);
        assertThat(names(Plan.of(ORDERED, pods, "a", "a")))
                .as("the template was put back")
                .containsExactly("conform 0", "conform 1");
        assertThat(names(Plan.of(PARALLEL, pods, "a", "a"))).endsWith("update 2");
    }

    @Test
    void thePartitionAndOnDeleteHoldAnUpdateBack() {
        Rules partitioned = new Rules(0, 3, true, true, 2);
        Replica zero = pod(0, "a", State.AVAILABLE);
        Replica one = pod(1, "a", State.AVAILABLE);
        assertThat(plan(partitioned, zero, one, pod(2, "a", State.AVAILABLE))).endsWith("update 2");
        assertThat(plan(partitioned, zero, one, pod(2, "b", State.AVAILABLE))).noneMatch(s -> s.startsWith("update"));
        assertThat(plan(partitioned, zero)).as("old ones come back old").endsWith("create 1 a");
        assertThat(plan(new Rules(0, 3, true, true, 9), zero, one, pod(2, "a", State.AVAILABLE)))
                .noneMatch(s -> s.startsWith("update"));
        Rules byHand = new Rules(0, 3, true, false, 0);
        assertThat(plan(byHand, zero, one, pod(2, "a", State.AVAILABLE))).noneMatch(s -> s.startsWith("update"));
        assertThat(plan(byHand, zero, one)).endsWith("create 2 b");
    }

    /** Whatever happens to the pods: one step at a time, one pod out at most, and in the end all are new. */
    @Test
    void whateverHappensOnePodAtATimeAndTheEndIsReached() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            Rules rules = new Rules(random.nextInt(3), 1 + random.nextInt(5), true, true, 0);
            List<Replica> pods = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(7); i++) {
                pods.add(pod(i, "a", State.AVAILABLE));
            }
            for (int round = 0; !finished(rules, pods); round++) {
                assertThat(round).as("seed " + seed).isLessThan(2000);
                long out = pods.stream().filter(r -> !r.isAvailable()).count();
                List<Step> acts = Plan.of(rules, pods, "a", "b").steps().stream()
                        .filter(s -> s instanceof Step.Create || s instanceof Step.Delete)
                        .toList();
                assertThat(acts).as("seed " + seed).hasSizeLessThanOrEqualTo(1);
                for (Step act : acts) {
                    assertThat(out)
                            .as("seed " + seed + ": acts only when all do well")
                            .isZero();
                    if (act instanceof Step.Create c) {
                        assertThat(pods).noneMatch(r -> r.ordinal() == c.ordinal());
                        pods.add(pod(c.ordinal(), c.revision(), State.PENDING));
                    } else if (act instanceof Step.Delete d) {
                        pods.replaceAll(r -> r.pod() == d.pod() ? going(r.ordinal(), r.revision(), r.state()) : r);
                    }
                }
                if (random.nextBoolean()) {
                    pods.removeIf(Replica::terminating);
                    pods.replaceAll(r -> pod(r.ordinal(), r.revision(), State.AVAILABLE));
                }
            }
        }
    }

    private static boolean finished(Rules rules, List<Replica> pods) {
        return pods.size() == rules.replicas()
                && pods.stream()
                        .allMatch(r -> r.isAvailable() && r.revision().equals("b") && rules.covers(r.ordinal()));
    }

    private static List<String> plan(Rules rules, Replica... present) {
        return names(Plan.of(rules, List.of(present), "a", "b"));
    }

    private static List<String> names(Plan plan) {
        return plan.steps().stream()
                .map(s -> switch (s) {
                    case Step.Create c -> "create " + c.ordinal() + " " + c.revision();
                    case Step.Provide p -> "provide " + p.pod().name();
                    case Step.Conform c -> "conform " + c.pod().name();
                    case Step.Release r -> "release " + r.pod().name();
                    case Step.Delete d ->
                        (d.update() ? "update " : "delete ") + d.pod().name();
                })
                .toList();
    }

    private static Replica pod(int ordinal, String revision, State state) {
        return new Replica(ordinal, revision, state, false, named(ordinal));
    }

    private static Replica going(int ordinal, String revision, State state) {
        return new Replica(ordinal, revision, state, true, named(ordinal));
    }

    private static Unstructured named(int ordinal) {
        return World.tree("{'metadata':{'name':'" + ordinal + "'}}");
    }
}
