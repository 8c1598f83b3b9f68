package dev.coracle.controllers.ephemeralvolume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.DeleteOptions;
import dev.coracle.controllers.World;
import dev.coracle.controllers.garbage.GarbageCollector;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Volumes that come and go with a pod. */
class EphemeralVolumeStoryTest {
    private World world;

    @BeforeEach
    void start() {
        world = new World(Path.of("unused"));
        world.run(c -> new EphemeralVolumeController(c, world.recorder()));
        world.run(GarbageCollector::new);
        world.start();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    @Test
    void aPodGetsTheClaimsThatItBringsAlongAndTakesThemWithIt() {
        pod("web", "");
        world.settle();
        Unstructured claim = claim("web-scratch");
        assertThat(claim.labels()).containsEntry("kind", "scratch");
        assertThat(claim.annotations()).containsEntry("why", "cache");
        assertThat(claim.string("spec", "resources", "requests", "storage")).isEqualTo("1Gi");
        assertThat(claim.string("spec", "storageClassName")).isEqualTo("fast");
        assertThat(claim.ownerReferences()).singleElement().satisfies(o -> {
            assertThat(o.kind()).isEqualTo("Pod");
            assertThat(o.uid()).isEqualTo(world.get(Resources.PODS, "web").uid());
            assertThat(o.controller()).isTrue();
            assertThat(o.blockOwnerDeletion()).isTrue();
        });

        world.delete(Resources.PODS, "default", "web", "Background");
        world.advance(Duration.ofSeconds(5));
        assertThat(exists("web-scratch")).isFalse();
    }

    @Test
    void aClaimThatIsDeletedWhileItsPodLivesIsMadeAgain() {
        pod("web", "");
        world.settle();
        String first = claim("web-scratch").uid();
        world.delete(Resources.PERSISTENT_VOLUME_CLAIMS, "default", "web-scratch", "");
        world.settle();
        assertThat(claim("web-scratch").uid()).isNotEqualTo(first);
    }

    @Test
    void whatIsSomeoneElsesIsNotTakenAndThePodWaitsUntilItIsGone() {
        world.create(Resources.PERSISTENT_VOLUME_CLAIMS, "default", """
                {'apiVersion':'v1','kind':'PersistentVolumeClaim','metadata':{'name':'web-scratch'},'spec':{
                 'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'7Gi'}}}}""");
        String theirs = claim("web-scratch").uid();
        pod("web", "");
        world.settle();
        assertThat(claim("web-scratch").uid()).isEqualTo(theirs);
        assertThat(claim("web-scratch").ownerReferences()).isEmpty();
        assertThat(world.events("FailedBinding"))
                .containsOnly("ephemeral volume scratch: PVC default/web-scratch was not created for pod default/web"
                        + " (pod is not owner)");

        world.delete(Resources.PERSISTENT_VOLUME_CLAIMS, "default", "web-scratch", "");
        world.settle();
        assertThat(claim("web-scratch").string("spec", "resources", "requests", "storage"))
                .isEqualTo("1Gi");
    }

    @Test
    void theClaimOfAnEarlierPodOfThatNameGoesWithItAndTheNewPodGetsItsOwn() {
        pod("web", "");
        world.settle();
        String first = claim("web-scratch").uid();
        world.client().delete(Resources.PODS, "default", "web", new DeleteOptions(0, "Background", "", ""));
        pod("web", "");
        world.advance(Duration.ofMinutes(1));
        assertThat(claim("web-scratch").uid()).isNotEqualTo(first);
        assertThat(claim("web-scratch").controllerOf().orElseThrow().uid())
                .isEqualTo(world.get(Resources.PODS, "web").uid());
    }

    @Test
    void aPodThatIsGoingGetsNone() {
        pod("web", ",'finalizers':['example.com/held']");
        world.settle();
        world.delete(Resources.PODS, "default", "web", "");
        world.settle();
        world.delete(Resources.PERSISTENT_VOLUME_CLAIMS, "default", "web-scratch", "");
        world.settle();
        assertThat(exists("web-scratch")).isFalse();
    }

    @Test
    void aRefusedClaimIsToldOfAndTriedAgain() {
        world.create(Resources.RESOURCE_QUOTAS, "default", """
                {'apiVersion':'v1','kind':'ResourceQuota','metadata':{'name':'none'},
                 'spec':{'hard':{'persistentvolumeclaims':'0'}}}""");
        world.patchStatus(
                Resources.RESOURCE_QUOTAS,
                "default",
                "none",
                "{'status':{'hard':{'persistentvolumeclaims':'0'},'used':{'persistentvolumeclaims':'0'}}}");
        pod("web", "");
        world.settle();
        assertThat(exists("web-scratch")).isFalse();
        assertThat(world.events("FailedBinding"))
                .first()
                .asString()
                .startsWith("ephemeral volume scratch: create PVC web-scratch: ")
                .contains("exceeded quota: none");
        world.delete(Resources.RESOURCE_QUOTAS, "default", "none", "");
        world.advance(Duration.ofMinutes(1));
        assertThat(exists("web-scratch")).isTrue();
    }

    private void pod(String name, String metadata) {
        world.create(Resources.PODS, "default", """
                {'apiVersion':'v1','kind':'Pod','metadata':{'name':'%s'%s},'spec':{
                 'containers':[{'name':'c','image':'app'}],'volumes':[{'name':'plain','emptyDir':{}},
                 {'name':'scratch','ephemeral':{'volumeClaimTemplate':{'metadata':{'labels':{'kind':'scratch'},
                 'annotations':{'why':'cache'}},'spec':{'accessModes':['ReadWriteOnce'],'storageClassName':'fast',
                 'resources':{'requests':{'storage':'1Gi'}}}}}}]}}""".formatted(name, metadata));
    }

    private Unstructured claim(String name) {
        return world.get(Resources.PERSISTENT_VOLUME_CLAIMS, name);
    }

    private boolean exists(String claim) {
        return world.exists(Resources.PERSISTENT_VOLUME_CLAIMS, "default", claim);
    }
}
