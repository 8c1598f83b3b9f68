package dev.coracle.cli.kubectl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.OwnerReference;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Deployment with two revisions, and no controller: what happens to it the commands did. */
class RolloutTest {
    @TempDir
    private Path dir;

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        server = new TestServer(dir);
        Unstructured d = Unstructured.of("apps/v1", "Deployment", "default", "web")
                .set(2, "spec", "replicas")
                .set(Map.of("app", "web"), "spec", "selector", "matchLabels")
                .set(template("nginx:2"), "spec", "template");
        Unstructured made = server.admin()
                .create(Resources.DEPLOYMENTS, "default", d, WriteOptions.DEFAULT)
                .object();
        for (int revision = 1; revision <= 2; revision++) {
            Unstructured rs = Unstructured.of("apps/v1", "ReplicaSet", "default", "web-" + revision)
                    .set("" + revision, "metadata", "annotations", "deployment.kubernetes.io/revision")
                    .set(Map.of("app", "web"), "spec", "selector", "matchLabels")
                    .set(template("nginx:" + revision), "spec", "template")
                    .set("h" + revision, "spec", "template", "metadata", "labels", "pod-template-hash")
                    .addOwner(new OwnerReference("apps/v1", "Deployment", "web", made.uid(), true, true));
            server.admin().create(Resources.REPLICA_SETS, "default", rs, WriteOptions.DEFAULT);
        }
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static Unstructured template(String image) {
        return Unstructured.parse("{\"metadata\":{\"labels\":{\"app\":\"web\"}},\"spec\":{\"containers\":"
                + "[{\"name\":\"web\",\"image\":\"" + image + "\"}]}}");
    }

    private Unstructured web() {
        return server.admin().get(Resources.DEPLOYMENTS, "default", "web").object();
    }

    private String image() {
        return web().objects("spec", "template", "spec", "containers")
                .getFirst()
                .string("image");
    }

    private void says(String line, String... words) {
        TestServer.Result r = server.run(words);
        assertThat(r.err()).isEmpty();
        assertThat(r.out()).isEqualTo(line + "\n");
    }

    private void refuses(String line, String... words) throws Exception {
        TestServer.Result r = server.run(words);
        assertThat(r.err()).isEqualTo(line + "\n");
        assertThat(r.code()).isEqualTo(1);
        if (Files.isExecutable(TestServer.OTHER)) {
            assertThat(server.other(words)).isEqualTo(r);
        }
    }

    @Test
    void goesBackToTheLastRevisionOrTheOneNamed() throws Exception {
        says("deployment.apps/web rolled back", "rollout", "undo", "deployment", "web");
        assertThat(image()).isEqualTo("nginx:1");
        assertThat(web().object("spec", "template").labels()).doesNotContainKey("pod-template-hash");
        says("deployment.apps/web rolled back", "rollout", "undo", "deploy/web", "--to-revision=2");
        assertThat(image()).isEqualTo("nginx:2");
        refuses(
                "error: unable to find specified revision 7 in history",
                "rollout",
                "undo",
                "deploy/web",
                "--to-revision=7");
    }

    @Test
    void pausesAndResumes() throws Exception {
        says("deployment.apps/web paused", "rollout", "pause", "deployment/web");
        assertThat(web().bool("spec", "paused")).isTrue();
        refuses("error: deployments.apps \"web\" is already paused", "rollout", "pause", "deployment/web");
        refuses(
                "error: deployments.apps \"web\" can't restart paused deployment (run rollout resume first)",
                "rollout",
                "restart",
                "deployment/web");
        says("deployment.apps/web resumed", "rollout", "resume", "deployment/web");
        assertThat(web().bool("spec", "paused")).isFalse();
        refuses("error: deployments.apps \"web\" is not paused", "rollout", "resume", "deployment/web");
    }

    @Test
    void restartsByChangingTheTemplate() {
        says("deployment.apps/web restarted", "rollout", "restart", "deployment/web");
        assertThat(web().object("spec", "template").annotations()).containsKey("kubectl.kubernetes.io/restartedAt");
        assertThat(image()).isEqualTo("nginx:2");
    }

    @Test
    void followsARolloutToItsEnd() throws Exception {
        var result = new TestServer.Result[1];
        var task = server.system().environment().tasks().start("status", () -> {
            result[0] = server.run("rollout", "status", "deployment", "web");
        });
        for (int updated = 0; updated <= 2; updated++) {
            Unstructured d = web().copy()
                    .set(web().generation(), "status", "observedGeneration")
                    .set(2, "status", "replicas")
                    .set(updated, "status", "updatedReplicas")
                    .set(updated, "status", "availableReplicas");
            server.admin().update(Resources.DEPLOYMENTS, d, WriteOptions.STATUS);
        }
        assertThat(task.join(Duration.ofSeconds(20))).isTrue();
        assertThat(result[0].out()).endsWith("deployment \"web\" successfully rolled out\n");
        assertThat(result[0].code()).isZero();
    }

    @Test
    void aRolloutThatTakesTooLongIsGivenUp() {
        TestServer.Result r = server.run("rollout", "status", "deployment/web", "--timeout=1ms");
        assertThat(r.code()).isEqualTo(1);
        assertThat(r.err()).isEqualTo("error: timed out waiting for the condition\n");
    }

    @Test
    void patchesInThreeWays() {
        says("deployment.apps/web patched", "patch", "deploy", "web", "-p", "{\"spec\":{\"replicas\":4}}");
        says("deployment.apps/web patched (no change)", "patch", "deploy", "web", "-p", "{\"spec\":{\"replicas\":4}}");
        says("deployment.apps/web patched", "patch", "deploy", "web", "--type=merge", "-p", "spec: {replicas: 5}");
        says(
                "deployment.apps/web patched",
                "patch",
                "deploy",
                "web",
                "--type",
                "json",
                "-p",
                "[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":6}]");
        assertThat(web().integer(0, "spec", "replicas")).isEqualTo(6);
    }

    @Test
    void waitsUntilItIsSo() throws Exception {
        var result = new TestServer.Result[1];
        var task = server.system().environment().tasks().start("wait", () -> {
            result[0] = server.run("wait", "--for=condition=Available", "deployment/web", "--timeout=20s");
        });
        assertThat(task.join(Duration.ofMillis(50))).isFalse();
        server.admin()
                .update(
                        Resources.DEPLOYMENTS,
                        web().copy().add(Map.of("type", "Available", "status", "True"), "status", "conditions"),
                        WriteOptions.STATUS);
        assertThat(task.join(Duration.ofSeconds(20))).isTrue();
        assertThat(result[0].out()).isEqualTo("deployment.apps/web condition met\n");
    }

    /** The connection ends with the server, and the command with it. */
    @Test
    void watchesShowEachChange() throws Exception {
        var out = new java.io.ByteArrayOutputStream();
        var task = server.system().environment().tasks().start("get", () -> server.runInto(out, "get", "deploy", "-w"));
        Awaitility.await().until(() -> out.toString().contains("web"));
        says("deployment.apps/web scaled", "scale", "deploy/web", "--replicas=7");
        Awaitility.await().until(() -> out.toString().contains("0/7"));
        assertThat(out.toString().lines().filter(l -> l.startsWith("NAME")).count())
                .isEqualTo(1);
        server.stop();
        assertThat(task.join(Duration.ofSeconds(20))).isTrue();
    }

    /** A DaemonSet's revisions are ControllerRevisions, each with a patch that goes back to it. */
    @Test
    void aDaemonSetGoesBackToARevisionToo() throws Exception {
        Unstructured made = server.admin()
                .create(
                        Resources.DAEMON_SETS,
                        "default",
                        Unstructured.of("apps/v1", "DaemonSet", "default", "agent")
                                .set(Map.of("app", "web"), "spec", "selector", "matchLabels")
                                .set(template("agent:2"), "spec", "template"),
                        WriteOptions.DEFAULT)
                .object();
        for (int revision = 1; revision <= 2; revision++) {
            Unstructured kept = Unstructured.of("apps/v1", "ControllerRevision", "default", "agent-" + revision)
                    .set(Map.of("app", "web"), "metadata", "labels")
                    .set(revision, "revision")
                    .set(template("agent:" + revision).set("replace", "$patch"), "data", "spec", "template")
                    .addOwner(new OwnerReference("apps/v1", "DaemonSet", "agent", made.uid(), true, true));
            server.admin().create(Resources.CONTROLLER_REVISIONS, "default", kept, WriteOptions.DEFAULT);
        }
        for (String line : List.of(
                "rollout history ds/agent",
                "rollout history ds/agent --revision=1",
                "rollout history ds/agent --revision=7",
                "rollout history ds/agent -o name",
                "rollout history ds/agent -o jsonpath={.spec.template.spec.containers[0].image}",
                "rollout undo ds/agent --dry-run=client",
                "rollout undo ds/agent --to-revision=7")) {
            TestServer.Result r = server.run(line.split(" "));
            if (Files.isExecutable(TestServer.OTHER)) {
                assertThat(r).as(line).isEqualTo(server.other(line.split(" ")));
            }
        }
        says(
                "agent:1",
                "rollout",
                "history",
                "ds/agent",
                "--revision=1",
                "-o",
                "go-template={{(index" + " .spec.template.spec.containers 0).image}}{{\"\\n\"}}");
        says("daemonset.apps/agent rolled back", "rollout", "undo", "ds/agent");
        assertThat(server.admin()
                        .get(Resources.DAEMON_SETS, "default", "agent")
                        .object()
                        .objects("spec", "template", "spec", "containers")
                        .getFirst()
                        .string("image"))
                .isEqualTo("agent:1");
    }
}
