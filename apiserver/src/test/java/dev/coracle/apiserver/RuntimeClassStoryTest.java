package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.machinery.object.Resources.PODS;
import static dev.coracle.machinery.object.Resources.RUNTIME_CLASSES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.object.Unstructured;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a class costs, and where it runs, becomes part of the pods that name it. */
class RuntimeClassStoryTest {
    private final Cluster cluster = new Cluster();

    @BeforeEach
    void start() {
        cluster.create(RUNTIME_CLASSES, """
                {apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: heavy}, handler: vm,
                 overhead: {podFixed: {memory: 64Mi}},
                 scheduling: {nodeSelector: {vm: 'yes'}, tolerations: [{key: vm, operator: Exists}]}}
                """);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private Unstructured pod(String more) {
        return cluster.create(
                PODS,
                "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: i}], " + more
                        + "}}");
    }

    @Test
    void thePodHasItsClassesCostAndPlace() {
        Unstructured pod =
                pod("runtimeClassName: heavy, nodeSelector: {disk: ssd}, tolerations: [{key: a, operator: Exists}]");
        assertThat(pod.strings("spec", "overhead")).containsEntry("memory", "64Mi");
        assertThat(pod.strings("spec", "nodeSelector"))
                .containsEntry("vm", "yes")
                .containsEntry("disk", "ssd");
        assertThat(pod.objects("spec", "tolerations"))
                .extracting(t -> t.string("key"))
                .startsWith("a", "vm");
    }

    @Test
    void whatDoesNotFitTheClassIsRefused() {
        assertThat(refused(() -> pod("runtimeClassName: none")))
                .hasMessage("pods \"p\" is forbidden: pod rejected: RuntimeClass \"none\" not found");
        assertThat(refused(() -> pod("runtimeClassName: heavy, overhead: {memory: 1Mi}")))
                .hasMessage("pods \"p\" is forbidden: pod rejected: Pod's Overhead doesn't match RuntimeClass's defined"
                        + " Overhead");
        assertThat(refused(() -> pod("overhead: {memory: 1Mi}")))
                .hasMessage("pods \"p\" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass"
                        + " defined Overhead");
        assertThat(refused(() -> pod("runtimeClassName: heavy, nodeSelector: {vm: 'no'}")))
                .hasMessage("pods \"p\" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[vm] = yes;"
                        + " pod.spec.nodeSelector[vm] = no");
    }

    @Test
    void aClassKeepsItsHandler() {
        Unstructured heavy = cluster.admin.get(RUNTIME_CLASSES, "", "heavy").object();
        assertThat(refused(() -> cluster.put(RUNTIME_CLASSES, heavy.copy().set("other", "handler"))))
                .hasMessage("RuntimeClass.node.k8s.io \"heavy\" is invalid: handler: Invalid value: \"other\": field is"
                        + " immutable");
        assertThat(refused(() -> cluster.create(
                        RUNTIME_CLASSES,
                        "{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: x}, handler: A_b}")))
                .hasMessageStartingWith("RuntimeClass.node.k8s.io \"x\" is invalid: handler: Invalid value: \"A_b\": a"
                        + " lowercase RFC 1123 label must consist of");
    }
}
