package dev.coracle.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.harness.Coracle;
import dev.coracle.e2e.harness.Kubectl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gets a copy of a cluster's store gets no Secrets with it. */
class SealedSecretsStoryTest {
    private static final String WORD = "correct-horse-battery-staple";
    private static final String PLANTED = "whoever-looks-finds-this";

    private static final String GIVEN = """
            apiVersion: apiserver.config.k8s.io/v1
            kind: EncryptionConfiguration
            resources:
            - resources: [secrets]
              providers:
              - aesgcm:
                  keys:
                  - name: %s
                    secret: MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=
            """;

    private final Coracle cluster = Coracle.ofThisCheckout("sealed");

    @AfterEach
    void gone() {
        cluster.on("down", "--delete").ok();
    }

    private static String encoded(String word) {
        return Base64.getEncoder().encodeToString(word.getBytes(UTF_8));
    }

    /** Whether a word is anywhere under the cluster's directory, as it is or in base64. */
    private boolean lies(String word) throws IOException {
        try (Stream<Path> files = Files.walk(cluster.paths().dir())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String text = Files.readString(file, ISO_8859_1);
                if (text.contains(word) || text.contains(encoded(word))) {
                    return true;
                }
            }
        }
        return false;
    }

    @Test
    void aCopyOfTheStoreHasNoSecretsInItWhicheverKeySealsThem(@TempDir Path files) throws IOException {
        cluster.on("up", "--workers", "0").ok();
        Kubectl kubectl = cluster.kubectl();
        kubectl.ok("create", "secret", "generic", "door", "--from-literal=word=" + WORD);
        kubectl.ok("create", "configmap", "door", "--from-literal=word=" + PLANTED);
        assertThat(kubectl.json("secret", "door").string("data", "word")).isEqualTo(encoded(WORD));
        cluster.on("down").ok();
        assertThat(lies(PLANTED)).isTrue();
        assertThat(lies(WORD)).isFalse();

        Path given = files.resolve("given.yaml");
        Files.writeString(given, GIVEN.formatted("\"\""));
        assertThat(cluster.on("up", "--encryption-provider-config", "" + given).refused())
                .contains("resources[0].providers[0].aesgcm.keys[0].name: Required value: name is a mandatory field for"
                        + " a key");
        Files.writeString(given, GIVEN.formatted("given"));
        cluster.on("up", "--encryption-provider-config", "" + given).ok();
        kubectl.with(kubectl.ok("get", "secrets", "-A", "-o", "json"), "replace", "-f", "-")
                .ok();
        cluster.on("down").ok();

        // Told once, it holds; the cluster's first key is needed no more.
        Files.delete(given);
        Files.delete(cluster.paths().encryptionKey());
        cluster.on("up").ok();
        assertThat(kubectl.json("secret", "door").string("data", "word")).isEqualTo(encoded(WORD));
        cluster.on("down").ok();
        assertThat(lies(WORD)).isFalse();
    }
}
