package dev.coracle.cli.kubectl.base;

import dev.coracle.client.https.Connection;
import dev.coracle.client.https.Endpoint;
import dev.coracle.client.https.RestClient;
import dev.coracle.client.https.Transport;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.Unstructured;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** One command's connection and streams. Connects when first asked for the client. */
public final class Session implements AutoCloseable {
    public static final String JSON = "application/json";

    private final Endpoint endpoint;
    private final Path kubeconfig;
    private final Environment environment;
    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;
    private final String namespace;
    private final boolean explicit;
    private final Connection connection;
    private final Transport transport;
    private final RestClient client;

    /**
     * @param namespace what {@code -n} gave, or {@code ""}
     * @param patience how long one request may take; zero for as long as it does
     */
    public Session(
            Endpoint endpoint,
            Path kubeconfig,
            String namespace,
            Duration patience,
            Environment environment,
            InputStream in,
            PrintStream out,
            PrintStream err) {
        this.endpoint = endpoint;
        this.kubeconfig = kubeconfig;
        this.environment = environment;
        this.in = in;
        this.out = out;
        this.err = err;
        this.namespace =
                namespace.isEmpty() ? endpoint.namespace().isEmpty() ? "default" : endpoint.namespace() : namespace;
        this.explicit = !namespace.isEmpty();
        this.connection = new Connection(endpoint, environment, new ServerWarnings(err));
        this.transport = patience.isZero() ? connection : new ImpatientTransport(connection, patience, environment);
        this.client = new RestClient(transport, environment);
    }

    public RestClient client() {
        return client;
    }

    /** For what the client has no words for: discovery, tables, logs. */
    public Transport connection() {
        return transport;
    }

    /** For exec and its like, which take as long as they are used. */
    public WebSocket webSocket(String path, List<String> protocols, WebSocket.Listener listener) {
        return connection.webSocket(path, protocols, listener);
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    public Path kubeconfig() {
        return kubeconfig;
    }

    public Environment environment() {
        return environment;
    }

    public InputStream in() {
        return in;
    }

    public PrintStream out() {
        return out;
    }

    public PrintStream err() {
        return err;
    }

    /** Given, the context's, or {@code default}. */
    public String namespace() {
        return namespace;
    }

    /** Whether {@code -n} was given, so that manifests must agree with it. */
    public boolean namespaceGiven() {
        return explicit;
    }

    public Unstructured get(String path, Map<String, String> query) {
        return get(path, query, JSON);
    }

    public Unstructured get(String path, Map<String, String> query, String accept) {
        return Unstructured.parse(
                connection().exchange("GET", path + RestClient.query(query), accept, "", new byte[0]));
    }

    @Override
    public void close() {
        out.flush();
        err.flush();
        client.close();
        connection.close();
    }
}
