package dev.coracle.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.ClientInformers;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The scheduler before a real API server in memory. */
class SchedulerStoryTest {
    private final Queue<String> uncaught = new ConcurrentLinkedQueue<>();
    private final SystemEnvironment system = new SystemEnvironment((task, e) -> uncaught.add(task + ": " + e));
    private ApiServer server;
    private Client client;
    private ClientInformers informers;
    private Scheduler scheduler;

    @BeforeEach
    void server() {
        server = ApiServer.inMemory(system.environment());
        client = server.client(UserInfo.ADMIN);
        informers = new ClientInformers(client, system.environment());
        scheduler = new Scheduler(client, informers, system.environment());
    }

    @AfterEach
    void close() throws Exception {
        scheduler.close();
        informers.close();
        server.close();
        system.close();
        assertThat(uncaught).isEmpty();
    }

    @Test
    void replicasSpreadOverTheNodesAndTheEventSaysWhere() {
        node("a", "2", "10");
        node("b", "2", "10");
        start();
        for (int i = 0; i < 4; i++) {
            pod("web-" + i, "'resources':{'requests':{'cpu':'400m'}}", "");
        }
        await().until(() -> placed().stream().noneMatch(String::isEmpty));
        assertThat(placed()).containsExactlyInAnyOrder("a", "a", "b", "b");
        String where = get(Resources.PODS, "default", "web-0").string("spec", "nodeName");
        await().untilAsserted(() ->
                assertThat(events("Scheduled")).contains("Successfully assigned default/web-0 to " + where));
    }

    @Test
    void aPodThatFitsNowhereIsToldWhyAndGoesAsSoonAsThereIsRoom() {
        node("a", "1", "10");
        start();
        pod("first", "'resources':{'requests':{'cpu':'800m'}}", "");
        await().until(() -> nodeOf("first").equals("a"));
        pod("second", "'resources':{'requests':{'cpu':'800m'}}", "");
        String message = "0/1 nodes are available: 1 Insufficient cpu."
                + " preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.";
        await().untilAsserted(() -> {
            assertThat(events("FailedScheduling")).containsExactly(message);
            Unstructured condition = condition("second");
            assertThat(condition.string("status")).isEqualTo("False");
            assertThat(condition.string("reason")).isEqualTo("Unschedulable");
            assertThat(condition.string("message")).isEqualTo(message);
        });
        assertThat(nodeOf("second")).isEmpty();

        client.delete(Resources.PODS, "default", "first", DeleteOptions.NOW);
        await().until(() -> nodeOf("second").equals("a"));
        assertThat(condition("second").string("status")).isEqualTo("True");
    }

    @Test
    void podsThatWereThereBeforeUsCount() {
        pod("old", "'resources':{'requests':{'cpu':'800m'}}", "'nodeName':'a',");
        node("a", "1", "10");
        pod("new", "'resources':{'requests':{'cpu':'800m'}}", "");
        start();
        await().untilAsserted(() -> assertThat(events("FailedScheduling")).hasSize(1));
        assertThat(nodeOf("new")).isEmpty();
        node("b", "1", "10");
        await().until(() -> nodeOf("new").equals("b"));
    }

    @Test
    void gatesAndOtherSchedulersAreRespected() {
        node("a", "4", "10");
        start();
        pod("gated", "", "'schedulingGates':[{'name':'example.com/wait'}],");
        pod("other", "", "'schedulerName':'theirs',");
        pod("plain", "", "");
        await().until(() -> nodeOf("plain").equals("a"));
        assertThat(nodeOf("gated")).isEmpty();
        assertThat(nodeOf("other")).isEmpty();
        assertThat(events("FailedScheduling")).isEmpty();
    }

    @Test
    void aClaimThatWaitsGetsANodeAndItsVolumeHoldsThePodThere() {
        node("a", "4", "10");
        node("b", "4", "10");
        create(
                Resources.STORAGE_CLASSES,
                "",
                "{'apiVersion':'storage.k8s.io/v1','kind':'StorageClass','metadata':{'name':'local'},"
                        + "'provisioner':'example.com/local','volumeBindingMode':'WaitForFirstConsumer'}");
        create(
                Resources.PERSISTENT_VOLUME_CLAIMS,
                "default",
                "{'apiVersion':'v1','kind':'PersistentVolumeClaim','metadata':{'name':'data'},'spec':{"
                        + "'accessModes':['ReadWriteOnce'],'storageClassName':'local',"
                        + "'resources':{'requests':{'storage':'1Gi'}}}}");
        start();
        pod("db", "", "'volumes':[{'name':'d','persistentVolumeClaim':{'claimName':'data'}}],");
        await().until(() -> !selectedNode().isEmpty());
        assertThat(nodeOf("db")).as("not before the volume is there").isEmpty();

        String node = selectedNode();
        create(
                Resources.PERSISTENT_VOLUMES,
                "",
                "{'apiVersion':'v1','kind':'PersistentVolume','metadata':{'name':'pv'},'spec':{"
                        + "'capacity':{'storage':'1Gi'},'accessModes':['ReadWriteOnce'],'storageClassName':'local',"
                        + "'hostPath':{'path':'/data'},'nodeAffinity':{'required':{'nodeSelectorTerms':["
                        + "{'matchExpressions':[{'key':'kubernetes.io/hostname','operator':'In','values':['" + node
                        + "']}]}]}}}}");
        client.patch(
                Resources.PERSISTENT_VOLUME_CLAIMS,
                "default",
                "data",
                Patch.merge(tree("{'spec':{'volumeName':'pv'}}")),
                WriteOptions.DEFAULT);
        await().until(() -> nodeOf("db").equals(node));
    }

    @Test
    void aClaimThatIsNotThereBlocks() {
        node("a", "4", "10");
        start();
        pod("db", "", "'volumes':[{'name':'d','persistentVolumeClaim':{'claimName':'data'}}],");
        await().untilAsserted(() -> assertThat(events("FailedScheduling"))
                .containsExactly("0/1 nodes are available: persistentvolumeclaim \"data\" not found."
                        + " preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."));
        assertThat(nodeOf("db")).isEmpty();
    }

    private void start() {
        scheduler.start();
        informers.start();
    }

    private void node(String name, String cpu, String pods) {
        create(
                Resources.NODES,
                "",
                "{'apiVersion':'v1','kind':'Node','metadata':{'name':'" + name
                        + "','labels':{'kubernetes.io/hostname':'" + name + "'}},'status':{'allocatable':{'cpu':'" + cpu
                        + "','memory':'4Gi','pods':'" + pods + "'}}}");
        client.patch(
                Resources.NODES,
                "",
                name,
                Patch.merge(
                        tree("{'status':{'allocatable':{'cpu':'" + cpu + "','memory':'4Gi','pods':'" + pods + "'}}}")),
                WriteOptions.STATUS);
    }

    private void pod(String name, String container, String spec) {
        create(
                Resources.PODS,
                "default",
                "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'" + name + "'},'spec':{" + spec
                        + "'containers':[{'name':'c','image':'app:v1'" + (container.isEmpty() ? "" : ",") + container
                        + "}]}}");
    }

    private void create(GroupVersionResource resource, String namespace, String json) {
        client.create(resource, namespace, tree(json), WriteOptions.DEFAULT);
    }

    private Unstructured get(GroupVersionResource resource, String namespace, String name) {
        return client.get(resource, namespace, name).object();
    }

    private String nodeOf(String pod) {
        return get(Resources.PODS, "default", pod).string("spec", "nodeName");
    }

    private String selectedNode() {
        return get(Resources.PERSISTENT_VOLUME_CLAIMS, "default", "data")
                .annotations()
                .getOrDefault("volume.kubernetes.io/selected-node", "");
    }

    /** Whether it is scheduled; empty while nobody has said: an event may come before it. */
    private Unstructured condition(String pod) {
        return get(Resources.PODS, "default", pod).objects("status", "conditions").stream()
                .filter(c -> c.string("type").equals("PodScheduled"))
                .findFirst()
                .orElse(new Unstructured(new LinkedHashMap<>()));
    }

    private List<String> placed() {
        return client.list(Resources.PODS, "default", ListOptions.ALL).items().stream()
                .map(p -> p.object().string("spec", "nodeName"))
                .toList();
    }

    private List<String> events(String reason) {
        return client.list(Resources.EVENTS, "default", ListOptions.ALL).items().stream()
                .map(e -> e.object())
                .filter(e -> e.string("reason").equals(reason))
                .map(e -> e.string("message"))
                .toList();
    }

    private static Unstructured tree(String json) {
        return Unstructured.parse(json.replace('\'', '"'));
    }
}
