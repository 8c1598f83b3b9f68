package dev.coracle.runtime.oci;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coracle.machinery.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** A registry on loopback with one image of one layer, {@code app:v1}, that does to it whatever a test says. */
final class FakeRegistry implements AutoCloseable {
    /** Answers a request, or leaves it to the content. */
    @FunctionalInterface
    interface Trick {
        boolean answers(HttpExchange exchange, String path) throws IOException;
    }

    final Map<String, byte[]> content = new ConcurrentHashMap<>();
    /** {@code host path authorization} of each request. */
    final List<String> requests = new CopyOnWriteArrayList<>();

    final byte[] layer = gzip(tar());
    final String manifestDigest;
    volatile Trick trick = (exchange, path) -> false;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    FakeRegistry() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
        manifestDigest = image(Digests.of(tar()), layer.length);
    }

    /** Puts the image there with what the configuration says of the layer, and the manifest of its size. */
    String image(String diffId, long size) {
        byte[] config = Json.bytes(Map.of("rootfs", Map.of("diff_ids", List.of(diffId))));
        byte[] manifest = Json.bytes(Map.of(
                "config",
                Map.of("digest", Digests.of(config)),
                "layers",
                List.of(Map.of("digest", Digests.of(layer), "size", size))));
        content.put("/v2/app/blobs/" + Digests.of(config), config);
        content.put(layerPath(), layer);
        content.put("/v2/app/manifests/v1", manifest);
        content.put("/v2/app/manifests/" + Digests.of(manifest), manifest);
        return Digests.of(manifest);
    }

    String layerPath() {
        return "/v2/app/blobs/" + Digests.of(layer);
    }

    int port() {
        return server.getAddress().getPort();
    }

    String host() {
        return "127.0.0.1:" + port();
    }

    static byte[] tar() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            TarArchiveEntry entry = new TarArchiveEntry("file");
            entry.setSize(4);
            entry.setModTime(0); // the same bytes each time, also across a second's end
            tar.putArchiveEntry(entry);
            tar.write("text".getBytes(StandardCharsets.UTF_8));
            tar.closeArchiveEntry();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static byte[] gzip(byte[] plain) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        requests.add(exchange.getRequestHeaders().getFirst("Host") + " " + path + " "
                + exchange.getRequestHeaders().getFirst("Authorization"));
        try (exchange) {
            if (!trick.answers(exchange, path)) {
                byte[] body = content.get(path);
                answer(exchange, body == null ? 404 : 200, body == null ? new byte[0] : body);
            }
        }
    }

    static boolean answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        return true;
    }

    static boolean challenge(HttpExchange exchange, String realm) throws IOException {
        exchange.getResponseHeaders()
                .add("WWW-Authenticate", "Bearer realm=\"" + realm + "\",service=\"s\",scope=\"x\"");
        return answer(exchange, 401, new byte[0]);
    }

    static boolean redirect(HttpExchange exchange, String to) throws IOException {
        exchange.getResponseHeaders().add("Location", to);
        return answer(exchange, 307, new byte[0]);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
