package dev.coracle.apiserver.builtin.policy;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.Column;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import org.jspecify.annotations.Nullable;

/** How many pods of a kind may be taken away at once. */
public final class PodDisruptionBudgets {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    "policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets")
            .shortNames("pdb")
            .subresources("status")
            .rules(PodDisruptionBudgets::check)
            .generations()
            .versionedUpdates()
            .columns(
                    NAME,
                    share("Min Available", "minAvailable"),
                    share("Max Unavailable", "maxUnavailable"),
                    new Column(
                            "Allowed Disruptions",
                            "integer",
                            "",
                            "",
                            0,
                            (o, now) -> o.integer(0, "status", "disruptionsAllowed")),
                    AGE)
            .build();

    private PodDisruptionBudgets() {}

    private static Column share(String name, String field) {
        return text(name, o -> o.has("spec", field) ? String.valueOf(o.get("spec", field)) : "N/A");
    }

    private static void check(Findings findings, Unstructured o, @Nullable Unstructured old) {
        Unstructured spec = o.object("spec");
        if (spec.has("minAvailable") && spec.has("maxUnavailable")) {
            findings.invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set");
        }
        findings.share(spec, "spec", "minAvailable");
        findings.share(spec, "spec", "maxUnavailable");
        findings.oneOf(spec, "spec", "unhealthyPodEvictionPolicy", "IfHealthyBudget", "AlwaysAllow");
    }
}
