package dev.coracle.controllers.volume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.Kubelet;
import dev.coracle.controllers.World;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Claims get volumes, keep them while used, and leave them. */
class VolumeStoryTest {
    @TempDir
    private Path directory;

    private World world;
    private Kubelet kubelet;

    @BeforeEach
    void start() {
        world = new World(directory);
        world.run(c -> new VolumeController(c, world.recorder()));
        world.run(c -> new ReclaimController(c, world.recorder()));
        world.run(Protection::new);
        kubelet = world.kubelet();
        world.create(
                Resources.NODES,
                "",
                "{'apiVersion':'v1','kind':'Node','metadata':{'name':'n1','labels':{'kubernetes.io/hostname':'h1'}}}");
        storageClass("waits", "WaitForFirstConsumer", "Delete");
        storageClass("now", "Immediate", "Retain");
        world.start();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    @Test
    void aClaimThatWaitsIsServedOnTheChosenNodeAndItsDirectoryGoesWithIt() throws IOException {
        claim("data", "waits", "1Gi");
        world.settle();
        assertThat(phase("data")).isEqualTo("Pending");
        assertThat(world.events("WaitForFirstConsumer"))
                .containsOnly("waiting for first consumer to be created before binding");
        assertThat(directory).isEmptyDirectory();

        world.patch(
                Resources.PERSISTENT_VOLUME_CLAIMS,
                "default",
                "data",
                "{'metadata':{'annotations':{'volume.kubernetes.io/selected-node':'n1'}}}");
        world.settle();
        assertThat(phase("data")).isEqualTo("Bound");
        Unstructured volume = volumes().getFirst();
        assertThat(volume.string("status", "phase")).isEqualTo("Bound");
        assertThat(volume.name()).isEqualTo("pvc-" + claim("data").uid());
        assertThat(volume.toString()).contains("\"values\":[\"h1\"]");
        assertThat(claim("data").string("status", "capacity", "storage")).isEqualTo("1Gi");
        assertThat(world.events("ProvisioningSucceeded"))
                .containsExactly("Successfully provisioned volume " + volume.name());
        Path path = directory.resolve(volume.name());
        Files.writeString(path.resolve("rows"), "1");

        pod("db", "data");
        world.settle();
        world.delete(Resources.PERSISTENT_VOLUME_CLAIMS, "default", "data", "");
        world.settle();
        assertThat(claim("data").isDeleting()).as("held while it is used").isTrue();
        assertThat(path.resolve("rows")).exists();

        world.delete(Resources.PODS, "default", "db", "");
        world.settle();
        assertThat(world.exists(Resources.PERSISTENT_VOLUME_CLAIMS, "default", "data"))
                .isFalse();
        assertThat(volumes()).isEmpty();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aPodThatHasNoNodeHoldsNothing() {
        kubelet.close(); // It would take it.
        claim("data", "waits", "1Gi");
        pod("waits", "data", "");
        world.settle();
        world.delete(Resources.PERSISTENT_VOLUME_CLAIMS, "default", "data", "");
        world.settle();
        assertThat(world.exists(Resources.PERSISTENT_VOLUME_CLAIMS, "default", "data"))
                .isFalse();
    }

    @Test
    void aChosenNodeThatIsGoneIsChosenAnew() {
        claim("data", "waits", "1Gi");
        world.patch(
                Resources.PERSISTENT_VOLUME_CLAIMS,
                "default",
                "data",
                "{'metadata':{'annotations':{'volume.kubernetes.io/selected-node':'lost'}}}");
        world.settle();
        assertThat(phase("data")).isEqualTo("Pending");
        assertThat(claim("data").annotations()).doesNotContainKey("volume.kubernetes.io/selected-node");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void aClassThatDoesNotWaitIsServedAtOnceAndWhatIsRetainedStays() {
        claim("data", "now", "1Gi");
        world.settle();
        assertThat(phase("data")).isEqualTo("Bound");
        world.delete(Resources.PERSISTENT_VOLUME_CLAIMS, "default", "data", "");
        world.settle();
        assertThat(volumes())
                .singleElement()
                .satisfies(v -> assertThat(v.string("status", "phase")).isEqualTo("Released"));
        assertThat(directory.resolve(volumes().getFirst().name())).isDirectory();

        claim("again", "now", "1Gi");
        world.settle();
        assertThat(volumes()).as("what was another's is not given away").hasSize(2);
    }

    @Test
    void theSmallestVolumeThatSuitsIsTaken() {
        volume("large", "10Gi", "");
        volume("fitting", "2Gi", "");
        volume("small", "500Mi", "");
        world.settle();
        assertThat(volumes()).allMatch(v -> v.string("status", "phase").equals("Available"));
        claim("data", "", "1Gi");
        world.settle();
        assertThat(claim("data").string("spec", "volumeName")).isEqualTo("fitting");
        assertThat(phase("data")).isEqualTo("Bound");
        assertThat(claim("data").string("status", "capacity", "storage")).isEqualTo("2Gi");
        assertThat(volumes().stream().filter(v -> v.string("status", "phase").equals("Bound")))
                .hasSize(1);
    }

    @Test
    void aClaimNobodyCanServeSaysWhyAndIsServedLater() {
        claim("data", "", "1Gi");
        claim("unknown", "nowhere", "1Gi");
        world.settle();
        assertThat(world.events("FailedBinding"))
                .containsOnly("no persistent volumes available for this claim and no storage class is set");
        assertThat(world.events("ProvisioningFailed"))
                .containsOnly("storageclass.storage.k8s.io \"nowhere\" not found");
        volume("late", "1Gi", "");
        world.settle();
        assertThat(phase("data")).isEqualTo("Bound");
        assertThat(phase("unknown")).isEqualTo("Pending");
    }

    @Test
    void aBoundVolumeIsNotDeletedFromUnderItsClaim() {
        claim("data", "now", "1Gi");
        world.settle();
        String volume = claim("data").string("spec", "volumeName");
        world.client().delete(Resources.PERSISTENT_VOLUMES, "", volume, dev.coracle.client.DeleteOptions.DEFAULT);
        world.settle();
        assertThat(volumes())
                .singleElement()
                .satisfies(v -> assertThat(v.isDeleting()).isTrue());
        assertThat(phase("data")).isEqualTo("Bound");
    }

    private void storageClass(String name, String mode, String reclaim) {
        world.create(
                Resources.STORAGE_CLASSES,
                "",
                "{'apiVersion':'storage.k8s.io/v1','kind':'StorageClass','metadata':{'name':'" + name
                        + "'},'provisioner':'" + VolumeController.PROVISIONER + "','volumeBindingMode':'" + mode
                        + "','reclaimPolicy':'" + reclaim + "'}");
    }

    private void claim(String name, String storageClass, String size) {
        world.create(
                Resources.PERSISTENT_VOLUME_CLAIMS,
                "default",
                "{'apiVersion':'v1','kind':'PersistentVolumeClaim','metadata':{'name':'" + name
                        + "'},'spec':{'accessModes':['ReadWriteOnce'],'storageClassName':'" + storageClass
                        + "','resources':{'requests':{'storage':'" + size + "'}}}}");
    }

    private void volume(String name, String size, String storageClass) {
        world.create(
                Resources.PERSISTENT_VOLUMES,
                "",
                "{'apiVersion':'v1','kind':'PersistentVolume','metadata':{'name':'" + name
                        + "'},'spec':{'accessModes':['ReadWriteOnce'],'storageClassName':'" + storageClass
                        + "','capacity':{'storage':'" + size + "'},'hostPath':{'path':'/tmp/none'}}}");
    }

    private void pod(String name, String claim) {
        pod(name, claim, "n1");
    }

    private void pod(String name, String claim, String node) {
        world.create(
                Resources.PODS,
                "default",
                "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'" + name
                        + "'},'spec':{'nodeName':'" + node
                        + "','containers':[{'name':'c','image':'app'}],'volumes':[{'name':'d',"
                        + "'persistentVolumeClaim':{'claimName':'" + claim + "'}}]}}");
    }

    private Unstructured claim(String name) {
        return world.get(Resources.PERSISTENT_VOLUME_CLAIMS, name);
    }

    private String phase(String claim) {
        return claim(claim).string("status", "phase");
    }

    private List<Unstructured> volumes() {
        return world.list(Resources.PERSISTENT_VOLUMES, "");
    }
}
