package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.causes;
import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.apiserver.Cluster.yaml;
import static dev.coracle.machinery.object.Resources.CONFIG_MAPS;
import static dev.coracle.machinery.object.Resources.LEASES;
import static dev.coracle.machinery.object.Resources.NAMESPACES;
import static dev.coracle.machinery.object.Resources.PODS;
import static dev.coracle.machinery.object.Resources.STATEFUL_SETS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Creating, replacing, patching and deleting: who may change what, and what is kept. */
class WriteStoryTest {
    private static final String CM = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {x: '1'}}";
    private static final String POD = """
            {apiVersion: v1, kind: Pod, metadata: {name: p},
             spec: {containers: [{name: c, image: 'i:v1'}]}}
            """;

    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void ofTwoWhoReadTheSameVersionTheSecondWriterIsTold() {
        Unstructured seen = cluster.create(CONFIG_MAPS, CM);
        cluster.put(CONFIG_MAPS, seen.copy().set("2", "data", "x"));
        StatusException e = refused(() -> cluster.put(CONFIG_MAPS, seen.copy().set("3", "data", "x")));
        assertThat(e.code()).isEqualTo(409);
        assertThat(e)
                .hasMessage("Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please"
                        + " apply your changes to the latest version and try again");
        assertThat(cluster.get(CONFIG_MAPS, "a").string("data", "x")).isEqualTo("2");
        // One who has seen no version means whatever is there.
        Unstructured blind = seen.copy().set("4", "data", "x").remove("metadata", "resourceVersion");
        assertThat(cluster.put(CONFIG_MAPS, blind).string("data", "x")).isEqualTo("4");
        // A patch is made on top of what is there, unless it says what it was made for.
        assertThat(cluster.merge(CONFIG_MAPS, "a", "{data: {'y': '5'}}").strings("data"))
                .containsOnlyKeys("x", "y");
        assertThat(refused(() -> cluster.merge(
                                CONFIG_MAPS, "a", "{metadata: {resourceVersion: '" + seen.resourceVersion() + "'}}"))
                        .isConflict())
                .isTrue();
    }

    @Test
    void aLeaseIsNotTakenBlindly() {
        Unstructured lease =
                cluster.create(LEASES, "{apiVersion: coordination.k8s.io/v1, kind: Lease, metadata: {name: l}}");
        assertThat(refused(() -> cluster.put(LEASES, lease.copy().remove("metadata", "resourceVersion"))))
                .hasMessage("Lease.coordination.k8s.io \"l\" is invalid: metadata.resourceVersion: Invalid value: 0x0:"
                        + " must be specified for an update");
    }

    @Test
    void anUpdateThatChangesNothingIsNotWritten() {
        Unstructured seen = cluster.create(CONFIG_MAPS, CM);
        assertThat(cluster.put(CONFIG_MAPS, seen.copy()).resourceVersion()).isEqualTo(seen.resourceVersion());
    }

    @Test
    void identityIsTheServers() {
        Unstructured seen = cluster.create(CONFIG_MAPS, CM);
        assertThat(refused(() -> cluster.put(CONFIG_MAPS, seen.copy().set("other", "metadata", "uid"))))
                .hasMessage("Operation cannot be fulfilled on configmaps \"a\": Precondition failed: UID in"
                        + " precondition: other, UID in object meta: " + seen.uid());
        StatusException e = refused(() ->
                cluster.put(CONFIG_MAPS, seen.copy().set("2020-01-01T00:00:00Z", "metadata", "creationTimestamp")));
        assertThat(e)
                .hasMessage("ConfigMap \"a\" is invalid: metadata.creationTimestamp: Invalid value:"
                        + " \"2020-01-01T00:00:00Z\": field is immutable");
        assertThat(causes(e)).containsExactly("FieldValueInvalid metadata.creationTimestamp");
        assertThat(refused(() -> cluster.merge(
                                CONFIG_MAPS, "a", "{metadata: {deletionTimestamp: '2020-01-01T00:00:00Z'}}"))
                        .code())
                .isEqualTo(422);
        Unstructured sparse = seen.copy().remove("metadata", "uid").remove("metadata", "creationTimestamp");
        assertThat(cluster.put(CONFIG_MAPS, sparse)).isEqualTo(seen);
    }

    @Test
    void theGenerationCountsChangesOfWhatIsWanted() {
        Unstructured pod = cluster.create(PODS, POD);
        assertThat(pod.generation()).isEqualTo(1);
        assertThat(pod.string("status", "phase")).isEqualTo("Pending");
        assertThat(cluster.merge(PODS, "p", "{metadata: {labels: {a: b}}}").generation())
                .isEqualTo(1);
        assertThat(cluster.merge(PODS, "p", "{status: {phase: Failed}}").string("status", "phase"))
                .isEqualTo("Pending");
        var status = Patch.merge(yaml("{status: {phase: Running}, spec: {nodeName: 'n'}, metadata: {labels: {c: d}}}"));
        Unstructured running = cluster.admin
                .patch(PODS, "default", "p", status, WriteOptions.STATUS)
                .object();
        assertThat(running.string("status", "phase")).isEqualTo("Running");
        assertThat(running.string("spec", "nodeName")).isEmpty();
        assertThat(running.labels()).containsOnlyKeys("a", "c");
        assertThat(running.generation()).isEqualTo(1);
        var image = new Patch(
                Patch.Type.STRATEGIC,
                yaml("{spec: {containers: [{name: c, image: 'i:v2'}]}}").json());
        assertThat(cluster.admin
                        .patch(PODS, "default", "p", image, WriteOptions.DEFAULT)
                        .object()
                        .generation())
                .isEqualTo(2);
    }

    @Test
    void aNewObjectHasNoPast() {
        assertThat(refused(() -> cluster.create(
                        CONFIG_MAPS, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, resourceVersion: '3'}}")))
                .satisfies(e -> assertThat(e.code()).isEqualTo(500))
                .hasMessage("resourceVersion should not be set on objects to be created");
        Unstructured made = cluster.create(
                CONFIG_MAPS,
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, uid: x, generation: 9,"
                        + " creationTimestamp: '2020-01-01T00:00:00Z', deletionTimestamp: '2020-01-01T00:00:00Z'}}");
        assertThat(made.uid()).isNotEqualTo("x");
        assertThat(made.string("metadata", "creationTimestamp")).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(made.isDeleting()).isFalse();
        assertThat(made.has("metadata", "generation")).isFalse();
        assertThat(refused(() -> cluster.create(CONFIG_MAPS, CM))).hasMessage("configmaps \"a\" already exists");
    }

    @Test
    void generatedNamesHaveFiveMoreCharacters() {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            names.add(cluster.create(CONFIG_MAPS, "{apiVersion: v1, kind: ConfigMap, metadata: {generateName: job-}}")
                    .name());
        }
        assertThat(names).hasSize(50).allMatch(n -> n.matches("job-[bcdfghjklmnpqrstvwxz2456789]{5}"));
        String base = "x".repeat(80);
        assertThat(cluster.create(
                                CONFIG_MAPS,
                                "{apiVersion: v1, kind: ConfigMap, metadata: {generateName: " + base + "}}")
                        .name())
                .hasSize(63);
    }

    @Test
    void aDryRunStoresNothing() {
        var dry = new WriteOptions("", "ci", false, true);
        assertThat(cluster.admin
                        .create(CONFIG_MAPS, "default", yaml(CM), dry)
                        .object()
                        .uid())
                .isNotEmpty();
        assertThat(cluster.count(CONFIG_MAPS)).isZero();
        Unstructured seen = cluster.create(CONFIG_MAPS, CM);
        assertThat(refused(() -> cluster.admin.create(CONFIG_MAPS, "default", yaml(CM), dry))
                        .isAlreadyExists())
                .isTrue();
        var next = cluster.admin.update(CONFIG_MAPS, seen.copy().set("2", "data", "x"), dry);
        assertThat(next.object().string("data", "x")).isEqualTo("2");
        assertThat(cluster.get(CONFIG_MAPS, "a")).isEqualTo(seen);
    }

    @Test
    void aDeletionMayInsistOnWhatItHasSeen() {
        Unstructured seen = cluster.create(CONFIG_MAPS, CM);
        assertThat(refused(() -> cluster.admin.delete(CONFIG_MAPS, "default", "a", DeleteOptions.of("other"))))
                .hasMessage("Operation cannot be fulfilled on configmaps \"a\": the UID in the precondition (other)"
                        + " does not match the UID in record (" + seen.uid()
                        + "). The object might have been deleted and then recreated");
        cluster.admin.delete(CONFIG_MAPS, "default", "a", DeleteOptions.of(seen.uid()));
        assertThat(refused(() -> cluster.get(CONFIG_MAPS, "a"))).hasMessage("configmaps \"a\" not found");
    }

    @Test
    void aNamespaceThatGoesTakesNothingIn() {
        cluster.create(NAMESPACES, "{apiVersion: v1, kind: Namespace, metadata: {name: old}}");
        cluster.create(CONFIG_MAPS, CM.replace("name: a", "name: a, namespace: old"));
        cluster.admin.delete(NAMESPACES, "", "old", DeleteOptions.DEFAULT);
        StatusException e =
                refused(() -> cluster.create(CONFIG_MAPS, CM.replace("name: a", "name: b, namespace: old")));
        assertThat(e.code()).isEqualTo(403);
        assertThat(e)
                .hasMessage("configmaps \"b\" is forbidden: unable to create new content in namespace old because it"
                        + " is being terminated");
        assertThat(causes(e)).containsExactly("NamespaceTerminating metadata.namespace");
        assertThat(refused(() -> cluster.create(CONFIG_MAPS, CM.replace("name: a", "name: a, namespace: none"))))
                .hasMessage("namespaces \"none\" not found");
        assertThat(refused(() -> cluster.admin.delete(NAMESPACES, "", "kube-system", DeleteOptions.DEFAULT)))
                .hasMessage("namespaces \"kube-system\" is forbidden: this namespace may not be deleted");
    }

    @Test
    void aClaimOfAStatefulSetIsAVolumeOfItsPods() {
        String set = """
                {apiVersion: apps/v1, kind: StatefulSet, metadata: {name: %s},
                 spec: {serviceName: db, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}},
                   spec: {containers: [{name: c, image: i, volumeMounts: [{name: %s, mountPath: /d}]}]}},
                   volumeClaimTemplates: [{metadata: {name: store},
                     spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1024Mi}}}}]}}
                """;
        Unstructured db = cluster.create(STATEFUL_SETS, set.formatted("db", "store"));
        assertThat(db.objects("spec", "volumeClaimTemplates")
                        .getFirst()
                        .string("spec", "resources", "requests", "storage"))
                .isEqualTo("1Gi");
        assertThat(causes(refused(() -> cluster.create(STATEFUL_SETS, set.formatted("other", "elsewhere")))))
                .containsExactly("FieldValueNotFound spec.template.spec.containers[0].volumeMounts[0].name");
    }
}
