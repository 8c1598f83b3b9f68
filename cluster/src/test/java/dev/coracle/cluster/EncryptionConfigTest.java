package dev.coracle.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.encryption.EncryptionConfiguration;
import dev.coracle.machinery.env.Entropy;
import dev.coracle.machinery.env.VirtualEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncryptionConfigTest {
    private static final String GIVEN = """
            apiVersion: apiserver.config.k8s.io/v1
            kind: EncryptionConfiguration
            resources:
            - resources: ["*.*"]
              providers:
              - aesgcm: {keys: [{name: given, secret: MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=}]}
            """;

    @TempDir
    Path dir;

    private final Entropy entropy = new VirtualEnvironment(1).environment().entropy();
    private ClusterPaths paths;
    private EncryptionConfig config;

    @BeforeEach
    void begin() throws IOException {
        paths = new ClusterPaths(dir.resolve("home"), "one");
        paths.makePrivate();
        config = new EncryptionConfig(paths);
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void aClusterMakesAKeyOnceAndNobodyElseMayReadIt() throws IOException {
        EncryptionConfiguration own = config.read(entropy);
        assertThat(own)
                .hasToString("EncryptionConfiguration[rules=[Rule[resources=[secrets],"
                        + " providers=[Provider[field=secretbox, keys=[coracle]], Provider[field=identity, keys=[]]]]],"
                        + " alsoRead=[]]");
        assertThat(mode(paths.encryptionKey())).isEqualTo("rw-------");
        String key = Files.readString(paths.encryptionKey());
        assertThat(config.read(entropy)).hasToString(own.toString());
        assertThat(Files.readString(paths.encryptionKey())).isEqualTo(key);
        var other = new ClusterPaths(dir.resolve("home"), "two");
        other.makePrivate();
        EncryptionConfiguration unused = new EncryptionConfig(other).read(entropy);
        assertThat(Files.readString(other.encryptionKey())).isNotEqualTo(key);
    }

    @Test
    void whatWasGivenOnceHoldsForLaterStartsUntilItIsTakenBack() throws IOException {
        String own = config.read(entropy).toString();
        Path file = Files.writeString(dir.resolve("given.yaml"), GIVEN);
        config.keep(EncryptionConfig.check(file));
        Files.delete(file);
        assertThat(mode(paths.encryptionConfig())).isEqualTo("rw-------");
        // What the cluster's own key sealed before stays readable.
        assertThat(config.read(entropy))
                .hasToString(
                        "EncryptionConfiguration[rules=[Rule[resources=[*.*],"
                                + " providers=[Provider[field=aesgcm, keys=[given]]]]],"
                                + " alsoRead=[Rule[resources=[secrets],"
                                + " providers=[Provider[field=secretbox, keys=[coracle]], Provider[field=identity, keys=[]]]]]]");
        config.keep("");
        assertThat(config.read(entropy)).hasToString(own);
    }

    @Test
    void aClusterThatIsGivenItsKeysMakesNone() throws IOException {
        config.keep(GIVEN);
        EncryptionConfiguration unused = config.read(entropy);
        assertThat(paths.encryptionKey()).doesNotExist();
    }

    @Test
    void aFileThatNobodyUnderstandsIsRefusedInUpstreamsWords() throws IOException {
        Path wrong = Files.writeString(dir.resolve("wrong.yaml"), GIVEN.replace("aesgcm", "aesgmc"));
        assertThatThrownBy(() -> EncryptionConfig.check(wrong))
                .hasMessage("error while parsing file: error decoding encryption provider configuration file \"" + wrong
                        + "\": strict decoding error: unknown field \"resources[0].providers[0].aesgmc\"");
        Path absent = dir.resolve("absent.yaml");
        assertThatThrownBy(() -> EncryptionConfig.check(absent))
                .hasMessageContaining("error reading encryption provider configuration file \"" + absent + "\"");
    }
}
