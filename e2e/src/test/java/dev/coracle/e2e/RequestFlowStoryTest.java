package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.harness.DemoCluster;
import dev.coracle.e2e.harness.Kubectl;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** "When you run kubectl apply, here's what happens": each of the seven steps leaves a trace, in this order. */
@ExtendWith(DemoCluster.class)
class RequestFlowStoryTest {
    private static final String MANIFEST = """
            apiVersion: v1
            kind: Namespace
            metadata: {name: flow}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web, namespace: flow}
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
                    command: [sh, -c, "hostname > /tmp/index.html; exec httpd -f -p 8080 -h /tmp"]
            """;

    private final Kubectl kubectl;

    RequestFlowStoryTest(Kubectl kubectl) {
        this.kubectl = kubectl;
    }

    @AfterEach
    void clean() {
        kubectl.ok("delete", "namespace", "flow");
    }

    private List<Unstructured> events(String object) {
        return kubectl.items("events", "-n", "flow", "--field-selector", "involvedObject.name=" + object);
    }

    private void said(String object, String component, String reason, String message) {
        assertThat(events(object))
                .anyMatch(e -> e.string("reason").equals(reason)
                        && e.string("message").contains(message)
                        && (e.string("source", "component").equals(component)
                                || e.string("reportingComponent").equals(component)));
    }

    @Test
    void theSevenStepsOfOneApply() {
        // 1. kubectl sends a REST request to the API server.
        var applied = kubectl.with(MANIFEST, "apply", "-f", "-", "-v=8");
        applied.ok();
        if (Kubectl.real()) {
            assertThat(applied.err())
                    .containsPattern("(?s)POST https://[^\n]*/apis/apps/v1/namespaces/flow/deployments"
                            + ".*Response Status: 201 Created");
        }
        kubectl.ok("rollout", "status", "deployment/web", "-n", "flow", "--timeout=60s");

        // 2. It is validated, authorised and stored: the object has an identity and a place in the store's history.
        Unstructured deployment = kubectl.json("deployment", "web", "-n", "flow");
        assertThat(deployment.uid()).isNotEmpty();
        assertThat(version(deployment)).isPositive();
        assertThat(kubectl.with(MANIFEST.replace("replicas: 2", "replicas: -2"), "apply", "-f", "-")
                        .refused())
                .contains("spec.replicas: Invalid value: -2: must be greater than or equal to 0");

        // 3. The Deployment's controller makes a ReplicaSet.
        Unstructured set = kubectl.items("replicasets", "-n", "flow").getFirst();
        assertThat(set.ownerReferences())
                .singleElement()
                .satisfies(o -> assertThat(o.uid()).isEqualTo(deployment.uid()));
        said("web", "deployment-controller", "ScalingReplicaSet", "Scaled up replica set " + set.name());

        // 4. The ReplicaSet's controller makes the pods.
        List<Unstructured> pods = kubectl.items("pods", "-n", "flow");
        assertThat(pods).hasSize(2).allSatisfy(p -> {
            assertThat(p.ownerReferences())
                    .singleElement()
                    .satisfies(o -> assertThat(o.uid()).isEqualTo(set.uid()));
            said(set.name(), "replicaset-controller", "SuccessfulCreate", "Created pod: " + p.name());

            // 5. The scheduler gives each a node.
            String node = p.string("spec", "nodeName");
            assertThat(node).isNotEmpty();
            said(p.name(), "default-scheduler", "Scheduled", "Successfully assigned flow/" + p.name() + " to " + node);

            // 6. The node's kubelet has the image and starts the container.
            said(p.name(), "kubelet", "Pulled", "Container image \"busybox\" already present on machine");
            said(p.name(), "kubelet", "Created", "");
            said(p.name(), "kubelet", "Started", "");

            // 7. The pod runs, and tells so.
            assertThat(p.string("status", "phase")).isEqualTo("Running");
            assertThat(kubectl.ok(
                            "exec",
                            "-n",
                            "flow",
                            p.name(),
                            "--",
                            "wget",
                            "-qO-",
                            "http://" + p.string("status", "podIP") + ":8080"))
                    .isEqualTo(p.name() + "\n");
        });
        // And in this order.
        assertThat(version(kubectl.json("namespace", "flow"))).isLessThan(version(set));
        assertThat(deployment.string("metadata", "creationTimestamp"))
                .isLessThanOrEqualTo(set.string("metadata", "creationTimestamp"));
        assertThat(set.string("metadata", "creationTimestamp"))
                .isLessThanOrEqualTo(pods.getFirst().string("metadata", "creationTimestamp"));
    }

    private static long version(Unstructured object) {
        return Long.parseLong(object.string("metadata", "resourceVersion"));
    }
}
