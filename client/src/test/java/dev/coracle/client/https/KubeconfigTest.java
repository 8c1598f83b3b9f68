package dev.coracle.client.https;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.client.pem.Pem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubeconfigTest {
    @TempDir
    private Path dir;

    /** Keys made by {@code openssl} for this test alone; nothing trusts them. */
    private static String resource(String name) throws IOException {
        try (InputStream in = KubeconfigTest.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private Kubeconfig config(String user, String cluster) throws IOException {
        Path file = dir.resolve("config");
        Files.writeString(file, """
                apiVersion: v1
                kind: Config
                current-context: here
                contexts:
                - {name: here, context: {cluster: c, user: u, namespace: flowforge}}
                - {name: there, context: {cluster: missing, user: u}}
                clusters:
                - {name: c, cluster: {server: 'https://10.0.0.1:6443', %s}}
                users:
                - {name: u, user: {%s}}
                """.formatted(cluster, user));
        return Kubeconfig.read(file);
    }

    @Test
    void dataAndFilesAreReadAlike() throws Exception {
        String ca = resource("ec.crt");
        Files.writeString(dir.resolve("ca.crt"), ca);
        String data = Base64.getEncoder().encodeToString(ca.getBytes(StandardCharsets.US_ASCII));
        Endpoint byData =
                config("token: t", "certificate-authority-data: " + data).endpoint();
        Endpoint byFile = config("token: t", "certificate-authority: ca.crt").endpoint();
        assertThat(byData).isEqualTo(byFile);
        assertThat(byData.certificateAuthority()).isEqualTo(ca);
        assertThat(byData.namespace()).isEqualTo("flowforge");
        assertThat(byData.token()).isEqualTo("t");
        assertThat(byData.toString()).doesNotContain("token");
    }

    @Test
    void oneMayAskAsSomebodyElse() throws Exception {
        assertThat(config("token: t, as: eve, as-uid: u1, as-groups: [dev, ops]", "")
                        .endpoint()
                        .as())
                .isEqualTo(new Endpoint.Impersonation("eve", "u1", List.of("dev", "ops")));
        assertThat(config("token: t", "").endpoint().as()).isEqualTo(Endpoint.Impersonation.NONE);
    }

    @Test
    void whatCannotBeFollowedIsRefused() throws Exception {
        assertThatThrownBy(() -> config("exec: {command: aws}", "").endpoint())
                .hasMessageContaining("user.exec is not supported");
        assertThatThrownBy(() -> config("", "proxy-url: 'http://p'").endpoint())
                .hasMessageContaining("cluster.proxy-url");
        assertThatThrownBy(() -> config("", "").endpoint("nowhere")).hasMessage("context \"nowhere\" does not exist");
        assertThatThrownBy(() -> config("", "").endpoint("there")).hasMessageContaining("\"missing\"");
    }

    @Test
    void keysComeInThreeWrappings() throws Exception {
        assertThat(((ECPrivateKey) Pem.privateKey(resource("ec-sec1.pem"))).getS())
                .isEqualTo(((ECPrivateKey) Pem.privateKey(resource("ec-pkcs8.pem"))).getS());
        assertThat(Pem.privateKey(resource("rsa-pkcs1.pem"))).isEqualTo(Pem.privateKey(resource("rsa-pkcs8.pem")));
        assertThatThrownBy(() -> Pem.privateKey("nothing")).hasMessageContaining("no private key");
        assertThatThrownBy(() -> Pem.certificates(resource("ec-sec1.pem"))).hasMessageContaining("no certificate");
        assertThat(Pem.certificates(resource("ec.crt") + resource("ec.crt"))).hasSize(2);
    }
}
