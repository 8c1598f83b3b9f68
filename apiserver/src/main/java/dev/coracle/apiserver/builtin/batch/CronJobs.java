package dev.coracle.apiserver.builtin.batch;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.selector;
import static dev.coracle.apiserver.definition.Columns.text;
import static dev.coracle.apiserver.definition.Columns.time;
import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.builtin.apps.WorkloadColumns;
import dev.coracle.apiserver.builtin.core.PodDefaults;
import dev.coracle.apiserver.definition.Amounts;
import dev.coracle.apiserver.definition.Column;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;

/** Jobs by the clock. */
public final class CronJobs {
    private static final int MAX_NAME = 52;

    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced(
                    "batch", "v1", "CronJob", "cronjobs")
            .shortNames("cj")
            .categories("all")
            .subresources("status")
            .amounts(o -> Amounts.template(o, "spec", "jobTemplate", "spec", "template"))
            .defaults(CronJobs::complete)
            .names(CronJobs::name)
            .rules((findings, o, old) -> new BatchRules(findings).cronJob(o.object("spec")))
            .generations()
            .columns(
                    NAME,
                    text("Schedule", "spec", "schedule"),
                    text("Timezone", o -> o.stringOr("<none>", "spec", "timeZone")),
                    new Column(
                            "Suspend", "boolean", "", "", 0, (o, now) -> o.bool("spec", "suspend") ? "True" : "False"),
                    new Column("Active", "integer", "", "", 0, (o, now) ->
                            (long) o.objects("status", "active").size()),
                    time("Last Schedule", o -> o.time("status", "lastScheduleTime"), "<none>"),
                    AGE,
                    WorkloadColumns.containers("spec", "jobTemplate", "spec", "template", "spec"),
                    WorkloadColumns.images("spec", "jobTemplate", "spec", "template", "spec"),
                    text("Selector", o -> selector(o.object("spec", "jobTemplate", "spec", "selector")))
                            .wide())
            .build();

    private CronJobs() {}

    private static void complete(Unstructured o) {
        absent(o, "Allow", "spec", "concurrencyPolicy");
        absent(o, false, "spec", "suspend");
        absent(o, 3L, "spec", "successfulJobsHistoryLimit");
        absent(o, 1L, "spec", "failedJobsHistoryLimit");
        Jobs.failureRules(o.object("spec", "jobTemplate", "spec"));
        if (o.has("spec", "jobTemplate", "spec", "template", "spec")) {
            PodDefaults.template(o.object("spec", "jobTemplate", "spec", "template", "spec"));
        }
    }

    /** The jobs' names have eleven characters more. */
    private static List<String> name(String name) {
        List<String> errors = new ArrayList<>(Names.subdomain(name));
        if (name.length() > MAX_NAME) {
            errors.add("must be no more than " + MAX_NAME + " characters");
        }
        return errors;
    }
}
