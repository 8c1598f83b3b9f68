package dev.coracle.runtime.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.env.Timers;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.os.Processes;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.ImageService.Credential;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Registries that lie, pry and dawdle. */
class HostileRegistryTest {
    private static final byte[] TOKEN = "{\"token\":\"t\"}".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path dir;

    private final SystemEnvironment system = new SystemEnvironment((name, e) -> e.printStackTrace());
    /** What asks to be called again and again; called when a test says so. */
    private final List<Runnable> ticks = new CopyOnWriteArrayList<>();

    private FakeRegistry registry;
    private OciImageStore store;
    private String password = "";

    @BeforeEach
    void open() throws IOException {
        assumeTrue(Processes.uid() == 0, "unpacking layers needs root");
        registry = new FakeRegistry();
        Environment real = system.environment();
        Timers timers = new Timers() {
            @Override
            public Timer schedule(Duration delay, Runnable task) {
                return real.timers().schedule(delay, task);
            }

            @Override
            public Timer every(Duration period, Runnable task) {
                ticks.add(task);
                return () -> ticks.remove(task);
            }
        };
        store = new OciImageStore(
                dir.resolve("images"), new Environment(real.clock(), timers, real.tasks(), real.entropy()));
    }

    @AfterEach
    void close() {
        if (store != null) {
            store.close();
            registry.close();
            assertThat(ticks).isEmpty();
        }
        system.close();
    }

    private String pull(String version) {
        List<Credential> known =
                password.isEmpty() ? List.of() : List.of(new Credential(registry.host(), "u", password));
        return store.pullImage(registry.host() + "/app" + version, known);
    }

    private void pullFails(String version, String why) {
        assertThatThrownBy(() -> pull(version)).isInstanceOf(CriException.class).hasMessageContaining(why);
        assertThat(store.listImages()).isEmpty();
        assertThat(dir.resolve("images/layers")).isEmptyDirectory();
    }

    @Test
    void an_honest_one_is_believed() {
        pull("@" + registry.manifestDigest);
        assertThat(store.imageStatus(registry.host() + "/app@" + registry.manifestDigest))
                .isPresent();
    }

    @Test
    void another_manifest_than_the_digest_asked_for_is_refused() {
        byte[] other = Json.bytes(Map.of("config", Map.of(), "layers", List.of()));
        registry.content.put("/v2/app/manifests/" + registry.manifestDigest, other);
        pullFails(
                "@" + registry.manifestDigest,
                "unexpected commit digest " + Digests.of(other) + ", expected " + registry.manifestDigest
                        + ": failed precondition");

        Map<String, Object> linux = Map.of("os", "linux", "architecture", Platform.architecture());
        registry.content.put(
                "/v2/app/manifests/v1",
                Json.bytes(Map.of("manifests", List.of(Map.of("digest", registry.manifestDigest, "platform", linux)))));
        pullFails(":v1", "expected " + registry.manifestDigest);
    }

    @Test
    void another_layer_is_refused_even_one_that_unpacks_to_the_same() {
        byte[] same = FakeRegistry.gzip(FakeRegistry.tar());
        same[9] ^= 1; // the header's note of the system that compressed it
        registry.content.put(registry.layerPath(), same);
        pullFails(":v1", "unexpected commit digest " + Digests.of(same));
    }

    @Test
    void a_layer_cannot_be_larger_than_announced_nor_a_manifest_without_bound() {
        registry.image(Digests.of(FakeRegistry.tar()), registry.layer.length - 1);
        pullFails(":v1", "is larger than the " + (registry.layer.length - 1) + " bytes its manifest names");

        byte[] huge = new byte[5 << 20];
        Arrays.fill(huge, (byte) ' ');
        registry.content.put("/v2/app/manifests/v1", huge);
        pullFails(":v1", "manifest is larger than 4194304 bytes");
    }

    @ParameterizedTest
    @CsvSource({"sha256:../../../../../../../../../../etc", "sha256:", "etc"})
    void a_digest_that_is_a_path_leads_nowhere(String diffId) {
        registry.image(diffId, registry.layer.length);
        pullFails(":v1", "invalid digest \"" + diffId + "\"");
    }

    @Test
    void a_password_is_not_told_to_a_strangers_realm() {
        password = "p";
        registry.trick = (exchange, path) -> path.equals("/token")
                ? FakeRegistry.answer(exchange, 200, TOKEN)
                : !"Bearer t".equals(exchange.getRequestHeaders().getFirst("Authorization"))
                        && FakeRegistry.challenge(exchange, "http://localhost:" + registry.port() + "/token");
        pull(":v1");
        assertThat(registry.requests).contains("localhost:" + registry.port() + " /token null");
        assertThat(registry.requests).noneMatch(r -> r.contains("Basic"));
    }

    @Test
    void nothing_is_told_to_whom_a_redirect_leads() {
        password = "p";
        registry.trick = (exchange, path) -> {
            String host = exchange.getRequestHeaders().getFirst("Host");
            if (path.equals("/token")) {
                return FakeRegistry.answer(exchange, 200, TOKEN);
            }
            if (host.startsWith("localhost")) {
                return false;
            }
            if (!"Bearer t".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                return FakeRegistry.challenge(exchange, "http://" + registry.host() + "/token");
            }
            return path.contains("/blobs/")
                    && FakeRegistry.redirect(exchange, "http://localhost:" + registry.port() + path);
        };
        pull(":v1");
        String elsewhere = "localhost:" + registry.port();
        assertThat(registry.requests).contains(elsewhere + " " + registry.layerPath() + " null");
        assertThat(registry.requests).noneMatch(r -> r.startsWith(elsewhere) && !r.endsWith(" null"));
        assertThat(registry.requests).anyMatch(r -> r.contains("/token Basic"));
    }

    @Test
    void redirects_to_plain_http_elsewhere_and_in_circles_are_not_followed() {
        registry.trick = (exchange, path) -> FakeRegistry.redirect(exchange, "http://192.0.2.1/x");
        pullFails(":v1", "redirect to http://192.0.2.1/x is not followed: it is not https");
        registry.trick = (exchange, path) -> FakeRegistry.redirect(exchange, path);
        pullFails(":v1", "stopped after 5 redirects");
    }

    @Test
    void a_token_that_expires_while_layers_are_fetched_is_renewed() {
        AtomicInteger given = new AtomicInteger();
        registry.trick = (exchange, path) -> {
            if (path.equals("/token")) {
                String token = "{\"token\":\"" + given.incrementAndGet() + "\"}";
                return FakeRegistry.answer(exchange, 200, token.getBytes(StandardCharsets.UTF_8));
            }
            String wanted = path.equals(registry.layerPath()) ? "Bearer 2" : "Bearer 1";
            return !wanted.equals(exchange.getRequestHeaders().getFirst("Authorization"))
                    && FakeRegistry.challenge(exchange, "http://" + registry.host() + "/token");
        };
        pull(":v1");
        assertThat(given).hasValue(2);
    }

    @Test
    void a_body_that_stalls_is_given_up() {
        CountDownLatch over = new CountDownLatch(1);
        registry.trick = (exchange, path) -> {
            if (!path.equals(registry.layerPath())) {
                return false;
            }
            exchange.sendResponseHeaders(200, registry.layer.length);
            exchange.getResponseBody().write(registry.layer, 0, 10);
            exchange.getResponseBody().flush();
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return true;
        };
        CompletableFuture<String> pulling = new CompletableFuture<>();
        system.environment().tasks().start("pull", () -> {
            try {
                pulling.complete(pull(":v1"));
            } catch (CriException e) {
                pulling.completeExceptionally(e);
            }
        });
        await().until(() -> {
            ticks.forEach(Runnable::run);
            return pulling.isDone();
        });
        over.countDown();
        assertThat(pulling).isCompletedExceptionally();
        assertThat(pulling.exceptionNow()).hasMessageContaining("nothing came for 30 s: i/o timeout");
        pullFails("@sha256:" + "0".repeat(64), "not found");
    }

    @ParameterizedTest
    @CsvSource({
        "registry.example.com, registry.example.com, true",
        "gitlab.example.com, registry.example.com:5000, true",
        "example.com, registry.example.com, true",
        "auth.docker.io, registry-1.docker.io, true",
        "evil.com, registry.example.com, false",
        "example.com.evil.com, registry.example.com, false",
        "evilexample.com, registry.example.com, false",
        "other.co.uk, registry.co.uk, false",
        "auth.shop.co.uk, registry.shop.co.uk, true",
        "auth.docker.io, registry.example.com, false",
        "10.0.0.2, 10.0.0.1, false",
        "127.0.0.1, 127.0.0.1:5000, true"
    })
    void realms_of_the_same_owner_may_know_the_password(String realm, String registry, boolean may) {
        assertThat(RegistryHosts.mayKnow(realm, registry)).isEqualTo(may);
    }

    @Test
    void only_this_machine_is_spoken_to_in_plain() {
        assertThat(RegistryHosts.isLoopback("127.0.0.1:5000")).isTrue();
        assertThat(RegistryHosts.isLoopback("localhost")).isTrue();
        assertThat(RegistryHosts.isLoopback("127.0.0.1.evil.com")).isFalse();
        assertThat(RegistryHosts.isLoopback("127.evil.com:80")).isFalse();
        assertThat(RegistryHosts.isPrivate(URI.create("https://a.example.com/t"), "r.example.com"))
                .isTrue();
        assertThat(RegistryHosts.isPrivate(URI.create("http://a.example.com/t"), "r.example.com"))
                .isFalse();
        // Nor may a registry elsewhere make this machine talk to itself.
        assertThat(RegistryHosts.isPrivate(URI.create("http://127.0.0.1/t"), "r.example.com"))
                .isFalse();
        assertThat(RegistryHosts.isPrivate(URI.create("/t"), "r.example.com")).isFalse();
    }
}
