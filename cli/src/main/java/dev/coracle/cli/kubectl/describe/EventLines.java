package dev.coracle.cli.kubectl.describe;

import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.client.ListOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The events about an object, at the end of its description. */
final class EventLines {
    private EventLines() {}

    static void write(Description d, Session session, Unstructured about) {
        String fields = "involvedObject.name=" + about.name() + ",involvedObject.kind=" + about.kind()
                + (about.uid().isEmpty() || about.kind().equals("Node") ? "" : ",involvedObject.uid=" + about.uid())
                + (about.namespace().isEmpty() ? "" : ",involvedObject.namespace=" + about.namespace());
        List<Unstructured> events = new ArrayList<>(
                session.client().list(Resources.EVENTS, about.namespace(), ListOptions.fields(fields)).items().stream()
                        .map(Revision::object)
                        .toList());
        if (events.isEmpty()) {
            d.line("Events:\t<none>");
            return;
        }
        d.columnsEnd();
        events.sort(Comparator.comparing(e -> e.time("firstTimestamp").orElse(Instant.EPOCH)));
        d.line("Events:").line("  Type\tReason\tAge\tFrom\tMessage").line(1, "----\t------\t----\t----\t-------");
        for (Unstructured e : events) {
            d.line(
                    1,
                    e.string("type") + "\t" + e.string("reason") + "\t" + age(d, e) + "\t"
                            + e.stringOr(e.string("reportingComponent"), "source", "component") + "\t"
                            + e.string("message").trim());
        }
    }

    private static String age(Description d, Unstructured e) {
        Optional<Instant> first = e.time("eventTime").or(() -> e.time("firstTimestamp"));
        if (e.has("series")) {
            return d.since(e.time("series", "lastObservedTime")) + " (x" + e.integer(0, "series", "count") + " over "
                    + d.since(first) + ")";
        }
        return e.integer(0, "count") > 1
                ? d.since(e.time("lastTimestamp")) + " (x" + e.integer(0, "count") + " over " + d.since(first) + ")"
                : d.since(first);
    }
}
