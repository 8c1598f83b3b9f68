package dev.coracle.kubelet.server;

import dev.coracle.kubelet.server.http.Endpoint;
import dev.coracle.kubelet.server.http.Exchange;
import dev.coracle.kubelet.server.http.Refusal;
import dev.coracle.kubelet.stats.NodeStats;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;

/** From paths to endpoints; the paths are upstream's. */
final class Routes implements Endpoint {
    private final PodLookup pods;
    private final NodeStats stats;
    private final LogEndpoint logs;
    private final CommandEndpoint commands;
    private final PortForwardEndpoint ports;

    Routes(PodLookup pods, NodeStats stats, LogEndpoint logs, CommandEndpoint commands, PortForwardEndpoint ports) {
        this.pods = pods;
        this.stats = stats;
        this.logs = logs;
        this.commands = commands;
        this.ports = ports;
    }

    @Override
    public void serve(Exchange exchange) throws IOException, InterruptedException {
        List<String> path = segments(exchange.path());
        switch (path.getFirst() + "/" + (path.size() - 1)) {
            case "healthz/0" -> {
                allow(exchange, "GET");
                exchange.answer(200, "ok");
            }
            case "pods/0" -> {
                allow(exchange, "GET");
                exchange.answer(200, "application/json", podList().json());
            }
            case "stats/1" -> {
                if (!path.get(1).equals("summary")) {
                    throw new Refusal(404, "404 page not found\n");
                }
                allow(exchange, "GET", "POST");
                exchange.answer(200, "application/json", stats.summary().json());
            }
            case "metrics/1" -> {
                if (!path.get(1).equals("resource")) {
                    throw new Refusal(404, "404 page not found\n");
                }
                allow(exchange, "GET");
                exchange.answer(
                        200,
                        "text/plain; version=0.0.4; charset=utf-8",
                        stats.resourceMetrics().getBytes(StandardCharsets.UTF_8));
            }
            case "containerLogs/3" -> {
                allow(exchange, "GET");
                logs.serve(exchange, path.get(1), path.get(2), path.get(3));
            }
            case "exec/3", "exec/4" -> {
                allow(exchange, "GET", "POST");
                commands.exec(exchange, pod(path, path.size() - 1), path.getLast());
            }
            case "attach/3", "attach/4" -> {
                allow(exchange, "GET", "POST");
                commands.attach(exchange, pod(path, path.size() - 1), path.getLast());
            }
            case "portForward/2", "portForward/3" -> {
                allow(exchange, "GET", "POST");
                ports.serve(exchange, pod(path, path.size()));
            }
            default -> throw new Refusal(404, "404 page not found\n");
        }
    }

    private static void allow(Exchange exchange, String... methods) {
        if (!Arrays.asList(methods).contains(exchange.method())) {
            throw new Refusal(405, "405: Method Not Allowed");
        }
    }

    /** {@code /exec/} namespace, name and perhaps the pod's uid, which must then be its own. */
    private Unstructured pod(List<String> path, int end) {
        return pods.pod(path.get(1), path.get(2))
                .filter(p -> end < 4 || p.uid().equals(path.get(3)))
                .orElseThrow(() -> new Refusal(404, "pod does not exist"));
    }

    private Unstructured podList() {
        List<Object> items = new ArrayList<>();
        pods.pods().forEach(p -> items.add(p.map()));
        return Unstructured.of("v1", "PodList")
                .set(new LinkedHashMap<>(), "metadata")
                .set(items, "items");
    }

    /** At least one. None of them is empty, or the path leads nowhere. */
    private static List<String> segments(String path) {
        List<String> segments = new ArrayList<>();
        for (String s : path.substring(path.startsWith("/") ? 1 : 0).split("/", -1)) {
            try {
                // In a path, unlike in a query, a plus is a plus.
                segments.add(URLDecoder.decode(s.replace("+", "%2B"), StandardCharsets.UTF_8));
            } catch (IllegalArgumentException e) {
                throw new Refusal(404, "404 page not found\n");
            }
        }
        if (segments.contains("")) {
            throw new Refusal(404, "404 page not found\n");
        }
        return segments;
    }
}
