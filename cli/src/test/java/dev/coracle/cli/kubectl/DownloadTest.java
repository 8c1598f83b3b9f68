package dev.coracle.cli.kubectl;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.coracle.machinery.object.Resources;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code -f URL}: what the web serves is read, as far as it is a manifest. */
class DownloadTest {
    @TempDir
    private Path dir;

    private TestServer server;
    private HttpServer web;
    private String url;

    @BeforeEach
    void start() throws Exception {
        server = new TestServer(dir);
        web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.createContext("/lone.yaml", e -> {
            byte[] text = """
                    {apiVersion: v1, kind: ConfigMap, metadata: {name: lone}, data: {a: b}}
                    """.getBytes(StandardCharsets.UTF_8);
            e.sendResponseHeaders(200, text.length);
            e.getResponseBody().write(text);
            e.close();
        });
        web.createContext("/endless.yaml", e -> {
            e.sendResponseHeaders(200, 0);
            byte[] piece = "# and so on\n".repeat(10_000).getBytes(StandardCharsets.UTF_8);
            // Until the reader hangs up.
            try (OutputStream out = e.getResponseBody()) {
                while (true) {
                    out.write(piece);
                }
            }
        });
        web.start();
        url = "http://127.0.0.1:" + web.getAddress().getPort();
    }

    @AfterEach
    void stop() {
        web.stop(0);
        server.close();
    }

    @Test
    void anObjectIsMadeFromTheWeb() {
        assertThat(server.run("create", "-f", url + "/lone.yaml").out()).isEqualTo("configmap/lone created\n");
        assertThat(server.admin()
                        .get(Resources.CONFIG_MAPS, "default", "lone")
                        .object()
                        .string("data", "a"))
                .isEqualTo("b");
    }

    @Test
    void whatIsNotThereIsSaid() {
        TestServer.Result r = server.run("create", "-f", url + "/nope.yaml");
        assertThat(r.code()).isEqualTo(1);
        assertThat(r.err())
                .isEqualTo("error: unable to read URL \"" + url
                        + "/nope.yaml\", server reported 404 Not Found, status code=404\n");
    }

    @Test
    void whatNeverEndsIsRefused() {
        TestServer.Result r = server.run("create", "-f", url + "/endless.yaml");
        assertThat(r.code()).isEqualTo(1);
        assertThat(r.err()).contains("it holds more than 16777216 bytes");
    }

    @Test
    void aServerThatIsDownIsNamed() {
        web.stop(0);
        assertThat(server.run("create", "-f", url + "/lone.yaml").err())
                .isEqualTo("The connection to the server " + url.substring(7)
                        + " was refused - did you specify the right host or port?\n");
    }
}
