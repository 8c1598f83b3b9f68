package dev.coracle.apiserver.builtin.scheduling;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.integer;
import static dev.coracle.apiserver.definition.Columns.text;
import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.definition.Column;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How much more a pod matters than others. */
public final class PriorityClasses {
    private static final long HIGHEST_OF_USERS = 1_000_000_000;

    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped(
                    "scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses")
            .shortNames("pc")
            .defaults(o -> absent(o, "PreemptLowerPriority", "preemptionPolicy"))
            .rules(PriorityClasses::check)
            .generations()
            .columns(
                    NAME,
                    integer("Value", "value"),
                    new Column("Global-Default", "boolean", "", "", 0, (o, now) -> o.bool("globalDefault")),
                    AGE,
                    text("PreemptionPolicy", "preemptionPolicy"))
            .build();

    private PriorityClasses() {}

    private static void check(Findings findings, Unstructured o, @Nullable Unstructured old) {
        if (o.name().startsWith("system-")) {
            boolean known = o.name().equals("system-node-critical") || o.name().equals("system-cluster-critical");
            if (!known) {
                findings.forbidden(
                        "metadata.name",
                        "priority class names with 'system-' prefix are reserved for system use only. error: "
                                + o.name() + " is not a known system priority class");
            }
        } else if (o.integer(0, "value") > HIGHEST_OF_USERS) {
            findings.forbidden("value", "maximum allowed value of a user defined priority is " + HIGHEST_OF_USERS);
        }
        if (!List.of("PreemptLowerPriority", "Never").contains(o.string("preemptionPolicy"))) {
            findings.notSupported("preemptionPolicy", o.string("preemptionPolicy"), "PreemptLowerPriority", "Never");
        }
        if (old != null && o.integer(0, "value") != old.integer(0, "value")) {
            findings.forbidden("value", "may not be changed in an update.");
        }
        if (old != null && !Objects.equals(o.get("preemptionPolicy"), old.get("preemptionPolicy"))) {
            findings.invalid("preemptionPolicy", o.get("preemptionPolicy"), Findings.IMMUTABLE);
        }
    }
}
