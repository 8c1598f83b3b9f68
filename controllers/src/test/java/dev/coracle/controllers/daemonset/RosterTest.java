package dev.coracle.controllers.daemonset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.World;
import dev.coracle.controllers.daemonset.Roster.Rules;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is made and deleted, without a cluster. */
class RosterTest {
    private static final NodeFit RUN = new NodeFit(true, true);
    private static final NodeFit STAY = new NodeFit(false, true);
    private static final Rules ONE_OUT = new Rules(true, 1L, 0L);
    private static final Rules ONE_MORE = new Rules(true, 0L, 1L);

    @Test
    void sharesAreOfTheNodesThatFitAndRoundUp() {
        assertThat(new Rules(true, "10%", 0L).unavailable(3)).isEqualTo(1);
        assertThat(new Rules(true, "50%", 0L).unavailable(3)).isEqualTo(2);
        assertThat(new Rules(true, 0L, "34%").surge(3)).isEqualTo(2);
        assertThat(new Rules(true, 0L, 0L).unavailable(3))
                .as("something must be able to move")
                .isEqualTo(1);
        assertThat(new Rules(false, 1L, 1L).surges()).isFalse();
    }

    @Test
    void aNodeThatFitsGetsAPodAndOneThatDoesNotLosesIt() {
        assertThat(tidy(ONE_OUT, place("a", RUN), place("b", STAY), place("c", NodeFit.NONE)))
                .containsExactly("+a");
        assertThat(tidy(
                        ONE_OUT,
                        place("a", RUN, fine("1", true)),
                        place("b", STAY, fine("2", true)),
                        place("c", NodeFit.NONE, fine("3", true))))
                .containsExactly("-3 EXCESS");
        assertThat(tidy(ONE_OUT, place("a", RUN, going("1"))))
                .as("not beside one that is going")
                .isEmpty();
        assertThat(tidy(ONE_MORE, place("a", RUN, going("1"))))
                .as("but there may be two")
                .containsExactly("+a");
        assertThat(tidy(ONE_MORE, place("a", STAY, going("1")))).isEmpty();
    }

    @Test
    void ofANodeThatIsGoneOnlyThePodsThatNeverGotThereAreOurs() {
        Daemon bound = fine("1", true);
        Daemon waiting = new Daemon(bound.pod(), true, false, false, "Pending", false, false);
        assertThat(tidy(ONE_OUT, new Place("x", false, NodeFit.NONE, List.of(bound, waiting))))
                .containsExactly("-1 EXCESS");
    }

    @Test
    void whatEndedIsDeletedUnlessHeldBack() {
        Place failed = place("a", RUN, ended("1", "Failed"));
        Place succeeded = place("b", RUN, ended("2", "Succeeded"));
        assertThat(tidy(ONE_OUT, failed, succeeded)).containsExactly("-1 FAILED", "-2 SUCCEEDED");
        for (Rules rules : List.of(ONE_OUT, ONE_MORE)) {
            assertThat(names(new Roster(List.of(failed, succeeded), rules).tidy(n -> n.equals("a"))))
                    .as("and gets no second one meanwhile")
                    .containsExactly("-2 SUCCEEDED");
        }
    }

    @Test
    void ofTooManyTheFirstStays() {
        assertThat(tidy(ONE_OUT, place("a", RUN, fine("1", true), fine("2", true))))
                .containsExactly("-2 EXCESS");
        assertThat(tidy(ONE_MORE, place("a", RUN, fine("1", false), fine("2", false), unready("3", true))))
                .as("an old and a new one may be side by side")
                .containsExactly("-2 EXCESS");
        assertThat(tidy(ONE_MORE, place("a", RUN, fine("1", false), fine("2", true))))
                .containsExactly("-1 UPDATE");
        assertThat(tidy(ONE_MORE, place("a", RUN, unready("1", false), unready("2", true))))
                .as("an old one that does badly is no use")
                .containsExactly("-1 UPDATE");
    }

    @Test
    void anUpdateTakesNoMoreThanMayBeOut() {
        Place a = place("a", RUN, fine("1", false));
        Place b = place("b", RUN, fine("2", false));
        Place c = place("c", RUN, fine("3", false));
        assertThat(roll(ONE_OUT, a, b, c)).containsExactly("-1 UPDATE");
        assertThat(roll(new Rules(true, 2L, 0L), a, b, c)).containsExactly("-1 UPDATE", "-2 UPDATE");
        assertThat(roll(ONE_OUT, a, b, place("c", RUN, unready("3", true)))).isEmpty();
        assertThat(roll(ONE_OUT, a, b, place("c", RUN, going("3")))).isEmpty();
        assertThat(roll(ONE_OUT, a, b, place("c", RUN))).isEmpty();
        assertThat(roll(ONE_OUT, a, b, place("c", RUN, unready("3", false))))
                .as("what is out already may go")
                .containsExactly("-3 UPDATE");
        assertThat(roll(new Rules(false, 3L, 0L), a, b, c)).as("OnDelete").isEmpty();
    }

    @Test
    void aSurgeAddsFirstAndDeletesThen() {
        Place a = place("a", RUN, fine("1", false));
        Place b = place("b", RUN, fine("2", false));
        assertThat(roll(ONE_MORE, a, b)).containsExactly("+a");
        assertThat(roll(ONE_MORE, place("a", RUN, fine("1", false), unready("3", true)), b))
                .isEmpty();
        assertThat(roll(ONE_MORE, place("a", RUN, fine("3", true)), b)).containsExactly("+b");
        assertThat(roll(ONE_MORE, place("a", RUN, unready("1", false)), b))
                .as("beside one that does badly it counts as none")
                .containsExactly("+a", "+b");
    }

    @Test
    void aSurgeToOtherNodesLeavesTheOldUntilTheNewAreAvailable() {
        Place left = place("a", STAY, fine("1", false));
        assertThat(roll(ONE_MORE, left, place("b", RUN, unready("2", true)))).isEmpty();
        assertThat(roll(ONE_MORE, left, place("b", RUN, fine("2", true)))).containsExactly("-1 UPDATE");
    }

    /** Whatever the numbers and however the pods behave: the bounds hold at each step, and the end is reached. */
    @Test
    void neverTooManyAndNeverTooFew() {
        for (int seed = 0; seed < 400; seed++) {
            Random random = new Random(seed);
            int nodes = 1 + random.nextInt(6);
            boolean surges = random.nextBoolean();
            Rules rules =
                    surges ? new Rules(true, 0L, 1L + random.nextInt(3)) : new Rules(true, 1L + random.nextInt(3), 0L);
            List<List<Daemon>> there = new ArrayList<>();
            for (int i = 0; i < nodes; i++) {
                there.add(new ArrayList<>(List.of(fine("old-" + i, false))));
            }
            int made = 0;
            for (int round = 0; !there.stream().allMatch(d -> d.size() == 1 && isDone(d.getFirst())); round++) {
                assertThat(round).as("seed " + seed).isLessThan(1000);
                Roster roster = new Roster(places(there), rules);
                Changes changes = roster.tidy(n -> false);
                changes = changes.isEmpty() ? roster.roll() : changes;
                for (Changes.Deletion d : changes.deletions()) {
                    there.get(Integer.parseInt(d.node()))
                            .replaceAll(x -> x == d.daemon() ? going(x.pod().name()) : x);
                }
                for (String node : changes.nodes()) {
                    there.get(Integer.parseInt(node)).add(unready("new-" + made++, true));
                }
                long out = there.stream()
                        .filter(d -> d.stream().noneMatch(x -> x.available() && !x.terminating()))
                        .count();
                assertThat(out).as("seed " + seed).isLessThanOrEqualTo(surges ? 0 : rules.unavailable(nodes));
                long more = there.stream()
                        .filter(d -> d.stream().filter(x -> !x.terminating()).count() > 1)
                        .count();
                assertThat(more).as("seed " + seed).isLessThanOrEqualTo(rules.surge(nodes));
                there.forEach(d -> {
                    if (random.nextBoolean()) {
                        d.removeIf(Daemon::terminating);
                        d.replaceAll(x -> x.terminating() ? x : fine(x.pod().name(), x.fresh()));
                    }
                });
            }
        }
    }

    private static boolean isDone(Daemon d) {
        return d.fresh() && d.available() && !d.terminating();
    }

    private static List<Place> places(List<List<Daemon>> there) {
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < there.size(); i++) {
            places.add(new Place("" + i, true, RUN, List.copyOf(there.get(i))));
        }
        return places;
    }

    private static List<String> tidy(Rules rules, Place... places) {
        return names(new Roster(List.of(places), rules).tidy(n -> false));
    }

    private static List<String> roll(Rules rules, Place... places) {
        return names(new Roster(List.of(places), rules).roll());
    }

    private static List<String> names(Changes changes) {
        return Stream.concat(
                        changes.nodes().stream().map(n -> "+" + n),
                        changes.deletions().stream()
                                .map(d -> "-" + d.daemon().pod().name() + " " + d.why()))
                .toList();
    }

    private static Place place(String node, NodeFit fit, Daemon... daemons) {
        return new Place(node, true, fit, List.of(daemons));
    }

    private static Daemon fine(String name, boolean fresh) {
        return daemon(name, fresh, false, "Running", true);
    }

    private static Daemon unready(String name, boolean fresh) {
        return daemon(name, fresh, false, "Running", false);
    }

    private static Daemon going(String name) {
        return daemon(name, false, true, "Running", true);
    }

    private static Daemon ended(String name, String phase) {
        return daemon(name, true, false, phase, false);
    }

    private static Daemon daemon(String name, boolean fresh, boolean terminating, String phase, boolean well) {
        return new Daemon(
                World.tree("{'metadata':{'name':'" + name + "'}}"), fresh, true, terminating, phase, well, well);
    }
}
