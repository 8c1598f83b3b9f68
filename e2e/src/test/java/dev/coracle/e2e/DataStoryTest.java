package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.e2e.harness.Coracle;
import dev.coracle.e2e.harness.DemoCluster;
import dev.coracle.e2e.harness.FlowForge;
import dev.coracle.e2e.harness.Kubectl;
import dev.coracle.e2e.harness.Load;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What was acknowledged is kept, whatever is pulled from under it. */
@ExtendWith(DemoCluster.class)
class DataStoryTest {
    /** What survives a restart as it was; pods' states and leases move on by themselves. */
    private static final String KINDS = "namespaces,nodes,pods,services,endpoints,configmaps,secrets,serviceaccounts,"
            + "persistentvolumes,persistentvolumeclaims,deployments,replicasets,ingresses,storageclasses";

    private final Kubectl kubectl;
    private final FlowForge flowforge;

    DataStoryTest(Kubectl kubectl, FlowForge flowforge) {
        this.kubectl = kubectl;
        this.flowforge = flowforge;
    }

    /** Other stories' pods are gone, and FlowForge is whole. */
    @BeforeEach
    void settled() {
        for (String d : List.of("postgresql", "api-service", "worker-service")) {
            kubectl.ok("rollout", "status", "deployment/" + d, "-n", "flowforge", "--timeout=120s");
        }
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(kubectl.items("pods", "-A"))
                        .allMatch(p -> p.string("metadata", "deletionTimestamp").isEmpty()));
    }

    private void succeeded(List<String> ids) {
        for (String id : ids) {
            await().atMost(Duration.ofSeconds(60))
                    .ignoreExceptions()
                    .untilAsserted(() ->
                            assertThat(flowforge.task(id).string("status")).isEqualTo("succeeded"));
        }
    }

    @Test
    void theDatabasesPodGoesAndItsDataIsThereWhenItReturns() {
        String id = flowforge.add("hash", "{\"text\":\"kept\"}");
        succeeded(List.of(id));
        Unstructured before =
                kubectl.items("pods", "-n", "flowforge", "-l", "app=postgresql").getFirst();
        String volume = kubectl.json("pvc", "postgres-data", "-n", "flowforge").string("spec", "volumeName");

        kubectl.ok("delete", "pod", before.name(), "-n", "flowforge");
        kubectl.ok("rollout", "status", "deployment/postgresql", "-n", "flowforge", "--timeout=120s");

        Unstructured after =
                kubectl.items("pods", "-n", "flowforge", "-l", "app=postgresql").getFirst();
        assertThat(after.uid()).isNotEqualTo(before.uid());
        assertThat(kubectl.json("pvc", "postgres-data", "-n", "flowforge").string("spec", "volumeName"))
                .isEqualTo(volume);
        succeeded(List.of(id, flowforgeAgain()));
    }

    /** A task of after the change; the services reconnect on their own. */
    private String flowforgeAgain() {
        return await().atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(() -> flowforge.add("hash", "{\"text\":\"again\"}"), id -> !id.isEmpty());
    }

    @Test
    void aKilledClusterComesBackWithEveryTaskAndEveryObject(Coracle coracle) {
        List<String> acknowledged;
        Map<String, String> before;
        String told;
        try (Load load = Load.of(flowforge, 4)) {
            await().until(() -> load.acknowledged().size() > 50);
            // Written at the last moment, and acknowledged.
            kubectl.ok("create", "-n", "flowforge", "-f", manifest().toString());
            told = kubectl.json("configmap", "last-words", "-n", "flowforge").uid();
            before = objects();
            coracle.killHard();
            acknowledged = load.acknowledged();
        }

        coracle.on("up").ok();

        try {
            assertThat(objects()).containsAllEntriesOf(before);
            assertThat(kubectl.json("configmap", "last-words", "-n", "flowforge"))
                    .satisfies(m -> assertThat(m.uid()).isEqualTo(told))
                    .satisfies(m -> assertThat(m.string("data", "said")).isEqualTo("keep this"));
            for (String d : List.of("postgresql", "api-service", "worker-service")) {
                kubectl.ok("rollout", "status", "deployment/" + d, "-n", "flowforge", "--timeout=120s");
            }
            assertThat(acknowledged).hasSizeGreaterThan(50);
            succeeded(acknowledged);
            succeeded(List.of(flowforgeAgain()));
        } finally {
            kubectl.run("delete", "configmap", "last-words", "-n", "flowforge");
        }
    }

    private static java.nio.file.Path manifest() {
        try {
            var file = java.nio.file.Files.createTempFile("last-words", ".yaml");
            file.toFile().deleteOnExit();
            return java.nio.file.Files.writeString(
                    file, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: last-words}\ndata: {said: keep this}\n");
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Every object that is not a pod of a rollout in progress, by kind and name, with its uid. */
    private Map<String, String> objects() {
        Map<String, String> all = new TreeMap<>();
        for (Unstructured o : kubectl.items(KINDS, "-A")) {
            all.put(o.kind() + " " + o.namespace() + "/" + o.name(), o.uid());
        }
        return all;
    }
}
