package dev.coracle.apiserver.builtin.events;

import dev.coracle.apiserver.builtin.core.Events;
import dev.coracle.apiserver.definition.Column;
import dev.coracle.apiserver.definition.Conversion;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The events of the group without a name under their newer names: what was {@code involvedObject} is {@code regarding},
 * what was {@code message} is {@code note}, and what the newer ones do without is {@code deprecated…}.
 */
public final class NewEvents {
    private static final String VERSION = "events.k8s.io/v1";

    /** Newer names, and what is stored. */
    private static final Map<String, String> NAMES = names();

    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    "events.k8s.io", "v1", "Event", "events")
            .shortNames("ev")
            .selectable(
                    "regarding.kind",
                    "regarding.namespace",
                    "regarding.name",
                    "regarding.uid",
                    "regarding.apiVersion",
                    "regarding.resourceVersion",
                    "regarding.fieldPath",
                    "reason",
                    "reportingController",
                    "type")
            .columns(Events.DEFINITION.columns().stream().map(NewEvents::column).toList())
            .conversion(new Conversion(
                    Events.DEFINITION.resource(), NewEvents::stored, NewEvents::served, NewEventRules::check))
            .build();

    private NewEvents() {}

    private static Map<String, String> names() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("regarding", "involvedObject");
        names.put("note", "message");
        names.put("reportingController", "reportingComponent");
        names.put("deprecatedSource", "source");
        names.put("deprecatedFirstTimestamp", "firstTimestamp");
        names.put("deprecatedLastTimestamp", "lastTimestamp");
        names.put("deprecatedCount", "count");
        return names;
    }

    private static Unstructured stored(Unstructured event) {
        NAMES.forEach((served, stored) -> rename(event, served, stored));
        return event.set(Events.DEFINITION.kind().apiVersion(), "apiVersion");
    }

    private static Unstructured served(Unstructured event) {
        NAMES.forEach((served, stored) -> rename(event, stored, served));
        return event.set(VERSION, "apiVersion");
    }

    private static void rename(Unstructured event, String from, String to) {
        Object value = event.map().remove(from);
        event.map().remove(to);
        if (value != null) {
            event.map().put(to, value);
        }
    }

    private static Column column(Column c) {
        return new Column(
                c.name(),
                c.type(),
                c.format(),
                c.description(),
                c.priority(),
                (o, now) -> c.cell().of(stored(o.copy()), now));
    }

    /** What of a stored event nobody may change who knows it by its newer names. */
    static List<String> fixed() {
        return List.of(
                "involvedObject",
                "reason",
                "message",
                "source",
                "firstTimestamp",
                "lastTimestamp",
                "count",
                "type",
                "eventTime",
                "action",
                "related",
                "reportingComponent",
                "reportingInstance");
    }
}
