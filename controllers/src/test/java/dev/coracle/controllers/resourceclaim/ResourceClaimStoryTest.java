package dev.coracle.controllers.resourceclaim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.World;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Claims to devices that come with a pod, and are given back when it ends. */
class ResourceClaimStoryTest {
    private static final String ALLOCATED =
            "'allocation':{'devices':{'results':[{'request':'gpu','driver':'d.example','pool':'p','device':'g0'}]}}";

    private World world;

    @BeforeEach
    void start() {
        world = new World(Path.of("unused"));
        world.run(c -> new ResourceClaimController(c, world.recorder()));
        world.run(ClaimRelease::new);
        world.start();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    private void template() {
        world.create(Resources.RESOURCE_CLAIM_TEMPLATES, "default", """
                {'apiVersion':'resource.k8s.io/v1','kind':'ResourceClaimTemplate','metadata':{'name':'t'},
                 'spec':{'metadata':{'labels':{'kind':'gpu'},'annotations':{'why':'training'}},
                  'spec':{'devices':{'requests':[{'name':'gpu','exactly':{'deviceClassName':'gpu'}}]}}}}""");
    }

    private void pod(String name, String claim, String more) {
        world.create(
                Resources.PODS,
                "default",
                "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'" + name + "'},'spec':{" + more
                        + "'resourceClaims':[{'name':'gpu'," + claim
                        + "}],'containers':[{'name':'c','image':'i'}]}}");
    }

    private void own(String metadata) {
        world.create(
                Resources.RESOURCE_CLAIMS,
                "default",
                "{'apiVersion':'resource.k8s.io/v1','kind':'ResourceClaim','metadata':{'name':'one'" + metadata
                        + "},'spec':{'devices':{'requests':[{'name':'gpu','exactly':{'deviceClassName':'gpu'}}]}}}");
    }

    private List<Unstructured> claims() {
        return world.list(Resources.RESOURCE_CLAIMS, "default");
    }

    private void status(String claim, String status) {
        world.patchStatus(Resources.RESOURCE_CLAIMS, "default", claim, "{'status':{" + status + "}}");
    }

    private String reservedFor(String... pods) {
        return Stream.of(pods)
                .map(p -> "{'resource':'pods','name':'" + p + "','uid':'"
                        + world.get(Resources.PODS, p).uid() + "'}")
                .collect(Collectors.joining(",", ",'reservedFor':[", "]"));
    }

    private void ends(String pod) {
        world.patchStatus(Resources.PODS, "default", pod, "{'status':{'phase':'Succeeded'}}");
        world.settle();
    }

    @Test
    void aPodGetsAClaimOfItsTemplateAndItsStatusTellsOfIt() {
        template();
        pod("trainer", "'resourceClaimTemplateName':'t'", "");
        world.settle();
        Unstructured claim = claims().getFirst();
        assertThat(claims()).hasSize(1);
        assertThat(claim.name()).matches("trainer-gpu-[a-z0-9]{5}");
        assertThat(claim.labels()).containsEntry("kind", "gpu");
        assertThat(claim.annotations())
                .containsEntry("why", "training")
                .containsEntry("resource.kubernetes.io/pod-claim-name", "gpu");
        Unstructured trainer = world.get(Resources.PODS, "trainer");
        assertThat(claim.controllerOf().orElseThrow().uid()).isEqualTo(trainer.uid());
        assertThat(trainer.objects("status", "resourceClaimStatuses"))
                .extracting(s -> s.string("name") + "=" + s.string("resourceClaimName"))
                .containsExactly("gpu=" + claim.name());

        world.delete(Resources.RESOURCE_CLAIMS, "default", claim.name(), "");
        world.settle();
        assertThat(claims()).singleElement().satisfies(c -> assertThat(c.uid()).isNotEqualTo(claim.uid()));
        assertThat(world.get(Resources.PODS, "trainer").objects("status", "resourceClaimStatuses"))
                .extracting(s -> s.string("resourceClaimName"))
                .containsExactly(claims().getFirst().name());
    }

    @Test
    void aTemplateThatIsNotThereIsToldOfAndAwaited() {
        pod("trainer", "'resourceClaimTemplateName':'t'", "");
        world.settle();
        assertThat(claims()).isEmpty();
        assertThat(world.events("FailedResourceClaimCreation"))
                .containsOnly("PodResourceClaim gpu: resource claim template \"t\":"
                        + " resourceclaimtemplate.resource.k8s.io \"t\" not found");
        template();
        world.advance(Duration.ofMinutes(1));
        assertThat(claims()).hasSize(1);
    }

    @Test
    void bothNamesShowInALongOne() {
        template();
        pod("a".repeat(100), "'resourceClaimTemplateName':'t'", "");
        world.settle();
        assertThat(claims().getFirst().name()).matches("a{54}-g.*");
    }

    @Test
    void aPodThatEndedGivesItsClaimBackAndTheLastGivesUpTheDevices() {
        own(",'finalizers':['resource.kubernetes.io/delete-protection']");
        pod("first", "'resourceClaimName':'one'", "");
        pod("second", "'resourceClaimName':'one'", "");
        status("one", ALLOCATED + reservedFor("first", "second"));
        world.settle();
        assertThat(claims().getFirst().objects("status", "reservedFor")).hasSize(2);
        ends("first");
        assertThat(claims().getFirst().objects("status", "reservedFor"))
                .extracting(r -> r.string("name"))
                .containsExactly("second");
        assertThat(claims().getFirst().has("status", "allocation")).isTrue();
        ends("second");
        assertThat(claims()).singleElement().satisfies(c -> {
            assertThat(c.objects("status", "reservedFor")).isEmpty();
            assertThat(c.has("status", "allocation")).isFalse();
            assertThat(c.finalizers()).isEmpty();
        });
    }

    @Test
    void aClaimThatIsDeletedStaysUntilItsPodHasEnded() {
        own(",'finalizers':['resource.kubernetes.io/delete-protection']");
        pod("trainer", "'resourceClaimName':'one'", "");
        status("one", ALLOCATED + reservedFor("trainer"));
        world.delete(Resources.RESOURCE_CLAIMS, "default", "one", "");
        world.settle();
        assertThat(claims()).hasSize(1);
        ends("trainer");
        assertThat(claims()).isEmpty();
    }

    @Test
    void aClaimThatWasMadeForAPodGoesWhenThePodHasEnded() {
        template();
        pod("trainer", "'resourceClaimTemplateName':'t'", "");
        world.settle();
        assertThat(claims()).hasSize(1);
        ends("trainer");
        assertThat(claims()).isEmpty();
    }

    @Test
    void aPodThatCameWithoutASchedulerHasItsClaimReserved() {
        own("");
        status("one", ALLOCATED);
        pod("trainer", "'resourceClaimName':'one'", "'nodeName':'n',");
        world.settle();
        assertThat(claims().getFirst().objects("status", "reservedFor"))
                .extracting(r -> r.string("name"))
                .containsExactly("trainer");
    }

    @Test
    void whatSomethingElseThanAPodReservedIsNotTakenFromIt() {
        own("");
        status("one", ALLOCATED + ",'reservedFor':[{'apiGroup':'example.com','resource':'jobs','name':'j','uid':'u'}]");
        world.settle();
        assertThat(claims().getFirst().objects("status", "reservedFor")).hasSize(1);
    }
}
