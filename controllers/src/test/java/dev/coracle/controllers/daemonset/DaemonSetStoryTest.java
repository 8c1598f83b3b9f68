package dev.coracle.controllers.daemonset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Reconciler;
import dev.coracle.controllers.Kubelet;
import dev.coracle.controllers.World;
import dev.coracle.controllers.garbage.GarbageCollector;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A pod on every node that fits, through whatever happens to the nodes and to the template. */
class DaemonSetStoryTest {
    private World world;
    private Kubelet kubelet;
    private KeyedWorkQueue<ObjectKey> scheduler;

    @BeforeEach
    void start() {
        world = new World(Path.of("unused"));
        world.run(c -> new DaemonSetController(c, world.recorder()));
        world.run(GarbageCollector::new);
        scheduler = new KeyedWorkQueue<>(world.context().environment(), "test-scheduler", 1, this::bind);
        world.context().informers().of(Resources.PODS).handle((before, after) -> {
            if (after != null) {
                scheduler.add(after.key());
            }
        });
        kubelet = world.kubelet();
        healthy("");
        world.start();
        for (int n = 1; n <= 3; n++) {
            node("node-" + n);
        }
    }

    @AfterEach
    void close() throws Exception {
        scheduler.close();
        world.close();
    }

    /** Binds a pod to the node that it was made for. */
    private Reconciler.Result bind(ObjectKey key) {
        Unstructured pod = world.context()
                .informers()
                .of(Resources.PODS)
                .get(key)
                .map(Revision::object)
                .orElse(null);
        if (pod != null && pod.string("spec", "nodeName").isEmpty() && !pod.isDeleting()) {
            String node = Template.node(pod).orElseThrow();
            try {
                world.client()
                        .post(
                                Resources.PODS,
                                pod.namespace(),
                                pod.name(),
                                "binding",
                                World.tree("{'target':{'kind':'Node','name':'" + node + "'}}"));
            } catch (StatusException e) {
                assertThat(e.isNotFound() || e.isConflict()).as(e.getMessage()).isTrue();
            }
        }
        return Reconciler.Result.DONE;
    }

    /** All bound pods become ready but those of an image. */
    private void healthy(String broken) {
        kubelet.healthy(p -> !p.object().string("spec", "nodeName").isEmpty()
                && p.object().string("status", "phase").equals("Pending")
                && !image(p.object()).equals("app:" + broken));
    }

    @Test
    void everyNodeGetsAPodThatIsMadeForIt() {
        set("");
        world.settle();
        assertThat(nodes()).containsExactly("node-1", "node-2", "node-3");
        Unstructured pod = world.pods().getFirst();
        assertThat(pod.string("metadata", "generateName")).isEqualTo("agent-");
        assertThat(revisions())
                .singleElement()
                .satisfies(r ->
                        assertThat(r.name()).isEqualTo("agent-" + pod.labels().get("controller-revision-hash")));
        assertThat(pod.objects("spec", "tolerations").stream().map(t -> t.string("key")))
                .contains("node.kubernetes.io/unschedulable", "node.kubernetes.io/not-ready");
        assertThat(world.events("SuccessfulCreate")).hasSize(3).allMatch(m -> m.startsWith("Created pod: agent-"));
        Unstructured status = set().object("status");
        for (String field : List.of(
                "desiredNumberScheduled",
                "currentNumberScheduled",
                "numberReady",
                "updatedNumberScheduled",
                "numberAvailable")) {
            assertThat(status.integer(0, field)).as(field).isEqualTo(3);
        }
        assertThat(status.integer(-1, "numberMisscheduled")).isZero();
        assertThat(status.has("numberUnavailable")).isFalse();
        assertThat(status.integer(0, "observedGeneration")).isEqualTo(set().generation());
    }

    @Test
    void nodesComeAndGo() {
        set("");
        world.settle();
        node("node-4");
        world.settle();
        assertThat(nodes()).containsExactly("node-1", "node-2", "node-3", "node-4");
        world.client().delete(Resources.NODES, "", "node-2", dev.coracle.client.DeleteOptions.DEFAULT);
        world.settle();
        assertThat(set().integer(0, "status", "desiredNumberScheduled")).isEqualTo(3);
        assertThat(world.events("SuccessfulCreate")).hasSize(4);
    }

    @Test
    void labelsDecideAlsoLater() {
        set("'nodeSelector':{'disk':'ssd'},");
        world.settle();
        assertThat(world.pods()).isEmpty();
        assertThat(set().integer(-1, "status", "desiredNumberScheduled")).isZero();
        world.patch(Resources.NODES, "", "node-2", "{'metadata':{'labels':{'disk':'ssd'}}}");
        world.settle();
        assertThat(nodes()).containsExactly("node-2");
        world.patch(Resources.NODES, "", "node-2", "{'metadata':{'labels':{'disk':'hdd'}}}");
        world.settle();
        assertThat(world.pods()).isEmpty();
    }

    @Test
    void taintsKeepOffAndDriveOutAndACordonDoesNeither() {
        taint("node-1", "'key':'mine','effect':'NoSchedule'");
        set("");
        world.settle();
        assertThat(nodes()).containsExactly("node-2", "node-3");
        taint("node-2", "'key':'mine','effect':'NoSchedule'");
        world.settle();
        assertThat(nodes()).as("what runs may stay").containsExactly("node-2", "node-3");
        assertThat(set().integer(0, "status", "numberMisscheduled")).isEqualTo(1);
        assertThat(set().integer(0, "status", "desiredNumberScheduled")).isEqualTo(1);
        taint("node-2", "'key':'mine','effect':'NoExecute'");
        world.patch(Resources.NODES, "", "node-3", "{'spec':{'unschedulable':true}}");
        taint("node-3", "'key':'node.kubernetes.io/unschedulable','effect':'NoSchedule'");
        world.settle();
        assertThat(nodes()).containsExactly("node-3");
        delete("node-3");
        world.settle();
        assertThat(nodes()).as("also a cordoned node gets its daemon back").containsExactly("node-3");
    }

    @Test
    void aDeletedPodIsReplacedWhenItIsGone() {
        set("");
        world.settle();
        kubelet.shutdown(Duration.ofSeconds(10));
        String name = on("node-1").name();
        delete("node-1");
        world.settle();
        assertThat(world.pods()).hasSize(3);
        world.advance(Duration.ofSeconds(20));
        assertThat(nodes()).containsExactly("node-1", "node-2", "node-3");
        assertThat(on("node-1").name()).isNotEqualTo(name);
    }

    @Test
    void aFailedPodIsReplacedEachTimeLater() {
        set("");
        world.settle();
        int kills = 0;
        for (int second = 0; second < 60; second++) {
            fail("node-1");
            world.advance(Duration.ofSeconds(1));
        }
        kills = world.events("FailedDaemonPod").size();
        assertThat(kills).as("after 1, 2, 4, 8, 16 seconds").isBetween(5, 7);
        assertThat(world.events("FailedDaemonPod").getFirst())
                .matches("Found failed daemon pod default/agent-\\S+ on node node-1, will try to kill it");
        assertThat(on("node-2").string("status", "phase"))
                .as("the others run on")
                .isEqualTo("Running");
    }

    @Test
    void aRollingUpdateHasNoMoreOutThanAllowed() {
        set("");
        world.settle();
        kubelet.shutdown(Duration.ofSeconds(3));
        image("v2");
        for (int i = 0; i < 80; i++) {
            world.step(Duration.ofMillis(500));
            assertThat(ready()).isGreaterThanOrEqualTo(2);
            assertThat(perNode()).isLessThanOrEqualTo(1);
        }
        assertThat(world.pods()).hasSize(3).allMatch(p -> image(p).equals("app:v2"));
        assertThat(set().integer(0, "status", "updatedNumberScheduled")).isEqualTo(3);
        assertThat(revisions()).hasSize(2);
    }

    @Test
    void aStuckUpdateStopsAndGoesBackByItself() {
        set("");
        world.settle();
        healthy("broken");
        image("broken");
        world.advance(Duration.ofMinutes(5));
        assertThat(images()).containsExactlyInAnyOrder("app:broken", "app:v1", "app:v1");
        assertThat(set().integer(0, "status", "numberUnavailable")).isEqualTo(1);
        image("v1");
        world.advance(Duration.ofMinutes(1));
        assertThat(images()).containsExactly("app:v1", "app:v1", "app:v1");
        assertThat(revisions().stream().map(r -> r.integer(0, "revision"))).containsExactly(2L, 3L);
    }

    @Test
    void aSurgeKeepsEveryNodeServed() {
        set(
                "'updateStrategy':{'type':'RollingUpdate','rollingUpdate':{'maxSurge':1,'maxUnavailable':0}},'minReadySeconds':2,");
        world.advance(Duration.ofSeconds(5));
        kubelet.shutdown(Duration.ofSeconds(1));
        image("v2");
        for (int i = 0; i < 80; i++) {
            world.step(Duration.ofMillis(500));
            for (int n = 1; n <= 3; n++) {
                String node = "node-" + n;
                assertThat(world.pods().stream()
                                .filter(p -> p.string("spec", "nodeName").equals(node) && !p.isDeleting())
                                .anyMatch(DaemonSetStoryTest::isReady))
                        .as(node + " at " + i)
                        .isTrue();
            }
            assertThat(living()).isLessThanOrEqualTo(4);
        }
        assertThat(images()).containsExactly("app:v2", "app:v2", "app:v2");
    }

    @Test
    void onDeleteLeavesItToTheUser() {
        set("'updateStrategy':{'type':'OnDelete'},");
        world.settle();
        image("v2");
        world.settle();
        assertThat(images()).containsOnly("app:v1");
        assertThat(set().has("status", "updatedNumberScheduled")).isFalse();
        delete("node-2");
        world.settle();
        assertThat(images()).containsExactlyInAnyOrder("app:v1", "app:v1", "app:v2");
    }

    @Test
    void orphansAreAdoptedAndNoneIsMadeBesideThem() {
        world.create(
                Resources.PODS,
                "default",
                "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'stray','labels':{'app':'agent'}},'spec':{"
                        + "'nodeName':'node-1','containers':[{'name':'c','image':'app:v1'}]}}");
        set("'updateStrategy':{'type':'OnDelete'},");
        world.settle();
        assertThat(nodes()).containsExactly("node-1", "node-2", "node-3");
        assertThat(on("node-1").name()).isEqualTo("stray");
        assertThat(on("node-1").controllerOf()).isPresent();
    }

    @Test
    void availableIsWhatWasReadyForMinReadySeconds() {
        set("'minReadySeconds':30,");
        world.advance(Duration.ofSeconds(5));
        assertThat(set().integer(0, "status", "numberReady")).isEqualTo(3);
        assertThat(set().integer(0, "status", "numberUnavailable")).isEqualTo(3);
        world.advance(Duration.ofSeconds(30));
        assertThat(set().integer(0, "status", "numberAvailable")).isEqualTo(3);
    }

    @Test
    void revisionsAreKeptToTheLimit() {
        set("'revisionHistoryLimit':1,");
        world.settle();
        for (int v = 2; v <= 4; v++) {
            image("v" + v);
            world.advance(Duration.ofSeconds(30));
        }
        assertThat(revisions().stream().map(r -> r.integer(0, "revision"))).containsExactly(3L, 4L);
    }

    @Test
    void aSetThatIsDeletedTakesAllWithIt() {
        set("");
        world.settle();
        world.delete(Resources.DAEMON_SETS, "default", "agent", "Foreground");
        world.advance(Duration.ofMinutes(1));
        assertThat(world.pods()).isEmpty();
        assertThat(revisions()).isEmpty();
        assertThat(world.exists(Resources.DAEMON_SETS, "default", "agent")).isFalse();
        assertThat(world.events("SuccessfulCreate")).hasSize(3);
    }

    // ---- shorthand

    private void node(String name) {
        world.create(Resources.NODES, "", "{'apiVersion':'v1','kind':'Node','metadata':{'name':'" + name + "'}}");
    }

    private void taint(String node, String taint) {
        world.patch(Resources.NODES, "", node, "{'spec':{'taints':[{" + taint + "}]}}");
    }

    /** @param spec of the set; a node selector goes to its pods */
    private void set(String spec) {
        boolean ofPods = spec.startsWith("'nodeSelector'");
        world.create(
                Resources.DAEMON_SETS,
                "default",
                "{'apiVersion':'apps/v1','kind':'DaemonSet','metadata':{'name':'agent'},'spec':{" + (ofPods ? "" : spec)
                        + "'selector':{'matchLabels':{'app':'agent'}},'template':{'metadata':{'labels':{'app':'agent'}},"
                        + "'spec':{" + (ofPods ? spec : "") + "'containers':[{'name':'c','image':'app:v1'}]}}}}");
    }

    private Unstructured set() {
        return world.get(Resources.DAEMON_SETS, "agent");
    }

    private void image(String version) {
        world.patch(
                Resources.DAEMON_SETS,
                "default",
                "agent",
                "{'spec':{'template':{'spec':{'containers':[{'name':'c','image':'app:" + version + "'}]}}}}");
    }

    private static String image(Unstructured pod) {
        return pod.objects("spec", "containers").getFirst().string("image");
    }

    private List<String> images() {
        return world.pods().stream().map(DaemonSetStoryTest::image).toList();
    }

    private List<String> nodes() {
        return world.pods().stream()
                .map(p -> p.string("spec", "nodeName"))
                .sorted()
                .toList();
    }

    private Unstructured on(String node) {
        return world.pods().stream()
                .filter(p -> p.string("spec", "nodeName").equals(node))
                .findFirst()
                .orElseThrow();
    }

    private void delete(String node) {
        world.delete(Resources.PODS, "default", on(node).name(), "");
    }

    private void fail(String node) {
        world.pods().stream()
                .filter(p -> p.string("spec", "nodeName").equals(node))
                .forEach(p -> world.patchStatus(
                        Resources.PODS,
                        "default",
                        p.name(),
                        "{'status':{'phase':'Failed','conditions':[{'type':'Ready','status':'False'}]}}"));
    }

    private static boolean isReady(Unstructured pod) {
        return pod.objects("status", "conditions").stream()
                .anyMatch(c ->
                        c.string("type").equals("Ready") && c.string("status").equals("True"));
    }

    private long ready() {
        return world.pods().stream().filter(p -> !p.isDeleting() && isReady(p)).count();
    }

    private long living() {
        return world.pods().stream().filter(p -> !p.isDeleting()).count();
    }

    private long perNode() {
        return nodes().stream()
                .filter(n -> !n.isEmpty())
                .mapToLong(n -> nodes().stream().filter(n::equals).count())
                .max()
                .orElse(0);
    }

    private List<Unstructured> revisions() {
        return world.list(Resources.CONTROLLER_REVISIONS, "default").stream()
                .sorted(Comparator.comparingLong(r -> r.integer(0, "revision")))
                .toList();
    }
}
