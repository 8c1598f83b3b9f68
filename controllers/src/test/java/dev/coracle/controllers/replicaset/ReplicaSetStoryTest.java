package dev.coracle.controllers.replicaset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Client;
import dev.coracle.controllers.Calls;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.World;
import dev.coracle.controllers.kit.Owned;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** ReplicaSets keep count, adopt and let go. */
class ReplicaSetStoryTest {
    private World world;

    @BeforeEach
    void start() {
        world = new World(Path.of("unused"));
        world.run(c -> new ReplicaSetController(c, world.recorder()));
        world.kubelet();
        world.start();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    @Test
    void aDeletedPodIsReplacedAndOnlyThat() {
        set(3, "");
        world.settle();
        Unstructured first = world.pods().getFirst();
        world.delete(Resources.PODS, "default", first.name(), "");
        world.settle();
        assertThat(world.pods()).hasSize(3).noneMatch(p -> p.uid().equals(first.uid()));
        assertThat(world.events("SuccessfulCreate")).hasSize(4);
    }

    @Test
    void onlyAChangeThatCountsWakesTheSet() {
        set(1, "");
        world.settle();
        List<ObjectKey> woken = new ArrayList<>();
        Owned.wake(
                world.context().informers().of(Resources.PODS),
                "ReplicaSet",
                ReplicaSetController::counted,
                woken::add);
        woken.clear();
        String pod = world.pods().getFirst().name();
        world.patchStatus(Resources.PODS, "default", pod, "{'status':{'message':'all is well'}}");
        world.patch(Resources.PODS, "default", pod, "{'metadata':{'annotations':{'a':'b'}}}");
        world.settle();
        assertThat(woken).isEmpty();
        world.patchStatus(
                Resources.PODS,
                "default",
                pod,
                "{'status':{'conditions':[{'type':'Ready','status':'False','reason':'ContainersNotReady'}]}}");
        world.settle();
        assertThat(woken).containsExactly(new ObjectKey("default", "web"));
        world.patch(Resources.PODS, "default", pod, "{'metadata':{'labels':{'tier':'front'}}}");
        world.settle();
        assertThat(woken).hasSize(2);
        world.delete(Resources.PODS, "default", pod, "");
        world.settle();
        assertThat(woken).hasSizeGreaterThan(2);
    }

    @Test
    void aMatchingPodIsAdoptedAndOneThatCeasesToMatchIsReleased() {
        world.create(
                Resources.PODS,
                "default",
                "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'stray','labels':{'app':'web'}},"
                        + "'spec':{'containers':[{'name':'c','image':'app'}]}}");
        set(2, "");
        world.settle();
        assertThat(world.pods()).hasSize(2);
        assertThat(world.get(Resources.PODS, "stray")
                        .controllerOf()
                        .orElseThrow()
                        .name())
                .isEqualTo("web");

        world.patch(Resources.PODS, "default", "stray", "{'metadata':{'labels':{'app':'other'}}}");
        world.settle();
        assertThat(world.get(Resources.PODS, "stray").ownerReferences()).isEmpty();
        assertThat(world.pods()).hasSize(3);
    }

    @Test
    void whatTheServerRefusesIsToldAndTriedAgainUntilItIsAllowed() throws Exception {
        var refusing = new AtomicBoolean(true);
        try (World strict = new World(Path.of("unused"))) {
            strict.run(c -> new ReplicaSetController(
                    new ControllerContext(refusing(c.client(), refusing), c.informers(), c.environment(), c.config()),
                    strict.recorder()));
            strict.start();
            strict.create(Resources.REPLICA_SETS, "default", SET);
            strict.settle();
            assertThat(strict.pods()).isEmpty();
            Unstructured failure = World.condition(strict.get(Resources.REPLICA_SETS, "web"), "ReplicaFailure");
            assertThat(failure.string("reason")).isEqualTo("FailedCreate");
            assertThat(failure.string("message")).isEqualTo("pods is forbidden: exceeded quota");
            assertThat(strict.events("FailedCreate")).containsOnly("Error creating: pods is forbidden: exceeded quota");

            refusing.set(false);
            strict.advance(Duration.ofSeconds(10));
            assertThat(strict.pods()).hasSize(1);
            assertThat(strict.get(Resources.REPLICA_SETS, "web").objects("status", "conditions"))
                    .isEmpty();
        }
    }

    /** The client, but for creating pods while {@code refusing}. */
    private static Client refusing(Client client, AtomicBoolean refusing) {
        return Calls.refusing(
                client,
                (method, arguments) -> method.equals("create") && arguments[0].equals(Resources.PODS) && refusing.get(),
                () -> StatusException.forbidden(Resources.PODS, "", "exceeded quota"));
    }

    private static final String SET = "{'apiVersion':'apps/v1','kind':'ReplicaSet','metadata':{'name':'web'},"
            + "'spec':{'replicas':1,'selector':{'matchLabels':{'app':'web'}},'template':{'metadata':{'labels':{"
            + "'app':'web'}},'spec':{'containers':[{'name':'c','image':'app'}]}}}}";

    @Test
    void theLeastValuableGoFirst() {
        Unstructured ready = pod("ready", "n1", "Running", true, "0");
        Unstructured dear = pod("dear", "n1", "Running", true, "100");
        Unstructured broken = pod("broken", "n1", "Running", false, "0");
        Unstructured pending = pod("pending", "n2", "Pending", false, "0");
        Unstructured unplaced = pod("unplaced", "", "Pending", false, "0");
        List<Unstructured> all = List.of(dear, ready, broken, pending, unplaced);
        assertThat(Victims.order(all, all)).containsExactly(unplaced, pending, broken, ready, dear);
    }

    private void set(int replicas, String spec) {
        world.create(
                Resources.REPLICA_SETS,
                "default",
                "{'apiVersion':'apps/v1','kind':'ReplicaSet','metadata':{'name':'web'},'spec':{" + spec + "'replicas':"
                        + replicas + ",'selector':{'matchLabels':{'app':'web'}},'template':{'metadata':{'labels':{"
                        + "'app':'web'}},'spec':{'containers':[{'name':'c','image':'app'}]}}}}");
    }

    private static Unstructured pod(String name, String node, String phase, boolean ready, String cost) {
        return World.tree("{'metadata':{'name':'" + name
                + "','annotations':{'controller.kubernetes.io/pod-deletion-cost':'" + cost + "'}},'spec':{'nodeName':'"
                + node + "'},'status':{'phase':'" + phase + "','conditions':[{'type':'Ready','status':'"
                + (ready ? "True" : "False") + "'}]}}");
    }
}
