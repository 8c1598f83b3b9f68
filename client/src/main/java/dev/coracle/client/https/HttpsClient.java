package dev.coracle.client.https;

import dev.coracle.client.ForwardingClient;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.GroupVersionResource;
import java.util.Map;

/**
 * A server that is reached over HTTPS, as the client contract.
 *
 * <pre>{@code
 * try (var client = new HttpsClient(Kubeconfig.read(path).endpoint(), environment)) {
 *     client.list(Resources.PODS, "default", ListOptions.ALL);
 * }
 * }</pre>
 */
public final class HttpsClient extends ForwardingClient implements AutoCloseable {
    private final Connection connection;
    private final RestClient rest;

    /** Connects to nothing yet. */
    public HttpsClient(Endpoint endpoint, Environment environment) {
        this(new Connection(endpoint, environment), environment);
    }

    private HttpsClient(Connection connection, Environment environment) {
        this(connection, new RestClient(connection, environment));
    }

    private HttpsClient(Connection connection, RestClient rest) {
        super(rest);
        this.connection = connection;
        this.rest = rest;
    }

    /** For what the contract has no words for: logs, exec, discovery, tables. Closed with this. */
    public Connection connection() {
        return connection;
    }

    /** As {@link RestClient#path}. */
    public static String path(GroupVersionResource resource, String namespace, String name, String subresource) {
        return RestClient.path(resource, namespace, name, subresource);
    }

    /** As {@link RestClient#query}. */
    public static String query(Map<String, String> parameters) {
        return RestClient.query(parameters);
    }

    /** Ends every watch without a word to its listener, and leaves no connection and no thread. */
    @Override
    public void close() {
        rest.close();
        connection.close();
    }
}
