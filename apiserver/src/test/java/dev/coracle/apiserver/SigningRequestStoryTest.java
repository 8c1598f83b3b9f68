package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.machinery.object.Resources.CERTIFICATE_SIGNING_REQUESTS;
import static dev.coracle.machinery.object.Resources.CLUSTER_ROLES;
import static dev.coracle.machinery.object.Resources.CLUSTER_ROLE_BINDINGS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Ann asks, Bob approves, Carl signs, and none does another's part. */
class SigningRequestStoryTest {
    private static final WriteOptions APPROVAL = new WriteOptions("approval", "test", false, false);

    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private static String request(String subject) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair pair = generator.generateKeyPair();
        byte[] der = new JcaPKCS10CertificationRequestBuilder(new X500Name(subject), pair.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
                .getEncoded();
        String pem = "-----BEGIN CERTIFICATE REQUEST-----\n"
                + Base64.getMimeEncoder(64, new byte[] {10}).encodeToString(der)
                + "\n-----END CERTIFICATE REQUEST-----\n";
        return Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.UTF_8));
    }

    private static Unstructured asked(String signer, String request) {
        return Cluster.yaml("{apiVersion: certificates.k8s.io/v1, kind: CertificateSigningRequest, metadata: {name: r},"
                + " spec: {signerName: " + signer + ", usages: [client auth], username: somebody-else, request: "
                + request + "}}");
    }

    private Client user(String name, String... rules) {
        cluster.create(
                CLUSTER_ROLES,
                "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: " + name + "}, rules: ["
                        + String.join(",", rules) + "]}");
        cluster.create(
                CLUSTER_ROLE_BINDINGS,
                "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: " + name
                        + "}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: " + name
                        + "}, subjects: [{kind: User, name: " + name + "}]}");
        return cluster.server.client(new UserInfo(
                name, "u-" + name, Set.of("team", UserInfo.AUTHENTICATED), Map.of("from", List.of("here"))));
    }

    private static String part(String part) {
        return "{apiGroups: [certificates.k8s.io], resources: [certificatesigningrequests" + part
                + "], verbs: [create, patch]}";
    }

    private static String signer(String verb, String name) {
        return "{apiGroups: [certificates.k8s.io], resources: [signers], verbs: [" + verb + "], resourceNames: ['"
                + name + "']}";
    }

    private static Unstructured approve(Client who) {
        return who.patch(
                        CERTIFICATE_SIGNING_REQUESTS,
                        "",
                        "r",
                        Patch.merge(Cluster.yaml("{spec: {username: bob}, status: {certificate: eA==,"
                                + " conditions: [{type: Approved, status: 'True'}]}}")),
                        APPROVAL)
                .object();
    }

    private static Unstructured sign(Client who, String status) {
        return who.patch(
                        CERTIFICATE_SIGNING_REQUESTS,
                        "",
                        "r",
                        Patch.merge(Cluster.yaml("{status: " + status + "}")),
                        WriteOptions.STATUS)
                .object();
    }

    @Test
    void eachDoesHisPart() throws Exception {
        Client ann = user("ann", part(""));
        Unstructured r = ann.create(
                        CERTIFICATE_SIGNING_REQUESTS,
                        "",
                        asked("example.com/team", request("CN=ann")),
                        WriteOptions.DEFAULT)
                .object();
        assertThat(r.string("spec", "username")).isEqualTo("ann");
        assertThat(r.string("spec", "uid")).isEqualTo("u-ann");
        assertThat(r.stringList("spec", "groups")).contains("team");
        assertThat(r.get("spec", "extra")).isEqualTo(Map.of("from", List.of("here")));

        Client bob = user("bob", part("/approval"), signer("approve", "example.com/*"));
        Client carl = user("carl", part("/status"), part("/approval"), signer("sign", "example.com/team"));
        assertThat(refused(() -> approve(carl)))
                .hasMessage("certificatesigningrequests.certificates.k8s.io \"r\" is forbidden: user not permitted to"
                        + " approve requests with signerName \"example.com/team\"");
        assertThat(refused(() -> sign(carl, "{conditions: [{type: Approved, status: 'True'}]}")))
                .hasMessageContaining(
                        "status.conditions: Forbidden: updates may not add a condition of type \"Approved\"");
        Unstructured approved = approve(bob);
        assertThat(approved.string("spec", "username")).isEqualTo("ann");
        assertThat(approved.has("status", "certificate")).isFalse();
        assertThat(approved.objects("status", "conditions").getFirst().string("lastUpdateTime"))
                .isNotEmpty();

        assertThat(refused(() -> sign(carl, "{certificate: eA==}")))
                .hasMessageContaining("status.certificate: Invalid value: \"<certificate data>\": must contain at least"
                        + " one CERTIFICATE PEM block");
        assertThat(refused(() -> sign(carl, "{conditions: []}")))
                .hasMessageContaining("updates may not remove a condition of type \"Approved\"");
        assertThat(sign(
                                carl,
                                "{conditions: [{type: Approved, status: 'True', lastUpdateTime: '"
                                        + approved.objects("status", "conditions")
                                                .getFirst()
                                                .string("lastUpdateTime")
                                        + "', lastTransitionTime: '"
                                        + approved.objects("status", "conditions")
                                                .getFirst()
                                                .string("lastTransitionTime")
                                        + "'}, {type: Failed, status: 'True'}]}")
                        .objects("status", "conditions"))
                .hasSize(2);
    }

    @Test
    void nobodySignsWhoMayNot() throws Exception {
        cluster.admin.create(
                CERTIFICATE_SIGNING_REQUESTS, "", asked("example.com/team", request("CN=a")), WriteOptions.DEFAULT);
        Client dora = user("dora", part("/status"), signer("sign", "example.org/*"));
        assertThat(refused(() -> sign(dora, "{conditions: [{type: Failed, status: 'True'}]}")))
                .hasMessage(
                        "certificatesigningrequests.certificates.k8s.io \"r\" is forbidden: user not permitted to sign"
                                + " requests with signerName \"example.com/team\"");
    }

    @Test
    void nobodyBecomesAnAdministrator() throws Exception {
        assertThat(refused(() -> cluster.admin.create(
                        CERTIFICATE_SIGNING_REQUESTS,
                        "",
                        asked("kubernetes.io/kube-apiserver-client", request("O=system:masters,CN=eve")),
                        WriteOptions.DEFAULT)))
                .hasMessage("certificatesigningrequests.certificates.k8s.io \"r\" is forbidden: use of"
                        + " kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed");
    }

    @Test
    void whatIsNoRequestIsRefused() throws Exception {
        String good = request("CN=a");
        assertThat(refused(() -> cluster.admin.create(
                        CERTIFICATE_SIGNING_REQUESTS, "", asked("team", "eA=="), WriteOptions.DEFAULT)))
                .hasMessage(
                        "CertificateSigningRequest.certificates.k8s.io \"r\" is invalid: [spec.request: Invalid value:"
                                + " \"eA==\": PEM block type must be CERTIFICATE REQUEST, spec.signerName: Invalid value: \"team\":"
                                + " must be a fully qualified domain and path of the form 'example.com/signer-name']");
        Unstructured many = asked("example.com/a", good)
                .set(List.of("client auth", "client auth", "magic"), "spec", "usages")
                .set(5L, "spec", "expirationSeconds");
        assertThat(refused(() -> cluster.admin.create(CERTIFICATE_SIGNING_REQUESTS, "", many, WriteOptions.DEFAULT)))
                .hasMessageContaining("spec.usages[2]: Unsupported value: \"magic\"")
                .hasMessageContaining("spec.usages[1]: Duplicate value: \"client auth\"")
                .hasMessageContaining("may not specify a duration less than 600 seconds (10 minutes)");
    }
}
