package dev.coracle.controllers.certificates;

import static dev.coracle.controllers.World.condition;
import static dev.coracle.controllers.World.tree;
import static dev.coracle.machinery.object.Resources.CERTIFICATE_SIGNING_REQUESTS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.WriteOptions;
import dev.coracle.client.pem.Pem;
import dev.coracle.controllers.World;
import dev.coracle.machinery.object.Unstructured;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From a request to a certificate, on a virtual clock. */
class CertificateStoryTest {
    private static final String CLIENT = "kubernetes.io/kube-apiserver-client";
    private static final String KUBELET = "kubernetes.io/kube-apiserver-client-kubelet";
    private static final String SERVING = "kubernetes.io/kubelet-serving";

    private World world;
    private KeyPair authority;

    @BeforeEach
    void start(@TempDir Path volumes) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        authority = generator.generateKeyPair();
        X500Name name = new X500Name("CN=kubernetes");
        X509Certificate ca = new JcaX509CertificateConverter()
                .getCertificate(new JcaX509v3CertificateBuilder(
                                name,
                                BigInteger.ONE,
                                Date.from(Instant.parse("2000-01-01T00:00:00Z")),
                                Date.from(Instant.parse("2100-01-01T00:00:00Z")),
                                name,
                                authority.getPublic())
                        .build(new JcaContentSignerBuilder("SHA256withECDSA").build(authority.getPrivate())));
        world = new World(volumes, Pem.text(ca), Pem.text(authority.getPrivate()))
                .run(SigningController::new)
                .run(ApprovingController::new)
                .run(CleaningController::new)
                .start();
    }

    @AfterEach
    void stop() throws Exception {
        world.close();
    }

    /** A request signed with a key of its own. */
    private static String request(String subject, GeneralName... names) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair pair = generator.generateKeyPair();
        var builder = new JcaPKCS10CertificationRequestBuilder(new X500Name(subject), pair.getPublic());
        if (names.length > 0) {
            ExtensionsGenerator extensions = new ExtensionsGenerator();
            extensions.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
            builder.addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
        }
        byte[] der = builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
                .getEncoded();
        StringWriter text = new StringWriter();
        try (PemWriter pem = new PemWriter(text)) {
            pem.writeObject(new PemObject("CERTIFICATE REQUEST", der));
        }
        return Base64.getEncoder().encodeToString(text.toString().getBytes(StandardCharsets.US_ASCII));
    }

    private void ask(String name, String signer, String request, String more, String... usages) {
        world.create(CERTIFICATE_SIGNING_REQUESTS, "", """
                {'apiVersion': 'certificates.k8s.io/v1', 'kind': 'CertificateSigningRequest', 'metadata': {'name': '%s'},
                 'spec': {'signerName': '%s', 'request': '%s', 'usages': ['%s'] %s}}
                """.formatted(
                        name, signer, request, String.join("','", usages), more));
        world.settle();
    }

    private void decide(String name, String type) {
        Unstructured next = get(name).copy();
        next.add(tree("{'type': '%s', 'status': 'True', 'reason': 'Test'}".formatted(type)), "status", "conditions");
        world.client()
                .update(CERTIFICATE_SIGNING_REQUESTS, next, new WriteOptions("approval", "kubectl", false, false));
        world.settle();
    }

    private Unstructured get(String name) {
        return world.client().get(CERTIFICATE_SIGNING_REQUESTS, "", name).object();
    }

    private X509Certificate certificate(String name) throws Exception {
        byte[] pem = Base64.getDecoder().decode(get(name).string("status", "certificate"));
        return Pem.certificates(new String(pem, StandardCharsets.US_ASCII)).getFirst();
    }

    @Test
    void whatIsApprovedIsSignedAsItWasAskedFor() throws Exception {
        ask("jane", CLIENT, request("O=dev,CN=jane"), ", 'expirationSeconds': 86400", "client auth");
        assertThat(get("jane").has("status", "certificate")).isFalse();
        decide("jane", "Approved");
        X509Certificate c = certificate("jane");
        c.verify(authority.getPublic());
        assertThat(c.getSubjectX500Principal().getName()).contains("CN=jane").contains("O=dev");
        assertThat(c.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
        assertThat(c.getBasicConstraints()).as("no authority").isEqualTo(-1);
        assertThat(Duration.between(
                        c.getNotBefore().toInstant(), c.getNotAfter().toInstant()))
                .isEqualTo(Duration.ofDays(1));
        assertThat(c.getNotBefore().toInstant()).isBefore(world.now());
    }

    @Test
    void whatIsDeniedOrAnothersIsNot() throws Exception {
        ask("denied", CLIENT, request("CN=a"), "", "client auth");
        decide("denied", "Denied");
        ask("other", "example.com/signer", request("CN=a"), "", "client auth");
        decide("other", "Approved");
        assertThat(List.of(get("denied"), get("other"))).noneMatch(o -> o.has("status", "certificate"));
    }

    @ParameterizedTest
    @CsvSource({
        CLIENT + ",CN=a,server auth,,invalid usage for client certificate: server auth",
        CLIENT + ",CN=a,digital signature,,missing required usage for client certificate: client auth",
        KUBELET + ",CN=system:node:n,client auth,,subject organization is not system:nodes",
        SERVING + ",'O=system:nodes,CN=system:node:n',server auth,,DNS or IP subjectAltName is required",
        SERVING
                + ",'O=system:nodes,CN=n',server auth,n.example.com,subject common name does not begin with system:node:",
    })
    void whatTheSignerDoesNotSignSaysWhy(String signer, String subject, String usage, String dns, String why)
            throws Exception {
        GeneralName[] names =
                dns == null ? new GeneralName[0] : new GeneralName[] {new GeneralName(GeneralName.dNSName, dns)};
        ask("r", signer, request(subject, names), "", usage);
        decide("r", "Approved");
        Unstructured failed = condition(get("r"), "Failed");
        assertThat(failed.string("reason")).isEqualTo("SignerValidationFailure");
        assertThat(failed.string("message")).isEqualTo(why);
    }

    @Test
    void aKubeletsServingCertificateHasItsNames() throws Exception {
        ask(
                "serving",
                SERVING,
                request(
                        "O=system:nodes,CN=system:node:n",
                        new GeneralName(GeneralName.dNSName, "n"),
                        new GeneralName(GeneralName.iPAddress, "10.0.0.1")),
                "",
                "digital signature",
                "server auth");
        decide("serving", "Approved");
        assertThat(certificate("serving").getSubjectAlternativeNames()).hasSize(2);
    }

    @Test
    void aKubeletThatMayHaveOneIsApprovedByItself() throws Exception {
        ask("mine", KUBELET, request("O=system:nodes,CN=system:node:n"), "", "digital signature", "client auth");
        Unstructured approved = condition(get("mine"), "Approved");
        assertThat(approved.string("reason")).isEqualTo("AutoApproved");
        assertThat(approved.string("message"))
                .isEqualTo("Auto approving kubelet client certificate after SubjectAccessReview.");
        certificate("mine").verify(authority.getPublic());
    }

    @Test
    void requestsAreForgottenAnHourAfterTheyAreDecidedOrADayAfterTheyCame() throws Exception {
        ask("issued", CLIENT, request("CN=a"), "", "client auth");
        decide("issued", "Approved");
        ask("denied", CLIENT, request("CN=a"), "", "client auth");
        decide("denied", "Denied");
        ask("pending", CLIENT, request("CN=a"), "", "client auth");
        world.advance(Duration.ofMinutes(50));
        assertThat(world.list(CERTIFICATE_SIGNING_REQUESTS, "")).hasSize(3);
        world.advance(Duration.ofMinutes(11));
        assertThat(world.list(CERTIFICATE_SIGNING_REQUESTS, ""))
                .extracting(Unstructured::name)
                .containsExactly("pending");
        world.advance(Duration.ofHours(23));
        assertThat(world.list(CERTIFICATE_SIGNING_REQUESTS, "")).isEmpty();
    }
}
