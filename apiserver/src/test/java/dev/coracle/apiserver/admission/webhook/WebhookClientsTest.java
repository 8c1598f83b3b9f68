package dev.coracle.apiserver.admission.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.Certificates;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.object.Unstructured;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WebhookClientsTest {
    private static final byte[] QUESTION = "{\"request\":{\"uid\":\"u\"}}".getBytes(StandardCharsets.UTF_8);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final SystemEnvironment system = new SystemEnvironment((n, e) -> {});

    @AfterEach
    void close() {
        system.close();
    }

    private static Endpoint service(WebhookServer server) throws Exception {
        return Endpoint.of(Unstructured.parse("{\"service\":{\"namespace\":\"ns\",\"name\":\"hook\",\"path\":\"v\"}}")
                .set(server.caBundle(), "caBundle"));
    }

    private WebhookClients leadingTo(WebhookServer server) {
        return new WebhookClients(
                (namespace, name, port) -> {
                    assertThat(namespace + "/" + name + ":" + port).isEqualTo("ns/hook:443");
                    return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
                },
                system.environment().timers());
    }

    @Test
    void aServiceIsReachedAtAnEndpointAndKnownByItsName() throws Exception {
        try (var server = new WebhookServer(new Certificates(system.environment()), "hook.ns.svc");
                var clients = leadingTo(server)) {
            server.at(
                    "/v",
                    (exchange, request) -> WebhookServer.send(
                            exchange,
                            200,
                            (exchange.getRequestHeaders().getFirst("Host") + " "
                                            + exchange.getRequestHeaders().getFirst("Content-Type"))
                                    .getBytes(StandardCharsets.UTF_8)));
            assertThat(clients.post(service(server), QUESTION, TIMEOUT))
                    .asString()
                    .isEqualTo("hook.ns.svc:443 application/json");
        }
    }

    @Test
    void aServiceWithAnothersCertificateIsNotAsked() throws Exception {
        try (var server = new WebhookServer(new Certificates(system.environment()), "other.ns.svc");
                var clients = leadingTo(server)) {
            server.responds("/v", r -> WebhookServer.allowed());
            assertThatThrownBy(() -> clients.post(service(server), QUESTION, TIMEOUT))
                    .isInstanceOf(CallFailure.class)
                    .hasMessageStartingWith(
                            "failed to call webhook: Post \"https://hook.ns.svc:443/v?timeout=5s\": tls:"
                                    + " failed to verify certificate: x509: certificate is not valid for hook.ns.svc");
            assertThat(server.asked).isEmpty();
        }
    }

    @Test
    void authoritiesThatAreNoneAreAFailure() {
        try (var clients = new WebhookClients(
                (namespace, name, port) -> new InetSocketAddress(port),
                system.environment().timers())) {
            for (String bundle : new String[] {"!", "aGVsbG8="}) {
                assertThatThrownBy(() -> clients.post(
                                new Endpoint("https://127.0.0.1:1/", "", "", "", 443, bundle), QUESTION, TIMEOUT))
                        .isInstanceOf(CallFailure.class)
                        .hasMessageContaining("unable to load root certificates");
            }
        }
    }
}
