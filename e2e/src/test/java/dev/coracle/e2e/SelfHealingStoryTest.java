package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.e2e.harness.Coracle;
import dev.coracle.e2e.harness.DemoCluster;
import dev.coracle.e2e.harness.Kubectl;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What breaks comes back by itself. */
@ExtendWith(DemoCluster.class)
class SelfHealingStoryTest {
    /** A pod is given up two seconds after its node was, where the default waits for five minutes. */
    private static final String WEB = """
            apiVersion: v1
            kind: Namespace
            metadata: {name: healing}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web, namespace: healing}
            spec:
              replicas: 2
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  terminationGracePeriodSeconds: 1
                  tolerations:
                  - {key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 2}
                  - {key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 2}
                  containers:
                  - name: web
                    image: busybox
                    imagePullPolicy: IfNotPresent
                    command: [sh, -c, "echo hello > /tmp/index.html; httpd -f -p 8080 -h /tmp & trap 'exit 1' TERM; wait"]
                    readinessProbe: {httpGet: {path: /index.html, port: 8080}, periodSeconds: 1}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web, namespace: healing}
            spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
            """;

    private final Kubectl kubectl;

    SelfHealingStoryTest(Kubectl kubectl) {
        this.kubectl = kubectl;
    }

    @BeforeEach
    void twoPods() {
        kubectl.apply(WEB);
        kubectl.ok("rollout", "status", "deployment/web", "-n", "healing", "--timeout=60s");
    }

    @AfterEach
    void clean() {
        kubectl.ok("delete", "namespace", "healing");
    }

    private List<Unstructured> pods() {
        return kubectl.items("pods", "-n", "healing", "-l", "app=web");
    }

    private static long restarts(Unstructured pod) {
        return pod.objects("status", "containerStatuses").getFirst().integer(0, "restartCount");
    }

    @Test
    void aKilledContainerIsRestartedInItsPod() {
        Unstructured pod = pods().getFirst();

        // With process 1 ends its pid namespace, the shell that asked for it included: it may end by signal 9.
        var killed = kubectl.run("exec", "-n", "healing", pod.name(), "--", "sh", "-c", "kill 1");
        assertThat(killed.code()).as(killed.toString()).isIn(0, 137);

        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            Unstructured now = kubectl.json("pod", pod.name(), "-n", "healing");
            assertThat(now.uid()).isEqualTo(pod.uid());
            assertThat(restarts(now)).isEqualTo(1);
            assertThat(now.string("status", "podIP")).isEqualTo(pod.string("status", "podIP"));
        });
        kubectl.ok("wait", "--for=condition=Ready", "pod/" + pod.name(), "-n", "healing", "--timeout=30s");
        assertThat(kubectl.ok("get", "pods", "-n", "healing")).containsPattern(pod.name() + " +1/1 +Running +1 ");
    }

    @Test
    void aDeletedPodIsReplaced() {
        Unstructured pod = pods().getFirst();

        kubectl.ok("delete", "pod", pod.name(), "-n", "healing");

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(pods())
                        .hasSize(2)
                        .noneMatch(p -> p.uid().equals(pod.uid()))
                        .allMatch(p -> p.string("status", "phase").equals("Running")));
    }

    @Test
    void theStoppedNodesPodsComeBackElsewhere(Coracle coracle) {
        String node = pods().getFirst().string("spec", "nodeName");

        coracle.run("node", "stop", "--name", coracle.name(), node).ok();
        try {
            kubectl.ok("wait", "--for=condition=Ready=Unknown", "node/" + node, "--timeout=90s");
            assertThat(kubectl.ok("get", "nodes")).containsPattern(node + " +NotReady ");
            assertThat(coracle.run("status").ok())
                    .containsPattern(coracle.name() + " +running +3 nodes, stopped: " + node + " ");
            assertThat(kubectl.json("node", node).objects("spec", "taints"))
                    .extracting(t -> t.string("key") + ":" + t.string("effect"))
                    .contains("node.kubernetes.io/unreachable:NoExecute", "node.kubernetes.io/unreachable:NoSchedule");

            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(pods().stream()
                                    .filter(p -> p.string("metadata", "deletionTimestamp")
                                            .isEmpty()))
                            .hasSize(2)
                            .noneMatch(p -> p.string("spec", "nodeName").equals(node))
                            .allMatch(p -> p.objects("status", "conditions").stream()
                                    .anyMatch(c -> c.string("type").equals("Ready")
                                            && c.string("status").equals("True"))));
            assertThat(kubectl.json("endpoints", "web", "-n", "healing").objects("subsets"))
                    .flatExtracting(s -> s.objects("addresses"))
                    .hasSize(2)
                    .noneMatch(a -> a.string("nodeName").equals(node));
        } finally {
            coracle.run("node", "start", "--name", coracle.name(), node).ok();
        }
        kubectl.ok("wait", "--for=condition=Ready", "node/" + node, "--timeout=30s");
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(kubectl.json("node", node).objects("spec", "taints"))
                        .isEmpty());
        // What was left on it is gone for good.
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(pods()).hasSize(2));
        kubectl.ok("wait", "--for=condition=Available", "deployment", "--all", "-n", "flowforge", "--timeout=60s");
    }
}
