package dev.coracle.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.ClientInformers;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What pods that fit nowhere cost, in virtual time: counted in attempts and in writes, for a write is a revision. */
class CrowdStoryTest {
    private static final int CROWD = 5000;

    private final VirtualEnvironment world = new VirtualEnvironment(23);
    private final ApiServer server = ApiServer.inMemory(world.environment());
    private final Client client = server.client(UserInfo.ADMIN);
    private final ClientInformers informers = new ClientInformers(client, world.environment());
    private final Scheduler scheduler = new Scheduler(client, informers, world.environment());

    @AfterEach
    void close() {
        scheduler.close();
        informers.close();
        server.close();
    }

    @Test
    void aCrowdThatFitsNowhereIsTriedEachFiveMinutesAndToldEachHalfHourWhateverTheNodesReport() {
        node("a", "");
        start();
        for (int i = 0; i < CROWD; i++) {
            pod("p" + i, "'nodeSelector':{'disk':'ssd'},", "");
            if (i % 500 == 499) {
                world.advance(Duration.ofSeconds(1));
            }
        }
        assertThat(scheduler.attempts()).isEqualTo(CROWD);
        assertThat(unschedulableSince("2026-01-01T00:00:15Z")).isEqualTo(CROWD);
        assertThat(list(Resources.EVENTS).size()).isEqualTo(CROWD);

        long heartbeats = 0;
        for (Duration t = Duration.ZERO; t.compareTo(Duration.ofHours(1)) < 0; t = t.plusSeconds(10)) {
            patchStatus(
                    "a",
                    "{'status':{'conditions':[{'type':'Ready','status':'True','lastHeartbeatTime':'"
                            + world.environment().clock().now() + "'}]}}");
            heartbeats++;
            world.advance(Duration.ofSeconds(10));
        }
        assertThat(scheduler.attempts()).isLessThanOrEqualTo(CROWD * (1 + 12));
        assertThat(revision() - heartbeats)
                .as("pod, condition and event, and two events more")
                .isLessThanOrEqualTo(CROWD * 5);
        assertThat(unschedulableSince("2026-01-01T00:00:15Z"))
                .as("conditions are written once")
                .isEqualTo(CROWD);
    }

    @Test
    void aNodeThatFitsTakesAllItCanAndNobodyElseIsTried() {
        node("a", "");
        start();
        for (int i = 0; i < 40; i++) {
            pod("ssd-" + i, "'nodeSelector':{'disk':'ssd'},", "");
            pod("tape-" + i, "'nodeSelector':{'disk':'tape'},", "");
        }
        world.advance(Duration.ofMinutes(1));
        long before = scheduler.attempts();
        node("b", "'disk':'ssd'");
        world.advance(Duration.ofMinutes(1));
        assertThat(bound("ssd")).isEqualTo(40);
        assertThat(bound("tape")).isZero();
        assertThat(scheduler.attempts() - before).isEqualTo(40);

        client.patch(
                Resources.NODES,
                "",
                "a",
                Patch.merge(tree("{'metadata':{'labels':{'disk':'tape'}}}")),
                WriteOptions.DEFAULT);
        world.advance(Duration.ofMinutes(1));
        assertThat(bound("tape")).isEqualTo(40);
    }

    @Test
    void roomThatAPodLeavesIsOfferedToThoseWhoFitInIt() {
        node("a", "");
        start();
        pod("first", "", "'resources':{'requests':{'cpu':'3'}}");
        world.advance(Duration.ofSeconds(1));
        pod("second", "", "'resources':{'requests':{'cpu':'3'}}");
        pod("huge", "", "'resources':{'requests':{'cpu':'64'}}");
        world.advance(Duration.ofSeconds(1));
        long before = scheduler.attempts();
        client.delete(Resources.PODS, "default", "first", DeleteOptions.NOW);
        world.advance(Duration.ofSeconds(1));
        assertThat(bound("second")).isEqualTo(1);
        assertThat(scheduler.attempts() - before)
                .as("the huge one is not tried")
                .isEqualTo(1);
    }

    @Test
    void aChangeOfVolumesWakesOnlyThoseWhoseOwnItIs() {
        node("a", "");
        start();
        for (int i = 0; i < 40; i++) {
            pod("p" + i, "'nodeSelector':{'disk':'ssd'},", "");
            pod("db" + i, "'volumes':[{'name':'d','persistentVolumeClaim':{'claimName':'data-" + i + "'}}],", "");
        }
        world.advance(Duration.ofMinutes(1));
        long before = scheduler.attempts();
        claim("unrelated", "");
        create(
                Resources.STORAGE_CLASSES,
                "",
                "{'apiVersion':'storage.k8s.io/v1','kind':'StorageClass','metadata':{'name':'unrelated'},"
                        + "'provisioner':'example.com/local'}");
        volume("unrelated");
        world.advance(Duration.ofMinutes(1));
        assertThat(scheduler.attempts() - before).isZero();

        claim("data-7", "'volumeName':'pv-7',");
        world.advance(Duration.ofMinutes(1));
        assertThat(scheduler.attempts() - before)
                .as("its claim is there, its volume is not")
                .isEqualTo(1);
        volume("pv-7");
        world.advance(Duration.ofMinutes(1));
        assertThat(bound("db7")).isEqualTo(1);
        assertThat(scheduler.attempts() - before).isEqualTo(2);
    }

    @Test
    void aRestartTellsNobodyWhatIsKnown() {
        node("a", "");
        for (int i = 0; i < 40; i++) {
            pod("p" + i, "'nodeSelector':{'disk':'ssd'},", "");
        }
        start();
        world.advance(Duration.ofSeconds(10));
        scheduler.close();
        long before = revision();
        var again = new Scheduler(client, informers, world.environment());
        again.start();
        world.advance(Duration.ofSeconds(10));
        assertThat(again.attempts()).isEqualTo(40);
        assertThat(revision() - before).as("its own write").isEqualTo(1);
        again.close();
    }

    @Test
    void anErrorHoldsUpOnlyThePodItMeetsAndTheRoomIsFreeAgain() {
        node("a", "");
        scheduler.close();
        var refused = new AtomicInteger(3);
        var moody = (Client) Proxy.newProxyInstance(
                Client.class.getClassLoader(), new Class<?>[] {Client.class}, (proxy, method, args) -> {
                    if (method.getName().equals("post") && args[2].equals("first") && refused.getAndDecrement() > 0) {
                        throw new StatusException(500, "InternalError", "not now");
                    }
                    try {
                        return method.invoke(client, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        var again = new Scheduler(moody, informers, world.environment());
        again.start();
        informers.start();
        pod("first", "", "'resources':{'requests':{'cpu':'3'}}");
        world.advance(Duration.ofMillis(500));
        assertThat(bound("first")).isZero();
        pod("second", "", "'resources':{'requests':{'cpu':'3'}}");
        world.advance(Duration.ofMillis(500));
        assertThat(bound("second")).as("takes the room that the error left").isEqualTo(1);
        client.delete(Resources.PODS, "default", "second", DeleteOptions.NOW);
        world.advance(Duration.ofSeconds(20));
        assertThat(bound("first")).isEqualTo(1);
        again.close();
    }

    private void start() {
        scheduler.start();
        informers.start();
        world.advance(Duration.ofSeconds(1));
    }

    /** The newest revision: each write makes one, and so does this. */
    private long revision() {
        return client.create(
                        Resources.NAMESPACES,
                        "",
                        tree("{'apiVersion':'v1','kind':'Namespace','metadata':{'generateName':'now-'}}"),
                        WriteOptions.DEFAULT)
                .version();
    }

    private long bound(String prefix) {
        return list(Resources.PODS).stream()
                .filter(p -> p.name().startsWith(prefix))
                .filter(p -> !p.string("spec", "nodeName").isEmpty())
                .count();
    }

    private long unschedulableSince(String latest) {
        return list(Resources.PODS).stream()
                .flatMap(p -> p.objects("status", "conditions").stream())
                .filter(c -> c.string("reason").equals("Unschedulable"))
                .filter(c -> c.string("lastTransitionTime").compareTo(latest) < 0)
                .count();
    }

    private void node(String name, String labels) {
        create(
                Resources.NODES,
                "",
                "{'apiVersion':'v1','kind':'Node','metadata':{'name':'" + name + "','labels':{" + labels + "}}}");
        patchStatus(name, "{'status':{'allocatable':{'cpu':'4','memory':'4Gi','pods':'50'}}}");
    }

    private void patchStatus(String node, String json) {
        client.patch(Resources.NODES, "", node, Patch.merge(tree(json)), WriteOptions.STATUS);
    }

    private void pod(String name, String spec, String container) {
        create(
                Resources.PODS,
                "default",
                "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'" + name + "'},'spec':{" + spec
                        + "'containers':[{'name':'c','image':'app:v1'" + (container.isEmpty() ? "" : ",") + container
                        + "}]}}");
    }

    private void claim(String name, String spec) {
        create(
                Resources.PERSISTENT_VOLUME_CLAIMS,
                "default",
                "{'apiVersion':'v1','kind':'PersistentVolumeClaim','metadata':{'name':'" + name + "'},'spec':{" + spec
                        + "'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'1Gi'}}}}");
    }

    private void volume(String name) {
        create(
                Resources.PERSISTENT_VOLUMES,
                "",
                "{'apiVersion':'v1','kind':'PersistentVolume','metadata':{'name':'" + name + "'},'spec':{"
                        + "'capacity':{'storage':'1Gi'},'accessModes':['ReadWriteOnce'],"
                        + "'hostPath':{'path':'/data'}}}");
    }

    private void create(GroupVersionResource resource, String namespace, String json) {
        client.create(resource, namespace, tree(json), WriteOptions.DEFAULT);
    }

    private List<Unstructured> list(GroupVersionResource resource) {
        return client.list(resource, "default", ListOptions.ALL).items().stream()
                .map(r -> r.object())
                .toList();
    }

    private static Unstructured tree(String json) {
        return Unstructured.parse(json.replace('\'', '"'));
    }
}
