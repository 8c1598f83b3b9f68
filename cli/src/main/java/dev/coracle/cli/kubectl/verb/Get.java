package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Errors;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.print.ObjectPrinter;
import dev.coracle.cli.kubectl.print.TableView;
import dev.coracle.cli.kubectl.resource.ApiResource;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Manifests;
import dev.coracle.cli.kubectl.resource.Selection;
import dev.coracle.cli.kubectl.resource.Targets;
import dev.coracle.cli.kubectl.resource.Targets.Target;
import dev.coracle.machinery.json.path.JsonPath;
import dev.coracle.machinery.object.HumanDuration;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code kubectl get}. */
public final class Get implements Verb {
    private static final int CHUNK = 500;

    /** What was asked: one object ({@code name} not {@code ""}) or a list, in one namespace or all ({@code ""}). */
    private record Query(ApiResource resource, String namespace, String name) {}

    /** The table, list or object that a query was answered with. */
    private record Found(Query query, Unstructured answer) {}

    @Override
    public Flags flags() {
        return Flags.of(
                        "output,o",
                        "template",
                        "selector,l",
                        "field-selector",
                        "all-namespaces,A!",
                        "watch,w!",
                        "watch-only!",
                        "output-watch-events!",
                        "show-labels!",
                        "show-kind!",
                        "label-columns,L*",
                        "no-headers!",
                        "sort-by",
                        "ignore-not-found!",
                        "show-managed-fields!",
                        "chunk-size#",
                        "subresource",
                        "raw")
                .and(Manifests.FLAGS);
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException, InterruptedException {
        if (Raw.is(line)) {
            return raw(session, line);
        }
        List<Query> queries = queries(session, line);
        if (line.on("watch") || line.on("watch-only")) {
            if (queries.stream().map(Query::resource).distinct().count() != 1) {
                throw new Failure("you may only specify a single resource type");
            }
            Query q = queries.getFirst();
            if (queries.size() > 1) {
                throw new Failure("you can watch only one object or one list at a time");
            }
            return new GetWatch(session, line).run(q.resource(), q.namespace(), q.name());
        }
        String output = ObjectPrinter.format(line);
        List<Failure> failures = new ArrayList<>();
        boolean table = ObjectPrinter.isTable(output);
        ObjectPrinter printer = table ? null : ObjectPrinter.ofGet(line);
        List<Found> found = new ArrayList<>();
        for (Query q : queries) {
            try {
                found.add(fetch(session, line, q, table));
            } catch (StatusException e) {
                if (!(e.isNotFound() && line.on("ignore-not-found"))) {
                    failures.add(Failure.plain(Errors.refusal(e, ""), 1));
                }
            }
        }
        if (printer != null) {
            objects(session, line, found, queries, printer, failures);
        } else if (tables(session, line, found) == 0 && failures.isEmpty() && !line.on("ignore-not-found")) {
            boolean scoped = !line.on("all-namespaces")
                    && queries.stream().allMatch(q -> q.resource().namespaced());
            session.err()
                    .println(
                            scoped
                                    ? "No resources found in " + session.namespace() + " namespace."
                                    : "No resources found");
        }
        session.out().flush();
        failures.forEach(f -> session.err().println(f.getMessage()));
        return failures.isEmpty() ? 0 : 1;
    }

    private static List<Query> queries(Session session, Flags.Line line) throws IOException {
        Catalog catalog = new Catalog(session);
        List<Query> queries = new ArrayList<>();
        for (Manifests.Entry e : new Manifests(session, catalog).read(line)) {
            queries.add(new Query(e.resource(), e.namespace(), e.object().name()));
        }
        if (queries.isEmpty() && line.arguments().isEmpty()) {
            throw Failure.plain(
                    "You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of"
                            + " supported resources.\n\nerror: Required resource not specified.\n"
                            + "Use \"kubectl explain <resource>\" for a detailed description of that resource (e.g."
                            + " kubectl explain pods).\nSee 'kubectl get -h' for help and examples",
                    1);
        }
        boolean everywhere = line.on("all-namespaces");
        for (Target t : Targets.parse(catalog, line.arguments())) {
            if (!t.name().isEmpty() && everywhere) {
                throw new Failure("a resource cannot be retrieved by name across all namespaces");
            }
            if (!t.name().isEmpty() && (line.has("selector") || line.has("field-selector"))) {
                throw new Failure("name cannot be provided when a selector is specified");
            }
            queries.add(new Query(t.resource(), everywhere ? "" : t.resource().scope(session.namespace()), t.name()));
        }
        return queries;
    }

    private static int raw(Session session, Flags.Line line) throws IOException {
        if (!line.arguments().isEmpty()) {
            throw new Failure("arguments may not be passed when --raw is specified");
        }
        if (line.on("watch") || line.on("watch-only") || line.has("selector")) {
            throw new Failure(
                    "--raw may not be specified with other flags that filter the server request or alter the output");
        }
        Raw.checkPath(line);
        return Raw.get(session, line);
    }

    private static Found fetch(Session session, Flags.Line line, Query q, boolean table) {
        String accept = table ? TableView.ACCEPT : Session.JSON;
        String path = q.resource().path(q.namespace(), q.name())
                + (line.has("subresource") ? "/" + line.get("subresource") : "");
        if (!q.name().isEmpty()) {
            Unstructured one = session.get(path, Map.of(), accept);
            return new Found(q, table && !one.kind().equals("Table") ? laidOut(session, one) : one);
        }
        long chunk = line.number("chunk-size", CHUNK);
        Map<String, String> query = new LinkedHashMap<>();
        query.put("labelSelector", line.get("selector"));
        query.put("fieldSelector", line.get("field-selector"));
        query.put("limit", chunk > 0 ? "" + chunk : "");
        Unstructured all;
        try {
            all = session.get(path, query, accept);
        } catch (StatusException e) {
            throw Selection.unlisted(e, q.resource(), line.get("selector"), line.get("field-selector"));
        }
        String list = table ? "rows" : "items";
        for (String more = all.string("metadata", "continue"); !more.isEmpty(); ) {
            query.put("continue", more);
            Unstructured page = session.get(path, query, accept);
            page.objects(list).forEach(o -> all.add(o, list));
            more = page.string("metadata", "continue");
        }
        return new Found(q, all);
    }

    /** Where the server has no table for a subresource. */
    private static Unstructured laidOut(Session session, Unstructured one) {
        String age = Timestamps.parse(one.string("metadata", "creationTimestamp"))
                .map(t -> HumanDuration.of(
                        Duration.between(t, session.environment().clock().now())))
                .orElse("<unknown>");
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("cells", List.of(one.name(), age));
        row.put("object", one.map());
        return new Unstructured(new LinkedHashMap<>())
                .set(List.of(Map.of("name", "Name", "format", "name"), Map.of("name", "Age")), "columnDefinitions")
                .add(row, "rows");
    }

    private static List<Unstructured> items(Found f) {
        if (!f.query().name().isEmpty()) {
            return List.of(f.answer());
        }
        ApiResource r = f.query().resource();
        return f.answer().objects("items").stream()
                .map(o -> o.has("kind")
                        ? o
                        : Unstructured.of(r.resource().apiVersion(), r.kind())
                                .set(o.get("metadata"), "metadata")
                                .set(o.get("spec"), "spec")
                                .set(o.get("status"), "status"))
                .toList();
    }

    private static void objects(
            Session session,
            Flags.Line line,
            List<Found> found,
            List<Query> queries,
            ObjectPrinter printer,
            List<Failure> failures)
            throws IOException {
        List<Unstructured> items =
                new ArrayList<>(found.stream().flatMap(f -> items(f).stream()).toList());
        if (line.has("sort-by")) {
            items.sort(order(line.get("sort-by")));
        }
        boolean single = queries.size() == 1 && !queries.getFirst().name().isEmpty();
        if (single && items.isEmpty() || items.isEmpty() && !failures.isEmpty()) {
            return;
        }
        printer.print(session, items, single);
    }

    /** Numbers and times as such, anything else as text; what lacks the field comes first. */
    private static Comparator<Unstructured> order(String path) {
        JsonPath p = JsonPath.path(path);
        Comparator<Object> values = (a, b) -> a instanceof Number x && b instanceof Number y
                ? Double.compare(x.doubleValue(), y.doubleValue())
                : String.valueOf(a).compareTo(String.valueOf(b));
        return Comparator.comparing(
                o -> {
                    List<Object> v = new ArrayList<>(p.find(o.map()));
                    return v.isEmpty() ? null : v.getFirst();
                },
                Comparator.nullsFirst(values));
    }

    /** @return how many rows were shown */
    private static int tables(Session session, Flags.Line line, List<Found> found) {
        Map<ApiResource, List<Found>> kinds = found.stream()
                .collect(Collectors.groupingBy(f -> f.query().resource(), LinkedHashMap::new, Collectors.toList()));
        boolean prefix = kinds.size() > 1 || line.on("show-kind");
        int shown = 0;
        for (var e : kinds.entrySet()) {
            var view = new TableView(session.out(), options(line, e.getKey(), prefix));
            int before = shown;
            for (Found f : e.getValue()) {
                List<TableView.Row> rows = sorted(session, line, f);
                if (before > 0 && shown == before && !rows.isEmpty() && !line.on("no-headers")) {
                    session.out().println();
                }
                shown += rows.size();
                view.add(f.answer(), rows, null);
            }
            view.flush();
        }
        return shown;
    }

    static TableView.Options options(Flags.Line line, ApiResource resource, boolean prefix) {
        return new TableView.Options(
                line.get("output").equals("wide"),
                !line.on("no-headers"),
                line.on("all-namespaces") && resource.namespaced(),
                line.on("show-labels"),
                line.all("label-columns").stream()
                        .flatMap(l -> List.of(l.split(",")).stream())
                        .toList(),
                prefix ? resource.qualified() : "");
    }

    /** The rows in the order of a field, which the table may not show: so the objects are asked for too. */
    private static List<TableView.Row> sorted(Session session, Flags.Line line, Found f) {
        List<TableView.Row> rows = TableView.rows(f.answer());
        if (!line.has("sort-by") || !f.query().name().isEmpty()) {
            return rows;
        }
        List<Unstructured> items = new ArrayList<>(items(fetch(session, line, f.query(), false)));
        items.sort(order(line.get("sort-by")));
        Map<String, Integer> place = new LinkedHashMap<>();
        items.forEach(o -> place.put(o.namespace() + "/" + o.name(), place.size()));
        return rows.stream()
                .sorted(Comparator.comparing(r -> place.getOrDefault(
                        r.object().namespace() + "/" + r.object().name(), Integer.MAX_VALUE)))
                .toList();
    }
}
