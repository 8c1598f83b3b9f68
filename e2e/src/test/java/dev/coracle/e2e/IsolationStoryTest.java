package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.e2e.harness.DemoCluster;
import dev.coracle.e2e.harness.Kubectl;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** "Namespaces provide organizational isolation, not network isolation": that is what NetworkPolicies are for. */
@ExtendWith(DemoCluster.class)
class IsolationStoryTest {
    private static final String TEAMS = """
            apiVersion: v1
            kind: Namespace
            metadata: {name: team-a}
            ---
            apiVersion: v1
            kind: Namespace
            metadata: {name: team-b, labels: {visits: team-a}}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web, namespace: team-a}
            spec:
              replicas: 2
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers:
                  - name: web
                    image: busybox
                    imagePullPolicy: IfNotPresent
                    command: [sh, -c, "echo hello > /tmp/index.html; exec httpd -f -p 8080 -h /tmp"]
                    ports: [{name: http, containerPort: 8080}]
                    readinessProbe: {httpGet: {port: http, path: /index.html}, periodSeconds: 1}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web, namespace: team-a}
            spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: visitor, namespace: team-b}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - {name: c, image: busybox, imagePullPolicy: IfNotPresent, command: [sleep, "600"]}
            """;

    private static final String DENY = """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: default-deny, namespace: team-a}
            spec: {podSelector: {}, policyTypes: [Ingress]}
            """;

    private static final String ALLOW = """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: visitors, namespace: team-a}
            spec:
              podSelector: {matchLabels: {app: web}}
              ingress:
              - from: [{namespaceSelector: {matchLabels: {visits: team-a}}}]
                ports: [{port: http}]
            """;

    private final Kubectl kubectl;

    IsolationStoryTest(Kubectl kubectl) {
        this.kubectl = kubectl;
    }

    @AfterEach
    void clean() {
        kubectl.ok("delete", "namespace", "team-a", "team-b");
    }

    private boolean visits() {
        return kubectl.run("exec", "-n", "team-b", "visitor", "--", "wget", "-T", "1", "-qO-", "http://web.team-a")
                .out()
                .equals("hello\n");
    }

    @Test
    void aTeamClosesItsNamespaceAndLetsVisitorsIn() {
        kubectl.with(TEAMS, "apply", "-f", "-").ok();
        kubectl.ok("rollout", "status", "deployment/web", "-n", "team-a", "--timeout=60s");
        kubectl.ok("wait", "pod/visitor", "-n", "team-b", "--for=condition=Ready", "--timeout=60s");
        await().until(this::visits);

        kubectl.with(DENY, "apply", "-f", "-").ok();
        await().until(() -> !visits());
        // The node itself is not kept out: probes go on, and pods made now become ready.
        kubectl.ok("scale", "deployment/web", "-n", "team-a", "--replicas=3");
        kubectl.ok("rollout", "status", "deployment/web", "-n", "team-a", "--timeout=60s");
        assertThat(visits()).isFalse();

        kubectl.with(ALLOW, "apply", "-f", "-").ok();
        await().until(this::visits);
        kubectl.ok("label", "namespace", "team-b", "visits-");
        await().until(() -> !visits());
        kubectl.ok("delete", "networkpolicy", "--all", "-n", "team-a");
        await().atMost(Duration.ofSeconds(20)).until(this::visits);
    }
}
