package dev.coracle.controllers.externalsecrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes over the wire to Vault, and what comes back. */
class VaultTest {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpOutbound outbound = new HttpOutbound(threads, Duration.ofSeconds(30));
    private LoopbackVault server;

    @BeforeEach
    void start() throws Exception {
        server = new LoopbackVault();
        server.put("apps/db", Map.of("password", "hunter2", "port", 5432, "nested", Map.of("b", 1, "a", List.of("x"))));
    }

    @AfterEach
    void stop() {
        outbound.close();
        server.close();
        threads.close();
    }

    private Vault client(String path, String namespace, Vault.Login login) throws Exception {
        return new Vault(
                outbound,
                new Vault.Server(Vault.Server.address(server.address()), path, namespace, namespace, ""),
                login);
    }

    private Vault client() throws Exception {
        return client("secret", "", new Vault.Login.Token(LoopbackVault.TOKEN));
    }

    private static String get(Vault client, String key, String property) throws ProviderException {
        return new String(client.get(new Provider.Ref(key, property, "")), StandardCharsets.UTF_8);
    }

    private static ProviderException failure(Vault client, String key, String property) {
        return catchThrowableOfType(ProviderException.class, () -> get(client, key, property));
    }

    @Test
    void aSecretIsADocument() throws Exception {
        Vault client = client();
        assertThat(get(client, "apps/db", "password")).isEqualTo("hunter2");
        assertThat(get(client, "apps/db", "port")).isEqualTo("5432");
        assertThat(get(client, "apps/db", "nested.a.0")).isEqualTo("x");
        assertThat(get(client, "apps/db", ""))
                .as("members by name, as Go writes them")
                .isEqualTo("{\"nested\":{\"a\":[\"x\"],\"b\":1},\"password\":\"hunter2\",\"port\":5432}");
        assertThat(client.extract(new Provider.Ref("apps/db", "nested", ""))).containsOnlyKeys("a", "b");
        assertThat(server.calls).as("asked once").containsExactly("GET /v1/secret/data/apps/db");
    }

    @Test
    void keysMayBeginWithTheMount() throws Exception {
        for (String key : List.of("apps/db", "secret/apps/db", "secret/data/apps/db")) {
            assertThat(get(client(), key, "password")).isEqualTo("hunter2");
        }
        Vault.Login login = new Vault.Login.Token(LoopbackVault.TOKEN);
        assertThat(get(client("", "", login), "secret/apps/db", "password")).isEqualTo("hunter2");
        assertThat(get(client("", "", login), "secret/data/apps/db", "password"))
                .isEqualTo("hunter2");
        server.put("with space?#", Map.of("a", "b"));
        assertThat(get(client(), "with space?#", "a")).isEqualTo("b");
    }

    @Test
    void noKeyLeadsOutOfTheMount() throws Exception {
        for (String key : List.of("../../sys/seal", "a/../../../auth/token/create", "./x")) {
            assertThat(failure(client(), key, "").kind()).isEqualTo(ProviderException.Kind.CONFIGURATION);
        }
        assertThat(server.calls).isEmpty();
    }

    @Test
    void versionsAndNamespacesAreAskedFor() throws Exception {
        Vault client = client("secret", "team", new Vault.Login.Token(LoopbackVault.TOKEN));
        client.get(new Provider.Ref("apps/db", "password", "3"));
        assertThat(server.calls).containsExactly("GET /v1/secret/data/apps/db?version=3 in team");
        assertThatThrownBy(() -> client.get(new Provider.Ref("apps/db", "", "3&x=y")))
                .hasMessage("version \"3&x=y\" is not a number");
    }

    @Test
    void whatIsNotThereOrWasDeletedIsMissing() throws Exception {
        assertThat(failure(client(), "none", "").isMissing()).isTrue();
        server.delete("apps/db");
        assertThat(failure(client(), "apps/db", "password").isMissing()).isTrue();
    }

    @Test
    void aRefusalIsToldAsVaultsOwnClientTellsIt() throws Exception {
        Vault client = client("secret", "", new Vault.Login.Token("hvs.mine"));
        ProviderException e = failure(client, "apps/db", "");
        assertThat(e.kind()).isEqualTo(ProviderException.Kind.REFUSED);
        assertThat(e.text())
                .isEqualTo("cannot read secret data from Vault: Error making API request.\n\nURL: GET "
                        + server.address() + "/v1/secret/data/apps/db\nCode: 403. Errors:\n\n* permission denied");
        assertThatThrownBy(client::validate)
                .hasMessageStartingWith("invalid vault credentials: Error making API request.");
        client().validate();
    }

    @Test
    void theTokenIsInNoMessage() throws Exception {
        server.failing = 503;
        ProviderException e = failure(client(), "apps/db", "");
        assertThat(e.kind()).isEqualTo(ProviderException.Kind.UNREACHABLE);
        assertThat(e.text()).endsWith("* Vault is sealed, [redacted]");
        String odd = "hvs.with\nline";
        assertThat(failure(client("secret", "", new Vault.Login.Token(odd)), "apps/db", "")
                        .text())
                .endsWith("the token has characters that no token has");
        assertThat(new Vault.Login.Token(odd).toString() + new Vault.Login.Kubernetes("m", "r", odd))
                .doesNotContain("hvs");
    }

    @Test
    void aLoginBorrowsATokenAndGivesItBack() throws Exception {
        try (Vault client =
                client("secret", "", new Vault.Login.Kubernetes("kubernetes", "reader", "jwt-of-the-test"))) {
            client.validate();
            assertThat(get(client, "apps/db", "password")).isEqualTo("hunter2");
        }
        assertThat(server.calls)
                .containsExactly(
                        "PUT /v1/auth/kubernetes/login",
                        "GET /v1/auth/token/lookup-self",
                        "GET /v1/secret/data/apps/db",
                        "PUT /v1/auth/token/revoke-self");
        try (Vault client = client("secret", "", new Vault.Login.Kubernetes("kubernetes", "other", "jwt-of-mine"))) {
            assertThat(failure(client, "apps/db", "").text())
                    .contains("unable to log in with Kubernetes auth: ")
                    .doesNotContain("jwt-of-mine");
        }
    }

    @Test
    void namesAreFoundInAllFolders() throws Exception {
        server.put("apps/web/tls", Map.of("a", "b"));
        server.put("other", Map.of("a", "b"));
        server.put("apps/gone", Collections.emptyMap());
        assertThat(client().find("", "^apps/")).containsOnlyKeys("apps/db", "apps/web/tls");
        assertThat(client().find("apps", "tls$")).containsOnlyKeys("apps/web/tls");
        assertThat(catchThrowableOfType(ProviderException.class, () -> client().find("none", "x"))
                        .isMissing())
                .isTrue();
    }

    @Test
    void theServersCertificateIsChecked() throws Exception {
        var authority = new TestAuthority();
        try (LoopbackVault tls = new LoopbackVault(authority.serverContext(), 0)) {
            tls.put("apps/db", Map.of("password", "hunter2"));
            for (String authorities : Arrays.asList("", new TestAuthority().pem(), authority.pem())) {
                Vault client = new Vault(
                        outbound,
                        new Vault.Server(Vault.Server.address(tls.address()), "secret", "", "", authorities),
                        new Vault.Login.Token(LoopbackVault.TOKEN));
                if (authorities.equals(authority.pem())) {
                    assertThat(get(client, "apps/db", "password")).isEqualTo("hunter2");
                } else {
                    assertThat(failure(client, "apps/db", "password").text())
                            .contains("/v1/secret/data/apps/db: tls: ");
                    assertThat(tls.calls).as("the token was sent to nobody").isEmpty();
                }
            }
        }
        Vault broken = new Vault(
                outbound,
                new Vault.Server(Vault.Server.address("https://127.0.0.1:1"), "secret", "", "", "no PEM"),
                new Vault.Login.Token("x"));
        assertThat(failure(broken, "a", "").text()).endsWith("failed to parse caBundle: no certificates in PEM");
    }

    @Test
    void neitherEndlessAnswersNorRedirectsAreFollowed() throws Exception {
        HttpServer odd = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        CountDownLatch over = new CountDownLatch(1);
        odd.setExecutor(threads);
        odd.createContext("/v1/secret/data/huge", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] piece = new byte[1 << 16];
            try (exchange) {
                for (int i = 0; i < 1000; i++) {
                    exchange.getResponseBody().write(piece);
                }
            } catch (java.io.IOException e) {
                // It hung up, as it should.
            }
        });
        odd.createContext("/v1/secret/data/slow", exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            try (exchange) {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        odd.createContext("/v1/secret/data/moved", exchange -> {
            exchange.getResponseHeaders().set("Location", server.address() + "/v1/secret/data/apps/db");
            exchange.sendResponseHeaders(307, -1);
            exchange.close();
        });
        odd.start();
        try (HttpOutbound impatient = new HttpOutbound(threads, Duration.ofMillis(1000))) {
            Vault client = new Vault(
                    impatient,
                    new Vault.Server(
                            Vault.Server.address(
                                    "http://127.0.0.1:" + odd.getAddress().getPort()),
                            "secret",
                            "",
                            "",
                            ""),
                    new Vault.Login.Token("x"));
            assertThat(failure(client, "huge", "").text()).endsWith("an answer of more than 4194304 bytes");
            assertThat(failure(client, "slow", "").text()).endsWith("no whole answer within 1s");
            assertThat(failure(client, "moved", "").text()).contains("Code: 307");
            assertThat(server.calls).isEmpty();
        } finally {
            over.countDown();
            odd.stop(0);
        }
    }

    @Test
    void addressesHaveNoCredentialsInThem() {
        for (String text : List.of("http://me:secret@127.0.0.1", "file:///etc/passwd", "x", "http://a/?b", "http://")) {
            assertThatThrownBy(() -> Vault.Server.address(text))
                    .hasMessage("spec.provider.vault.server is no address of a server");
        }
    }
}
