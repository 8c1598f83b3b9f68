package dev.coracle.network.ingress;

import dev.coracle.client.Informer;
import dev.coracle.client.Informers;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The pods behind Services, and connections to them that wait to be used again. */
final class Backends implements AutoCloseable {
    private static final String BY_SERVICE = "ingress/service";
    /** Shorter than the keep-alive of common servers (nginx 75 s, Jetty 30 s), so that we close first. */
    private static final Duration IDLE = Duration.ofSeconds(15);

    private static final int IDLE_PER_ENDPOINT = 64;

    private final Informer services;
    private final Informer slices;
    private final Environment environment;
    private final Map<InetSocketAddress, ArrayDeque<Idle>> idle = new HashMap<>();
    private boolean closed;

    private record Idle(Wire wire, long since) {}

    Backends(Informers informers, Environment environment) {
        this.services = informers.of(Resources.SERVICES);
        this.slices = informers.of(Resources.ENDPOINT_SLICES);
        this.environment = environment;
    }

    void start() {
        slices.index(
                BY_SERVICE,
                r -> List.of(r.namespace() + "/" + r.labels().getOrDefault("kubernetes.io/service-name", "")));
    }

    /** The ready endpoints in random order; those that terminate but still serve when there is no other. */
    List<InetSocketAddress> of(Route route) {
        var service = services.get(route.namespace(), route.service());
        if (service.isEmpty()) {
            return List.of();
        }
        String portName = null;
        for (Unstructured p : service.get().object().objects("spec", "ports")) {
            if (route.port().equals(Long.toString(p.integer(0, "port")))
                    || route.port().equals(p.string("name"))) {
                portName = p.string("name");
                break;
            }
        }
        if (portName == null) {
            return List.of();
        }
        List<InetSocketAddress> ready = new ArrayList<>();
        List<InetSocketAddress> leaving = new ArrayList<>();
        for (Revision slice : slices.byIndex(BY_SERVICE, route.namespace() + "/" + route.service())) {
            collect(slice.object(), portName, ready, leaving);
        }
        List<InetSocketAddress> chosen = ready.isEmpty() ? leaving : ready;
        for (int i = chosen.size() - 1; i > 0; i--) {
            Collections.swap(chosen, i, environment.entropy().nextInt(i + 1));
        }
        return chosen;
    }

    private static void collect(
            Unstructured slice, String portName, List<InetSocketAddress> ready, List<InetSocketAddress> leaving) {
        for (Unstructured p : slice.objects("ports")) {
            if (!p.string("name").equals(portName)) {
                continue;
            }
            int port = (int) p.integer(0, "port");
            for (Unstructured e : slice.objects("endpoints")) {
                boolean isReady = !e.has("conditions", "ready") || e.bool("conditions", "ready");
                boolean isLeaving = e.bool("conditions", "serving") && e.bool("conditions", "terminating");
                for (String ip : e.stringList("addresses")) {
                    if (isReady) {
                        ready.add(new InetSocketAddress(ip, port));
                    } else if (isLeaving) {
                        leaving.add(new InetSocketAddress(ip, port));
                    }
                }
            }
        }
    }

    /** A connection that waited, or null. Its peer may have closed it meanwhile: only use it for what can be repeated. */
    @Nullable
    Wire reuse(InetSocketAddress endpoint) {
        while (true) {
            Idle found;
            synchronized (idle) {
                ArrayDeque<Idle> waiting = idle.get(endpoint);
                found = waiting == null ? null : waiting.pollLast();
            }
            if (found == null) {
                return null;
            }
            if (environment.clock().elapsed(found.since()).compareTo(IDLE) < 0) {
                return found.wire();
            }
            found.wire().close();
        }
    }

    Wire connect(InetSocketAddress endpoint, int timeoutMillis) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.connect(endpoint, timeoutMillis);
            return new Wire(socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    void giveBack(InetSocketAddress endpoint, Wire wire) {
        synchronized (idle) {
            ArrayDeque<Idle> waiting = idle.computeIfAbsent(endpoint, e -> new ArrayDeque<>());
            if (!closed && waiting.size() < IDLE_PER_ENDPOINT) {
                waiting.addLast(new Idle(wire, environment.clock().nanos()));
                return;
            }
        }
        wire.close();
    }

    /** Closes what has waited for too long; called now and then. */
    void sweep() {
        List<Wire> old = new ArrayList<>();
        synchronized (idle) {
            for (Iterator<ArrayDeque<Idle>> i = idle.values().iterator(); i.hasNext(); ) {
                ArrayDeque<Idle> waiting = i.next();
                while (!waiting.isEmpty()
                        && environment
                                        .clock()
                                        .elapsed(waiting.peekFirst().since())
                                        .compareTo(IDLE)
                                >= 0) {
                    old.add(waiting.pollFirst().wire());
                }
                if (waiting.isEmpty()) {
                    i.remove();
                }
            }
        }
        old.forEach(Wire::close);
    }

    @Override
    public void close() {
        List<Wire> all = new ArrayList<>();
        synchronized (idle) {
            closed = true;
            idle.values().forEach(q -> q.forEach(i -> all.add(i.wire())));
            idle.clear();
        }
        all.forEach(Wire::close);
    }
}
