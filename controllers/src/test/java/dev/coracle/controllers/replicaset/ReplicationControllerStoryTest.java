package dev.coracle.controllers.replicaset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.World;
import dev.coracle.controllers.garbage.GarbageCollector;
import dev.coracle.controllers.kit.Pods;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A ReplicationController is a ReplicaSet of an older fashion. */
class ReplicationControllerStoryTest {
    private World world;

    @BeforeEach
    void start() {
        world = new World(Path.of("unused"));
        world.run(c -> new ReplicaSetController(Family.REPLICATION_CONTROLLERS, c, world.recorder()));
        world.run(GarbageCollector::new);
        world.kubelet();
        world.start();
        world.create(
                Resources.REPLICATION_CONTROLLERS,
                "default",
                "{'apiVersion':'v1','kind':'ReplicationController','metadata':{'name':'old'},'spec':{'replicas':2,"
                        + "'template':{'metadata':{'labels':{'app':'old'}},'spec':{'containers':[{'name':'c',"
                        + "'image':'app'}]}}}}");
        world.settle();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    private Unstructured controller() {
        return world.get(Resources.REPLICATION_CONTROLLERS, "old");
    }

    @Test
    void itKeepsCountAndTellsHowFarItIs() {
        assertThat(world.pods())
                .hasSize(2)
                .allMatch(p -> p.controllerOf()
                        .map(o -> o.kind().equals("ReplicationController")
                                && o.apiVersion().equals("v1")
                                && o.name().equals("old"))
                        .orElse(false));
        assertThat(controller().object("status"))
                .isEqualTo(World.tree("{'replicas':2,'fullyLabeledReplicas':2,'readyReplicas':2,"
                        + "'availableReplicas':2,'observedGeneration':1}"));

        world.patch(Resources.REPLICATION_CONTROLLERS, "default", "old", "{'spec':{'replicas':1}}");
        world.settle();
        assertThat(world.pods()).hasSize(1);
        assertThat(controller().integer(0, "status", "observedGeneration")).isEqualTo(2);
        assertThat(world.events("SuccessfulDelete")).hasSize(1);
    }

    @Test
    void aPodThatCeasesToMatchIsLetGoAndOneThatMatchesIsTakenIn() {
        String first = world.pods().getFirst().name();
        world.patch(Resources.PODS, "default", first, "{'metadata':{'labels':{'app':'other'}}}");
        world.settle();
        assertThat(world.get(Resources.PODS, first).ownerReferences()).isEmpty();
        assertThat(world.pods()).hasSize(3);

        world.patch(Resources.REPLICATION_CONTROLLERS, "default", "old", "{'spec':{'replicas':3}}");
        world.patch(Resources.PODS, "default", first, "{'metadata':{'labels':{'app':'old'}}}");
        world.settle();
        assertThat(world.pods()).hasSize(3).allMatch(p -> p.controllerOf().isPresent());
    }

    /** As it was before there was a choice. */
    @Test
    void whoDoesNotSayOtherwiseLeavesItsPodsBehind() {
        world.delete(Resources.REPLICATION_CONTROLLERS, "default", "old", "");
        world.settle();
        assertThat(world.exists(Resources.REPLICATION_CONTROLLERS, "default", "old"))
                .isFalse();
        assertThat(world.pods()).hasSize(2).allMatch(p -> p.ownerReferences().isEmpty());
    }

    @Test
    void itsPodsGoWithItForWhoAsks() {
        world.delete(Resources.REPLICATION_CONTROLLERS, "default", "old", "Background");
        world.settle();
        assertThat(world.pods().stream().filter(Pods::isActive)).isEmpty();
    }
}
