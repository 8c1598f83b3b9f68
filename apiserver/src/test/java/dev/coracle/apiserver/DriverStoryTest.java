package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.machinery.object.Resources.CSI_DRIVERS;
import static dev.coracle.machinery.object.Resources.CSI_NODES;
import static dev.coracle.machinery.object.Resources.VOLUME_ATTACHMENTS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What drivers of storage, and those who work with them, tell one another. */
class DriverStoryTest {
    private static final GroupVersionResource CAPACITIES =
            new GroupVersionResource("storage.k8s.io", "v1", "csistoragecapacities");
    private static final GroupVersionResource CLASSES =
            new GroupVersionResource("storage.k8s.io", "v1", "volumeattributesclasses");

    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private static Unstructured csiNode(String name, String id) {
        return Cluster.yaml("{apiVersion: storage.k8s.io/v1, kind: CSINode, metadata: {name: " + name
                + "}, spec: {drivers: [{name: d.example, nodeID: " + id + "}]}}");
    }

    @Test
    void aDriverSaysLittleAndMeansMuch() {
        Unstructured d = cluster.create(
                CSI_DRIVERS, "{apiVersion: storage.k8s.io/v1, kind: CSIDriver, metadata: {name: d}, spec: {}}");
        assertThat(d.object("spec")).isEqualTo(Cluster.yaml("""
                {attachRequired: true, podInfoOnMount: false, storageCapacity: false, fsGroupPolicy: ReadWriteOnceWithFSType,
                 volumeLifecycleModes: [Persistent], requiresRepublish: false, seLinuxMount: false}
                """));
        assertThat(refused(() -> cluster.put(CSI_DRIVERS, d.copy().set(false, "spec", "attachRequired"))))
                .hasMessage(
                        "CSIDriver.storage.k8s.io \"d\" is invalid: spec.attachedRequired: Invalid value: false: field"
                                + " is immutable");
        assertThat(refused(() -> cluster.create(CSI_DRIVERS, """
                        {apiVersion: storage.k8s.io/v1, kind: CSIDriver, metadata: {name: e},
                         spec: {fsGroupPolicy: Some, tokenRequests: [{audience: a, expirationSeconds: 5}, {audience: a}]}}
                        """)))
                .hasMessage(
                        "CSIDriver.storage.k8s.io \"e\" is invalid: [spec.fsGroupPolicy: Unsupported value: \"Some\":"
                                + " supported values: \"File\", \"None\", \"ReadWriteOnceWithFSType\","
                                + " spec.tokenRequests[0].expirationSeconds: Invalid value: 5: may not specify a duration less"
                                + " than 10 minutes, spec.tokenRequests[1].audience: Duplicate value: \"a\"]");
    }

    @Test
    void aNodeTellsOfItsOwnDriversAlone() {
        Client one = cluster.server.client(UserInfo.component("system:node:one"));
        one.create(CSI_NODES, "", csiNode("one", "i-1"), WriteOptions.DEFAULT);
        assertThat(one.get(CSI_NODES, "", "one").name()).isEqualTo("one");
        assertThat(refused(() -> one.create(CSI_NODES, "", csiNode("two", "i-2"), WriteOptions.DEFAULT)))
                .hasMessageContaining("can only access CSINode with the same name as the requesting node");
        cluster.admin.create(CSI_NODES, "", csiNode("two", "i-2"), WriteOptions.DEFAULT);
        assertThat(refused(() -> one.get(CSI_NODES, "", "two")).code()).isEqualTo(403);
        assertThat(refused(() -> one.update(CSI_NODES, csiNode("two", "i-3"), WriteOptions.DEFAULT))
                        .code())
                .isEqualTo(403);
        assertThat(refused(() -> one.update(CSI_NODES, csiNode("one", "i-3"), WriteOptions.DEFAULT)))
                .hasMessageContaining("spec.drivers: Invalid value")
                .hasMessageContaining("field is immutable");
    }

    @Test
    void aNodeSeesWhatIsToBeAttachedToIt() {
        String attachment = """
                {apiVersion: storage.k8s.io/v1, kind: VolumeAttachment, metadata: {name: %s},
                 spec: {attacher: d.example, nodeName: %s, source: {persistentVolumeName: pv}}}
                """;
        cluster.create(VOLUME_ATTACHMENTS, attachment.formatted("a", "one"));
        cluster.create(VOLUME_ATTACHMENTS, attachment.formatted("b", "two"));
        Client one = cluster.server.client(UserInfo.component("system:node:one"));
        assertThat(one.get(VOLUME_ATTACHMENTS, "", "a").name()).isEqualTo("a");
        assertThat(refused(() -> one.get(VOLUME_ATTACHMENTS, "", "b")))
                .hasMessageContaining("no relationship found between node 'one' and this object");
        Unstructured a = cluster.admin.get(VOLUME_ATTACHMENTS, "", "a").object();
        assertThat(refused(() -> cluster.put(VOLUME_ATTACHMENTS, a.copy().set("two", "spec", "nodeName"))))
                .hasMessageContaining("spec: Invalid value")
                .hasMessageContaining("field is immutable");
        assertThat(refused(() -> cluster.create(VOLUME_ATTACHMENTS, """
                        {apiVersion: storage.k8s.io/v1, kind: VolumeAttachment, metadata: {name: c},
                         spec: {attacher: d.example, nodeName: 'n', source: {}}}
                        """)))
                .hasMessage(
                        "VolumeAttachment.storage.k8s.io \"c\" is invalid: spec.source: Required value: must specify"
                                + " exactly one of inlineVolumeSpec and persistentVolumeName");
    }

    @Test
    void whatIsLeftIsAnAmountAndAClassHasParameters() {
        Unstructured c = cluster.create(CAPACITIES, """
                {apiVersion: storage.k8s.io/v1, kind: CSIStorageCapacity, metadata: {name: c}, storageClassName: fast,
                 capacity: 1024Mi}
                """);
        assertThat(c.string("capacity")).isEqualTo("1Gi");
        assertThat(refused(() -> cluster.merge(CAPACITIES, "c", "{storageClassName: slow, capacity: '-1'}")))
                .hasMessage("CSIStorageCapacity.storage.k8s.io \"c\" is invalid: [capacity: Invalid value: \"-1\": must"
                        + " be greater than or equal to 0, storageClassName: Invalid value: \"slow\": field is"
                        + " immutable]");
        assertThat(refused(() -> cluster.create(
                        CLASSES, "{apiVersion: storage.k8s.io/v1, kind: VolumeAttributesClass, metadata: {name: v}}")))
                .hasMessage("VolumeAttributesClass.storage.k8s.io \"v\" is invalid: [driverName: Required value,"
                        + " parameters: Required value: must contain at least one key/value pair]");
    }
}
