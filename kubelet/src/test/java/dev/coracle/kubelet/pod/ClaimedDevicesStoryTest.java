package dev.coracle.kubelet.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pod came to the node for a device. Nothing of it is made before it has that, whatever is the matter. */
class ClaimedDevicesStoryTest {
    private static final String NOT_READY =
            " Warning FailedPrepareDynamicResources: Failed to prepare dynamic resources:"
                    + " prepare dynamic resources: ";
    private static final String MINE = "\"reservedFor\": [{\"resource\": \"pods\", \"name\": \"p\", \"uid\": \"u1\"}]";
    private static final String GPU = "\"allocation\": {\"devices\": {\"results\": [{\"request\": \"gpu\","
            + " \"driver\": \"gpu.example.com\", \"pool\": \"n\", \"device\": \"gpu-0\"}]}}";

    @TempDir
    Path dir;

    private PodStage stage(String asked) {
        return new PodStage(dir, """
                {"metadata": {"name": "p", "namespace": "default", "uid": "u1", "resourceVersion": "1"},
                 "spec": {"containers": [{"name": "main", "image": "i", "resources": {"claims": [{"name": "gpu"}]}}],
                          "resourceClaims": [{"name": "gpu", %s}]}}""".formatted(asked));
    }

    private PodStage withClaim(String status) {
        PodStage stage = stage("\"resourceClaimName\": \"c\"");
        has(stage, status);
        return stage;
    }

    private static void has(PodStage stage, String status) {
        stage.claims.put(
                "c",
                new Revision(
                        Resources.RESOURCE_CLAIMS,
                        1,
                        Unstructured.parse("""
                {"metadata": {"name": "c", "namespace": "default", "uid": "c1"}, "status": {%s}}""".formatted(status)).json()));
    }

    private static void waits(PodStage stage, String why) {
        Unstructured status = stage.sync();
        assertThat(stage.hasSandbox()).isFalse();
        assertThat(stage.runs).isEmpty();
        assertThat(status.string("phase")).isEqualTo("Pending");
        assertThat(status.objects("containerStatuses").getFirst().string("state", "waiting", "reason"))
                .isEqualTo("ContainerCreating");
        assertThat(stage.events.getLast()).isEqualTo(NOT_READY + why);
    }

    @Test
    void a_device_whose_driver_is_not_on_the_node_is_waited_for() {
        PodStage stage = withClaim(MINE + "," + GPU);
        for (int half = 1; half <= 128; half *= 2) {
            waits(stage, "DRA driver gpu.example.com is not registered");
            assertThat(stage.again.requeueAfter()).isEqualTo(Duration.ofMillis(500L * half));
        }
        waits(stage, "DRA driver gpu.example.com is not registered");
        assertThat(stage.again.requeueAfter()).isEqualTo(Duration.ofSeconds(122));
    }

    @Test
    void a_claim_without_devices_or_of_others_is_waited_for_until_that_changes() {
        PodStage stage = stage("\"resourceClaimName\": \"c\"");
        waits(stage, "fetch ResourceClaim c: resourceclaims.resource.k8s.io \"c\" not found");
        has(stage, GPU);
        waits(stage, "pod p (u1) is not allowed to use ResourceClaim c (c1)");
        has(stage, MINE);
        waits(stage, "ResourceClaim c: not allocated");
        // Allocated, and yet no device in it: no driver is needed.
        has(stage, MINE + ", \"allocation\": {\"devices\": {}}");
        stage.sync();
        assertThat(stage.latest("main").name()).isEqualTo("main");
    }

    @Test
    void a_claim_made_for_the_pod_must_be_there_and_be_its_own() {
        PodStage stage = stage("\"resourceClaimTemplateName\": \"t\"");
        waits(stage, "pod \"default/p\": ResourceClaim not created yet");
        has(stage, MINE + "," + GPU);
        stage.change(stage.pod()
                .set(List.of(Map.of("name", "gpu", "resourceClaimName", "c")), "status", "resourceClaimStatuses"));
        waits(stage, "ResourceClaim default/c was not created for pod default/p (pod is not owner)");
        stage.change(stage.pod().set(List.of(Map.of("name", "gpu")), "status", "resourceClaimStatuses"));
        stage.sync();
        assertThat(stage.latest("main").name()).isEqualTo("main");
    }

    @Test
    void a_pod_that_waits_for_a_device_can_be_deleted() {
        PodStage stage = withClaim(MINE + "," + GPU);
        waits(stage, "DRA driver gpu.example.com is not registered");
        stage.change(stage.pod().set("2026-01-01T00:00:00Z", "metadata", "deletionTimestamp"));
        stage.sync();
        assertThat(stage.deleted).isTrue();
        assertThat(stage.hasSandbox()).isFalse();
    }

    @Test
    void a_server_that_does_not_answer_is_asked_again() {
        PodStage stage = stage("\"resourceClaimName\": \"c\"");
        stage.claimFailure = "no leader";
        waits(stage, "fetch ResourceClaim c: no leader");
    }
}
