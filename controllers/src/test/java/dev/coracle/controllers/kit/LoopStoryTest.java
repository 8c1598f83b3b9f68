package dev.coracle.controllers.kit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Client;
import dev.coracle.client.ClientInformers;
import dev.coracle.client.Informers;
import dev.coracle.client.LoopMetrics;
import dev.coracle.client.Reconciler;
import dev.coracle.controllers.Calls;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.World;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What wakes a loop, and when. */
class LoopStoryTest {
    private final World world = new World(Path.of("unused"));
    private final AtomicBoolean refusing = new AtomicBoolean();
    private final List<String> seen = new ArrayList<>();
    private Informers informers;
    private Loop loop;

    @BeforeEach
    void build() {
        // Pods cannot be listed while they are refused.
        Client client = Calls.refusing(
                world.client(),
                (method, arguments) -> method.equals("list") && arguments[0].equals(Resources.PODS) && refusing.get(),
                () -> StatusException.unavailable("not yet"));
        ControllerContext c = world.context();
        informers = new ClientInformers(client, c.environment());
        loop = new Loop(new ControllerContext(client, informers, c.environment(), c.config()), "test", 1);
        loop.reconciles(Resources.CONFIG_MAPS);
        loop.owns(Resources.PODS, "ConfigMap", pod -> pod.string("status", "phase"));
    }

    @AfterEach
    void close() throws Exception {
        loop.queue().close();
        informers.close();
        world.close();
    }

    private void start(Reconciler reconciler) {
        loop.start(key -> {
            seen.add(key.name());
            return reconciler.reconcile(key);
        });
        informers.start();
        world.start();
    }

    private void map(String name) {
        world.create(
                Resources.CONFIG_MAPS,
                "default",
                "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'" + name + "'}}");
    }

    private void pod(String name, String owner) {
        world.create(
                Resources.PODS,
                "default",
                "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'" + name + "','ownerReferences':["
                        + reference(owner) + "]},'spec':{'containers':[{'name':'c','image':'app'}]}}");
    }

    private static String reference(String owner) {
        return "{'apiVersion':'v1','kind':'ConfigMap','name':'" + owner + "','uid':'u-" + owner
                + "','controller':true}";
    }

    @Test
    void nothingIsLookedAtUntilEverythingCanBeSeen() {
        refusing.set(true);
        map("a");
        map("b");
        start(key -> Reconciler.Result.DONE);
        loop.addAfter(new ObjectKey("default", "later"), Duration.ofMillis(10));
        world.advance(Duration.ofMinutes(1));
        assertThat(seen).isEmpty();
        assertThat(loop.queue().depth()).isEqualTo(3);
        refusing.set(false);
        world.advance(Duration.ofMinutes(1));
        assertThat(seen).containsExactlyInAnyOrder("a", "b", "later");
    }

    @Test
    void whatIsOwnedWakesItsOwnerAndBothWhenItChangesHands() {
        start(key -> Reconciler.Result.DONE);
        pod("p", "a");
        world.settle();
        assertThat(seen).containsExactly("a");
        world.patch(Resources.PODS, "default", "p", "{'metadata':{'annotations':{'nobody':'looks'}}}");
        world.settle();
        assertThat(seen).hasSize(1);
        world.patchStatus(Resources.PODS, "default", "p", "{'status':{'phase':'Running'}}");
        world.settle();
        assertThat(seen).containsExactly("a", "a");
        world.patch(Resources.PODS, "default", "p", "{'metadata':{'ownerReferences':[" + reference("b") + "]}}");
        world.settle();
        assertThat(seen.subList(2, 4)).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void oneThatFailsForEverStopsNoOtherAndIsTriedEverMoreSeldom() {
        map("poisoned");
        map("well");
        start(key -> {
            if (key.name().equals("poisoned")) {
                throw new IllegalStateException("poisoned");
            }
            return Reconciler.Result.DONE;
        });
        world.advance(Duration.ofSeconds(9));
        assertThat(seen).contains("well");
        assertThat(seen.stream().filter("poisoned"::equals))
                .as("after 5, 10, 20 ms and so on, 11 doublings in 10 s")
                .hasSize(11);
        map("late");
        world.settle();
        assertThat(seen).contains("late");
    }

    @Test
    void whatAsksForNothingIsLookedAtAgainAfterItsPeriod() {
        loop.resync(Duration.ofSeconds(15));
        map("a");
        start(key -> Reconciler.Result.DONE);
        world.advance(Duration.ofMinutes(1));
        assertThat(seen).hasSize(5);
        world.delete(Resources.CONFIG_MAPS, "default", "a", "");
        world.advance(Duration.ofMinutes(1));
        assertThat(seen)
                .as("once for that it is gone, once as it was asked for")
                .hasSizeLessThanOrEqualTo(7);
    }

    @Test
    void itsQueueTellsWhatWasDone() {
        refusing.set(true);
        map("a");
        start(key -> seen.size() == 1 ? Reconciler.Result.after(Duration.ofSeconds(1)) : Reconciler.Result.DONE);
        world.advance(Duration.ofSeconds(1));
        LoopMetrics held = loop.queue().metrics();
        assertThat(held.name()).isEqualTo("test");
        assertThat(held.depth()).isEqualTo(1);
        assertThat(held.adds()).isEqualTo(1);
        assertThat(held.worked()).isZero();
        refusing.set(false);
        world.advance(Duration.ofMinutes(1));
        LoopMetrics done = loop.queue().metrics();
        assertThat(done.depth()).isZero();
        assertThat(done.adds()).isEqualTo(2);
        assertThat(done.retries()).isEqualTo(1);
        assertThat(done.taken()).isEqualTo(2);
        assertThat(done.worked()).isEqualTo(2);
        assertThat(done.queueTime()).isGreaterThan(Duration.ofSeconds(1));
        assertThat(done.unfinished()).isZero();
        assertThat(done.longest()).isZero();
    }
}
