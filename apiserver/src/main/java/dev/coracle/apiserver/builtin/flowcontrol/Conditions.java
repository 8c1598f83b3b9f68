package dev.coracle.apiserver.builtin.flowcontrol;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Of the conditions in a status: each has a type, and no two have the same. */
final class Conditions {
    private Conditions() {}

    static void check(Findings findings, Unstructured o) {
        List<Unstructured> conditions = o.objects("status", "conditions");
        Set<String> types = new HashSet<>();
        for (int i = 0; i < conditions.size(); i++) {
            String path = "status.conditions[" + i + "].type";
            String type = conditions.get(i).string("type");
            if (!types.add(type)) {
                findings.duplicate(path, type);
            }
            if (type.isEmpty()) {
                findings.required(path, "must not be empty");
            }
        }
    }
}
