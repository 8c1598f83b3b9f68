package dev.coracle.network.proxy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * By which balancers know what nodes have endpoints of a Service with {@code externalTrafficPolicy: Local}: at its
 * {@code healthCheckNodePort} each node says how many, 200 where there are some and 503 where there is none. Owned by the
 * proxy's one task.
 */
final class HealthCheckPorts {
    private static final System.Logger LOG = System.getLogger("coracle.kube-proxy");

    private record Place(ObjectKey service, ProxiedNode node, int port) {}

    private static final class Port {
        private final HttpServer server;
        private volatile long endpoints;

        Port(HttpServer server) {
            this.server = server;
        }
    }

    private final Map<Place, Port> open = new HashMap<>();

    /** Services whose port could not be opened on some node, such as while another process had it. */
    private final Set<ObjectKey> failed = new HashSet<>();

    /** Whom to reconcile again now and then, though nothing of them changes. */
    Set<ObjectKey> failed() {
        return Set.copyOf(failed);
    }

    /** Opens, keeps or closes what a Service, which is null when it was deleted, needs. */
    void reconcile(ObjectKey key, @Nullable Unstructured service, List<Unstructured> slices, List<ProxiedNode> nodes) {
        int port = service == null || !isLocal(service) ? 0 : (int) service.integer(0, "spec", "healthCheckNodePort");
        for (Iterator<Map.Entry<Place, Port>> i = open.entrySet().iterator(); i.hasNext(); ) {
            var e = i.next();
            Place p = e.getKey();
            if (p.service().equals(key) && (p.port() != port || !nodes.contains(p.node()))) {
                e.getValue().server.stop(0);
                i.remove();
            }
        }
        failed.remove(key);
        if (port <= 0 || service == null) {
            return;
        }
        for (ProxiedNode node : nodes) {
            Place place = new Place(key, node, port);
            Port served = open.get(place);
            if (served == null) {
                served = listen(place);
            }
            if (served == null) {
                failed.add(key);
            }
            if (served != null) {
                served.endpoints = service.objects("spec", "ports").stream()
                        .mapToLong(p -> Backends.of(p, slices).readyOn(node))
                        .max()
                        .orElse(0);
            }
        }
    }

    private static boolean isLocal(Unstructured service) {
        return service.string("spec", "type").equals("LoadBalancer")
                && service.string("spec", "externalTrafficPolicy").equals("Local");
    }

    private @Nullable Port listen(Place place) {
        try {
            HttpServer server =
                    HttpServer.create(new InetSocketAddress(place.node().ip(), place.port()), 0);
            Port port = new Port(server);
            server.createContext("/", exchange -> answer(exchange, place.service(), port.endpoints));
            server.start();
            open.put(place, port);
            return port;
        } catch (IOException | IllegalArgumentException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Failed to start healthcheck of " + place.service() + " on port " + place.port() + " of "
                            + place.node().name() + ": " + e.getMessage());
            return null;
        }
    }

    private static void answer(HttpExchange exchange, ObjectKey service, long endpoints) throws IOException {
        byte[] body = Json.bytes(Map.of(
                "service",
                Map.of("namespace", service.namespace(), "name", service.name()),
                "localEndpoints",
                endpoints,
                "serviceProxyHealthy",
                true));
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
        exchange.getResponseHeaders().set("X-Load-Balancing-Endpoint-Weight", "" + endpoints);
        exchange.sendResponseHeaders(endpoints > 0 ? 200 : 503, body.length);
        try (var out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    void close() {
        open.values().forEach(p -> p.server.stop(0));
        open.clear();
    }
}
