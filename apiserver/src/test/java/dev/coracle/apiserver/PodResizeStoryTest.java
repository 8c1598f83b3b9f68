package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.causes;
import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.apiserver.Cluster.yaml;
import static dev.coracle.machinery.object.Resources.NODES;
import static dev.coracle.machinery.object.Resources.PODS;
import static dev.coracle.machinery.object.Resources.RESOURCE_QUOTAS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pods that run and are to have more or less than they were made with. */
class PodResizeStoryTest {
    private static final GroupVersionResource LIMIT_RANGES = new GroupVersionResource("", "v1", "limitranges");
    private static final WriteOptions RESIZE = new WriteOptions("resize", "kubectl-patch", false, false);

    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private void pod(String more) {
        cluster.create(PODS, """
                {apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: i, resources:
                  {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 128Mi}}}]%s}}
                """.formatted(more));
    }

    private Unstructured resize(String spec) {
        Patch patch = new Patch(
                Patch.Type.STRATEGIC,
                yaml("{metadata: {labels: {a: b}}, spec: " + spec + "}").json());
        return cluster.admin.patch(PODS, "default", "p", patch, RESIZE).object();
    }

    private StatusException refusal(String resources) {
        return refused(() -> resize("{containers: [{name: c, resources: " + resources + "}]}"));
    }

    @Test
    void cpuAndMemoryOfAContainerChangeAndNothingElseOfThePodDoes() {
        pod("");
        assertThat(cluster.get(PODS, "p")
                        .objects("spec", "containers")
                        .getFirst()
                        .has("resizePolicy"))
                .as("nothing is written where nothing was said")
                .isFalse();
        Unstructured resized = resize("{activeDeadlineSeconds: 5, containers: [{name: c, image: other, resources:"
                + " {requests: {cpu: 0.2}, limits: {memory: 100Mi}}}]}");
        Unstructured c = resized.objects("spec", "containers").getFirst();
        assertThat(c.strings("resources", "requests"))
                .containsEntry("cpu", "200m")
                .containsEntry("memory", "64Mi");
        assertThat(c.strings("resources", "limits")).containsEntry("memory", "100Mi");
        assertThat(c.string("image")).isEqualTo("i");
        assertThat(resized.labels()).isEmpty();
        assertThat(resized.has("spec", "activeDeadlineSeconds")).isFalse();
        assertThat(resized.generation()).isEqualTo(2);
        assertThat(resized.objects("metadata", "managedFields"))
                .anyMatch(m -> m.string("subresource").equals("resize"));
        assertThat(resize("{}").generation()).isEqualTo(2);
    }

    @Test
    void theResizePolicyIsMadeWithThePodAndStays() {
        pod("");
        assertThat(refused(
                                () -> resize(
                                        "{containers: [{name: c, resizePolicy: [{resourceName: cpu, restartPolicy: NotRequired}]}]}"))
                        .getMessage())
                .contains("spec: Forbidden: only cpu and memory resources are mutable");
        assertThat(causes(refused(() -> cluster.create(PODS, """
                        {apiVersion: v1, kind: Pod, metadata: {name: q}, spec: {restartPolicy: Never, containers: [
                          {name: c, image: i, resizePolicy: [{resourceName: cpu, restartPolicy: RestartContainer},
                            {resourceName: cpu, restartPolicy: Sometimes}, {resourceName: disk, restartPolicy: NotRequired}]}]}}"""))))
                .containsExactlyInAnyOrder(
                        "FieldValueInvalid spec.containers[0].resizePolicy",
                        "FieldValueDuplicate spec.containers[0].resizePolicy[1]",
                        "FieldValueNotSupported spec.containers[0].resizePolicy",
                        "FieldValueInvalid spec.containers[0].resizePolicy",
                        "FieldValueNotSupported spec.containers[0].resizePolicy");
    }

    @Test
    void ofInitContainersThoseThatNeedNoRestartChange() {
        pod(", initContainers: [{name: first, image: i, resizePolicy: [{resourceName: cpu, restartPolicy:"
                + " RestartContainer}], resources: {requests: {cpu: 1m}}}]");
        assertThat(refused(() -> resize("{initContainers: [{name: first, resources: {requests: {cpu: 2m}}}]}"))
                        .getMessage())
                .isEqualTo("Pod \"p\" is invalid: spec.initContainers[0]: Forbidden: non-sidecar init containers with a"
                        + " resize policy of RestartContainer cannot be resized");
        assertThat(refused(() -> resize("{initContainers: [{name: first, resizePolicy: null}]}"))
                        .getMessage())
                .contains("spec.initContainers[0]: Forbidden: only cpu and memory resources for init or sidecar"
                        + " containers are mutable");
    }

    @Test
    void theClassOfServiceStays() {
        pod("");
        assertThat(refusal("{limits: {cpu: 100m, memory: 64Mi}}").getMessage())
                .isEqualTo("Pod \"p\" is invalid: spec: Invalid value: \"Burstable\": Pod QOS Class may not change as a"
                        + " result of resizing");
    }

    @Test
    void whatWasGivenIsNotTakenAway() {
        pod("");
        assertThat(causes(refusal("{requests: {cpu: null}, limits: {memory: null}}")))
                .containsExactlyInAnyOrder(
                        "FieldValueForbidden spec.containers[0].resources.requests",
                        "FieldValueForbidden spec.containers[0].resources.limits");
        assertThat(refusal("{limits: {memory: null}}").getMessage()).contains("resource limits cannot be removed");
        assertThat(refusal("{requests: {ephemeral-storage: 1Gi}}").getMessage())
                .contains("spec: Forbidden: only cpu and memory resources are mutable");
        assertThat(refusal("{requests: {memory: 1Gi}}").getMessage())
                .contains("must be less than or equal to memory limit of 128Mi");
    }

    @Test
    void containersNeitherComeNorGo() {
        pod("");
        assertThat(refused(() -> resize("{containers: [{name: d, image: i}]}")).getMessage())
                .contains("spec.containers: Forbidden: containers may not be added or removed on resize");
        Unstructured renamed = cluster.get(PODS, "p").copy();
        renamed.objects("spec", "containers").getFirst().set("d", "name");
        assertThat(refused(() -> cluster.admin.update(PODS, renamed, RESIZE)).getMessage())
                .contains("spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize");
    }

    @Test
    void aPodThatShowsAComponentAndOneWhoseNodeCannotAreLeftAlone() {
        pod("");
        Unstructured running = cluster.get(PODS, "p").copy();
        running.add(
                yaml("{name: c, image: i, imageID: '', ready: true, restartCount: 0, state: {running: {}}}"),
                "status",
                "containerStatuses");
        cluster.admin.update(PODS, running, WriteOptions.STATUS);
        assertThat(refusal("{requests: {cpu: 1}}").getMessage())
                .contains("spec: Forbidden: Pod running on node without support for resize");
        running = cluster.get(PODS, "p").copy();
        running.objects("status", "containerStatuses").getFirst().set(Map.of(), "resources");
        cluster.admin.update(PODS, running, WriteOptions.STATUS);
        assertThat(resize("{containers: [{name: c, resources: {requests: {cpu: 1}}}]}")
                        .generation())
                .isEqualTo(2);

        Unstructured shown = cluster.get(PODS, "p").copy();
        shown.set("x", "metadata", "annotations", "kubernetes.io/config.mirror");
        cluster.admin.update(PODS, shown, WriteOptions.DEFAULT);
        assertThat(refusal("{requests: {cpu: 2}}").getMessage()).contains("static pods cannot be resized");
    }

    @Test
    void throughThePodItselfNothingIsResized() {
        pod("");
        Patch patch = new Patch(
                Patch.Type.STRATEGIC,
                yaml("{spec: {containers: [{name: c, resources: {requests: {cpu: 1}}}]}}")
                        .json());
        assertThat(refused(() -> cluster.admin.patch(PODS, "default", "p", patch, WriteOptions.DEFAULT))
                        .getMessage())
                .contains("pod updates may not change fields other than");
    }

    @Test
    void nobodyAsksForMoreThanTheNodeCouldEverGive() {
        cluster.create(NODES, """
                {apiVersion: v1, kind: Node, metadata: {name: 'n'}}""");
        Unstructured node = cluster.admin.get(NODES, "", "n").object().copy();
        node.set("4", "status", "allocatable", "cpu").set("1Gi", "status", "allocatable", "memory");
        cluster.admin.update(NODES, node, WriteOptions.STATUS);
        pod(", nodeName: 'n'");
        assertThat(resize("{containers: [{name: c, resources: {requests: {cpu: 4}}}]}")
                        .generation())
                .isEqualTo(2);
        StatusException e = refusal("{requests: {cpu: 5, memory: 2Gi}, limits: {memory: 2Gi}}");
        assertThat(e.code()).isEqualTo(403);
        assertThat(e.getMessage())
                .isEqualTo(
                        "pods \"p\" is forbidden: node didn't have enough allocatable resources: cpu, requested: 5000,"
                                + " allocatable: 4000; memory, requested: 2147483648, allocatable: 1073741824");
        assertThat(e.details().objects("causes").getFirst().string("reason")).isEqualTo("NodeCapacity");
    }

    @Test
    void limitRangesAndQuotasHoldForAResizeToo() {
        pod("");
        cluster.create(RESOURCE_QUOTAS, """
                {apiVersion: v1, kind: ResourceQuota, metadata: {name: q}, spec: {hard: {requests.cpu: 500m}}}""");
        assertThat(refusal("{requests: {cpu: 600m}}").getMessage())
                .isEqualTo("pods \"p\" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used:"
                        + " requests.cpu=100m, limited: requests.cpu=500m");
        assertThat(resize("{containers: [{name: c, resources: {requests: {cpu: 500m}}}]}")
                        .generation())
                .isEqualTo(2);
        cluster.create(LIMIT_RANGES, """
                {apiVersion: v1, kind: LimitRange, metadata: {name: l}, spec: {limits: [{type: Container, max: {memory: 256Mi}}]}}""");
        assertThat(refusal("{limits: {memory: 1Gi}}").getMessage())
                .isEqualTo("pods \"p\" is forbidden: maximum memory usage per Container is 256Mi, but limit is 1Gi");
    }
}
