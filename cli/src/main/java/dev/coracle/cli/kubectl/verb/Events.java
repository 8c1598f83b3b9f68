package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.print.Columns;
import dev.coracle.cli.kubectl.print.ObjectPrinter;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Targets;
import dev.coracle.client.ListOptions;
import dev.coracle.machinery.object.HumanDuration;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** {@code kubectl events}. */
public final class Events implements Verb {
    @Override
    public Flags flags() {
        return Flags.of("all-namespaces,A!", "for", "types", "no-headers!", "output,o", "template");
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException {
        boolean everywhere = line.on("all-namespaces");
        String fields = "";
        if (line.has("for")) {
            Targets.Target t = Targets.single(new Catalog(session), List.of(line.get("for")), "");
            fields = "involvedObject.kind=" + t.resource().kind() + ",involvedObject.name=" + t.name();
        }
        List<Unstructured> events = new ArrayList<>(session
                .client()
                .list(Resources.EVENTS, everywhere ? "" : session.namespace(), ListOptions.fields(fields))
                .items()
                .stream()
                .map(Revision::object)
                .toList());
        if (line.has("types")) {
            List<String> types = List.of(line.get("types").split(","));
            events.removeIf(e -> types.stream().noneMatch(t -> t.equalsIgnoreCase(e.string("type"))));
        }
        events.sort(Comparator.comparing(e -> last(e).orElse(Instant.EPOCH)));
        if (events.isEmpty()) {
            session.err()
                    .println(
                            everywhere
                                    ? "No events found."
                                    : "No events found in " + session.namespace() + " namespace.");
            return 0;
        }
        if (!ObjectPrinter.format(line).isEmpty()) {
            ObjectPrinter.of(line).print(session, events, false);
            return 0;
        }
        Columns columns = Columns.table();
        if (!line.on("no-headers")) {
            row(columns, everywhere, "NAMESPACE", "LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE");
        }
        for (Unstructured e : events) {
            row(
                    columns,
                    everywhere,
                    e.namespace(),
                    seen(session, e),
                    e.string("type"),
                    e.string("reason"),
                    e.string("involvedObject", "kind") + "/" + e.string("involvedObject", "name"),
                    e.string("message").trim());
        }
        columns.flush(session.out());
        return 0;
    }

    private static void row(Columns columns, boolean namespaces, String namespace, String... cells) {
        List<String> row = new ArrayList<>(List.of(cells));
        if (namespaces) {
            row.addFirst(namespace);
        }
        columns.row(row.toArray(String[]::new));
    }

    private static Optional<Instant> last(Unstructured e) {
        return e.time("series", "lastObservedTime")
                .or(() -> e.time("lastTimestamp"))
                .or(() -> e.time("eventTime"));
    }

    private static String seen(Session session, Unstructured e) {
        String last = age(session, last(e));
        long count = e.integer(e.integer(0, "series", "count"), "count");
        return count > 1
                ? last + " (x" + count + " over "
                        + age(session, e.time("firstTimestamp").or(() -> e.time("eventTime"))) + ")"
                : last;
    }

    private static String age(Session session, Optional<Instant> time) {
        return time.map(t -> HumanDuration.of(
                        Duration.between(t, session.environment().clock().now())))
                .orElse("<unknown>");
    }
}
