package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.machinery.object.Resources.PERSISTENT_VOLUME_CLAIMS;
import static dev.coracle.machinery.object.Resources.STORAGE_CLASSES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Unstructured;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Claims that ask for more. */
class ResizeStoryTest {
    private final Cluster cluster = new Cluster();

    @BeforeEach
    void start() {
        cluster.create(STORAGE_CLASSES, """
                {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: elastic}, provisioner: any,
                 allowVolumeExpansion: true}
                """);
        cluster.create(STORAGE_CLASSES, """
                {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: rigid}, provisioner: any}
                """);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private void bound(String name, String storageClass) {
        cluster.create(
                PERSISTENT_VOLUME_CLAIMS,
                "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: " + name + "}, spec: {accessModes:"
                        + " [ReadWriteOnce], storageClassName: '" + storageClass
                        + "', volumeName: v, resources: {requests: {storage: 2Gi}}}}");
        cluster.admin.patch(
                PERSISTENT_VOLUME_CLAIMS,
                "default",
                name,
                Patch.merge(
                        Unstructured.parse("{\"status\":{\"phase\":\"Bound\",\"capacity\":{\"storage\":\"2Gi\"}}}")),
                WriteOptions.STATUS);
    }

    private Unstructured ask(String name, String size) {
        return cluster.admin
                .patch(
                        PERSISTENT_VOLUME_CLAIMS,
                        "default",
                        name,
                        Patch.merge(Unstructured.parse(
                                "{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"" + size + "\"}}}}")),
                        WriteOptions.DEFAULT)
                .object();
    }

    @Test
    void aClaimGrowsWhereItsClassAllowsIt() {
        bound("data", "elastic");
        assertThat(ask("data", "3Gi").string("spec", "resources", "requests", "storage"))
                .isEqualTo("3Gi");
    }

    @Test
    void elsewhereItIsRefusedAndOtherChangesAreNot() {
        String why = " is forbidden: only dynamically provisioned pvc can be resized and the storageclass that"
                + " provisions the pvc must support resize";
        for (String storageClass : new String[] {"rigid", "", "unknown"}) {
            String name = "c-" + storageClass;
            name = storageClass.isEmpty() ? "c" : name;
            bound(name, storageClass);
            String claim = name;
            assertThat(refused(() -> ask(claim, "3Gi")))
                    .hasMessage("persistentvolumeclaims \"" + claim + "\"" + why)
                    .extracting(e -> e.code())
                    .isEqualTo(403);
            assertThat(ask(claim, "2048Mi").string("spec", "storageClassName")).isEqualTo(storageClass);
        }
    }
}
