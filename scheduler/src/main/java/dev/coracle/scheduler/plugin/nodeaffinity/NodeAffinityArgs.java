package dev.coracle.scheduler.plugin.nodeaffinity;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.config.Fields;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

/** @param addedAffinity a {@code nodeAffinity} that every pod of the profile must meet besides its own */
public record NodeAffinityArgs(Unstructured addedAffinity) {
    public static final NodeAffinityArgs DEFAULT = new NodeAffinityArgs(new Unstructured(new LinkedHashMap<>()));

    private static final List<String> OPERATORS = List.of("DoesNotExist", "Exists", "Gt", "In", "Lt", "NotIn");
    private static final Set<String> WITHOUT_VALUES = Set.of("Exists", "DoesNotExist");

    public static NodeAffinityArgs of(Fields fields) {
        Fields added = fields.object("addedAffinity");
        Fields required = added.object("requiredDuringSchedulingIgnoredDuringExecution");
        List<Fields> terms = required.objects("nodeSelectorTerms");
        if (added.has("requiredDuringSchedulingIgnoredDuringExecution") && terms.isEmpty()) {
            fields.problems().required(required.path("nodeSelectorTerms"), "must have at least one node selector term");
        }
        terms.forEach(NodeAffinityArgs::term);
        required.end();
        for (Fields p : added.objects("preferredDuringSchedulingIgnoredDuringExecution")) {
            p.within("weight", 0, 1, 100, "must be in the range 1-100");
            term(p.object("preference"));
            p.end();
        }
        added.end();
        return new NodeAffinityArgs(fields.tree("addedAffinity"));
    }

    private static void term(Fields term) {
        term.objects("matchExpressions").forEach(NodeAffinityArgs::expression);
        term.objects("matchFields").forEach(NodeAffinityArgs::expression);
        term.end();
    }

    private static void expression(Fields e) {
        if (e.text("key", "").isEmpty()) {
            e.problems().required(e.path("key"), "");
        }
        String operator = e.text("operator", "");
        int values = e.texts("values").size();
        if (!OPERATORS.contains(operator)) {
            e.problems().unsupported(e.path("operator"), operator, OPERATORS);
        } else if (WITHOUT_VALUES.contains(operator) && values > 0) {
            e.problems()
                    .forbidden(e.path("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        } else if ((operator.equals("In") || operator.equals("NotIn")) && values == 0) {
            e.problems().required(e.path("values"), "must be specified when `operator` is 'In' or 'NotIn'");
        } else if ((operator.equals("Gt") || operator.equals("Lt")) && values != 1) {
            e.problems().required(e.path("values"), "must be specified single value when `operator` is 'Lt' or 'Gt'");
        }
        e.end();
    }
}
