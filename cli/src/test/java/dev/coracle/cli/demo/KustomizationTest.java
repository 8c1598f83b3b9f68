package dev.coracle.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KustomizationTest {
    @TempDir
    Path dir;

    @Test
    void flowForgesOverlayIsReadInOrder() throws IOException {
        assertThat(Kustomization.read(Path.of("../flowforge/deploy/local")))
                .extracting(o -> o.kind() + "/" + o.name())
                .startsWith("Namespace/flowforge")
                .containsSubsequence(
                        "Secret/flowforge-secrets",
                        "Deployment/postgresql",
                        "Deployment/api-service",
                        "Deployment/worker-service",
                        "Ingress/flowforge-ingress")
                .hasSize(11);
    }

    @Test
    void whatItCannotDoIsRefusedAndNotPassedOver() throws IOException {
        Files.writeString(dir.resolve("kustomization.yaml"), "resources: []\nnamePrefix: x-\n");
        assertThatThrownBy(() -> Kustomization.read(dir))
                .hasMessageContaining("namePrefix")
                .hasMessageContaining("kubectl apply -k");
    }

    @Test
    void aRolloutIsCompleteWhenEveryReplicaIsNewAndAvailable() {
        Unstructured d = Unstructured.parse("""
                {"metadata":{"generation":2},"spec":{"replicas":2},
                 "status":{"observedGeneration":2,"replicas":2,"updatedReplicas":2,"availableReplicas":2}}""");
        assertThat(Rollouts.complete(d)).isTrue();
        assertThat(Rollouts.complete(d.copy().set(1, "status", "observedGeneration")))
                .as("the controller has not seen the newest template")
                .isFalse();
        assertThat(Rollouts.complete(d.copy().set(1, "status", "availableReplicas")))
                .isFalse();
        assertThat(Rollouts.complete(d.copy().set(3, "status", "replicas")))
                .as("an old pod is still there")
                .isFalse();
    }
}
