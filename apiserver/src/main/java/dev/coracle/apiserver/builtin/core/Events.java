package dev.coracle.apiserver.builtin.core;

import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;
import static dev.coracle.apiserver.definition.Columns.time;

import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/** What happened to an object. */
public final class Events {
    /** Upstream's {@code --event-ttl}. */
    private static final Duration LIFE = Duration.ofHours(1);

    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced("", "v1", "Event", "events")
            .shortNames("ev")
            .names(Names::pathSegment)
            .rules((findings, o, old) -> new EventRules(findings).check(o))
            .life(LIFE)
            .selectable(
                    "involvedObject.kind",
                    "involvedObject.namespace",
                    "involvedObject.name",
                    "involvedObject.uid",
                    "involvedObject.apiVersion",
                    "involvedObject.resourceVersion",
                    "involvedObject.fieldPath",
                    "reason",
                    "reportingComponent",
                    "type")
            // New-style events name who reports them elsewhere.
            .selectable("source", e -> e.stringOr(e.string("reportingComponent"), "source", "component"))
            .columns(
                    time("Last Seen", Events::lastSeen, "<unknown>"),
                    text("Type", "type"),
                    text("Reason", "reason"),
                    text("Object", Events::object),
                    text("Subobject", "involvedObject", "fieldPath").wide(),
                    text("Source", Events::source).wide(),
                    text("Message", o -> o.string("message").trim()),
                    time("First Seen", o -> o.time("firstTimestamp").or(() -> o.time("eventTime")), "<unknown>")
                            .wide(),
                    text("Count", Events::count).wide(),
                    NAME.wide())
            .build();

    private Events() {}

    private static Optional<Instant> lastSeen(Unstructured o) {
        return o.time("series", "lastObservedTime")
                .or(() -> o.time("lastTimestamp"))
                .or(() -> o.time("firstTimestamp"))
                .or(() -> o.time("eventTime"))
                .or(() -> o.time("metadata", "creationTimestamp"));
    }

    private static String object(Unstructured o) {
        String kind = o.string("involvedObject", "kind").toLowerCase(Locale.ROOT);
        String name = o.string("involvedObject", "name");
        return name.isEmpty() ? kind : kind + "/" + name;
    }

    private static String source(Unstructured o) {
        String component = o.stringOr(o.string("reportingComponent"), "source", "component");
        String host = o.stringOr(o.string("reportingInstance"), "source", "host");
        return host.isEmpty() ? component : component + ", " + host;
    }

    private static Object count(Unstructured o) {
        return o.has("series") ? o.integer(1, "series", "count") : o.integer(1, "count");
    }
}
