package dev.coracle.controllers.deployment;

import static dev.coracle.controllers.World.condition;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.Kubelet;
import dev.coracle.controllers.World;
import dev.coracle.controllers.kit.ContentHash;
import dev.coracle.controllers.replicaset.ReplicaSetController;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Deployment's life before a real API server, in virtual time. */
class DeploymentStoryTest {
    private World world;
    private Kubelet kubelet;

    @BeforeEach
    void start() {
        world = new World(Path.of("unused"));
        world.run(c -> new DeploymentController(c, world.recorder()));
        world.run(c -> new ReplicaSetController(c, world.recorder()));
        kubelet = world.kubelet();
        world.start();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    @Test
    void aNewDeploymentGetsASetAndItsPodsAndIsComplete() {
        deploy(2, "");
        world.settle();
        Unstructured set = onlySet();
        String hash = set.labels().get("pod-template-hash");
        assertThat(set.name()).isEqualTo("web-" + hash);
        assertThat(set.strings("spec", "selector", "matchLabels")).containsEntry("pod-template-hash", hash);
        assertThat(world.pods()).hasSize(2).allSatisfy(p -> {
            assertThat(p.name()).startsWith("web-" + hash + "-");
            assertThat(p.labels()).containsEntry("pod-template-hash", hash).containsEntry("app", "web");
        });
        Unstructured d = deployment();
        assertThat(d.integer(0, "status", "replicas")).isEqualTo(2);
        assertThat(d.integer(0, "status", "updatedReplicas")).isEqualTo(2);
        assertThat(d.integer(0, "status", "readyReplicas")).isEqualTo(2);
        assertThat(d.integer(0, "status", "availableReplicas")).isEqualTo(2);
        assertThat(d.has("status", "unavailableReplicas")).isFalse();
        assertThat(d.integer(0, "status", "observedGeneration")).isEqualTo(d.generation());
        assertThat(d.annotations()).containsEntry("deployment.kubernetes.io/revision", "1");
        assertThat(condition(d, "Available").string("reason")).isEqualTo("MinimumReplicasAvailable");
        assertThat(condition(d, "Progressing").string("reason")).isEqualTo("NewReplicaSetAvailable");
        assertThat(condition(d, "Progressing").string("message"))
                .isEqualTo("ReplicaSet \"" + set.name() + "\" has successfully progressed.");
        assertThat(world.events("ScalingReplicaSet"))
                .containsExactly("Scaled up replica set " + set.name() + " from 0 to 2");
        assertThat(world.events("SuccessfulCreate")).hasSize(2).allMatch(m -> m.startsWith("Created pod: web-"));
    }

    @Test
    void aNewTemplateRollsAndUndoBringsTheOldSetBack() {
        deploy(3, "");
        world.settle();
        Unstructured first = onlySet();
        image("v2");
        world.settle();
        assertThat(sets()).hasSize(2);
        assertThat(set(first.name()).integer(-1, "spec", "replicas")).isZero();
        assertThat(world.pods()).hasSize(3).allMatch(p -> image(p).equals("app:v2"));
        assertThat(deployment().annotations()).containsEntry("deployment.kubernetes.io/revision", "2");

        image("v1");
        world.settle();
        assertThat(sets()).hasSize(2);
        assertThat(set(first.name()).integer(0, "spec", "replicas")).isEqualTo(3);
        assertThat(set(first.name()).annotations())
                .containsEntry("deployment.kubernetes.io/revision", "3")
                .containsEntry("deployment.kubernetes.io/revision-history", "1");
        assertThat(deployment().annotations()).containsEntry("deployment.kubernetes.io/revision", "3");
        assertThat(world.pods()).hasSize(3).allMatch(p -> image(p).equals("app:v1"));
    }

    @Test
    void aBrokenTemplateStopsWhereTheBoundsSaySoAndTimesOut() {
        deploy(
                4,
                "'progressDeadlineSeconds':60,'strategy':{'type':'RollingUpdate','rollingUpdate':{"
                        + "'maxSurge':1,'maxUnavailable':1}},");
        world.settle();
        kubelet.healthy(p -> !image(p.object()).equals("app:v2"));
        image("v2");
        world.settle();
        assertThat(world.pods().stream().filter(p -> image(p).equals("app:v1"))).hasSize(3);
        assertThat(world.pods().stream().filter(p -> image(p).equals("app:v2"))).hasSize(2);
        assertThat(condition(deployment(), "Progressing").string("reason")).isEqualTo("ReplicaSetUpdated");
        assertThat(deployment().integer(0, "status", "unavailableReplicas")).isEqualTo(2);

        world.advance(Duration.ofSeconds(70));
        assertThat(condition(deployment(), "Progressing").string("reason")).isEqualTo("ProgressDeadlineExceeded");
        assertThat(condition(deployment(), "Progressing").string("status")).isEqualTo("False");
        assertThat(condition(deployment(), "Available").string("status")).isEqualTo("True");

        image("v1");
        world.settle();
        assertThat(world.pods()).hasSize(4).allMatch(p -> image(p).equals("app:v1"));
        assertThat(condition(deployment(), "Progressing").string("reason")).isEqualTo("NewReplicaSetAvailable");
    }

    @Test
    void recreateNeverRunsTwoVersionsAtOnce() {
        kubelet.shutdown(Duration.ofSeconds(5));
        deploy(2, "'strategy':{'type':'Recreate'},");
        world.settle();
        image("v2");
        world.advance(Duration.ofSeconds(3));
        assertThat(world.pods()).hasSize(2).allMatch(p -> image(p).equals("app:v1") && p.isDeleting());
        assertThat(sets()).hasSize(1);
        world.advance(Duration.ofSeconds(10));
        assertThat(world.pods()).hasSize(2).allMatch(p -> image(p).equals("app:v2"));
    }

    @Test
    void whilePausedOnlyTheScaleFollows() {
        deploy(2, "'paused':true,");
        world.settle();
        assertThat(sets()).isEmpty();
        assertThat(condition(deployment(), "Progressing").string("reason")).isEqualTo("DeploymentPaused");
        world.patch(Resources.DEPLOYMENTS, "default", "web", "{'spec':{'paused':false}}");
        world.settle();
        assertThat(world.pods()).hasSize(2);
        world.patch(Resources.DEPLOYMENTS, "default", "web", "{'spec':{'paused':true,'replicas':5}}");
        image("v2");
        world.settle();
        assertThat(world.pods()).hasSize(5).allMatch(p -> image(p).equals("app:v1"));
        assertThat(sets()).hasSize(1);
    }

    @Test
    void scalingDownToNoneAndUpAgain() {
        deploy(3, "");
        world.settle();
        world.patch(Resources.DEPLOYMENTS, "default", "web", "{'spec':{'replicas':0}}");
        world.settle();
        assertThat(world.pods()).isEmpty();
        world.patch(Resources.DEPLOYMENTS, "default", "web", "{'spec':{'replicas':2}}");
        world.settle();
        assertThat(world.pods()).hasSize(2);
        String set = onlySet().name();
        assertThat(world.events("ScalingReplicaSet"))
                .containsExactly(
                        "Scaled up replica set " + set + " from 0 to 3",
                        "Scaled down replica set " + set + " from 3 to 0",
                        "Scaled up replica set " + set + " from 0 to 2");
    }

    @Test
    void historyIsKeptToItsLimit() {
        deploy(1, "'revisionHistoryLimit':1,");
        world.settle();
        for (int v = 2; v <= 4; v++) {
            image("v" + v);
            world.settle();
        }
        assertThat(sets().stream().map(s -> s.annotations().get("deployment.kubernetes.io/revision")))
                .containsExactlyInAnyOrder("3", "4");
    }

    @Test
    void aReadyPodIsAvailableOnlyAfterMinReadySeconds() {
        deploy(1, "'minReadySeconds':30,");
        world.advance(Duration.ofSeconds(10));
        assertThat(deployment().integer(0, "status", "readyReplicas")).isEqualTo(1);
        assertThat(deployment().has("status", "availableReplicas")).isFalse();
        assertThat(condition(deployment(), "Progressing").string("reason")).isNotEqualTo("NewReplicaSetAvailable");
        world.advance(Duration.ofSeconds(25));
        assertThat(deployment().integer(0, "status", "availableReplicas")).isEqualTo(1);
    }

    @Test
    void aTakenNameCountsAsACollision() {
        deploy(1, "'paused':true,");
        world.settle();
        String hash = ContentHash.of(deployment().object("spec", "template"), 0);
        world.create(
                Resources.REPLICA_SETS,
                "default",
                "{'apiVersion':'apps/v1','kind':'ReplicaSet','metadata':{'name':'web-" + hash
                        + "'},'spec':{'replicas':0,'selector':{'matchLabels':{'x':'y'}},'template':{'metadata':{"
                        + "'labels':{'x':'y'}},'spec':{'containers':[{'name':'c','image':'other'}]}}}}");
        world.patch(Resources.DEPLOYMENTS, "default", "web", "{'spec':{'paused':false}}");
        world.settle();
        assertThat(deployment().integer(0, "status", "collisionCount")).isEqualTo(1);
        assertThat(world.pods()).hasSize(1).noneMatch(p -> p.name().startsWith("web-" + hash));
    }

    private void deploy(int replicas, String spec) {
        world.create(
                Resources.DEPLOYMENTS,
                "default",
                "{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web'},'spec':{" + spec + "'replicas':"
                        + replicas + ",'selector':{'matchLabels':{'app':'web'}},'template':{'metadata':{'labels':{"
                        + "'app':'web'}},'spec':{'containers':[{'name':'c','image':'app:v1'}]}}}}");
    }

    private void image(String version) {
        world.patch(
                Resources.DEPLOYMENTS,
                "default",
                "web",
                "{'spec':{'template':{'spec':{'containers':[{'name':'c','image':'app:" + version + "'}]}}}}");
    }

    private static String image(Unstructured pod) {
        return pod.objects("spec", "containers").getFirst().string("image");
    }

    private Unstructured deployment() {
        return world.get(Resources.DEPLOYMENTS, "web");
    }

    private List<Unstructured> sets() {
        return world.list(Resources.REPLICA_SETS, "default");
    }

    private Unstructured set(String name) {
        return world.get(Resources.REPLICA_SETS, name);
    }

    private Unstructured onlySet() {
        assertThat(sets()).hasSize(1);
        return sets().getFirst();
    }
}
