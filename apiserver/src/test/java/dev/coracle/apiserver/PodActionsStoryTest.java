package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.causes;
import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.apiserver.Cluster.yaml;
import static dev.coracle.machinery.object.Resources.DEPLOYMENTS;
import static dev.coracle.machinery.object.Resources.PODS;
import static dev.coracle.machinery.object.Resources.REPLICA_SETS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.OwnerReference;
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

    @Test
    void aBudgetLetsPodsGoOneByOne() {
        for (String name : new String[] {"a", "b", "c"}) {
            pod(name);
            cluster.admin.post(PODS, "default", name, "binding", binding("n"));
            ready(name);
        }
        cluster.create(BUDGETS, """
                {apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: web},
                 spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}}
                """);
        evict("a");
        assertThat(cluster.get(PODS, "a").isDeleting()).isTrue();
        StatusException e = refused(() -> evict("b"));
        assertThat(e.code()).isEqualTo(429);
        assertThat(e).hasMessage("Cannot evict pod as it would violate the pod's disruption budget.");
        assertThat(e.details().objects("causes").getFirst().string("message"))
                .isEqualTo("The disruption budget web needs 2 healthy pods and has 2 currently");
        assertThat(causes(e)).containsExactly("DisruptionBudget ");
        assertThat(cluster.get(PODS, "b").isDeleting()).isFalse();
    }

    @Test
    void aPercentageIsOfWhatTheDeploymentWants() {
        Unstructured web = cluster.create(DEPLOYMENTS, """
                {apiVersion: apps/v1, kind: Deployment, metadata: {name: web},
                 spec: {replicas: 4, selector: {matchLabels: {app: web}}, %s}}
                """.formatted(TEMPLATE));
        Unstructured set = yaml("""
                {apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: web-1},
                 spec: {replicas: 1, selector: {matchLabels: {app: web}}, %s}}
                """.formatted(TEMPLATE))
                .addOwner(new OwnerReference("apps/v1", "Deployment", "web", web.uid(), true, true));
        Unstructured made = cluster.admin
                .create(REPLICA_SETS, "default", set, WriteOptions.DEFAULT)
                .object();
        for (String name : new String[] {"a", "b", "c"}) {
            pod(name);
            Unstructured owned = cluster.get(PODS, name).copy();
            cluster.put(
                    PODS, owned.addOwner(new OwnerReference("apps/v1", "ReplicaSet", "web-1", made.uid(), true, true)));
            cluster.admin.post(PODS, "default", name, "binding", binding("n"));
            ready(name);
        }
        cluster.create(BUDGETS, """
                {apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: web},
                 spec: {maxUnavailable: 25%, selector: {matchLabels: {app: web}}}}
                """);
        // One of four is away already.
        assertThat(refused(() -> evict("a")).code()).isEqualTo(429);
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
