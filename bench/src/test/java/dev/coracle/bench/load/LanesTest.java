package dev.coracle.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coracle.client.https.Endpoint;
import dev.coracle.machinery.env.SystemEnvironment;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a small server that answers what the path says: {@code /200}, {@code /409}, {@code /close}, {@code /cut}. */
class LanesTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final SystemEnvironment system = new SystemEnvironment((task, e) -> {});
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private Wire wire;
    private Lanes lanes;

    @BeforeEach
    void start() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        wire = new Wire(new Endpoint(uri, "", false, "", "", "secret", "", ""), 1);
        lanes = new Lanes(wire, system.environment().clock());
    }

    @AfterEach
    void stop() {
        wire.close();
        server.stop(0);
        system.close();
    }

    private void answer(HttpExchange x) throws IOException {
        asked.add(x.getRequestMethod() + " " + x.getRequestURI() + " "
                + x.getRequestHeaders().getFirst("Authorization") + " "
                + new String(x.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        String path = x.getRequestURI().getPath();
        if (path.equals("/cut")) {
            x.close();
            return;
        }
        if (path.equals("/close")) {
            x.getResponseHeaders().set("Connection", "close");
        }
        byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
        x.sendResponseHeaders(path.equals("/409") ? 409 : 200, body.length);
        x.getResponseBody().write(body);
        x.close();
    }

    private static Lanes.Calls times(int n, Call call) {
        var left = new AtomicInteger(n);
        return lane -> left.getAndDecrement() > 0 ? call : null;
    }

    @Test
    void everyCallIsMadeWithItsTokenAndBodyAndMeasured() throws Exception {
        Call post = new Call("POST", "/200", "application/json", "{\"a\":1}".getBytes(StandardCharsets.UTF_8));
        Measurement m = lanes.run(times(10, post), 3, LONG);
        assertThat(m.count()).isEqualTo(10);
        assertThat(m.errorCount()).isZero();
        assertThat(m.perSecond()).isPositive();
        assertThat(asked).hasSize(10).containsOnly("POST /200 Bearer secret {\"a\":1}");
    }

    @Test
    void refusalsAreErrors() throws Exception {
        Measurement m = lanes.run(times(4, Call.get("/409")), 2, LONG);
        assertThat(m.count()).isZero();
        assertThat(m.errors()).isEqualTo("4 × 409");
    }

    @Test
    void aConnectionThatTheServerEndsIsOpenedAnew() throws Exception {
        Measurement m = lanes.run(times(4, Call.get("/close")), 1, LONG);
        assertThat(m.count()).isEqualTo(4);
        assertThat(m.errorCount()).isZero();
    }

    @Test
    void oneThatBreaksInMidAnswerIsAnErrorAndTheLaneGoesOn() throws Exception {
        var turn = new AtomicInteger();
        Measurement m = lanes.run(
                lane -> switch (turn.getAndIncrement()) {
                    case 0 -> Call.get("/cut");
                    case 1 -> Call.get("/200");
                    default -> null;
                },
                1,
                LONG);
        assertThat(m.errors()).isEqualTo("1 × broken connection");
        assertThat(m.count()).isEqualTo(1);
    }

    @Test
    void whenTimeIsUpNoOneAsksAnyMore() throws Exception {
        Measurement m = lanes.run(lane -> Call.get("/200"), 2, Duration.ofMillis(1));
        assertThat(m.errorCount()).isZero();
        assertThat(asked).hasSize((int) m.count());
    }
}
