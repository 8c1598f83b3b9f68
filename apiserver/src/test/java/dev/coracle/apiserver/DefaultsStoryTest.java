package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.apiserver.Cluster.yaml;
import static dev.coracle.machinery.object.Resources.CRON_JOBS;
import static dev.coracle.machinery.object.Resources.DAEMON_SETS;
import static dev.coracle.machinery.object.Resources.DEPLOYMENTS;
import static dev.coracle.machinery.object.Resources.JOBS;
import static dev.coracle.machinery.object.Resources.NAMESPACES;
import static dev.coracle.machinery.object.Resources.PERSISTENT_VOLUME_CLAIMS;
import static dev.coracle.machinery.object.Resources.PODS;
import static dev.coracle.machinery.object.Resources.ROLE_BINDINGS;
import static dev.coracle.machinery.object.Resources.SECRETS;
import static dev.coracle.machinery.object.Resources.SERVICES;
import static dev.coracle.machinery.object.Resources.STATEFUL_SETS;
import static dev.coracle.machinery.object.Resources.STORAGE_CLASSES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The least one can write, and all that is there when one reads it back. */
class DefaultsStoryTest {
    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    /** What was made, without what differs from run to run, against the document of that name. */
    private void golden(GroupVersionResource r, String name) throws IOException {
        Unstructured given;
        Unstructured wanted;
        try (InputStream in = DefaultsStoryTest.class.getResourceAsStream("defaults/" + name + ".yaml")) {
            var documents = Yaml.parseAll(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            given = tree(documents.get(0));
            wanted = tree(documents.get(1));
        }
        Unstructured made = cluster.create(r, Json.string(given.map())).copy();
        for (String field : new String[] {"uid", "creationTimestamp", "resourceVersion", "managedFields"}) {
            made.remove("metadata", field);
        }
        assertThat(new java.util.TreeMap<>(flat(made))).isEqualTo(new java.util.TreeMap<>(flat(wanted)));
        // Reading it and putting it back changes nothing.
        Unstructured stored = cluster.get(r, made.name());
        assertThat(cluster.put(r, stored.copy()).resourceVersion()).isEqualTo(stored.resourceVersion());
    }

    @SuppressWarnings("unchecked")
    private static Unstructured tree(Object document) {
        return new Unstructured((Map<String, Object>) document);
    }

    private static Map<String, Object> flat(Unstructured o) {
        Map<String, Object> flat = new LinkedHashMap<>();
        flatten("", o.map(), flat);
        return flat;
    }

    private static void flatten(String path, Object tree, Map<String, Object> flat) {
        if (tree instanceof Map<?, ?> m && !m.isEmpty()) {
            m.forEach((k, v) -> flatten(path + "." + k, v, flat));
        } else if (tree instanceof Iterable<?> l && l.iterator().hasNext()) {
            int i = 0;
            for (Object v : l) {
                flatten(path + "[" + i++ + "]", v, flat);
            }
        } else {
            flat.put(path, tree);
        }
    }

    @Test
    void pod() throws IOException {
        golden(PODS, "pod");
    }

    @Test
    void deployment() throws IOException {
        golden(DEPLOYMENTS, "deployment");
    }

    @Test
    void statefulSet() throws IOException {
        golden(STATEFUL_SETS, "statefulset");
    }

    @Test
    void daemonSet() throws IOException {
        golden(DAEMON_SETS, "daemonset");
    }

    @Test
    void cronJob() throws IOException {
        golden(CRON_JOBS, "cronjob");
    }

    @Test
    void aJobsPodsAreToldByItsUid() {
        Unstructured job = cluster.create(JOBS, """
                {apiVersion: batch/v1, kind: Job, metadata: {name: j},
                 spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}}
                """);
        assertThat(job.strings("spec", "selector", "matchLabels"))
                .containsExactly(Map.entry("batch.kubernetes.io/controller-uid", job.uid()));
        assertThat(job.strings("spec", "template", "metadata", "labels"))
                .containsEntry("batch.kubernetes.io/job-name", "j")
                .containsEntry("job-name", "j")
                .containsEntry("controller-uid", job.uid());
        assertThat(job.labels())
                .as("it was given none")
                .hasSize(4)
                .isEqualTo(job.strings("spec", "template", "metadata", "labels"));
        assertThat(job.integer(0, "spec", "completions")).isEqualTo(1);
        assertThat(job.integer(0, "spec", "parallelism")).isEqualTo(1);
        assertThat(job.integer(0, "spec", "backoffLimit")).isEqualTo(6);
        assertThat(job.string("spec", "completionMode")).isEqualTo("NonIndexed");
        assertThat(job.string("spec", "podReplacementPolicy")).isEqualTo("TerminatingOrFailed");
        assertThat(job.get("spec", "suspend")).isEqualTo(false);
    }

    @Test
    void aServiceKeepsWhatItWasGiven() {
        Unstructured made = cluster.create(SERVICES, """
                {apiVersion: v1, kind: Service, metadata: {name: s},
                 spec: {type: NodePort, selector: {app: web}, ports: [{port: 80}]}}
                """);
        Unstructured spec = made.object("spec");
        assertThat(spec.string("clusterIP")).matches("10\\.96\\.\\d+\\.\\d+");
        assertThat(spec.stringList("clusterIPs")).containsExactly(spec.string("clusterIP"));
        assertThat(spec.stringList("ipFamilies")).containsExactly("IPv4");
        assertThat(spec.string("ipFamilyPolicy")).isEqualTo("SingleStack");
        assertThat(spec.string("sessionAffinity")).isEqualTo("None");
        assertThat(spec.string("internalTrafficPolicy")).isEqualTo("Cluster");
        assertThat(spec.string("externalTrafficPolicy")).isEqualTo("Cluster");
        Unstructured port = spec.objects("ports").getFirst();
        assertThat(port.string("protocol")).isEqualTo("TCP");
        assertThat(port.integer(0, "targetPort")).isEqualTo(80);
        assertThat(port.integer(0, "nodePort")).isBetween(30000L, 32767L);

        // The manifest again, as a replacement: it says nothing of what was given.
        Unstructured again = cluster.put(SERVICES, yaml("""
                {apiVersion: v1, kind: Service, metadata: {name: s, namespace: default},
                 spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: http}]}}
                """));
        assertThat(again.string("spec", "clusterIP")).isEqualTo(spec.string("clusterIP"));
        assertThat(again.objects("spec", "ports").getFirst().integer(0, "nodePort"))
                .isEqualTo(port.integer(0, "nodePort"));

        Unstructured inside = cluster.merge(SERVICES, "s", "{spec: {type: ClusterIP}}");
        assertThat(inside.objects("spec", "ports").getFirst().has("nodePort")).isFalse();
        assertThat(inside.has("spec", "externalTrafficPolicy")).isFalse();
        assertThat(inside.string("spec", "clusterIP")).isEqualTo(spec.string("clusterIP"));
    }

    @Test
    void smallThings() {
        assertThat(cluster.create(NAMESPACES, "{apiVersion: v1, kind: Namespace, metadata: {name: dev}}")
                        .labels())
                .containsEntry("kubernetes.io/metadata.name", "dev");
        Unstructured secret = cluster.create(SECRETS, """
                {apiVersion: v1, kind: Secret, metadata: {name: s}, data: {a: YQ==}, stringData: {a: c3, b: ü}}
                """);
        assertThat(secret.string("type")).isEqualTo("Opaque");
        assertThat(secret.strings("data")).containsEntry("a", "YzM=").containsEntry("b", "w7w=");
        assertThat(secret.has("stringData")).isFalse();
        Unstructured claim = cluster.create(PERSISTENT_VOLUME_CLAIMS, """
                {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c},
                 spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 0.5Gi}}}}
                """);
        assertThat(claim.string("spec", "volumeMode")).isEqualTo("Filesystem");
        assertThat(claim.string("spec", "resources", "requests", "storage")).isEqualTo("512Mi");
        assertThat(claim.string("status", "phase")).isEqualTo("Pending");
        Unstructured storageClass = cluster.create(
                STORAGE_CLASSES,
                "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: x}, provisioner: a/b}");
        assertThat(storageClass.string("reclaimPolicy")).isEqualTo("Delete");
        assertThat(storageClass.string("volumeBindingMode")).isEqualTo("Immediate");
        Unstructured binding = cluster.create(ROLE_BINDINGS, """
                {apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: b},
                 roleRef: {kind: Role, name: r}, subjects: [{kind: User, name: ann}]}
                """);
        assertThat(binding.string("roleRef", "apiGroup")).isEqualTo("rbac.authorization.k8s.io");
        assertThat(binding.objects("subjects").getFirst().string("apiGroup")).isEqualTo("rbac.authorization.k8s.io");
    }

    @Test
    void whatIsNoAmountOrNoBase64IsNotEvenRead() {
        var e = refused(() -> cluster.create(PODS, """
                {apiVersion: v1, kind: Pod, metadata: {name: p},
                 spec: {containers: [{name: c, image: i, resources: {limits: {cpu: lots}}}]}}
                """));
        assertThat(e.code()).isEqualTo(400);
        assertThat(e)
                .hasMessage("Pod in version \"v1\" cannot be handled as a Pod: quantities must match the regular"
                        + " expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
        assertThat(refused(() -> cluster.create(
                        SECRETS, "{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {a: 'YQ=?'}}")))
                .hasMessageStartingWith("Secret in version \"v1\" cannot be handled as a Secret: illegal base64 data");
        assertThat(cluster.count(PODS)).isZero();
        assertThat(cluster.count(SECRETS)).isZero();
    }
}
