package dev.coracle.controllers.sealedsecrets;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.pem.Pem;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What everybody may ask of the sealed secrets' keys. */
class CertificateServerTest {
    private static final String SECRET = """
            {"apiVersion":"v1","kind":"Secret","metadata":{"name":"db","namespace":"shop"},
             "stringData":{"password":"hunter2"}}""";

    private final VirtualEnvironment time = new VirtualEnvironment(1);
    private final List<Revision> keys = new ArrayList<>();
    private final HttpClient client = HttpClient.newHttpClient();
    private CertificateServer server;

    @BeforeEach
    void start() throws Exception {
        server = new CertificateServer(
                new InetSocketAddress("127.0.0.1", 0), new KeyRing(() -> keys), time.environment(), Runnable::run);
    }

    @AfterEach
    void stop() {
        server.close();
        client.close();
    }

    private SealingKey key(int i) {
        SealingKey key = SealingKey.of(Pairs.of(i), time.environment().clock().now(), BigInteger.TEN);
        keys.add(new Revision(
                Resources.SECRETS,
                1,
                key.secret().set("uid-" + i, "metadata", "uid").json()));
        time.advance(Duration.ofDays(1));
        return key;
    }

    private HttpResponse<String> ask(String path, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
        return client.send(
                (body.isEmpty() ? request : request.POST(HttpRequest.BodyPublishers.ofString(body))).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String text(Unstructured object) {
        return new String(object.json(), StandardCharsets.UTF_8);
    }

    private Unstructured sealed(SealingKey key) {
        return SealedSecrets.seal(
                Unstructured.parse(SECRET), key.publicKey(), time.environment().entropy());
    }

    @Test
    void theNewestCertificateIsForEverybody() throws Exception {
        assertThat(ask("/healthz", "").body()).isEqualTo("ok\n");
        assertThat(ask("/v1/cert.pem", "").statusCode()).as("there is none yet").isEqualTo(500);
        key(0);
        SealingKey newest = key(1);
        HttpResponse<String> answer = ask("/v1/cert.pem", "");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/x-pem-file");
        RSAPublicKey key =
                (RSAPublicKey) Pem.certificates(answer.body()).getFirst().getPublicKey();
        assertThat(key).isEqualTo(newest.publicKey());
        assertThat(ask("/v1/cert.pem/more", "").statusCode()).isEqualTo(404);
        assertThat(ask("/", "").statusCode()).isEqualTo(404);
    }

    @Test
    void oneIsVerifiedWithoutAWordOfIt() throws Exception {
        Unstructured sealed = sealed(key(0));
        HttpResponse<String> good = ask("/v1/verify", text(sealed));
        assertThat(good.statusCode()).isEqualTo(200);
        assertThat(good.body()).isEmpty();
        time.advance(Duration.ofSeconds(5));
        HttpResponse<String> moved = ask("/v1/verify", text(sealed.copy().set("other", "metadata", "name")));
        assertThat(moved.statusCode()).isEqualTo(409);
        assertThat(moved.body()).isEmpty();
        time.advance(Duration.ofSeconds(5));
        assertThat(ask("/v1/verify", SECRET).statusCode()).isEqualTo(500);
        time.advance(Duration.ofSeconds(5));
        assertThat(ask("/v1/verify", "{").statusCode()).isEqualTo(500);
    }

    @Test
    void oneIsSealedAnewWithTheNewestKey() throws Exception {
        SealingKey old = key(0);
        SealingKey young = key(1);
        HttpResponse<String> answer = ask("/v1/rotate", text(sealed(old)));
        assertThat(answer.statusCode()).isEqualTo(200);
        Unstructured anew = Unstructured.parse(answer.body());
        assertThat(anew.object("metadata").map()).containsOnlyKeys("name", "namespace");
        assertThat(SealedSecrets.unseal(anew, List.of(young.key())).string("data", "password"))
                .isEqualTo("aHVudGVyMg==");
        time.advance(Duration.ofSeconds(5));
        assertThat(ask("/v1/rotate", SECRET).statusCode()).isEqualTo(500);
    }

    @Test
    void whoAsksWithoutEndIsTurnedAway() throws Exception {
        String sealed = text(sealed(key(0)));
        for (int i = 0; i < 3; i++) {
            assertThat(ask("/v1/verify", sealed).statusCode()).isEqualTo(200);
        }
        assertThat(ask("/v1/verify", sealed).statusCode()).isEqualTo(429);
        assertThat(ask("/v1/cert.pem", "").statusCode()).as("others are not").isEqualTo(200);
        time.advance(Duration.ofMillis(500));
        assertThat(ask("/v1/verify", sealed).statusCode()).isEqualTo(200);
        time.advance(Duration.ofMinutes(1));
        assertThat(ask("/v1/verify", "x".repeat(4 * 1024 * 1024)).statusCode()).isEqualTo(413);
    }
}
