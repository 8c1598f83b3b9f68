package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.machinery.object.Resources.CONFIG_MAPS;
import static dev.coracle.machinery.object.Resources.INGRESSES;
import static dev.coracle.machinery.object.Resources.INGRESS_CLASSES;
import static dev.coracle.machinery.object.Resources.PERSISTENT_VOLUME_CLAIMS;
import static dev.coracle.machinery.object.Resources.PODS;
import static dev.coracle.machinery.object.Resources.PRIORITY_CLASSES;
import static dev.coracle.machinery.object.Resources.RESOURCE_QUOTAS;
import static dev.coracle.machinery.object.Resources.STORAGE_CLASSES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the cluster adds to an object, and what it does not let in, on the way through the whole server. */
class AdmissionStoryTest {
    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private Unstructured pod(String name, String more) {
        return cluster.create(PODS, """
                {apiVersion: v1, kind: Pod, metadata: {name: %s},
                 spec: {%s containers: [{name: c, image: i%s}]}}
                """.formatted(
                        name,
                        more.startsWith("priorityClassName") ? more + "," : "",
                        more.startsWith("resources") ? ", " + more : ""));
    }

    @Test
    void aQuotaIsFreeAgainWhenAPodIsGone() {
        cluster.create(RESOURCE_QUOTAS, """
                {apiVersion: v1, kind: ResourceQuota, metadata: {name: q}, spec: {hard: {pods: 1, limits.cpu: 1500m}}}
                """);
        assertThat(refused(() -> pod("a", "")))
                .hasMessage("pods \"a\" is forbidden: failed quota: q: must specify limits.cpu for: c");
        pod("a", "resources: {limits: {cpu: 1}}");
        StatusException full = refused(() -> pod("b", "resources: {limits: {cpu: 1}}"));
        assertThat(full.code()).isEqualTo(403);
        assertThat(full)
                .hasMessage("pods \"b\" is forbidden: exceeded quota: q, requested: limits.cpu=1,pods=1,"
                        + " used: limits.cpu=1,pods=1, limited: limits.cpu=1500m,pods=1");
        assertThat(cluster.count(PODS)).isEqualTo(1);
        cluster.admin.delete(PODS, "default", "a", DeleteOptions.DEFAULT);
        pod("b", "resources: {limits: {cpu: 1}}");
    }

    @Test
    void aLimitRangeFillsInAndTheQualityOfServiceFollows() {
        cluster.create(new GroupVersionResource("", "v1", "limitranges"), """
                {apiVersion: v1, kind: LimitRange, metadata: {name: l},
                 spec: {limits: [{type: Container, default: {cpu: 500m, memory: 1Gi}, max: {cpu: 1}}]}}
                """);
        Unstructured pod = pod("a", "");
        Unstructured resources = pod.objects("spec", "containers").getFirst().object("resources");
        assertThat(resources.string("limits", "cpu")).isEqualTo("500m");
        assertThat(resources.string("requests", "memory")).isEqualTo("1Gi");
        assertThat(pod.string("status", "qosClass")).isEqualTo("Guaranteed");
        assertThat(pod.string("metadata", "annotations", "kubernetes.io/limit-ranger"))
                .isEqualTo(
                        "LimitRanger plugin set: cpu, memory request for container c; cpu, memory limit for container c");
        assertThat(refused(() -> pod("b", "resources: {limits: {cpu: 2}}")))
                .hasMessage("pods \"b\" is forbidden: maximum cpu usage per Container is 1, but limit is 2");
        assertThat(cluster.count(PODS)).isEqualTo(1);
    }

    @Test
    void aPriorityIsThatOfItsClass() {
        cluster.create(PRIORITY_CLASSES, """
                {apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: urgent}, value: 1000}
                """);
        assertThat(pod("a", "priorityClassName: urgent").integer(0, "spec", "priority"))
                .isEqualTo(1000);
        assertThat(pod("b", "").integer(-1, "spec", "priority")).isZero();
        assertThat(refused(() -> pod("c", "priorityClassName: none")))
                .hasMessage("pods \"c\" is forbidden: no PriorityClass with name none was found");
    }

    @Test
    void classesAreTheDefaultOnes() {
        cluster.create(STORAGE_CLASSES, """
                {apiVersion: storage.k8s.io/v1, kind: StorageClass, provisioner: a/b,
                 metadata: {name: fast, annotations: {storageclass.kubernetes.io/is-default-class: 'true'}}}
                """);
        cluster.admin.create(INGRESS_CLASSES, "", Cluster.yaml("""
                        {apiVersion: networking.k8s.io/v1, kind: IngressClass, spec: {controller: a.b/c},
                         metadata: {name: nginx, annotations: {ingressclass.kubernetes.io/is-default-class: 'true'}}}
                        """), WriteOptions.DEFAULT);
        String claim = """
                {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: %s},
                 spec: {%s accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
                """;
        assertThat(cluster.create(PERSISTENT_VOLUME_CLAIMS, claim.formatted("a", ""))
                        .string("spec", "storageClassName"))
                .isEqualTo("fast");
        // The empty name is a name: that of no class.
        assertThat(cluster.create(PERSISTENT_VOLUME_CLAIMS, claim.formatted("b", "storageClassName: '',"))
                        .get("spec", "storageClassName"))
                .isEqualTo("");
        Unstructured ingress = cluster.create(INGRESSES, """
                {apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i},
                 spec: {defaultBackend: {service: {name: s, port: {number: 80}}}}}
                """);
        assertThat(ingress.string("spec", "ingressClassName")).isEqualTo("nginx");
    }

    @Test
    void aNamespaceThatEndsTakesNeitherBindingsNorTokens() {
        cluster.create(Resources.NAMESPACES, "{apiVersion: v1, kind: Namespace, metadata: {name: ending}}");
        cluster.admin.create(Resources.SERVICE_ACCOUNTS, "ending", Cluster.yaml("""
                        {apiVersion: v1, kind: ServiceAccount, metadata: {name: default}}
                        """), WriteOptions.DEFAULT);
        cluster.admin.create(PODS, "ending", Cluster.yaml("""
                        {apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: c, image: i}]}}
                        """), WriteOptions.DEFAULT);
        cluster.admin.delete(Resources.NAMESPACES, "", "ending", DeleteOptions.DEFAULT);
        for (String subresource : new String[] {"binding", "eviction"}) {
            assertThat(refused(() -> cluster.admin.post(
                            PODS, "ending", "a", subresource, Cluster.yaml("{target: {name: 'n'}}"))))
                    .hasMessage("pods \"a\" is forbidden: unable to create new content in namespace ending because it"
                            + " is being terminated");
        }
        assertThat(refused(() -> cluster.admin.post(
                                Resources.SERVICE_ACCOUNTS, "ending", "default", "token", Cluster.yaml("{spec: {}}")))
                        .code())
                .isEqualTo(403);
    }

    @Test
    void whatIsRefusedByOneRuleLeavesNothingBehind() {
        var nowhere = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: nowhere}}";
        int before = cluster.count(CONFIG_MAPS);
        assertThat(refused(() -> cluster.create(CONFIG_MAPS, nowhere)).isNotFound())
                .isTrue();
        assertThat(cluster.count(CONFIG_MAPS)).isEqualTo(before);
    }
}
