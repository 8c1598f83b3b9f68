package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.causes;
import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.apiserver.Cluster.yaml;
import static dev.coracle.machinery.object.Resources.PODS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Binding and eviction. */
class PodActionsStoryTest {
    private static final GroupVersionResource BUDGETS =
            new GroupVersionResource("policy", "v1", "poddisruptionbudgets");
    private static final String TEMPLATE =
            "template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: i}]}}";

    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private Unstructured pod(String name) {
        return cluster.create(PODS, """
                {apiVersion: v1, kind: Pod, metadata: {name: %s, labels: {app: web}},
                 spec: {containers: [{name: c, image: i}]}}
                """.formatted(name));
    }

    private Unstructured binding(String node) {
        return yaml("{apiVersion: v1, kind: Binding, target: {kind: Node, name: " + node + "}}");
    }

    private void ready(String name) {
        Unstructured pod = cluster.get(PODS, name).copy();
        pod.set("n", "spec", "nodeName").set("Running", "status", "phase");
        pod.add(yaml("{type: Ready, status: 'True'}"), "status", "conditions");
        cluster.admin.update(PODS, pod, WriteOptions.STATUS);
    }

    private void evict(String name) {
        Unstructured eviction = yaml("{apiVersion: policy/v1, kind: Eviction, deleteOptions: {gracePeriodSeconds: 5}}");
        cluster.admin.post(PODS, "default", name, "eviction", eviction);
    }

    @Test
    void anEvictionOnTrialEvictsNobody() {
        cluster.create(
                PODS, "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: c, image: i}]}}");
        Unstructured trial = yaml("{apiVersion: policy/v1, kind: Eviction, deleteOptions: {dryRun: [All]}}");
        cluster.admin.post(PODS, "default", "a", "eviction", trial);
        assertThat(cluster.get(PODS, "a").isDeleting()).isFalse();
    }

    private Revision look(String pod, String containers) {
        Patch patch = new Patch(
                Patch.Type.STRATEGIC,
                yaml("{metadata: {labels: {app: other}}, spec: {ephemeralContainers: " + containers + "}}")
                        .json());
        return cluster.admin.patch(
                PODS, "default", pod, patch, new WriteOptions("ephemeralcontainers", "kubectl-debug", false, false));
    }

    @Test
    void ephemeralContainersAreAddedOneByOneAndNothingElseIs() {
        pod("a");
        Unstructured first = look("a", "[{name: look, image: busybox, targetContainerName: c}]")
                .object();
        assertThat(first.labels()).containsEntry("app", "web");
        assertThat(first.objects("spec", "ephemeralContainers").getFirst().string("imagePullPolicy"))
                .isEqualTo("Always");
        Unstructured second =
                look("a", "[{name: again, image: i, stdin: true, tty: true}]").object();
        assertThat(second.objects("spec", "ephemeralContainers"))
                .extracting(e -> e.string("name"))
                .containsExactlyInAnyOrder("look", "again");
        assertThat(second.generation()).isEqualTo(3);
        assertThat(second.objects("spec", "containers")).hasSize(1);
    }

    @Test
    void whatAnEphemeralContainerMayNotHaveIsNamed() {
        pod("a");
        look("a", "[{name: look, image: busybox}]");
        StatusException e = refused(() -> look("a", """
                [{name: c, image: i}, {name: d, image: i, targetContainerName: nobody,
                  ports: [{containerPort: 1}], resources: {limits: {cpu: 1}},
                  lifecycle: {preStop: {sleep: {seconds: 1}}}, livenessProbe: {tcpSocket: {port: 1}}}]"""));
        assertThat(causes(e))
                .containsExactlyInAnyOrder(
                        "FieldValueDuplicate spec.ephemeralContainers[1].name",
                        "FieldValueForbidden spec.ephemeralContainers[2].lifecycle",
                        "FieldValueForbidden spec.ephemeralContainers[2].livenessProbe",
                        "FieldValueForbidden spec.ephemeralContainers[2].ports",
                        "FieldValueForbidden spec.ephemeralContainers[2].resources",
                        "FieldValueNotFound spec.ephemeralContainers[2].targetContainerName");
        assertThat(e.getMessage())
                .contains("ports: Forbidden: cannot be set for an Ephemeral Container", "Not found: \"nobody\"");
        assertThat(refused(() -> look("a", "[{name: look, image: other}]")).getMessage())
                .contains(
                        "spec.ephemeralContainers: Forbidden: existing ephemeral containers \"look\" may not be changed");
        assertThat(refused(() -> look("a", "[{name: look, $patch: delete}]")).getMessage())
                .contains("existing ephemeral containers \"look\" may not be removed");
        Unstructured plain = cluster.get(PODS, "a").copy();
        plain.add(yaml("{name: more, image: i}"), "spec", "ephemeralContainers");
        assertThat(refused(() -> cluster.admin.update(PODS, plain, WriteOptions.DEFAULT))
                        .getMessage())
                .contains("pod updates may not change fields other than");
    }

    @Test
    void aPodThatShowsAComponentHasNone() {
        cluster.create(PODS, """
                {apiVersion: v1, kind: Pod, metadata: {name: m, annotations: {kubernetes.io/config.mirror: x}},
                 spec: {containers: [{name: c, image: i}]}}""");
        assertThat(refused(() -> look("m", "[{name: look, image: i}]")).getMessage())
                .contains("static pods do not support ephemeral containers");
    }

    @Test
    void aPodIsBoundOnceInOneWrite() {
        Unstructured before = pod("a");
        cluster.admin.post(PODS, "default", "a", "binding", binding("n1"));
        Unstructured bound = cluster.get(PODS, "a");
        assertThat(bound.string("spec", "nodeName")).isEqualTo("n1");
        assertThat(bound.objects("status", "conditions").getFirst().string("type"))
                .isEqualTo("PodScheduled");
        assertThat(Long.parseLong(bound.resourceVersion())).isEqualTo(Long.parseLong(before.resourceVersion()) + 1);
        StatusException e = refused(() -> cluster.admin.post(PODS, "default", "a", "binding", binding("n2")));
        assertThat(e.isConflict()).isTrue();
        assertThat(e)
                .hasMessage("Operation cannot be fulfilled on pods/binding \"a\": pod a is already assigned to node"
                        + " \"n1\"");
        assertThat(cluster.get(PODS, "a").string("spec", "nodeName")).isEqualTo("n1");
    }

    @Test
    void aPodThatGoesIsNotBound() {
        pod("a");
        cluster.merge(PODS, "a", "{metadata: {finalizers: [x.io/y]}}");
        cluster.admin.delete(PODS, "default", "a", DeleteOptions.DEFAULT);
        assertThat(refused(() -> cluster.admin.post(PODS, "default", "a", "binding", binding("n1"))))
                .hasMessageEndingWith("pod a is being deleted, cannot be assigned to a host");
        assertThat(refused(() -> cluster.admin.post(PODS, "default", "a", "binding", binding("''")))
                        .code())
                .isEqualTo(422);
    }

    private void budget(String spec, String status) {
        cluster.create(BUDGETS, """
                {apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: web},
                 spec: {minAvailable: 2, selector: {matchLabels: {app: web}}, %s}}
                """.formatted(spec));
        if (!status.isEmpty()) {
            cluster.admin.patch(
                    BUDGETS,
                    "default",
                    "web",
                    Patch.merge(yaml("{status: {observedGeneration: 1, %s}}".formatted(status))),
                    WriteOptions.STATUS);
        }
    }

    private void running(String... names) {
        for (String name : names) {
            pod(name);
            cluster.admin.post(PODS, "default", name, "binding", binding("node"));
            ready(name);
        }
    }

    @Test
    void aBudgetLetsPodsGoOneByOneAndNotesWhichWent() {
        running("a", "b", "c");
        budget(
                "",
                "disruptionsAllowed: 1, currentHealthy: 3, desiredHealthy: 2, expectedPods: 3,"
                        + " conditions: [{type: DisruptionAllowed, status: 'True', reason: SufficientPods, message: '',"
                        + " lastTransitionTime: '2020-01-01T00:00:00Z'}]");
        evict("a");
        Unstructured gone = cluster.get(PODS, "a");
        assertThat(gone.isDeleting()).isTrue();
        assertThat(gone.objects("status", "conditions"))
                .filteredOn(c -> c.string("type").equals("DisruptionTarget"))
                .singleElement()
                .satisfies(c -> assertThat(c.string("reason")).isEqualTo("EvictionByEvictionAPI"));
        Unstructured left = cluster.get(BUDGETS, "web").object("status");
        assertThat(left.integer(-1, "disruptionsAllowed")).isZero();
        assertThat(left.strings("disruptedPods")).containsOnlyKeys("a");
        assertThat(left.objects("conditions").getFirst().string("status")).isEqualTo("False");
        StatusException e = refused(() -> evict("b"));
        assertThat(e.code()).isEqualTo(429);
        assertThat(e).hasMessage("Cannot evict pod as it would violate the pod's disruption budget.");
        assertThat(e.details().objects("causes").getFirst().string("message"))
                .isEqualTo("The disruption budget web needs 2 healthy pods and has 3 currently");
        assertThat(causes(e)).containsExactly("DisruptionBudget ");
        assertThat(cluster.get(PODS, "b").isDeleting()).isFalse();
    }

    @Test
    void aBudgetThatNobodyHasLookedAtYetLetsNoneGo() {
        running("a");
        budget("", "");
        StatusException e = refused(() -> evict("a"));
        assertThat(e.code()).isEqualTo(429);
        assertThat(e.details().integer(0, "retryAfterSeconds")).isEqualTo(10);
        assertThat(e.details().objects("causes").getFirst().string("message"))
                .isEqualTo("The disruption budget web is still being processed by the server.");
        assertThat(cluster.get(PODS, "a").objects("status", "conditions"))
                .noneMatch(c -> c.string("type").equals("DisruptionTarget"));
    }

    @Test
    void aPodThatIsNotReadyGoesWhereEnoughAreOrThatIsAllowed() {
        running("a");
        cluster.admin.patch(
                PODS, "default", "a", Patch.merge(yaml("{status: {conditions: null}}")), WriteOptions.STATUS);
        budget("", "disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 2, expectedPods: 3");
        assertThat(refused(() -> evict("a")).code()).isEqualTo(429);
        cluster.merge(BUDGETS, "web", "{spec: {unhealthyPodEvictionPolicy: AlwaysAllow}}");
        evict("a");
        assertThat(cluster.get(BUDGETS, "web").object("status", "disruptedPods").map())
                .isEmpty();
    }

    @Test
    void aPodThatDoesNotRunYetMayAlwaysGo() {
        pod("a");
        cluster.create(BUDGETS, """
                {apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: web},
                 spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}}
                """);
        evict("a");
        assertThat(cluster.count(PODS)).isZero();
    }
}
