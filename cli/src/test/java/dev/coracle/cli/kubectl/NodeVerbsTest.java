package dev.coracle.cli.kubectl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Timers;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node is closed, marked and emptied. */
class NodeVerbsTest {
    private static final GroupVersionResource BUDGETS =
            new GroupVersionResource("policy", "v1", "poddisruptionbudgets");

    @TempDir
    private Path dir;

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = new TestServer(dir);
        for (String name : List.of("n1", "n2")) {
            Unstructured node = Unstructured.of("v1", "Node", "", name).set("x", "metadata", "labels", "zone");
            server.admin().create(Resources.NODES, "", node, WriteOptions.DEFAULT);
        }
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Unstructured node(String name) {
        return server.admin().get(Resources.NODES, "", name).object();
    }

    private void says(String line, String... words) {
        TestServer.Result r = server.run(words);
        assertThat(r.err()).isEmpty();
        assertThat(r.out()).isEqualTo(line + "\n");
        assertThat(r.code()).isZero();
    }

    private void refuses(String line, String... words) throws Exception {
        TestServer.Result r = server.run(words);
        assertThat(r.err()).isEqualTo(line + "\n");
        assertThat(r.code()).isEqualTo(1);
        if (Files.isExecutable(TestServer.OTHER)) {
            assertThat(server.other(words)).isEqualTo(r);
        }
    }

    /** One that runs on n1. */
    private void pod(String name, String more) {
        @SuppressWarnings("unchecked")
        Unstructured pod = new Unstructured(
                (Map<String, Object>) Yaml.parseAll("""
                apiVersion: v1
                kind: Pod
                metadata: {name: NAME, namespace: default, labels: {app: NAME}}
                spec: {nodeName: n1, containers: [{name: c, image: nginx}]}
                """.replace("NAME", name)).getFirst());
        if (more.equals("ReplicaSet") || more.equals("DaemonSet")) {
            pod.add(
                    Map.of(
                            "apiVersion",
                            "apps/v1",
                            "kind",
                            more,
                            "name",
                            "owner",
                            "uid",
                            "u-1",
                            "controller",
                            true,
                            "blockOwnerDeletion",
                            false),
                    "metadata",
                    "ownerReferences");
        }
        if (more.equals("emptyDir")) {
            pod.add(Map.of("name", "v", "emptyDir", Map.of()), "spec", "volumes");
        }
        var made = server.admin()
                .create(Resources.PODS, "default", pod, WriteOptions.DEFAULT)
                .object();
        server.admin()
                .update(
                        Resources.PODS,
                        made.copy()
                                .set("Running", "status", "phase")
                                .add(Map.of("type", "Ready", "status", "True"), "status", "conditions"),
                        WriteOptions.STATUS);
    }

    private List<String> pods() {
        return server.admin().list(Resources.PODS, "default", dev.coracle.client.ListOptions.ALL).items().stream()
                .map(r -> r.name())
                .toList();
    }

    private void budget(String app) {
        Unstructured budget = Unstructured.of("policy/v1", "PodDisruptionBudget", "default", "keep")
                .set(1, "spec", "minAvailable")
                .set(app, "spec", "selector", "matchLabels", "app");
        server.admin().create(BUDGETS, "default", budget, WriteOptions.DEFAULT);
        // As the controller would count.
        String status = "{\"status\":{\"observedGeneration\":1,\"currentHealthy\":1,\"desiredHealthy\":1,"
                + "\"expectedPods\":1,\"disruptionsAllowed\":0}}";
        server.admin().patch(BUDGETS, "default", "keep", Patch.merge(Unstructured.parse(status)), WriteOptions.STATUS);
    }

    /** Where every wait is over at once, and the clock shows it; {@code awake} is run before anybody wakes. */
    private Environment hurried(Runnable awake) {
        Environment real = server.system().environment();
        AtomicLong nanos = new AtomicLong();
        Clock clock = new Clock() {
            @Override
            public Instant now() {
                return Instant.EPOCH.plusNanos(nanos.get());
            }

            @Override
            public long nanos() {
                return nanos.get();
            }
        };
        Timers timers = new Timers() {
            @Override
            public Timer schedule(Duration delay, Runnable task) {
                nanos.addAndGet(delay.toNanos());
                awake.run();
                task.run();
                return () -> {};
            }

            @Override
            public Timer every(Duration period, Runnable task) {
                return real.timers().every(period, task);
            }
        };
        return new Environment(clock, timers, real.tasks(), real.entropy());
    }

    @Test
    void nodesAreCordonedAndUncordoned() throws Exception {
        says("node/n1 cordoned (dry run)", "cordon", "n1", "--dry-run=client");
        says("node/n1 cordoned (server dry run)", "cordon", "n1", "--dry-run=server");
        assertThat(node("n1").bool("spec", "unschedulable")).isFalse();
        says("node/n1 cordoned", "cordon", "n1");
        assertThat(node("n1").bool("spec", "unschedulable")).isTrue();
        says("node/n1 already cordoned\nnode/n2 cordoned", "cordon", "-l", "zone=x");
        says("node/n1 uncordoned\nnode/n2 uncordoned", "uncordon", "node/n1", "n2");
        assertThat(node("n1").object("spec").map()).doesNotContainKey("unschedulable");
        says("node/n1 already uncordoned", "uncordon", "n1");
        refuses("Error from server (NotFound): nodes \"n9\" not found", "cordon", "n9");
        refuses("error: USAGE: cordon NODE [flags]\nSee 'kubectl cordon -h' for help and examples", "cordon");
        refuses(
                "error: cannot specify both a node name and a --selector option\n"
                        + "See 'kubectl drain -h' for help and examples",
                "drain",
                "n1",
                "-l",
                "zone=x");
    }

    @Test
    void taintsAreAddedChangedAndRemoved() throws Exception {
        says("node/n1 tainted", "taint", "nodes", "n1", "team=blue:NoSchedule", "old:NoExecute");
        assertThat(node("n1").objects("spec", "taints"))
                .extracting(t -> t.string("key") + "=" + t.string("value") + ":" + t.string("effect"))
                .containsExactly("team=blue:NoSchedule", "old=:NoExecute");
        refuses(
                "error: node n1 already has team taint(s) with same effect(s) and --overwrite is false",
                "taint",
                "node",
                "n1",
                "team=red:NoSchedule");
        says("node/n1 modified", "taint", "node", "n1", "team=red:NoSchedule", "--overwrite");
        says("node/n1 untainted", "taint", "node", "n1", "old:NoExecute-");
        says("node/n1 untainted", "taint", "node", "n1", "team-");
        assertThat(node("n1").objects("spec", "taints")).isEmpty();
        refuses("error: taint \"team\" not found", "taint", "node", "n1", "team-");
        refuses(
                "error: invalid taint effect: Never, unsupported taint effect\n"
                        + "See 'kubectl taint -h' for help and examples",
                "taint",
                "node",
                "n1",
                "a=b:Never");
        refuses("error: at least one taint update is required", "taint", "node", "n1");
        refuses(
                "error: invalid taint spec: a=b:c:d\nSee 'kubectl taint -h' for help and examples",
                "taint",
                "node",
                "n1",
                "a=b:c:d");
        refuses(
                "error: invalid taint spec: a=b, name part must consist of alphanumeric characters, '-', '_' or '.',"
                        + " and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or"
                        + " '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')\n"
                        + "See 'kubectl taint -h' for help and examples",
                "taint",
                "node",
                "n1",
                "a=b");
        refuses(
                "error: at least one resource name must be specified since 'all' parameter is not set",
                "taint",
                "node",
                "a=b:NoSchedule");
        refuses(
                "error: can not both modify and remove the following taint(s) in the same command: a=",
                "taint",
                "node",
                "n1",
                "a=b:NoSchedule",
                "a-");
        says("node/n1 tainted\nnode/n2 tainted", "taint", "nodes", "--all", "a=b:PreferNoSchedule");
    }

    @Test
    void aNodeIsDrainedOfWhatHasAController() {
        pod("web", "ReplicaSet");
        pod("free", "ReplicaSet");
        says("""
                node/n1 cordoned (dry run)
                evicting pod default/free (dry run)
                evicting pod default/web (dry run)
                node/n1 drained (dry run)""", "drain", "n1", "--dry-run=client");
        assertThat(server.run("drain", "n1", "--dry-run=server"))
                .isEqualTo(new TestServer.Result(
                        1, "", "error: --dry-run=server is not supported for drain by this client\n"));
        assertThat(pods()).containsExactly("free", "web");
        says("""
                node/n1 cordoned
                evicting pod default/free
                pod/free evicted
                evicting pod default/web
                pod/web evicted
                node/n1 drained""", "drain", "n1", "--grace-period=0");
        assertThat(pods()).isEmpty();
        assertThat(node("n1").bool("spec", "unschedulable")).isTrue();
        says("node/n1 already cordoned\nnode/n1 drained", "drain", "n1");
    }

    @Test
    void aNodeIsNotDrainedOfWhatWouldBeLost() throws Exception {
        server.run("cordon", "n1");
        pod("alone", "");
        String lost = "cannot delete Pods that declare no controller (use --force to override): default/alone";
        TestServer.Result refused = server.run("drain", "n1");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err())
                .isEqualTo("error: unable to drain node \"n1\" due to error: " + lost + ", continuing command...\n"
                        + "There are pending nodes to be drained:\n n1\n" + lost + "\n");
        pod("data", "emptyDir");
        assertThat(server.run("drain", "n1", "--force").err())
                .contains("cannot delete Pods with local storage (use --delete-emptydir-data to override):"
                        + " default/data");
        Unstructured set = Unstructured.of("apps/v1", "DaemonSet", "default", "owner")
                .set("d", "spec", "selector", "matchLabels", "app")
                .set("d", "spec", "template", "metadata", "labels", "app")
                .add(Map.of("name", "c", "image", "i"), "spec", "template", "spec", "containers");
        server.admin().create(Resources.DAEMON_SETS, "default", set, WriteOptions.DEFAULT);
        pod("daemon", "DaemonSet");
        assertThat(server.run("drain", "n1", "--force", "--delete-emptydir-data")
                        .err())
                .contains("cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): default/daemon");
        if (Files.isExecutable(TestServer.OTHER)) {
            String[] words = {"drain", "n1", "--force", "--delete-emptydir-data"};
            assertThat(server.other(words)).isEqualTo(server.run(words));
        }
        assertThat(pods()).hasSize(3);
        TestServer.Result done = server.run(
                "drain", "n1", "--force", "--delete-emptydir-data", "--ignore-daemonsets", "--grace-period=0");
        assertThat(done.code()).isZero();
        assertThat(done.err())
                .startsWith("Warning: ")
                .contains("deleting Pods that declare no controller: default/alone, default/data")
                .contains("ignoring DaemonSet-managed Pods: default/daemon");
        assertThat(pods()).containsExactly("daemon");
    }

    @Test
    void aBudgetsRefusalIsTriedAgainUntilItIsTaken() {
        pod("web", "ReplicaSet");
        budget("web");
        TestServer.Result r = server.runIn(
                hurried(() -> {
                    if (server.admin()
                                    .list(BUDGETS, "default", dev.coracle.client.ListOptions.ALL)
                                    .items()
                                    .size()
                            > 0) {
                        server.admin().delete(BUDGETS, "default", "keep", DeleteOptions.DEFAULT);
                    }
                }),
                "drain",
                "n1",
                "--grace-period=0");
        assertThat(r.err())
                .isEqualTo("error when evicting pods/\"web\" -n \"default\" (will retry after 5s):"
                        + " Cannot evict pod as it would violate the pod's disruption budget.\n");
        assertThat(r.out())
                .isEqualTo("node/n1 cordoned\nevicting pod default/web\nevicting pod default/web\n"
                        + "pod/web evicted\nnode/n1 drained\n");
        assertThat(r.code()).isZero();
    }

    @Test
    void aBudgetThatNeverGivesInOutlastsTheTimeout() {
        pod("web", "ReplicaSet");
        budget("web");
        TestServer.Result r = server.runIn(hurried(() -> {}), "drain", "n1", "--timeout=12s");
        String given = "error when evicting pods/\"web\" -n \"default\": global timeout reached: 12s";
        assertThat(r.code()).isEqualTo(1);
        assertThat(r.err())
                .contains("There are pending pods in node \"n1\" when an error occurred: " + given + "\npod/web\n")
                .endsWith("There are pending nodes to be drained:\n n1\n" + given + "\n");
        assertThat(r.out().lines().filter(l -> l.equals("evicting pod default/web")))
                .hasSize(4);
        assertThat(pods()).containsExactly("web");
    }

    /** Nothing here plays the kubelet that would end it. */
    @Test
    void aPodThatDoesNotEndOutlastsTheTimeout() {
        pod("web", "ReplicaSet");
        TestServer.Result r = server.runIn(hurried(() -> {}), "drain", "n1", "--timeout=1m30s");
        assertThat(r.code()).isEqualTo(1);
        assertThat(r.err())
                .endsWith("error when waiting for pod \"web\" in namespace \"default\" to terminate:"
                        + " global timeout reached: 1m30s\n");
    }
}
