package dev.coracle.controllers.volume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.World;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Claims that ask for more. */
class ExpandStoryTest {
    private World world;

    /** The types of the conditions that the claim had, as they changed. */
    private final List<List<String>> conditions = new ArrayList<>();

    @BeforeEach
    void start(@TempDir Path directory) {
        world = new World(directory);
        world.run(c -> new VolumeController(c, world.recorder()));
        world.run(c -> new ExpandController(c, world.recorder(), world.recorder()));
        world.context().informers().of(Resources.PERSISTENT_VOLUME_CLAIMS).handle((before, after) -> {
            if (after != null) {
                conditions.add(after.object().objects("status", "conditions").stream()
                        .map(c -> c.string("type"))
                        .toList());
            }
        });
        world.create(Resources.NODES, "", "{'apiVersion':'v1','kind':'Node','metadata':{'name':'n1'}}");
        for (boolean allows : new boolean[] {true, false}) {
            world.create(
                    Resources.STORAGE_CLASSES,
                    "",
                    "{'apiVersion':'storage.k8s.io/v1','kind':'StorageClass','metadata':{'name':'"
                            + (allows ? "elastic" : "rigid") + "'},'provisioner':'" + VolumeController.PROVISIONER
                            + "','volumeBindingMode':'Immediate','allowVolumeExpansion':" + allows + "}");
        }
        world.start();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    @Test
    void aClaimWhoseClassAllowsItGrowsWithItsVolume() {
        claim("elastic");
        ask("3Gi");
        assertThat(claim().string("status", "capacity", "storage")).isEqualTo("3Gi");
        assertThat(claim().string("status", "allocatedResources", "storage")).isEqualTo("3Gi");
        assertThat(claim().has("status", "conditions")).isFalse();
        assertThat(conditions).as("for a while").contains(List.of("Resizing"));
        Unstructured volume = world.list(Resources.PERSISTENT_VOLUMES, "").getFirst();
        assertThat(volume.string("spec", "capacity", "storage")).isEqualTo("3Gi");
        assertThat(world.events("Resizing")).containsExactly("External resizer is resizing volume " + volume.name());
        assertThat(world.events("VolumeResizeSuccessful")).containsExactly("Resize volume succeeded");
        assertThat(world.events("ExternalExpanding"))
                .containsExactly("waiting for an external controller to expand this PVC");

        int changes = conditions.size();
        world.patch(Resources.PERSISTENT_VOLUME_CLAIMS, "default", "data", "{'metadata':{'labels':{'any':'change'}}}");
        world.settle();
        assertThat(world.events("VolumeResizeSuccessful")).hasSize(1);
        assertThat(conditions).as("nothing is written again").hasSize(changes + 1);
    }

    @Test
    void oneWhoseClassForbidsItByThenIsToldSoAndGrowsWhenTheClassAllows() {
        // The API server would have refused it: the class changed before anybody looked.
        world.patch(Resources.STORAGE_CLASSES, "", "rigid", "{'allowVolumeExpansion':true}");
        claim("rigid");
        world.patch(
                Resources.PERSISTENT_VOLUME_CLAIMS,
                "default",
                "data",
                "{'spec':{'resources':{'requests':{'storage':'3Gi'}}}}");
        world.patch(Resources.STORAGE_CLASSES, "", "rigid", "{'allowVolumeExpansion':false}");
        world.settle();
        assertThat(claim().string("status", "capacity", "storage")).isEqualTo("1Gi");
        assertThat(world.events("VolumeResizeFailed"))
                .containsOnly("only dynamically provisioned pvc can be resized and the storageclass that provisions the"
                        + " pvc must support resize");
        world.patch(Resources.STORAGE_CLASSES, "", "rigid", "{'allowVolumeExpansion':true}");
        world.settle();
        assertThat(claim().string("status", "capacity", "storage")).isEqualTo("3Gi");
    }

    @Test
    void whatOthersProvidedOthersGrow() {
        world.create(Resources.PERSISTENT_VOLUMES, "", """
                {'apiVersion':'v1','kind':'PersistentVolume','metadata':{'name':'theirs'},'spec':{
                 'accessModes':['ReadWriteOnce'],'storageClassName':'elastic','capacity':{'storage':'1Gi'},
                 'hostPath':{'path':'/tmp/none'}}}""");
        world.settle();
        claim("elastic");
        ask("3Gi");
        assertThat(claim().string("spec", "volumeName")).isEqualTo("theirs");
        assertThat(claim().string("status", "capacity", "storage")).isEqualTo("1Gi");
        assertThat(world.events("ExternalExpanding")).hasSize(1);
        assertThat(world.events("Resizing")).isEmpty();
    }

    private void claim(String storageClass) {
        world.create(
                Resources.PERSISTENT_VOLUME_CLAIMS,
                "default",
                "{'apiVersion':'v1','kind':'PersistentVolumeClaim','metadata':{'name':'data'},'spec':{"
                        + "'accessModes':['ReadWriteOnce'],'storageClassName':'" + storageClass
                        + "','resources':{'requests':{'storage':'1Gi'}}}}");
        world.settle();
        assertThat(claim().string("status", "phase")).isEqualTo("Bound");
    }

    private void ask(String size) {
        world.patch(
                Resources.PERSISTENT_VOLUME_CLAIMS,
                "default",
                "data",
                "{'spec':{'resources':{'requests':{'storage':'" + size + "'}}}}");
        world.settle();
    }

    private Unstructured claim() {
        return world.get(Resources.PERSISTENT_VOLUME_CLAIMS, "data");
    }
}
