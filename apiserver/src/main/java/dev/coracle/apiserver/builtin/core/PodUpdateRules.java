package dev.coracle.apiserver.builtin.core;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;

/** Of a pod that exists, little may change: the rest was decided when it was made. */
final class PodUpdateRules {
    private static final String RULE = "pod updates may not change fields other than `spec.containers[*].image`,"
            + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to"
            + " existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was"
            + " previously negative)";

    private final Findings findings;

    PodUpdateRules(Findings findings) {
        this.findings = findings;
    }

    void check(Unstructured now, Unstructured old) {
        if (now.objects("containers").size() != old.objects("containers").size()) {
            findings.forbidden("spec.containers", "pod updates may not add or remove containers");
            return;
        }
        if (now.objects("initContainers").size()
                != old.objects("initContainers").size()) {
            findings.forbidden("spec.initContainers", "pod updates may not add or remove containers");
            return;
        }
        deadline(now, old);
        List<Unstructured> gates = old.objects("schedulingGates");
        for (Unstructured gate : now.objects("schedulingGates")) {
            if (!gates.contains(gate)) {
                findings.forbidden(
                        "spec.schedulingGates",
                        "only deletion is allowed, but found new scheduling gate '" + gate.string("name") + "'");
            }
        }
        tolerations(now, old);
        Unstructured rest = now.copy();
        for (String list : List.of("containers", "initContainers")) {
            List<Unstructured> before = old.objects(list);
            List<Unstructured> after = rest.objects(list);
            for (int i = 0; i < after.size(); i++) {
                after.get(i).set(before.get(i).get("image"), "image");
            }
        }
        for (String free : List.of("activeDeadlineSeconds", "tolerations", "schedulingGates")) {
            rest.set(old.get(free), free);
        }
        if (!gates.isEmpty()) {
            // Where it may go can still be narrowed while nobody looks for a place.
            rest.set(old.get("nodeSelector"), "nodeSelector").set(old.get("affinity"), "affinity");
        }
        if (old.integer(0, "terminationGracePeriodSeconds") < 0
                && now.integer(0, "terminationGracePeriodSeconds") == 1) {
            rest.set(old.get("terminationGracePeriodSeconds"), "terminationGracePeriodSeconds");
        }
        if (!rest.equals(old)) {
            findings.forbidden("spec", RULE + "\n" + difference(rest, old));
        }
    }

    private void deadline(Unstructured now, Unstructured old) {
        String field = "activeDeadlineSeconds";
        long seconds = now.integer(0, field);
        if (now.has(field) && old.has(field) && seconds > old.integer(0, field)) {
            findings.invalid("spec." + field, seconds, "must be less than or equal to previous value");
        } else if (!now.has(field) && old.has(field)) {
            findings.invalid("spec." + field, null, "must not update from a positive integer to nil value");
        }
    }

    private void tolerations(Unstructured now, Unstructured old) {
        List<Unstructured> all = now.objects("tolerations").stream()
                .map(t -> t.copy().remove("tolerationSeconds"))
                .toList();
        for (Unstructured t : old.objects("tolerations")) {
            if (!all.contains(t.copy().remove("tolerationSeconds"))) {
                findings.forbidden(
                        "spec.tolerations", "existing toleration can not be modified except its tolerationSeconds");
                return;
            }
        }
    }

    /** What differs, field by field: upstream shows a difference of its own internal types. */
    private static String difference(Unstructured now, Unstructured old) {
        var fields = new TreeSet<>(now.map().keySet());
        fields.addAll(old.map().keySet());
        StringBuilder text = new StringBuilder();
        for (String f : fields) {
            if (!Objects.equals(now.get(f), old.get(f))) {
                text.append("- ")
                        .append(f)
                        .append(": ")
                        .append(Json.string(old.get(f)))
                        .append('\n');
                text.append("+ ")
                        .append(f)
                        .append(": ")
                        .append(Json.string(now.get(f)))
                        .append('\n');
            }
        }
        return text.toString();
    }
}
