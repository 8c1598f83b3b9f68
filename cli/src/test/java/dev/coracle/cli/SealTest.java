package dev.coracle.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.client.https.Transport;
import dev.coracle.client.pem.Pem;
import dev.coracle.cluster.pki.CertificateAuthority;
import dev.coracle.controllers.sealedsecrets.Scope;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemClock;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.MGF1ParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** {@code coracle seal}: what is made of a Secret, and what is not sealed at all. */
class SealTest {
    private static final String SECRET = """
            apiVersion: v1
            kind: Secret
            metadata:
              name: db
              uid: of-the-server
              labels: {app: db}
              annotations: {kubectl.kubernetes.io/last-applied-configuration: hunter2, a: b}
              ownerReferences: [{apiVersion: v1, kind: Pod, name: p, uid: u}]
            type: example.com/login
            data: {user: ZXZl}
            stringData: {password: hunter2}
            """;

    private static final KeyPair PAIR = pair();

    private final VirtualEnvironment time = new VirtualEnvironment(1);
    private final Environment environment = time.environment();
    private final String certificate = certificate(environment.clock().now());
    private final Sealer sealer = new Sealer(environment);

    private static KeyPair pair() {
        try {
            KeyPairGenerator g = KeyPairGenerator.getInstance("RSA");
            g.initialize(2048);
            return g.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String certificate(Instant from) {
        try {
            X500Name name = new X500Name("CN=test");
            return Pem.text(new JcaX509CertificateConverter()
                    .getCertificate(new JcaX509v3CertificateBuilder(
                                    name,
                                    BigInteger.TEN,
                                    Date.from(from),
                                    Date.from(from.plus(Duration.ofDays(3650))),
                                    name,
                                    PAIR.getPublic())
                            .build(new JcaContentSignerBuilder("SHA256withRSA").build(PAIR.getPrivate()))));
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As the cluster does it. */
    private static String opened(String sealed, String label) throws GeneralSecurityException {
        byte[] all = Base64.getDecoder().decode(sealed);
        Cipher rsa = Cipher.getInstance("RSA/ECB/OAEPPadding");
        rsa.init(
                Cipher.DECRYPT_MODE,
                PAIR.getPrivate(),
                new OAEPParameterSpec(
                        "SHA-256",
                        "MGF1",
                        MGF1ParameterSpec.SHA256,
                        new PSource.PSpecified(label.getBytes(StandardCharsets.UTF_8))));
        byte[] session = rsa.doFinal(all, 2, 256);
        Cipher aes = Cipher.getInstance("AES/GCM/NoPadding");
        aes.init(Cipher.DECRYPT_MODE, new SecretKeySpec(session, "AES"), new GCMParameterSpec(128, new byte[12]));
        return new String(aes.doFinal(all, 258, all.length - 258), StandardCharsets.UTF_8);
    }

    private Unstructured seal(String text, Scope scope, String name) {
        return sealer.seal(text, sealer.key(certificate), scope, name, "shop", false);
    }

    @Test
    void aSecretBecomesASealedSecretThatTellsNothing() throws Exception {
        Unstructured sealed = seal(SECRET, Scope.STRICT, "");
        assertThat(sealed.apiVersion()).isEqualTo("bitnami.com/v1alpha1");
        assertThat(sealed.kind()).isEqualTo("SealedSecret");
        assertThat(sealed.object("metadata").map()).isEqualTo(Map.of("name", "db", "namespace", "shop"));
        assertThat(sealed.object("spec", "template").map())
                .isEqualTo(Map.of(
                        "type",
                        "example.com/login",
                        "metadata",
                        Map.of(
                                "name",
                                "db",
                                "namespace",
                                "shop",
                                "labels",
                                Map.of("app", "db"),
                                "annotations",
                                Map.of("a", "b"))));
        assertThat(opened(sealed.string("spec", "encryptedData", "user"), "shop/db"))
                .isEqualTo("eve");
        assertThat(opened(sealed.string("spec", "encryptedData", "password"), "shop/db"))
                .isEqualTo("hunter2");
        assertThat(sealed.toString()).doesNotContain("hunter2");
    }

    @Test
    void aScopeIsAnAnnotationAndALabel() throws Exception {
        Unstructured there = seal(SECRET, Scope.NAMESPACE_WIDE, "other");
        assertThat(there.name()).isEqualTo("other");
        assertThat(there.annotations()).isEqualTo(Map.of("sealedsecrets.bitnami.com/namespace-wide", "true"));
        assertThat(opened(there.string("spec", "encryptedData", "user"), "shop"))
                .isEqualTo("eve");
        Unstructured anywhere = seal(SECRET, Scope.CLUSTER_WIDE, "");
        assertThat(anywhere.annotations()).isEqualTo(Map.of("sealedsecrets.bitnami.com/cluster-wide", "true"));
        assertThat(anywhere.has("metadata", "namespace")).isFalse();
        assertThat(opened(anywhere.string("spec", "encryptedData", "user"), "")).isEqualTo("eve");
        assertThat(opened(sealer.raw(new byte[] {'x'}, sealer.key(certificate), Scope.STRICT, "db", "shop"), "shop/db"))
                .isEqualTo("x");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{kind: ConfigMap, apiVersion: v1}|a Secret of v1 is expected, not a \"ConfigMap\" of \"v1\"",
                "{kind: Secret, apiVersion: v1, metadata: {name: a}}|secret.data is empty in input Secret, assuming"
                        + " this is an error and aborting. To work with empty data, --allow-empty-data can be used",
                "{kind: Secret, apiVersion: v1, stringData: {a: b}}|missing metadata.name in input Secret",
                "{kind: Secret, apiVersion: v1, stringData: {pin: 1234}}|Secret.stringData.pin must be a string: quote it",
                "{kind: Secret, apiVersion: v1, metadata: {name: a}, data: {pin: '12!4'}}|data.pin: illegal base64 data"
                        + " at input byte 2",
                "'{kind: Secret'|the input is neither YAML nor JSON",
                "''|the input holds no object"
            })
    void whatIsNoSecretIsNotSealed(String text, String why) {
        assertThatThrownBy(() -> seal(text, Scope.STRICT, "")).hasMessage(why);
    }

    @Test
    void severalAtOnceAreNotSealed() {
        assertThatThrownBy(() -> seal(SECRET + "---\n" + SECRET, Scope.STRICT, ""))
                .hasMessageStartingWith("Multistream YAML not supported yet");
    }

    @Test
    void aBadCertificateSealsNothing() {
        var authority = CertificateAuthority.create("test", environment);
        assertThatThrownBy(() -> sealer.key(authority.pem().certificate()))
                .hasMessage("expected RSA public key but found EC");
        assertThatThrownBy(() -> sealer.key("PEM"))
                .hasMessage("data does not contain any valid RSA or ECDSA certificates");
        String old = certificate(Instant.parse("2001-02-03T04:05:06Z"));
        assertThatThrownBy(() -> sealer.key(old))
                .hasMessage("failed to encrypt using an expired certificate on February 1, 2011");
    }

    @Test
    void theClusterIsAskedWhereKubesealAsks() {
        var api = new Api();
        api.answer = certificate.getBytes(StandardCharsets.US_ASCII);
        assertThat(Sealer.certificate(api)).isEqualTo(certificate);
        Unstructured sealed = seal(SECRET, Scope.STRICT, "");
        Sealer.validate(api, Yaml.string(sealed.map()));
        api.answer = sealed.json();
        assertThat(Sealer.reEncrypt(api, Yaml.string(sealed.map()))).isEqualTo(sealed);
        String server = "/api/v1/namespaces/kube-system/services/http:sealed-secrets-controller:/proxy/v1/";
        assertThat(api.asked)
                .containsExactly(
                        "GET " + server + "cert.pem", "POST " + server + "verify", "POST " + server + "rotate");

        api.refusal = new StatusException(409, "Conflict", "");
        assertThatThrownBy(() -> Sealer.validate(api, "{}")).hasMessage("unable to decrypt sealed secret");
        api.refusal = new StatusException(404, "NotFound", "services \"sealed-secrets-controller\" not found");
        assertThatThrownBy(() -> Sealer.certificate(api))
                .hasMessageStartingWith("cannot fetch certificate: services \"sealed-secrets-controller\" not found\n")
                .hasMessageContaining("coracle up --with sealed-secrets");
        api.refusal = new StatusException(500, "InternalError", "cannot get certificate");
        assertThatThrownBy(() -> Sealer.certificate(api)).hasMessageContaining("try again in a moment");
    }

    @Test
    void theCommandSealsAFile(@TempDir Path dir) throws Exception {
        Path secret = Files.writeString(dir.resolve("secret.yaml"), SECRET);
        Path cert = Files.writeString(dir.resolve("cert.pem"), certificate(new SystemClock().now()));
        Path out = dir.resolve("sealed.yaml");
        assertThat(run("--cert", cert, "-f", secret, "-n", "shop", "-o", "yaml", "-w", out))
                .isZero();
        assertThat(Files.readString(out)).startsWith("---\napiVersion: bitnami.com/v1alpha1\n");
        Path value = Files.writeString(dir.resolve("value"), "x");
        assertThat(run("--cert", cert, "--raw", "-n", "shop", "--secret", "db", "--from-file", value, "-w", out))
                .isZero();
        assertThat(opened(Files.readString(out), "shop/db")).isEqualTo("x");
        assertThat(run("--cert", cert, "--raw", "--from-file", value)).isEqualTo(1);
        assertThat(run("--cert", cert, "--scope", "wide", "-f", secret)).isEqualTo(1);
        assertThat(run("--cert", dir.resolve("none"), "-f", secret)).isEqualTo(1);
    }

    private static int run(Object... words) {
        List<String> all = new ArrayList<>(List.of("seal"));
        for (Object word : words) {
            all.add(word.toString());
        }
        return new CommandLine(new Main())
                .setExecutionExceptionHandler((e, c, parsed) -> 1)
                .execute(all.toArray(String[]::new));
    }

    /** Remembers what it is asked. */
    private static final class Api implements Transport {
        private final List<String> asked = new ArrayList<>();
        private byte[] answer = {};
        private StatusException refusal;

        @Override
        public byte[] exchange(String method, String path, String accept, String type, byte[] body) {
            asked.add(method + " " + path);
            if (refusal != null) {
                throw refusal;
            }
            return answer;
        }

        @Override
        public InputStream stream(String path, String accept) {
            throw new UnsupportedOperationException();
        }
    }
}
