package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.print.Columns;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code kubectl top pod|node}, where a metrics server runs. */
public final class Top implements Verb {
    private static final String METRICS = "/apis/metrics.k8s.io/v1beta1";
    private static final long MEGA = 1024 * 1024;

    @Override
    public Flags flags() {
        return Flags.of("all-namespaces,A!", "selector,l", "field-selector", "no-headers!", "sort-by", "containers!");
    }

    @Override
    public int run(Session session, Flags.Line line) {
        String what = line.arguments().isEmpty() ? "" : line.arguments().getFirst();
        boolean pods = List.of("pod", "pods", "po").contains(what);
        if (!pods && !List.of("node", "nodes", "no").contains(what)) {
            throw new Failure("top: one of node, pod is required");
        }
        boolean everywhere = line.on("all-namespaces");
        String path = METRICS
                + (pods && !everywhere ? "/namespaces/" + session.namespace() : "")
                + (pods ? "/pods" : "/nodes");
        Map<String, String> query = new LinkedHashMap<>();
        query.put("labelSelector", line.get("selector"));
        List<Unstructured> items;
        try {
            items = new ArrayList<>(session.get(path, query).objects("items"));
        } catch (StatusException e) {
            throw e.isNotFound() || e.code() == 503 ? new Failure("Metrics API not available") : e;
        }
        if (line.arguments().size() > 1) {
            items.removeIf(i -> !i.name().equals(line.arguments().get(1)));
        }
        if (items.isEmpty()) {
            session.err()
                    .println("No resources found"
                            + (pods && !everywhere ? " in " + session.namespace() + " namespace." : ""));
            return 0;
        }
        show(session, line, items, pods);
        return 0;
    }

    private static void show(Session session, Flags.Line line, List<Unstructured> items, boolean pods) {
        items.sort(
                switch (line.get("sort-by")) {
                    case "cpu" ->
                        Comparator.comparing((Unstructured i) -> usage(i, pods, "cpu"))
                                .reversed();
                    case "memory" ->
                        Comparator.comparing((Unstructured i) -> usage(i, pods, "memory"))
                                .reversed();
                    default -> Comparator.comparing((Unstructured i) -> i.namespace() + "/" + i.name());
                });
        boolean namespaces = pods && line.on("all-namespaces");
        Columns columns = Columns.table();
        if (!line.on("no-headers")) {
            List<String> header = new ArrayList<>(List.of("NAME", "CPU(cores)", "MEMORY(bytes)"));
            if (namespaces) {
                header.addFirst("NAMESPACE");
            }
            columns.row(header.toArray(String[]::new));
        }
        for (Unstructured i : items) {
            List<String> row = new ArrayList<>(List.of(
                    i.name(),
                    usage(i, pods, "cpu").milli() + "m",
                    usage(i, pods, "memory").value() / MEGA + "Mi"));
            if (namespaces) {
                row.addFirst(i.namespace());
            }
            columns.row(row.toArray(String[]::new));
        }
        columns.flush(session.out());
    }

    private static Quantity usage(Unstructured item, boolean pod, String resource) {
        Quantity sum = Quantity.ZERO;
        for (Unstructured part : pod ? item.objects("containers") : List.of(item)) {
            if (part.has("usage", resource)) {
                sum = sum.plus(Quantity.parse(String.valueOf(part.get("usage", resource))));
            }
        }
        return sum;
    }
}
