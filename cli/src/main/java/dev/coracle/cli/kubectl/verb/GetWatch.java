package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.print.ObjectPrinter;
import dev.coracle.cli.kubectl.print.TableView;
import dev.coracle.cli.kubectl.resource.ApiResource;
import dev.coracle.client.https.RestClient;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code kubectl get -w}: what there is, then each change, until the server ends the watch or the user does. */
final class GetWatch {
    private final Session session;
    private final Flags.Line line;

    GetWatch(Session session, Flags.Line line) {
        this.session = session;
        this.line = line;
    }

    int run(ApiResource resource, String namespace, String name) throws IOException {
        String output = ObjectPrinter.format(line);
        boolean table = ObjectPrinter.isTable(output);
        String accept = table ? TableView.ACCEPT : Session.JSON;
        Map<String, String> query = new LinkedHashMap<>();
        query.put("labelSelector", line.get("selector"));
        String fields = line.get("field-selector");
        query.put("fieldSelector", name.isEmpty() ? fields : "metadata.name=" + name);
        String path = resource.path(namespace, "");
        Show show = table ? tables(resource) : objects(ObjectPrinter.ofGet(line));
        Unstructured now = session.get(path, query, accept);
        if (!name.isEmpty() && now.objects(table ? "rows" : "items").isEmpty()) {
            throw StatusException.notFound(resource.resource(), name);
        }
        if (!line.on("watch-only")) {
            if (table) {
                show.event("ADDED", now);
            } else {
                for (Unstructured o : now.objects("items")) {
                    show.event("ADDED", o);
                }
            }
        }
        query.put("watch", "true");
        query.put("resourceVersion", now.resourceVersion());
        try (var in = new BufferedReader(new InputStreamReader(
                session.connection().stream(path + RestClient.query(query), accept), StandardCharsets.UTF_8))) {
            for (String text = in.readLine(); text != null; text = in.readLine()) {
                Unstructured event = Unstructured.parse(text);
                if (event.string("type").equals("ERROR")) {
                    throw StatusException.of(500, event.object("object"));
                }
                if (!event.string("type").equals("BOOKMARK")) {
                    show.event(event.string("type"), event.object("object"));
                }
            }
        }
        return 0;
    }

    private interface Show {
        void event(String type, Unstructured object) throws IOException;
    }

    private Show tables(ApiResource resource) {
        TableView view = new TableView(session.out(), Get.options(line, resource, line.on("show-kind")));
        boolean events = line.on("output-watch-events");
        return (type, table) -> {
            view.add(table, TableView.rows(table), events ? type : null);
            view.flush();
        };
    }

    private Show objects(ObjectPrinter printer) {
        return (type, object) -> printer.print(session, List.of(object), true);
    }
}
