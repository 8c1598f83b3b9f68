package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.machinery.object.Resources.CONTROLLER_REVISIONS;
import static dev.coracle.machinery.object.Resources.POD_TEMPLATES;
import static dev.coracle.machinery.object.Resources.REPLICATION_CONTROLLERS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Unstructured;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Of what is kept of pods to be: ReplicationControllers, PodTemplates, ControllerRevisions. */
class ReplicationStoryTest {
    private static final String TEMPLATE =
            "{metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: i}]}}";

    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void aReplicationControllerSelectsWhatItMakesUnlessItSaysOtherwise() {
        Unstructured made = cluster.create(
                REPLICATION_CONTROLLERS,
                "{apiVersion: v1, kind: ReplicationController, metadata: {name: r}, spec: {template: " + TEMPLATE
                        + "}}");
        assertThat(made.strings("spec", "selector")).containsOnlyKeys("app");
        assertThat(made.labels()).containsEntry("app", "web");
        assertThat(made.integer(0, "spec", "replicas")).isEqualTo(1);
        assertThat(made.generation()).isEqualTo(1);
        assertThat(made.string("spec", "template", "spec", "restartPolicy")).isEqualTo("Always");
        assertThat(cluster.merge(REPLICATION_CONTROLLERS, "r", "{spec: {replicas: 2}}")
                        .generation())
                .isEqualTo(2);
    }

    @Test
    void whatCouldNeverCountIsRefused() {
        assertThat(refused(() -> cluster.create(REPLICATION_CONTROLLERS, """
                        {apiVersion: v1, kind: ReplicationController, metadata: {name: r},
                         spec: {replicas: -1, selector: {app: other}, template: {metadata: {labels: {app: web}},
                                spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}}
                        """)))
                .hasMessage("ReplicationController \"r\" is invalid: [spec.replicas: Invalid value: -1: must be greater"
                        + " than or equal to 0, spec.template.metadata.labels: Invalid value: {\"app\":\"web\"}:"
                        + " `selector` does not match template `labels`, spec.template.spec.restartPolicy: Unsupported"
                        + " value: \"Never\": supported values: \"Always\"]");
        assertThat(refused(() -> cluster.create(
                        REPLICATION_CONTROLLERS,
                        "{apiVersion: v1, kind: ReplicationController, metadata: {name: r}, spec: {}}")))
                .hasMessage("ReplicationController \"r\" is invalid: [spec.selector: Required value, spec.template:"
                        + " Required value]");
    }

    @Test
    void noMoreAreReadyThanAreThere() {
        aReplicationControllerSelectsWhatItMakesUnlessItSaysOtherwise();
        assertThat(refused(() -> cluster.admin.patch(
                        REPLICATION_CONTROLLERS,
                        "default",
                        "r",
                        Patch.merge(Cluster.yaml("{status: {replicas: 1, readyReplicas: 2}}")),
                        WriteOptions.STATUS)))
                .hasMessage("ReplicationController \"r\" is invalid: status.readyReplicas: Invalid value: 2: cannot be"
                        + " greater than status.replicas");
    }

    @Test
    void aTemplateIsCompletedAndCounted() {
        Unstructured made = cluster.create(
                POD_TEMPLATES, "{apiVersion: v1, kind: PodTemplate, metadata: {name: t}, template: " + TEMPLATE + "}");
        assertThat(made.string("template", "spec", "dnsPolicy")).isEqualTo("ClusterFirst");
        assertThat(cluster.merge(POD_TEMPLATES, "t", "{metadata: {labels: {a: b}}}")
                        .generation())
                .isEqualTo(1);
        assertThat(cluster.merge(POD_TEMPLATES, "t", "{template: {metadata: {labels: {a: b}}}}")
                        .generation())
                .isEqualTo(2);
        assertThat(refused(() -> cluster.create(
                        POD_TEMPLATES, "{apiVersion: v1, kind: PodTemplate, metadata: {name: u}, template: {}}")))
                .hasMessageContaining("template.spec.containers: Required value");
    }

    @Test
    void historyIsNotRewritten() {
        cluster.create(CONTROLLER_REVISIONS, """
                {apiVersion: apps/v1, kind: ControllerRevision, metadata: {name: h}, revision: 1, data: {spec: {a: 1}}}
                """);
        assertThat(refused(() -> cluster.merge(CONTROLLER_REVISIONS, "h", "{data: {spec: {a: 2}}}")))
                .hasMessage(
                        "ControllerRevision.apps \"h\" is invalid: data: Invalid value: {\"spec\":{\"a\":2}}: field is"
                                + " immutable");
        assertThat(cluster.merge(CONTROLLER_REVISIONS, "h", "{revision: 2}").integer(0, "revision"))
                .isEqualTo(2);
        assertThat(refused(() -> cluster.create(
                        CONTROLLER_REVISIONS,
                        "{apiVersion: apps/v1, kind: ControllerRevision, metadata: {name: i}, revision: -1}")))
                .hasMessage(
                        "ControllerRevision.apps \"i\" is invalid: [data: Required value: data is mandatory, revision:"
                                + " Invalid value: -1: must be greater than or equal to 0]");
    }
}
