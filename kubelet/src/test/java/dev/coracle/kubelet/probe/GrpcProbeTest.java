package dev.coracle.kubelet.probe;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.coracle.kubelet.probe.Prober.Answer;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.RuntimeService;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** gRPC health as gRPC's own server answers it, and what answers otherwise or not at all. */
class GrpcProbeTest {
    private final NetworkProber prober = new NetworkProber((RuntimeService) Proxy.newProxyInstance(
            RuntimeService.class.getClassLoader(), new Class<?>[] {RuntimeService.class}, (proxy, method, args) -> {
                throw new AssertionError(method.getName());
            }));
    private final HealthStatusManager health = new HealthStatusManager();

    @AfterEach
    void close() {
        prober.close();
    }

    /** One that answers has all the time it needs. */
    private Answer ask(int port, String service) {
        return ask(port, service, 60);
    }

    private Answer ask(int port, String service, int seconds) {
        Unstructured probe = Unstructured.parse("{\"grpc\": {}}").set(seconds, "timeoutSeconds");
        probe.set(port, "grpc", "port").set(service, "grpc", "service");
        return prober.ask(new Prober.Question("c", "127.0.0.1", probe, List.of()));
    }

    @Test
    void a_server_is_healthy_when_it_serves_what_is_asked_for() throws IOException {
        Server server =
                ServerBuilder.forPort(0).addService(health.getHealthService()).build();
        server.start();
        try {
            assertThat(ask(server.getPort(), "")).isEqualTo(new Answer(true, "service healthy"));
            assertThat(ask(server.getPort(), "shop.Cart"))
                    .isEqualTo(
                            new Answer(
                                    false,
                                    "error: health rpc probe failed: rpc error: code = NotFound desc = unknown service shop.Cart"));
            health.setStatus("shop.Cart", ServingStatus.NOT_SERVING);
            assertThat(ask(server.getPort(), "shop.Cart"))
                    .isEqualTo(new Answer(false, "service unhealthy (responded with \"NOT_SERVING\")"));
            String longName = "x".repeat(300);
            health.setStatus(longName, ServingStatus.SERVING);
            assertThat(ask(server.getPort(), longName).success()).isTrue();
        } finally {
            server.shutdownNow();
        }
    }

    @Test
    void one_without_the_protocol_and_one_that_does_not_answer_are_told_apart() throws IOException {
        Server without = ServerBuilder.forPort(0).build().start();
        Server silent = ServerBuilder.forPort(0)
                .addService(new HealthGrpc.HealthImplBase() {
                    @Override
                    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> response) {}
                })
                .build()
                .start();
        try {
            assertThat(ask(without.getPort(), ""))
                    .isEqualTo(new Answer(
                            false,
                            "error: this server does not implement the grpc health protocol (grpc.health.v1.Health):"
                                    + " Method not found: grpc.health.v1.Health/Check"));
            assertThat(ask(silent.getPort(), "", 1))
                    .isEqualTo(new Answer(false, "timeout: health rpc did not complete within 1s"));
        } finally {
            without.shutdownNow();
            silent.shutdownNow();
        }
    }

    @Test
    void what_does_not_speak_it_was_not_connected_to() throws IOException {
        HttpServer http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.start();
        int port = http.getAddress().getPort();
        String why =
                "timeout: failed to connect service \"127.0.0.1:" + port + "\" within 1s: context deadline exceeded";
        assertThat(ask(port, "", 1)).isEqualTo(new Answer(false, why));
        http.stop(0);
        assertThat(ask(port, "", 1)).isEqualTo(new Answer(false, why));
        try (ServerSocket mute = new ServerSocket(0)) {
            assertThat(ask(mute.getLocalPort(), "", 1).output()).startsWith("timeout: failed to connect service");
        }
    }
}
