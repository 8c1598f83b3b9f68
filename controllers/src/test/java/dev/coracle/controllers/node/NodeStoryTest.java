package dev.coracle.controllers.node;

import static dev.coracle.controllers.World.condition;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.Kubelet;
import dev.coracle.controllers.World;
import dev.coracle.controllers.replicaset.ReplicaSetController;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nodes fall silent, come back, and go. */
class NodeStoryTest {
    private World world;
    private Kubelet kubelet;

    @BeforeEach
    void start() {
        world = new World(Path.of("unused"));
        world.run(c -> new NodeLifecycleController(c, world.recorder()));
        world.run(c -> new TaintEvictionController(c, world.recorder()));
        world.run(PodGarbageCollector::new);
        world.run(c -> new ReplicaSetController(c, world.recorder()));
        kubelet = world.kubelet();
        node("node-1");
        node("node-2");
        world.start();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    @Test
    void aSilentNodesPodsAreReplacedAfterTheirTolerationAndStayTerminatingThere() {
        pod(
                "kept",
                "node-2",
                "{'key':'node.kubernetes.io/unreachable','operator':'Exists','effect':'NoExecute'},"
                        + "{'key':'node.kubernetes.io/not-ready','operator':'Exists','effect':'NoExecute'}");
        replicated();
        world.settle();
        for (Unstructured p : world.pods()) {
            assertThat(p.string("status", "phase")).isEqualTo("Running");
        }
        kubelet.stop("node-2");
        beats(Duration.ofSeconds(40), "node-1");
        assertThat(taints("node-2")).as("within the grace period").isEmpty();

        beats(Duration.ofSeconds(20), "node-1");
        Unstructured node = world.client().get(Resources.NODES, "", "node-2").object();
        for (String type : List.of("Ready", "MemoryPressure")) {
            assertThat(condition(node, type).string("status")).isEqualTo("Unknown");
        }
        assertThat(condition(node, "Ready").string("reason")).isEqualTo("NodeStatusUnknown");
        assertThat(condition(node, "Ready").string("message")).isEqualTo("Kubelet stopped posting node status.");
        assertThat(taints("node-2"))
                .containsExactlyInAnyOrder(
                        "node.kubernetes.io/unreachable:NoSchedule", "node.kubernetes.io/unreachable:NoExecute");
        assertThat(taints("node-1")).isEmpty();
        assertThat(condition(world.get(Resources.PODS, "kept"), "Ready").string("status"))
                .isEqualTo("False");
        assertThat(replicas()).hasSize(1);

        beats(Duration.ofSeconds(280), "node-1");
        assertThat(replicas()).as("tolerated for 300 s").hasSize(1);
        beats(Duration.ofSeconds(40), "node-1");
        assertThat(replicas()).hasSize(2);
        assertThat(replicas())
                .filteredOn(Unstructured::isDeleting)
                .singleElement()
                .satisfies(p -> {
                    assertThat(p.string("spec", "nodeName")).isEqualTo("node-2");
                    assertThat(condition(p, "DisruptionTarget").string("reason"))
                            .isEqualTo("DeletionByTaintManager");
                });
        assertThat(replicas())
                .filteredOn(p -> !p.isDeleting())
                .singleElement()
                .satisfies(p -> assertThat(p.string("spec", "nodeName")).isEqualTo("node-1"));
        assertThat(world.get(Resources.PODS, "kept").isDeleting()).isFalse();

        world.patch(
                Resources.NODES,
                "",
                "node-2",
                "{'spec':{'taints':[{'key':'node.kubernetes.io/out-of-service','effect':'NoSchedule'}]}}");
        world.settle();
        assertThat(replicas()).hasSize(1);
        assertThat(taints("node-2")).hasSize(3);
    }

    @Test
    void afterALongNightNodesGetTheirTimeToReport() throws Exception {
        world.close();
        world = new World(Path.of("unused"));
        node("node-1");
        node("node-2");
        world.advance(Duration.ofHours(8));
        world.run(c -> new NodeLifecycleController(c, world.recorder()));
        world.start();
        assertThat(taints("node-1"))
                .as("its Lease is old, but nobody was there to see it renewed")
                .isEmpty();
        beats(Duration.ofSeconds(40), "node-1");
        assertThat(taints("node-2")).isEmpty();
        beats(Duration.ofSeconds(20), "node-1");
        assertThat(taints("node-1")).isEmpty();
        assertThat(taints("node-2")).hasSize(2);
    }

    @Test
    void aNodeThatComesBackLosesItsTaintsAndKeepsItsPods() {
        replicated();
        world.settle();
        beats(Duration.ofSeconds(70), "node-1");
        assertThat(taints("node-2")).hasSize(2);
        ready("node-2");
        beats(Duration.ofSeconds(20), "node-1", "node-2");
        assertThat(taints("node-2")).isEmpty();
        beats(Duration.ofSeconds(400), "node-1", "node-2");
        assertThat(replicas()).hasSize(1).noneMatch(Unstructured::isDeleting);
    }

    @Test
    void podsOfANodeThatIsGoneGoToo() {
        pod("lost", "node-2", "");
        world.settle();
        kubelet.stop("node-2");
        world.client().delete(Resources.NODES, "", "node-2", dev.coracle.client.DeleteOptions.DEFAULT);
        beats(Duration.ofSeconds(30), "node-1");
        assertThat(world.pods()).hasSize(1);
        beats(Duration.ofSeconds(20), "node-1");
        assertThat(world.pods()).isEmpty();
    }

    @Test
    void whileNoNodeIsReadyNothingIsEvicted() {
        replicated();
        world.settle();
        world.advance(Duration.ofMinutes(20));
        assertThat(taints("node-1")).hasSize(2);
        assertThat(replicas()).hasSize(1).noneMatch(Unstructured::isDeleting);
    }

    @Test
    void aTaintThatIsNotToleratedEmptiesTheNodeAtOnce() {
        replicated();
        world.settle();
        world.patch(
                Resources.NODES,
                "",
                "node-2",
                "{'spec':{'unschedulable':true,'taints':[{'key':'maintenance','effect':'NoExecute'}]}}");
        beats(Duration.ofSeconds(2), "node-1", "node-2");
        assertThat(replicas())
                .singleElement()
                .satisfies(p -> assertThat(p.string("spec", "nodeName")).isEqualTo("node-1"));
        assertThat(taints("node-2"))
                .containsExactlyInAnyOrder("maintenance:NoExecute", "node.kubernetes.io/unschedulable:NoSchedule");
    }

    /** Time passes; these nodes renew their leases, the others are silent. */
    private void beats(Duration duration, String... alive) {
        for (long s = 0; s < duration.toSeconds(); s += 2) {
            for (String node : alive) {
                world.patch(
                        Resources.LEASES,
                        "kube-node-lease",
                        node,
                        "{'spec':{'renewTime':'" + Timestamps.formatMicro(world.now()) + "'}}");
            }
            world.advance(Duration.ofSeconds(2));
        }
    }

    private void node(String name) {
        world.create(Resources.NODES, "", "{'apiVersion':'v1','kind':'Node','metadata':{'name':'" + name + "'}}");
        world.create(
                Resources.LEASES,
                "kube-node-lease",
                "{'apiVersion':'coordination.k8s.io/v1','kind':'Lease','metadata':{'name':'" + name
                        + "'},'spec':{'renewTime':'" + Timestamps.formatMicro(world.now()) + "'}}");
        ready(name);
    }

    private void ready(String node) {
        world.patchStatus(
                Resources.NODES,
                "",
                node,
                "{'status':{'conditions':[{'type':'MemoryPressure','status':'False'},"
                        + "{'type':'Ready','status':'True','reason':'KubeletReady'}]}}");
    }

    /** One replica that begins on node-2; its successors go to node-1. */
    private void replicated() {
        pod("first", "node-2", "");
        world.patch(Resources.PODS, "default", "first", "{'metadata':{'labels':{'app':'web'}}}");
        world.create(
                Resources.REPLICA_SETS,
                "default",
                "{'apiVersion':'apps/v1','kind':'ReplicaSet','metadata':{'name':'web'},'spec':{'replicas':1,"
                        + "'selector':{'matchLabels':{'app':'web'}},'template':{'metadata':{'labels':{'app':'web'}},"
                        + "'spec':{'containers':[{'name':'c','image':'app'}]}}}}");
    }

    private void pod(String name, String node, String tolerations) {
        world.create(
                Resources.PODS,
                "default",
                "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'" + name + "'},'spec':{'nodeName':'" + node
                        + "','tolerations':[" + tolerations + "],'containers':[{'name':'c','image':'app'}]}}");
    }

    private List<Unstructured> replicas() {
        return world.pods().stream()
                .filter(p -> "web".equals(p.labels().get("app")))
                .toList();
    }

    private List<String> taints(String node) {
        return world.client().get(Resources.NODES, "", node).object().objects("spec", "taints").stream()
                .map(t -> t.string("key") + ":" + t.string("effect"))
                .toList();
    }
}
