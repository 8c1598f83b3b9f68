package dev.coracle.controllers.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.World;
import dev.coracle.controllers.kit.ContentHash;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The sizes that are decided upon, without a cluster. */
class RolloutTest {
    @Test
    void percentsRoundSurgeUpAndUnavailableDown() {
        Rollout r = new Rollout(deployment(10, "'25%'", "'25%'"), null, List.of());
        assertThat(r.surge()).isEqualTo(3);
        assertThat(r.unavailable()).isEqualTo(2);
        assertThat(new Rollout(deployment(1, "'25%'", "'25%'"), null, List.of()).unavailable())
                .isZero();
        assertThat(new Rollout(deployment(2, "0", "0"), null, List.of()).unavailable())
                .as("something must be able to move")
                .isEqualTo(1);
    }

    @Test
    void theSetsShareAChangeOfScaleInProportion() {
        Unstructured d = deployment(20, "5", "0");
        Rollout r = Rollout.of(d, List.of(set("old", 8, 8, "10", "15", false), set("new", 5, 2, "10", "15", true)));
        assertThat(r.isScaling()).isTrue();
        assertThat(r.scale().stream().map(s -> s.set().name() + "=" + s.replicas()))
                .as("25 allowed, 13 there: 12 more, 5 for the larger by its share, what is left over too")
                .containsExactlyInAnyOrder("old=17", "new=8");
        assertThat(r.scale().stream().mapToLong(Rollout.Resize::replicas).sum()).isEqualTo(25);
    }

    @Test
    void aHashSaysWhatTheTemplateSaysInWhateverOrder() {
        Unstructured a = World.tree("{'spec':{'x':1,'y':[{'a':'1','b':'2'}]}}");
        Unstructured b = World.tree("{'spec':{'y':[{'b':'2','a':'1'}],'x':1}}");
        assertThat(ContentHash.of(a, 0)).isEqualTo(ContentHash.of(b, 0)).matches("[bcdf-hj-np-tv-xz24-9]{6,10}");
        assertThat(ContentHash.of(a, 1)).isNotEqualTo(ContentHash.of(a, 0));
    }

    /** Whatever the numbers and however the pods behave: the bounds hold at each step, and the end is reached. */
    @Test
    void neverTooManyAndNeverTooFew() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            int replicas = 1 + random.nextInt(12);
            Unstructured d = deployment(replicas, "" + random.nextInt(4), "" + random.nextInt(4));
            List<Unstructured> sets = new ArrayList<>(
                    List.of(set("old", replicas, replicas, null, null, false), set("new", 0, 0, null, null, true)));
            int steps = 0;
            while (Rollout.size(sets.get(0)) > 0 || available(sets.get(1)) < replicas) {
                assertThat(steps++).as("seed " + seed).isLessThan(1000);
                Rollout r = Rollout.of(d, sets);
                for (Rollout.Resize resize : r.roll()) {
                    Unstructured s = resize.set();
                    s.set(resize.replicas(), "spec", "replicas");
                    // Whatever pods go, the ready ones may be among them.
                    s.set(Math.min(available(s), resize.replicas()), "status", "availableReplicas");
                }
                assertThat(r.total()).as("seed " + seed).isLessThanOrEqualTo(replicas + r.surge());
                assertThat(available(sets.get(0)) + available(sets.get(1)))
                        .as("seed " + seed)
                        .isGreaterThanOrEqualTo(replicas - r.unavailable());
                Unstructured fresh = sets.get(1);
                if (random.nextInt(3) == 0 && available(fresh) < Rollout.size(fresh)) {
                    fresh.set(available(fresh) + 1, "status", "availableReplicas");
                }
            }
        }
    }

    private static long available(Unstructured set) {
        return set.integer(0, "status", "availableReplicas");
    }

    private static Unstructured deployment(int replicas, String surge, String unavailable) {
        return World.tree("{'spec':{'replicas':" + replicas + ",'strategy':{'type':'RollingUpdate','rollingUpdate':{"
                + "'maxSurge':" + surge + ",'maxUnavailable':" + unavailable
                + "}},'template':{'spec':{'v':'new'}}}}");
    }

    private static Unstructured set(
            String name, int size, int available, String desired, String maximum, boolean current) {
        Unstructured s = World.tree("{'metadata':{'name':'" + name + "','uid':'" + name
                + "','creationTimestamp':'2026-01-0"
                + (current ? 2 : 1) + "T00:00:00Z'},'spec':{'replicas':" + size + ",'template':{'spec':{'v':'" + name
                + "'}}},'status':{'availableReplicas':" + available + "}}");
        s.set(desired, "metadata", "annotations", Rollout.DESIRED);
        s.set(maximum, "metadata", "annotations", Rollout.MAXIMUM);
        return s;
    }
}
