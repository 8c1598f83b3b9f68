package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.e2e.harness.DemoCluster;
import dev.coracle.e2e.harness.Kubectl;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Somebody without a network wants to know what goes on in a pod, with the tools that everybody has. */
@ExtendWith(DemoCluster.class)
class LookingAroundStoryTest {
    private static final String NS = "looking";
    private static final String APP = """
            apiVersion: v1
            kind: Pod
            metadata: {name: app, namespace: looking}
            spec:
              terminationGracePeriodSeconds: 1
              containers: [{name: app, image: busybox, command: [sh, -c, "exec sleep 4242"]}]
            """;

    private final Kubectl kubectl;

    LookingAroundStoryTest(Kubectl kubectl) {
        this.kubectl = kubectl;
    }

    @BeforeAll
    static void start(Kubectl kubectl) {
        kubectl.apply("apiVersion: v1\nkind: Namespace\nmetadata: {name: looking}\n---\n" + APP);
        kubectl.ok("wait", "--for=condition=Ready", "pod/app", "-n", NS, "--timeout=60s");
    }

    @AfterAll
    static void clean(Kubectl kubectl) {
        kubectl.ok("delete", "namespace", NS);
    }

    private String on(String... words) {
        return kubectl.ok(Stream.concat(Stream.of("-n", NS), Stream.of(words)).toArray(String[]::new));
    }

    @Test
    void anImageWithoutTagRunsAndThePodSaysWhatItReallyIs() {
        assertThat(on("get", "pod", "app", "-o", "jsonpath={.spec.containers[0].imagePullPolicy}"))
                .isEqualTo("Always");
        // Where there is a network, it is the registry's.
        assertThat(on("describe", "pod", "app"))
                .containsAnyOf(
                        "The registry of image \"busybox\" cannot be reached; used instead is this machine's own: BusyBox v",
                        "Successfully pulled image \"busybox\"");
    }

    @Test
    void theToolsKnowWhatTheirUsersType() {
        String url = "http://api-service.flowforge:80/health";
        for (List<String> wget : List.of(
                List.of("wget", "-T", "5", "-qO-", url),
                List.of("wget", "--timeout=5", "-qO-", url),
                List.of("sh", "-c", "wget -T5 -q -O - " + url))) {
            String[] words =
                    Stream.concat(Stream.of("exec", "app", "--"), wget.stream()).toArray(String[]::new);
            assertThat(on(words)).as(wget.toString()).isEqualTo("ok");
        }
        on("exec", "app", "--", "nc", "-z", "-w", "5", "api-service.flowforge", "80");
        assertThat(kubectl.run("exec", "-n", NS, "app", "--", "nc", "-zv", "-w", "2", "127.0.0.1", "9")
                        .code())
                .isEqualTo(1);
        assertThat(on("exec", "app", "--", "nslookup", "api-service.flowforge.svc.cluster.local"))
                .contains("Address");
    }

    @Test
    void aDebuggerJoinsARunningPod() {
        on("debug", "app", "--image=busybox", "--target=app", "-c", "look", "--", "sh", "-c", "ps; printf unended");
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(ended("look")).isTrue());
        assertThat(on("logs", "app", "-c", "look")).contains("sleep 4242").endsWith("unended");
        assertThat(on("get", "pod", "app")).containsPattern("app +1/1 +Running +0 ");
        assertThat(on("describe", "pod", "app"))
                .contains("Ephemeral Containers:")
                .contains("look:");

        assertThat(kubectl.with("ps; exit\n", "debug", "-n", NS, "-i", "app", "--image=busybox", "--target=app")
                        .ok())
                .contains("sleep 4242");
    }

    private boolean ended(String container) {
        return kubectl.json("pod", "app", "-n", NS).objects("status", "ephemeralContainerStatuses").stream()
                .anyMatch(s -> s.string("name").equals(container) && s.has("state", "terminated"));
    }

    @Test
    void aNodeIsLookedAtThroughItsFiles() {
        Unstructured node = kubectl.items("nodes").getFirst();
        assertThat(kubectl.with(
                                "cat /host/etc/hostname; exit\n",
                                "debug",
                                "-n",
                                NS,
                                "-i",
                                "node/" + node.name(),
                                "--image=busybox")
                        .ok())
                .contains("Creating debugging pod node-debugger-" + node.name() + "-");
        assertThat(kubectl.ok("describe", "node", node.name()))
                .containsPattern("System UUID: +\\S+")
                .containsPattern("Boot ID: +\\S+")
                .contains("Lease:", "Allocated resources:", "kube-proxy-" + node.name());
    }

    @Test
    void everyNodeShowsItsProxy() {
        for (Unstructured node : kubectl.items("nodes")) {
            assertThat(kubectl.ok("get", "pod", "-n", "kube-system", "kube-proxy-" + node.name()))
                    .containsPattern("1/1 +Running");
            kubectl.ok("logs", "-n", "kube-system", "kube-proxy-" + node.name());
        }
    }

    @Test
    void anInitContainerThatCrashesShowsItsRestarts() {
        kubectl.apply("""
                apiVersion: v1
                kind: Pod
                metadata: {name: crash, namespace: looking}
                spec:
                  initContainers: [{name: i, image: "busybox:1", command: [sh, -c, "exit 3"]}]
                  containers: [{name: c, image: "busybox:1", command: [sleep, "100"]}]
                """);
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(
                        () -> assertThat(on("get", "pod", "crash")).containsPattern("0/1 +Init:\\S+ +[1-9][0-9]* "));
    }
}
