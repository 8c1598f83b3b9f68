package dev.coracle.apiserver.authentication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.Certificates;
import dev.coracle.apiserver.authorization.RbacAuthorizer;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.WriteOptions;
import dev.coracle.client.pem.Pem;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The life of a ServiceAccount's token. */
class TokenStoryTest {
    private static final GroupVersionResource TOKEN_REVIEWS =
            new GroupVersionResource("authentication.k8s.io", "v1", "tokenreviews");

    private final VirtualEnvironment world = new VirtualEnvironment(7);
    private final Environment environment = world.environment();
    private ApiServer server;
    private Client admin;
    private ServiceAccountTokens tokens;
    private TokenRequests requests;
    private Authenticator authenticator;

    @BeforeEach
    void start() throws Exception {
        server = ApiServer.inMemory(environment);
        admin = server.client(UserInfo.ADMIN);
        tokens = new ServiceAccountTokens(() -> "", this::find, environment);
        requests = new TokenRequests(tokens, this::find, environment);
        var certificates = new ClientCertificates(new Certificates(environment).authorityPem(), environment.clock());
        authenticator = new Authenticator(certificates, tokens, new RbacAuthorizer(new RbacAuthorizer.Objects() {
            @Override
            public List<Revision> all(GroupVersionResource resource) {
                return admin.list(resource, "", dev.coracle.client.ListOptions.ALL)
                        .items();
            }

            @Override
            public long version(GroupVersionResource resource) {
                return Long.parseLong(admin.list(resource, "", dev.coracle.client.ListOptions.ALL)
                        .resourceVersion());
            }
        }));
        account("robot");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Optional<Revision> find(GroupVersionResource resource, String namespace, String name) {
        try {
            return Optional.of(admin.get(resource, namespace, name));
        } catch (StatusException e) {
            return Optional.empty();
        }
    }

    private void account(String name) {
        admin.create(
                Resources.SERVICE_ACCOUNTS,
                "default",
                Unstructured.of("v1", "ServiceAccount", "default", name),
                WriteOptions.DEFAULT);
    }

    private Revision pod(String name) {
        Unstructured pod = Unstructured.of("v1", "Pod", "default", name).set("robot", "spec", "serviceAccountName");
        pod.add(Unstructured.parse("{\"name\":\"app\",\"image\":\"i\"}"), "spec", "containers");
        return admin.create(Resources.PODS, "default", pod, WriteOptions.DEFAULT);
    }

    private String issue(String spec) {
        return requests.answer("default", "robot", Unstructured.parse("{\"spec\":" + spec + "}"))
                .string("status", "token");
    }

    private UserInfo use(String token, String... headers) {
        var h = new DefaultHttpHeaders();
        if (!token.isEmpty()) {
            h.set("Authorization", "Bearer " + token);
        }
        for (int i = 0; i < headers.length; i += 2) {
            h.add(headers[i], headers[i + 1]);
        }
        return authenticator.authenticate(List.of(), h);
    }

    private void assertRefused(String token) {
        assertThatThrownBy(() -> use(token))
                .isInstanceOfSatisfying(
                        StatusException.class, e -> assertThat(e.code()).isEqualTo(401));
    }

    @Test
    void itsBearerIsTheAccount() {
        UserInfo user = use(issue("{}"));
        assertThat(user.name()).isEqualTo("system:serviceaccount:default:robot");
        assertThat(user.uid())
                .isEqualTo(admin.get(Resources.SERVICE_ACCOUNTS, "default", "robot")
                        .uid());
        assertThat(user.groups())
                .containsExactlyInAnyOrder(
                        "system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated");
        assertThat(user.extra()).containsOnlyKeys("authentication.kubernetes.io/credential-id");
    }

    @Test
    void whoShowsNothingIsAnonymousButWhoShowsRubbishIsNobody() {
        assertThat(use("")).isEqualTo(UserInfo.ANONYMOUS);
        assertRefused("rubbish");
        String good = issue("{}");
        assertRefused(good.substring(0, good.length() - 8) + "AAAAAAAA");
        String[] parts = good.split("\\.");
        String unsigned = java.util.Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"alg\":\"none\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertRefused(unsigned + "." + parts[1] + ".");
    }

    @Test
    void itEndsWhenItsTimeIsOver() {
        Unstructured answer =
                requests.answer("default", "robot", Unstructured.parse("{\"spec\":{\"expirationSeconds\":600}}"));
        String token = answer.string("status", "token");
        assertThat(answer.time("status", "expirationTimestamp"))
                .contains(environment.clock().now().plusSeconds(600));
        world.advance(Duration.ofSeconds(599));
        assertThat(use(token).name()).endsWith(":robot");
        world.advance(Duration.ofSeconds(2));
        assertRefused(token);
    }

    @Test
    void itEndsWithItsAccountEvenIfAnotherTakesTheName() {
        String token = issue("{}");
        admin.delete(Resources.SERVICE_ACCOUNTS, "default", "robot", DeleteOptions.DEFAULT);
        assertRefused(token);
        account("robot");
        assertRefused(token);
        assertThat(use(issue("{}")).name()).endsWith(":robot");
    }

    @Test
    void onesThatAreBoundToAPodEndWithThePod() {
        Revision pod = pod("web");
        String token = issue("{\"boundObjectRef\":{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"name\":\"web\",\"uid\":\""
                + pod.uid() + "\"}}");
        assertThat(use(token).extra())
                .containsEntry("authentication.kubernetes.io/pod-name", List.of("web"))
                .containsEntry("authentication.kubernetes.io/pod-uid", List.of(pod.uid()));
        admin.delete(Resources.PODS, "default", "web", DeleteOptions.DEFAULT);
        assertRefused(token);
    }

    @Test
    void oneForAnotherAudienceIsNotForThisServer() {
        String token = issue("{\"audiences\":[\"vault\"]}");
        assertRefused(token);
        assertThat(tokens.verify(token, List.of("vault", "other")).audiences()).containsExactly("vault");
    }

    @Test
    void anotherKeysSignatureIsWorthNothing() {
        var other = new ServiceAccountTokens(() -> "", this::find, environment);
        String forged = new TokenRequests(other, this::find, environment)
                .answer("default", "robot", Unstructured.parse("{}"))
                .string("status", "token");
        assertRefused(forged);
    }

    @Test
    void wrongWishesAreRefusedByName() {
        assertThatThrownBy(() -> issue("{\"expirationSeconds\":60}"))
                .hasMessageContaining(
                        "spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes");
        assertThatThrownBy(() -> issue("{\"boundObjectRef\":{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"name\":\"x\"}}"))
                .hasMessage("pods \"x\" not found");
        pod("web");
        assertThatThrownBy(() -> issue(
                        "{\"boundObjectRef\":{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"name\":\"web\",\"uid\":\"u\"}}"))
                .hasMessageContaining("the UID in the bound object reference (u) does not match");
        assertThatThrownBy(() -> requests.answer("default", "none", Unstructured.parse("{}")))
                .hasMessage("serviceaccounts \"none\" not found");
    }

    @Test
    void aReviewTellsWhoseATokenIsAndNothingOfABadOne() {
        // The server has a key of its own: its own tokens are what it reviews.
        String token = admin.post(Resources.SERVICE_ACCOUNTS, "default", "robot", "token", Unstructured.parse("{}"))
                .string("status", "token");
        Unstructured good = review(token);
        assertThat(good.bool("status", "authenticated")).isTrue();
        assertThat(good.string("status", "user", "username")).isEqualTo("system:serviceaccount:default:robot");
        Unstructured bad = review("rubbish");
        assertThat(bad.bool("status", "authenticated")).isFalse();
        assertThat(bad.string("status", "error")).isEqualTo("invalid bearer token");
        assertThat(bad.has("status", "user", "username")).isFalse();
    }

    private Unstructured review(String token) {
        return admin.create(
                        TOKEN_REVIEWS,
                        "",
                        Unstructured.parse("{\"spec\":{\"token\":\"" + token + "\"}}"),
                        WriteOptions.DEFAULT)
                .object();
    }

    @Test
    void onlyWhoMayActsAsAnother() {
        String token = issue("{}");
        assertThatThrownBy(() -> use(token, "Impersonate-User", "jane"))
                .hasMessageContaining("cannot impersonate resource \"users\" in API group \"\" at the cluster scope");
        Unstructured role = Unstructured.parse(
                "{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRole\",\"metadata\":{\"name\":\"as\"},"
                        + "\"rules\":[{\"apiGroups\":[\"\"],\"resources\":[\"users\",\"groups\"],\"verbs\":[\"impersonate\"]}]}");
        admin.create(Resources.CLUSTER_ROLES, "", role, WriteOptions.DEFAULT);
        admin.create(
                Resources.CLUSTER_ROLE_BINDINGS,
                "",
                Unstructured.parse("{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRoleBinding\","
                        + "\"metadata\":{\"name\":\"as\"},\"roleRef\":{\"apiGroup\":\"rbac.authorization.k8s.io\","
                        + "\"kind\":\"ClusterRole\",\"name\":\"as\"},\"subjects\":[{\"kind\":\"ServiceAccount\","
                        + "\"namespace\":\"default\",\"name\":\"robot\"}]}"),
                WriteOptions.DEFAULT);
        UserInfo jane = use(token, "Impersonate-User", "jane", "Impersonate-Group", "devs");
        assertThat(jane.name()).isEqualTo("jane");
        assertThat(jane.groups()).containsExactlyInAnyOrder("devs", "system:authenticated");
        assertThatThrownBy(() -> use(token, "Impersonate-User", "system:serviceaccount:default:other"))
                .hasMessageContaining("cannot impersonate resource \"serviceaccounts\"");
        assertThat(use(token, "Impersonate-User", "x", "Impersonate-Group", "system:unauthenticated")
                        .groups())
                .containsExactly("system:unauthenticated");
    }

    @Test
    void namesInHeadersAreUtf8AndKeysAreEscapedAsPathsAre() {
        String token = issue("{}");
        Unstructured role = Unstructured.parse("""
                {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "as"},
                 "rules": [
                   {"apiGroups": [""], "resources": ["users"], "resourceNames": ["jürgen"], "verbs": ["impersonate"]},
                   {"apiGroups": [""], "resources": ["groups"], "resourceNames": ["Köche"], "verbs": ["impersonate"]},
                   {"apiGroups": ["authentication.k8s.io"], "resources": ["uids", "userextras/a/b+c", "userextras/100%"],
                    "verbs": ["impersonate"]}]}""");
        admin.create(Resources.CLUSTER_ROLES, "", role, WriteOptions.DEFAULT);
        admin.create(Resources.CLUSTER_ROLE_BINDINGS, "", Unstructured.parse("""
                        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
                         "metadata": {"name": "as"},
                         "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "as"},
                         "subjects": [{"kind": "ServiceAccount", "namespace": "default", "name": "robot"}]}"""), WriteOptions.DEFAULT);
        UserInfo user = use(
                token,
                "Impersonate-User",
                onTheWire("jürgen"),
                "Impersonate-Group",
                onTheWire("Köche"),
                "Impersonate-Uid",
                onTheWire("№1"),
                "Impersonate-Extra-a%2fb+c",
                onTheWire("grün"),
                "Impersonate-Extra-100%",
                "x");
        assertThat(user.name()).isEqualTo("jürgen");
        assertThat(user.groups()).containsExactlyInAnyOrder("Köche", "system:authenticated");
        assertThat(user.uid()).isEqualTo("№1");
        assertThat(user.extra()).containsOnly(Map.entry("a/b+c", List.of("grün")), Map.entry("100%", List.of("x")));
        // The same letter in another encoding is another name, or none.
        assertThatThrownBy(() -> use(token, "Impersonate-User", "jürgen"))
                .hasMessageContaining("cannot impersonate resource \"users\"");
    }

    /** A byte to a character, as a server finds it in a header. */
    private static String onTheWire(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    @Test
    void whoMayActAsOneUserBecomesNothingElseWithIt() {
        String token = issue("{}");
        Unstructured role = Unstructured.parse(
                "{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRole\",\"metadata\":{\"name\":\"as\"},"
                        + "\"rules\":[{\"apiGroups\":[\"\"],\"resources\":[\"users\"],\"resourceNames\":[\"jane\"],"
                        + "\"verbs\":[\"impersonate\"]}]}");
        admin.create(Resources.CLUSTER_ROLES, "", role, WriteOptions.DEFAULT);
        admin.create(
                Resources.CLUSTER_ROLE_BINDINGS,
                "",
                Unstructured.parse("{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRoleBinding\","
                        + "\"metadata\":{\"name\":\"as\"},\"roleRef\":{\"apiGroup\":\"rbac.authorization.k8s.io\","
                        + "\"kind\":\"ClusterRole\",\"name\":\"as\"},\"subjects\":[{\"kind\":\"ServiceAccount\","
                        + "\"namespace\":\"default\",\"name\":\"robot\"}]}"),
                WriteOptions.DEFAULT);
        assertThat(use(token, "Impersonate-User", "jane").name()).isEqualTo("jane");
        for (String user : List.of("kubernetes-admin", "system:node:n1", "system:coracle", "system:anonymous")) {
            assertThatThrownBy(() -> use(token, "Impersonate-User", user))
                    .hasMessageContaining("cannot impersonate resource \"users\"");
        }
        assertThatThrownBy(() -> use(token, "Impersonate-User", "jane", "Impersonate-Group", "system:masters"))
                .hasMessageContaining("cannot impersonate resource \"groups\"");
        assertThatThrownBy(() -> use(token, "Impersonate-User", "jane", "Impersonate-Uid", "1"))
                .hasMessageContaining("cannot impersonate resource \"uids\"");
        assertThatThrownBy(() -> use(token, "Impersonate-User", "jane", "Impersonate-Extra-Scopes", "all"))
                .hasMessageContaining("cannot impersonate resource \"userextras/scopes\"");
        assertThatThrownBy(() -> use(token, "Impersonate-Group", "system:masters"))
                .hasMessageContaining("without impersonating a user");
    }

    private static String key() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        return Pem.text(generator.generateKeyPair().getPrivate());
    }

    @Test
    void aSecretsTokenIsGoodWhileTheSecretHasItAndForThisServerAlone() throws Exception {
        String key = key();
        ServiceAccountTokens known = new ServiceAccountTokens(() -> key, this::find, environment);
        Unstructured account =
                admin.get(Resources.SERVICE_ACCOUNTS, "default", "robot").object();
        Unstructured secret = Unstructured.of("v1", "Secret", "default", "s");
        String token = new LegacyTokens(() -> key).sign(account, secret);
        assertThatThrownBy(() -> known.verify(token, List.of()))
                .as("not there yet")
                .isInstanceOf(StatusException.class);
        secret.set(Base64.getEncoder().encodeToString(token.getBytes(StandardCharsets.UTF_8)), "data", "token");
        admin.create(Resources.SECRETS, "default", secret, WriteOptions.DEFAULT);
        UserInfo user = known.verify(token, List.of()).user();
        assertThat(user.name()).isEqualTo("system:serviceaccount:default:robot");
        assertThat(user.groups()).contains("system:serviceaccounts:default");
        assertThat(user.uid()).isEqualTo(account.uid());
        world.advance(Duration.ofDays(1000));
        known.verify(token, List.of());
        assertThatThrownBy(() -> known.verify(token, List.of("vault"))).isInstanceOf(StatusException.class);
        String strange = key();
        String forged = new LegacyTokens(() -> strange).sign(account, secret);
        assertThatThrownBy(() -> known.verify(forged, List.of())).isInstanceOf(StatusException.class);
        admin.delete(Resources.SERVICE_ACCOUNTS, "default", "robot", DeleteOptions.DEFAULT);
        account("robot");
        assertThatThrownBy(() -> known.verify(token, List.of()))
                .as("another account of that name")
                .isInstanceOf(StatusException.class);
    }
}
