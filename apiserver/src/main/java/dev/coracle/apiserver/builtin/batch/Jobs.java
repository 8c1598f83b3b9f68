package dev.coracle.apiserver.builtin.batch;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.text;
import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.builtin.apps.WorkloadColumns;
import dev.coracle.apiserver.builtin.core.PodDefaults;
import dev.coracle.apiserver.definition.Amounts;
import dev.coracle.apiserver.definition.Column;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.HumanDuration;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Pods that come to an end. */
public final class Jobs {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced("batch", "v1", "Job", "jobs")
            .categories("all")
            .subresources("status")
            .amounts(o -> Amounts.template(o, "spec", "template"))
            .defaults(Jobs::complete)
            .rules((findings, o, old) -> new BatchRules(findings).job(o, old))
            .statusRules((findings, o, old) -> new JobStatusRules(findings, o, old).check())
            .generations()
            .orphans()
            .created(JobSelectors::select)
            .selectable("status.successful", o -> String.valueOf(o.integer(0, "status", "succeeded")))
            .columns(
                    NAME,
                    text("Status", Jobs::status),
                    text("Completions", Jobs::completions),
                    new Column("Duration", "string", "", "", 0, Jobs::duration),
                    AGE,
                    WorkloadColumns.containers("spec", "template", "spec"),
                    WorkloadColumns.images("spec", "template", "spec"),
                    WorkloadColumns.SELECTOR)
            .build();

    private Jobs() {}

    private static void complete(Unstructured o) {
        if (o.labels().isEmpty()) {
            JobSelectors.label(o);
        }
        if (!o.has("spec", "completions") && !o.has("spec", "parallelism")) {
            absent(o, 1L, "spec", "completions");
        }
        absent(o, 1L, "spec", "parallelism");
        absent(o, "NonIndexed", "spec", "completionMode");
        absent(o, false, "spec", "suspend");
        // With a limit for each index the whole job may fail as often as it likes.
        absent(o, o.has("spec", "backoffLimitPerIndex") ? (long) Integer.MAX_VALUE : 6L, "spec", "backoffLimit");
        absent(o, o.has("spec", "podFailurePolicy") ? "Failed" : "TerminatingOrFailed", "spec", "podReplacementPolicy");
        failureRules(o.object("spec"));
        if (o.has("spec", "template", "spec")) {
            PodDefaults.template(o.object("spec", "template", "spec"));
        }
    }

    static void failureRules(Unstructured spec) {
        spec.objects("podFailurePolicy", "rules")
                .forEach(rule -> rule.objects("onPodConditions").forEach(c -> absent(c, "True", "status")));
    }

    private static boolean is(Unstructured o, String condition) {
        return o.objects("status", "conditions").stream()
                .anyMatch(c ->
                        c.string("type").equals(condition) && c.string("status").equals("True"));
    }

    private static String status(Unstructured o) {
        for (String end : List.of("Complete", "Failed")) {
            if (is(o, end)) {
                return end;
            }
        }
        if (o.isDeleting()) {
            return "Terminating";
        }
        for (String state : List.of("Suspended", "FailureTarget", "SuccessCriteriaMet")) {
            if (is(o, state)) {
                return state;
            }
        }
        return "Running";
    }

    private static String completions(Unstructured o) {
        long succeeded = o.integer(0, "status", "succeeded");
        if (o.has("spec", "completions")) {
            return succeeded + "/" + o.integer(0, "spec", "completions");
        }
        long parallelism = o.integer(0, "spec", "parallelism");
        return parallelism > 1 ? succeeded + "/1 of " + parallelism : succeeded + "/1";
    }

    private static String duration(Unstructured o, Instant now) {
        return o.time("status", "startTime")
                .map(start -> HumanDuration.of(Duration.between(
                        start, o.time("status", "completionTime").orElse(now))))
                .orElse("");
    }
}
