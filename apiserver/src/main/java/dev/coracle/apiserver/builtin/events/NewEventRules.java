package dev.coracle.apiserver.builtin.events;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the newer group demands beyond what is demanded of every event; said of the stored form, as upstream does. */
final class NewEventRules {
    private NewEventRules() {}

    static void check(Findings findings, Unstructured o, @Nullable Unstructured old) {
        if (old != null) {
            changed(findings, o, old);
            return;
        }
        findings.invalid("metadata.name", o.name(), Names.subdomain(o.name()));
        series(findings, o);
        if (!o.has("eventTime")) {
            findings.required("eventTime", "");
        }
        String type = o.string("type");
        if (!type.equals("Normal") && !type.equals("Warning")) {
            findings.invalid("type", "", "has invalid value: " + type);
        }
        for (String field : List.of("firstTimestamp", "lastTimestamp")) {
            if (o.has(field)) {
                findings.invalid(field, "", "needs to be unset");
            }
        }
        if (o.integer(0, "count") != 0) {
            findings.invalid("count", "", "needs to be unset");
        }
        if (!o.string("source", "component").isEmpty()
                || !o.string("source", "host").isEmpty()) {
            findings.invalid("source", "", "needs to be unset");
        }
    }

    private static void changed(Findings findings, Unstructured o, Unstructured old) {
        if (!Objects.equals(o.get("series"), old.get("series"))) {
            series(findings, o);
        }
        for (String field : NewEvents.fixed()) {
            if (!Objects.equals(o.get(field), old.get(field))) {
                // Upstream names this one as it is called within.
                String path = field.equals("reportingComponent") ? "reportingController" : field;
                findings.invalid(path, o.get(field), Findings.IMMUTABLE);
            }
        }
    }

    private static void series(Findings findings, Unstructured o) {
        if (!o.has("series")) {
            return;
        }
        if (o.integer(0, "series", "count") < 2) {
            findings.invalid("series.count", "", "should be at least 2");
        }
        if (!o.has("series", "lastObservedTime")) {
            findings.required("series.lastObservedTime", "");
        }
    }
}
