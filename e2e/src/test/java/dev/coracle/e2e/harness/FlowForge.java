package dev.coracle.e2e.harness;

import dev.coracle.machinery.object.Unstructured;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Map;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** FlowForge as its users reach it: over HTTPS, by its name, through the ingress. */
public final class FlowForge {
    /** An answer: the status code, a header or two, the body. */
    public record Answer(int status, String version, String body) {
        public Unstructured json() {
            return Unstructured.parse(body);
        }
    }

    public static final String HOST = "flowforge.local";
    public static final String KEY = "secret-key-123";

    private final Coracle coracle;
    private final String printed;
    private final SSLContext tls;

    FlowForge(Coracle coracle, String printed) {
        this.coracle = coracle;
        this.printed = printed;
        this.tls = trust(coracle);
    }

    /** What {@code coracle up --demo} said. */
    public String printed() {
        return printed;
    }

    /** The curl command under this label, as it was printed. */
    public String curl(String label) {
        var m = Pattern.compile("^" + Pattern.quote(label) + "\\s+(curl .*)$", Pattern.MULTILINE)
                .matcher(printed);
        if (!m.find()) {
            throw new AssertionError("no curl for \"" + label + "\" in\n" + printed);
        }
        return m.group(1);
    }

    public Answer get(String path) {
        return ask("GET", path, "", Map.of());
    }

    public Answer post(String path, String body) {
        return ask("POST", path, body, Map.of("Content-Type", "application/json"));
    }

    /** Adds a task and returns its id. */
    public String add(String type, String payload) {
        Answer answer = post("/api/tasks", "{\"type\":\"" + type + "\",\"payload\":" + payload + "}");
        if (answer.status() != 201 && answer.status() != 200 && answer.status() != 202) {
            throw new AssertionError("a task was refused: " + answer);
        }
        return answer.json().string("id");
    }

    public Unstructured task(String id) {
        return get("/api/tasks/" + id).json();
    }

    /**
     * One request on a connection of its own. @throws UncheckedIOException when there is no whole answer; for a load that
     * is a failed request
     */
    public Answer ask(String method, String path, String body, Map<String, String> headers) {
        return RawHttp.ask(this::connect, HOST, KEY, method, path, body, headers);
    }

    private Socket connect() throws IOException {
        Socket plain = new Socket();
        plain.connect(new java.net.InetSocketAddress(address(), 443), 5_000);
        plain.setSoTimeout(20_000);
        var socket = (javax.net.ssl.SSLSocket) tls.getSocketFactory().createSocket(plain, HOST, 443, true);
        var parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private InetAddress address() throws IOException {
        return InetAddress.getByName(coracle.description().network().nodeIp(0));
    }

    private static SSLContext trust(Coracle coracle) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null);
            byte[] ca = Files.readAllBytes(coracle.paths().pki().resolve("ca.crt"));
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(ca)));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
