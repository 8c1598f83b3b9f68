package dev.coracle.cli.kubectl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers with tools in pods, in copies of pods and on nodes. */
class DebugTest {
    @TempDir
    private static Path dir;

    private static TestServer server;

    @BeforeAll
    static void start() throws Exception {
        server = new TestServer(dir);
        server.admin().create(Resources.NODES, "", Unstructured.of("v1", "Node", "", "worker"), WriteOptions.DEFAULT);
        assertThat(server.run("run", "web", "--image=nginx:1", "--labels=app=web", "--", "serve")
                        .code())
                .isZero();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Unstructured pod(String name) {
        return server.admin().get(Resources.PODS, "default", name).object();
    }

    private static String refused(String... words) {
        TestServer.Result r = server.run(words);
        assertThat(r.code()).isEqualTo(1);
        assertThat(r.out()).isEmpty();
        return r.err();
    }

    private static Unstructured named(List<Unstructured> containers, String name) {
        return containers.stream()
                .filter(c -> c.string("name").equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aRunningPodGetsAContainerBesideItsOwn() {
        TestServer.Result r = server.run(
                "debug", "web", "--image=busybox", "--target=web", "-c", "look", "--env=A=b", "--", "sh", "-c", "ps");
        assertThat(r.err()).isEmpty();
        assertThat(r.out()).startsWith("Targeting container \"web\". If you don't see processes");
        Unstructured look = named(pod("web").objects("spec", "ephemeralContainers"), "look");
        assertThat(look.string("targetContainerName")).isEqualTo("web");
        assertThat(look.stringList("command")).containsExactly("sh", "-c", "ps");
        assertThat(look.objects("env").getFirst().strings()).isEqualTo(Map.of("name", "A", "value", "b"));
        assertThat(look.stringList("securityContext", "capabilities", "add")).containsExactly("SYS_PTRACE");

        TestServer.Result unnamed = server.run("debug", "pod/web", "--image=busybox");
        assertThat(unnamed.out()).matches("Defaulting debug container name to debugger-[a-z0-9]{5}\\.\n");
        String name = unnamed.out().replaceAll(".* |\\.\n", "");
        assertThat(named(pod("web").objects("spec", "ephemeralContainers"), name)
                        .has("command"))
                .isFalse();
        assertThat(server.run("debug", "web", "--image=busybox", "-q").out()).isEmpty();
    }

    @Test
    void theOtherPutsTheSameIntoAPod() throws Exception {
        if (!Files.isExecutable(TestServer.OTHER)) {
            return;
        }
        String[] flags = {"--image=busybox", "--target=web", "--profile=netadmin", "--env=A=b", "--arguments-only"};
        for (String name : List.of("ours", "theirs")) {
            List<String> words = new java.util.ArrayList<>(List.of("debug", "web", "-c", name));
            words.addAll(List.of(flags));
            words.addAll(List.of("--", "x"));
            String[] all = words.toArray(String[]::new);
            TestServer.Result r = name.equals("ours") ? server.run(all) : server.other(all);
            assertThat(r.code()).as(r.err()).isZero();
        }
        List<Unstructured> both = pod("web").objects("spec", "ephemeralContainers");
        assertThat(named(both, "ours").copy().remove("name"))
                .isEqualTo(named(both, "theirs").copy().remove("name"));
    }

    @Test
    void aCopyServesNobodyAndSharesItsProcesses() {
        assertThat(server.run("debug", "web", "--copy-to=copy", "--image=busybox", "-c", "look", "--", "sh")
                        .err())
                .isEmpty();
        Unstructured copy = pod("copy");
        assertThat(copy.labels()).isEmpty();
        assertThat(copy.bool("spec", "shareProcessNamespace")).isTrue();
        assertThat(copy.objects("spec", "containers"))
                .extracting(c -> c.string("name"))
                .containsExactly("web", "look");
        assertThat(copy.objects("spec", "containers").getFirst().stringList("args"))
                .containsExactly("serve");

        server.run("debug", "web", "--copy-to=changed", "-c", "web", "--image=busybox", "--", "sleep", "9");
        Unstructured changed = pod("changed").objects("spec", "containers").getFirst();
        assertThat(changed.string("image")).isEqualTo("busybox");
        assertThat(changed.stringList("command")).containsExactly("sleep", "9");
        assertThat(changed.has("args")).isFalse();

        server.run("debug", "web", "--copy-to=newer", "--set-image=*=nginx:2", "--share-processes=false");
        assertThat(pod("newer").objects("spec", "containers"))
                .extracting(c -> c.string("image"))
                .containsExactly("nginx:2");
        assertThat(pod("newer").bool("spec", "shareProcessNamespace")).isFalse();
    }

    @Test
    void aNodeIsLookedAtFromAPodThatSeesAllOfIt() {
        TestServer.Result r = server.run("debug", "node/worker", "--image=busybox", "--", "sh");
        assertThat(r.out())
                .matches("Creating debugging pod node-debugger-worker-[a-z0-9]{5} with container debugger on node"
                        + " worker\\.\n");
        Unstructured pod = pod(r.out().split(" ", -1)[3]);
        assertThat(pod.string("spec", "nodeName")).isEqualTo("worker");
        assertThat(List.of("hostPID", "hostNetwork", "hostIPC")).allMatch(f -> pod.bool("spec", f));
        assertThat(pod.string("spec", "restartPolicy")).isEqualTo("Never");
        assertThat(pod.objects("spec", "containers").getFirst().objects("volumeMounts"))
                .anyMatch(m -> m.string("mountPath").equals("/host"));

        String restricted = server.run("debug", "node/worker", "--image=busybox", "--profile=restricted")
                .out()
                .split(" ", -1)[3];
        assertThat(pod(restricted).bool("spec", "hostPID")).isFalse();
        assertThat(refused("debug", "node/nobody", "--image=busybox")).contains("nodes \"nobody\" not found");
    }

    @Test
    void whatMakesNoSenseIsRefusedBeforeAnythingIsMade() {
        assertThat(refused("debug")).isEqualTo("error: NAME is required for debug\n");
        assertThat(refused("debug", "web")).contains("you must specify --image");
        assertThat(refused("debug", "web", "--image=i", "-t")).contains("-i/--stdin is required");
        assertThat(refused("debug", "web", "--image=i", "--replace")).contains("only be used with --copy-to");
        assertThat(refused("debug", "web", "--image=i", "--target=web", "--copy-to=x"))
                .contains("--target is incompatible with --copy-to");
        assertThat(refused("debug", "web", "--image=i", "--profile=root")).contains("unknown profile: root");
        assertThat(refused("debug", "nobody", "--image=i")).contains("pods \"nobody\" not found");
        assertThat(server.run("debug", "web", "--image=i", "--target=none", "-q")
                        .err())
                .contains("spec.ephemeralContainers", "Not found: \"none\"");
    }
}
