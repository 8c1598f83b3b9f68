package dev.coracle.network.ingress;

import dev.coracle.client.Client;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Tasks;
import dev.coracle.machinery.env.Timers;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** Listens, keeps {@link Routes} and {@link Certificates} fresh, and writes its address to the Ingresses it serves. */
public final class IngressController implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("coracle.ingress-nginx");
    private static final String CLASS_ANNOTATION = "kubernetes.io/ingress.class";
    private static final String DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class";
    private static final Duration DRAIN = Duration.ofSeconds(5);

    private final IngressConfig config;
    private final Client client;
    private final EventRecorder events;
    private final Environment environment;
    private final Informer ingresses;
    private final Informer classes;
    private final Informer secrets;
    private final Backends backends;
    private final Certificates certificates = new Certificates();
    private final AccessLog log;
    private final List<ServerSocket> servers = new ArrayList<>();
    private final List<Tasks.Task> tasks = new ArrayList<>();
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private volatile Routes routes = Routes.NONE;
    private volatile boolean closed;
    /** By the Ingress's uid, why its certificate cannot be used. Owned by the task that follows routes. */
    private Map<String, String> complaints = Map.of();

    private Map<String, List<String>> untold = Map.of();

    private Timers.@Nullable Timer sweeping;

    /** Guards {@code stale}. */
    private final Object lock = new Object();

    private boolean stale = true;

    public IngressController(
            IngressConfig config, Informers informers, Client client, EventRecorder events, Environment environment) {
        this.events = events;
        this.config = config;
        this.client = client;
        this.environment = environment;
        this.ingresses = informers.of(Resources.INGRESSES);
        this.classes = informers.of(Resources.INGRESS_CLASSES);
        this.secrets = informers.of(Resources.SECRETS);
        this.backends = new Backends(informers, environment);
        this.log = new AccessLog(config.accessLog(), environment);
    }

    /** @throws IOException when an address cannot be bound; nothing stays open then */
    public void start() throws IOException {
        backends.start();
        ingresses.handle((before, after) -> markStale());
        classes.handle((before, after) -> markStale());
        secrets.handle((before, after) -> markStale());
        try {
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(new KeyManager[] {certificates}, null, null);
            for (InetSocketAddress a : config.http()) {
                servers.add(bind(new ServerSocket(), a));
            }
            for (InetSocketAddress a : config.https()) {
                servers.add(bind(new ServerSocket(), a));
            }
            for (int i = 0; i < servers.size(); i++) {
                SSLSocketFactory layer = i < config.http().size() ? null : tls.getSocketFactory();
                var acceptor = new Acceptor(servers.get(i), s -> take(s, layer), environment);
                tasks.add(environment.tasks().start("ingress-accept", acceptor::run));
            }
        } catch (IOException | GeneralSecurityException e) {
            close();
            throw e instanceof IOException io ? io : new IOException(e);
        }
        tasks.add(environment.tasks().start("ingress-routes", this::follow));
        sweeping = environment.timers().every(Duration.ofSeconds(5), this::sweep);
    }

    private static ServerSocket bind(ServerSocket server, InetSocketAddress address) throws IOException {
        try {
            server.setReuseAddress(true);
            server.bind(address, 1024);
            return server;
        } catch (IOException e) {
            server.close();
            throw new IOException(address + ": " + e.getMessage(), e);
        }
    }

    /** The ports bound, HTTP first, in the order of the configuration. */
    public List<Integer> ports() {
        return servers.stream().map(ServerSocket::getLocalPort).toList();
    }

    private void markStale() {
        synchronized (lock) {
            stale = true;
            lock.notifyAll();
        }
    }

    private void take(Socket socket, @Nullable SSLSocketFactory tls) {
        int securePort = config.https().isEmpty()
                ? 443
                : servers.get(config.http().size()).getLocalPort();
        var connection = new Connection(socket, tls, securePort, () -> routes, backends, log, environment);
        if (closed || connections.size() >= config.connections() && !makeRoom()) {
            connection.abort();
            return;
        }
        connections.add(connection);
        if (closed) {
            connection.finish();
        }
        environment.tasks().start("ingress-connection", () -> {
            try {
                connection.serve();
            } finally {
                connections.remove(connection);
            }
        });
    }

    /** Ends the connection whose client has asked for nothing for longest. @return false when all are at work */
    private boolean makeRoom() {
        Optional<Connection> idle = connections.stream()
                .filter(c -> !c.busy())
                .max(Comparator.comparing(c -> c.patience().waited()));
        idle.ifPresent(c -> {
            connections.remove(c);
            c.abort();
        });
        return idle.isPresent();
    }

    private void sweep() {
        backends.sweep();
        connections.stream().filter(c -> c.patience().exhausted()).forEach(Connection::abort);
    }

    private void follow() {
        try {
            while (!closed) {
                synchronized (lock) {
                    while (!stale && !closed) {
                        lock.wait();
                    }
                    stale = false;
                }
                if (closed) {
                    return;
                }
                List<Unstructured> ours = ours();
                routes = new Routes(ours);
                certificates.replace(pairs(ours));
                boolean written = true;
                for (Unstructured ingress : ours) {
                    written &= publish(ingress);
                }
                if (!written) {
                    environment.timers().schedule(Duration.ofSeconds(2), this::markStale);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Unstructured> ours() {
        Map<String, Boolean> byClass = new HashMap<>();
        boolean unnamed = false;
        for (Revision r : classes.list()) {
            boolean mine = r.object().string("spec", "controller").equals(IngressConfig.CONTROLLER);
            byClass.put(r.name(), mine);
            unnamed |= mine && "true".equals(r.object().annotations().get(DEFAULT_CLASS));
        }
        boolean takesUnnamed = unnamed;
        return ingresses.list().stream()
                .map(Revision::object)
                .filter(o -> {
                    String named =
                            o.stringOr(o.annotations().getOrDefault(CLASS_ANNOTATION, ""), "spec", "ingressClassName");
                    return named.isEmpty() ? takesUnnamed : byClass.getOrDefault(named, false);
                })
                .sorted(Comparator.comparing((Unstructured o) -> o.string("metadata", "creationTimestamp"))
                        .thenComparing(o -> o.namespace() + "/" + o.name()))
                .toList();
    }

    private Map<String, Certificates.Pair> pairs(List<Unstructured> ours) {
        var pairs = new HashMap<String, Certificates.Pair>();
        var unusable = new LinkedHashMap<Unstructured, String>();
        if (!config.fallbackCertificate().isEmpty()) {
            try {
                pairs.put("", Certificates.parse(config.fallbackCertificate(), config.fallbackKey()));
            } catch (GeneralSecurityException e) {
                LOG.log(System.Logger.Level.ERROR, "fallback certificate: " + e.getMessage());
            }
        }
        for (Unstructured ingress : ours) {
            for (Unstructured t : ingress.objects("spec", "tls")) {
                String name = t.string("secretName");
                if (name.isEmpty()) {
                    continue;
                }
                try {
                    var pair = pair(ingress.namespace(), name);
                    t.stringList("hosts").forEach(h -> pairs.putIfAbsent(h.toLowerCase(java.util.Locale.ROOT), pair));
                } catch (GeneralSecurityException | IllegalArgumentException e) {
                    unusable.put(ingress, "\"" + ingress.namespace() + "/" + name + "\": " + e.getMessage());
                }
            }
        }
        complain(unusable);
        tellUnknown(ours);
        return pairs;
    }

    private Certificates.Pair pair(String namespace, String name) throws GeneralSecurityException {
        Unstructured secret = secrets.get(namespace, name)
                .map(Revision::object)
                .orElseThrow(() -> new GeneralSecurityException("there is no such Secret"));
        return Certificates.parse(decoded(secret, "tls.crt"), decoded(secret, "tls.key"));
    }

    private static String decoded(Unstructured secret, String key) throws GeneralSecurityException {
        String data = secret.string("data", key);
        if (data.isEmpty()) {
            throw new GeneralSecurityException("it has no " + key);
        }
        return new String(Base64.getMimeDecoder().decode(data), StandardCharsets.US_ASCII);
    }

    /** Says once of each Ingress that its certificate cannot be used, and again when the reason is another. */
    private void complain(Map<Unstructured, String> unusable) {
        Map<String, String> now = new HashMap<>();
        unusable.forEach((ingress, why) -> {
            now.put(ingress.uid(), why);
            if (!why.equals(complaints.get(ingress.uid()))) {
                String message = "Error getting SSL certificate " + why + ". Using default certificate";
                LOG.log(System.Logger.Level.WARNING, message);
                events.warning(ingress, "BadCertificate", message);
            }
        });
        complaints = now;
    }

    /** Says once of each Ingress what it asks for in vain. */
    private void tellUnknown(List<Unstructured> ours) {
        Map<String, List<String>> now = new HashMap<>();
        for (Unstructured ingress : ours) {
            List<String> unknown = Route.unknown(ingress);
            now.put(ingress.uid(), unknown);
            if (!unknown.isEmpty() && !unknown.equals(untold.get(ingress.uid()))) {
                String message = "Annotations not supported: " + String.join(", ", unknown);
                LOG.log(System.Logger.Level.WARNING, ingress.namespace() + "/" + ingress.name() + ": " + message);
                events.warning(ingress, "UnsupportedAnnotation", message);
            }
        }
        untold = now;
    }

    private boolean publish(Unstructured ingress) {
        List<Unstructured> present = ingress.objects("status", "loadBalancer", "ingress");
        if (config.publishAddress().isEmpty()
                || present.size() == 1 && present.getFirst().string("ip").equals(config.publishAddress())) {
            return true;
        }
        var address = new Unstructured(new LinkedHashMap<>()).set(config.publishAddress(), "ip");
        var patch = new Unstructured(new LinkedHashMap<>()).set(List.of(address), "status", "loadBalancer", "ingress");
        try {
            client.patch(
                    Resources.INGRESSES,
                    ingress.namespace(),
                    ingress.name(),
                    Patch.merge(patch),
                    WriteOptions.STATUS.as("nginx-ingress-controller"));
            return true;
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "error updating ingress status: " + e.getMessage());
            return false;
        }
    }

    /** Stops listening, lets responses under way finish for up to 5 s, then closes everything. */
    @Override
    public void close() {
        closed = true;
        markStale();
        try {
            for (ServerSocket server : servers) {
                server.close();
            }
            if (sweeping != null) {
                sweeping.cancel();
            }
            connections.forEach(Connection::finish);
            long since = environment.clock().nanos();
            while (connections.stream().anyMatch(Connection::busy)
                    && environment.clock().elapsed(since).compareTo(DRAIN) < 0) {
                environment.sleep(Duration.ofMillis(20));
            }
            connections.forEach(Connection::abort);
            backends.close();
            for (Tasks.Task t : tasks) {
                t.join(Duration.ofSeconds(2));
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "closing: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
