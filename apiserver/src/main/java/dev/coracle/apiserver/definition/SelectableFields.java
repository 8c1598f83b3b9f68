package dev.coracle.apiserver.definition;

import dev.coracle.machinery.object.Unstructured;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What field selectors may use of each kind, and how it reads: upstream's {@code ToSelectableFields}. A field that is absent
 * reads as Go's zero of its type: a flag as {@code false}, a count as {@code 0}.
 */
final class SelectableFields {
    private final Map<String, Function<Unstructured, String>> fields = new TreeMap<>();

    private SelectableFields() {}

    static Map<String, Function<Unstructured, String>> of(String plural, boolean namespaced) {
        SelectableFields f = new SelectableFields();
        f.text("metadata.name");
        if (namespaced) {
            f.text("metadata.namespace");
        }
        f.ofKind(plural);
        return f.fields;
    }

    private void ofKind(String plural) {
        switch (plural) {
            case "pods" -> {
                text(
                        "spec.nodeName",
                        "spec.restartPolicy",
                        "spec.schedulerName",
                        "spec.serviceAccountName",
                        "status.phase",
                        "status.podIP",
                        "status.nominatedNodeName");
                zero("false", "spec.hostNetwork");
            }
            case "events" -> {
                text(
                        "involvedObject.kind",
                        "involvedObject.namespace",
                        "involvedObject.name",
                        "involvedObject.uid",
                        "involvedObject.apiVersion",
                        "involvedObject.resourceVersion",
                        "involvedObject.fieldPath",
                        "reason",
                        "reportingComponent",
                        "type");
                // New-style events name who reports them elsewhere.
                fields.put("source", e -> e.stringOr(e.string("reportingComponent"), "source", "component"));
            }
            case "nodes" -> zero("false", "spec.unschedulable");
            case "namespaces" -> {
                text("status.phase");
                fields.put("name", Unstructured::name);
            }
            case "secrets" -> text("type");
            case "services" -> text("spec.clusterIP", "spec.type");
            case "jobs" -> fields.put("status.successful", j -> String.valueOf(j.integer(0, "status", "succeeded")));
            default -> {}
        }
    }

    private void text(String... paths) {
        for (String path : paths) {
            zero("", path);
        }
    }

    private void zero(String zero, String path) {
        String[] steps = path.split("\\.");
        fields.put(path, o -> {
            Object value = o.get(steps);
            return value == null ? zero : String.valueOf(value);
        });
    }
}
