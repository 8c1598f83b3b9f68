package dev.coracle.clients;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.coracle.e2e.harness.Shell;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ConversionReview;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ConversionReviewBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** The operator's own webhook, on the loopback: what version 1 of a page calls its title is the heading of version 2. */
final class PageConversion implements AutoCloseable {
    private static final char[] PASSWORD = "changeit".toCharArray();

    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

    private final KeyStore keys;
    private final HttpsServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** @param dir for its key */
    PageConversion(Path dir) throws IOException, GeneralSecurityException {
        keys = keys(dir.resolve("webhook.p12"));
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.setExecutor(threads);
        server.createContext("/convert", PageConversion::answer);
        server.start();
    }

    private static KeyStore keys(Path file) throws IOException, GeneralSecurityException {
        Shell.run(
                        Map.of(),
                        "",
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-keyalg",
                                "EC",
                                "-alias",
                                "webhook",
                                "-dname",
                                "CN=webhook",
                                "-ext",
                                "san=ip:127.0.0.1",
                                "-keystore",
                                file.toString(),
                                "-storepass",
                                new String(PASSWORD)))
                .ok();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
        }
        return keys;
    }

    String url() {
        return "https://127.0.0.1:" + server.getAddress().getPort() + "/convert";
    }

    String caBundle() throws GeneralSecurityException {
        String pem = "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder()
                        .encodeToString(keys.getCertificate("webhook").getEncoded())
                + "\n-----END CERTIFICATE-----\n";
        return Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII));
    }

    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var request = SERIALIZATION
                    .unmarshal(exchange.getRequestBody(), ConversionReview.class)
                    .getRequest();
            var answer = new ConversionReviewBuilder()
                    .withNewResponse()
                    .withUid(request.getUid())
                    .withConvertedObjects(request.getObjects().stream()
                            .map(o ->
                                    converted(SERIALIZATION.convertValue(o, Map.class), request.getDesiredAPIVersion()))
                            .toList())
                    .withResult(new StatusBuilder().withStatus("Success").build())
                    .endResponse()
                    .build();
            byte[] body = SERIALIZATION.asJson(answer).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private static Object converted(Map<?, ?> page, String apiVersion) {
        boolean first = apiVersion.endsWith("/v1");
        Map<Object, Object> converted = new LinkedHashMap<>(page);
        converted.put("apiVersion", apiVersion);
        if (page.get("spec") instanceof Map<?, ?> given) {
            Map<Object, Object> spec = new LinkedHashMap<>(given);
            Object title = spec.remove(first ? "heading" : "title");
            if (title != null) {
                spec.put(first ? "title" : "heading", title);
            }
            converted.put("spec", spec);
        }
        return converted;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
