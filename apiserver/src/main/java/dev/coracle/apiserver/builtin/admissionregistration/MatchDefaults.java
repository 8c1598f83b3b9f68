package dev.coracle.apiserver.builtin.admissionregistration;

import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.machinery.object.Unstructured;
import java.util.Map;

/** Completes what selects requests, which webhooks and policies say alike. */
final class MatchDefaults {
    private MatchDefaults() {}

    static void ofBinding(Unstructured o) {
        if (o.has("spec", "matchResources")) {
            complete(o.object("spec", "matchResources"));
        }
    }

    static void complete(Unstructured o) {
        absent(o, "Equivalent", "matchPolicy");
        absent(o, Map.of(), "namespaceSelector");
        absent(o, Map.of(), "objectSelector");
        for (String rules : new String[] {"rules", "resourceRules", "excludeResourceRules"}) {
            o.objects(rules).forEach(r -> absent(r, "*", "scope"));
        }
    }
}
