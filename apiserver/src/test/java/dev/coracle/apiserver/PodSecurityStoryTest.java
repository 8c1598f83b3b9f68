package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.causes;
import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.machinery.object.Resources.DEPLOYMENTS;
import static dev.coracle.machinery.object.Resources.NAMESPACES;
import static dev.coracle.machinery.object.Resources.PODS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.StatusException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A namespace that says what its pods may not do. */
class PodSecurityStoryTest {
    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private void label(String labels) {
        cluster.admin.patch(
                NAMESPACES,
                "",
                "default",
                Patch.merge(Cluster.yaml("{metadata: {labels: {" + labels + "}}}")),
                WriteOptions.DEFAULT);
    }

    private void pod(String name, String spec) {
        cluster.create(PODS, "{apiVersion: v1, kind: Pod, metadata: {name: %s}, spec: {%s}}".formatted(name, spec));
    }

    @Test
    void whatTheNamespaceForbidsIsRefused() {
        pod("before", "hostNetwork: true, containers: [{name: c, image: i}]");
        label("pod-security.kubernetes.io/enforce: baseline");
        StatusException e = refused(() -> pod("p", "hostPID: true, containers: [{name: c, image: i}]"));
        assertThat(e)
                .hasMessage("pods \"p\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces"
                        + " (hostPID=true)");
        assertThat(e.code()).isEqualTo(403);
        assertThat(e.reason()).isEqualTo("Forbidden");
        pod("q", "containers: [{name: c, image: i}]");
        label("pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/enforce-version: v1.30");
        assertThat(refused(() -> pod("r", "containers: [{name: c, image: i}]")))
                .hasMessageStartingWith("pods \"r\" is forbidden: violates PodSecurity \"restricted:v1.30\":"
                        + " allowPrivilegeEscalation != false (container \"c\" must set"
                        + " securityContext.allowPrivilegeEscalation=false), ");
        label("pod-security.kubernetes.io/enforce: null");
        pod("r", "hostPID: true, containers: [{name: c, image: i}]");
    }

    @Test
    void aPodThatWasThereMayChangeUnlessItRunsSomethingElse() {
        pod("p", "hostNetwork: true, containers: [{name: c, image: i}]");
        label("pod-security.kubernetes.io/enforce: baseline");
        cluster.merge(PODS, "p", "{metadata: {labels: {a: b}}}");
        StatusException e = refused(() -> cluster.merge(PODS, "p", "{spec: {containers: [{name: c, image: other}]}}"));
        assertThat(e).hasMessageContaining("violates PodSecurity \"baseline:latest\": host namespaces");
    }

    @Test
    void whoLooksIntoAPodMayNoMoreThanThePod() {
        label("pod-security.kubernetes.io/enforce: baseline");
        pod("p", "containers: [{name: c, image: i}]");
        StatusException e = refused(() -> cluster.admin.patch(
                PODS,
                "default",
                "p",
                Patch.strategic(Cluster.yaml("{spec: {ephemeralContainers: [{name: look, image: i,"
                        + " securityContext: {privileged: true}}]}}")),
                new WriteOptions("ephemeralcontainers", "kubectl-debug", false, false)));
        assertThat(e).hasMessageContaining("violates PodSecurity \"baseline:latest\": privileged (container \"look\"");
    }

    @Test
    void whatMakesPodsIsNotRefused() {
        label("pod-security.kubernetes.io/enforce: restricted");
        cluster.create(DEPLOYMENTS, """
                {apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {selector: {matchLabels: {a: b}},
                 template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}}
                """);
        assertThat(cluster.count(DEPLOYMENTS)).isEqualTo(1);
    }

    @Test
    void labelsThatMeanNothingAreRefused() {
        StatusException e = refused(() -> label("pod-security.kubernetes.io/enforce: strict"));
        assertThat(e)
                .hasMessage("Namespace \"default\" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]:"
                        + " Invalid value: \"strict\": must be one of privileged, baseline, restricted");
        assertThat(e.code()).isEqualTo(422);
        assertThat(causes(e)).containsExactly("FieldValueInvalid metadata.labels[pod-security.kubernetes.io/enforce]");
        assertThat(refused(() -> cluster.create(NAMESPACES, """
                        {apiVersion: v1, kind: Namespace,
                         metadata: {name: 'n', labels: {pod-security.kubernetes.io/warn-version: '1.30'}}}
                        """)))
                .hasMessageContaining("Invalid value: \"1.30\": must be \"latest\" or \"v1.x\"");
        pod("p", "hostNetwork: true, containers: [{name: c, image: i}]");
    }
}
