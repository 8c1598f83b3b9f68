package dev.coracle.apiserver.builtin.batch;

import dev.coracle.apiserver.builtin.core.PodRules;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.MetadataRules;
import dev.coracle.machinery.cron.CronSchedule;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Rules for Job and CronJob. */
final class BatchRules {
    private final Findings findings;

    BatchRules(Findings findings) {
        this.findings = findings;
    }

    void job(Unstructured o, @Nullable Unstructured old) {
        job(o.object("spec"), "spec");
        if (old != null) {
            update(o.object("spec"), old);
        }
    }

    private void job(Unstructured spec, String path) {
        for (String field : List.of(
                "parallelism",
                "completions",
                "activeDeadlineSeconds",
                "backoffLimit",
                "backoffLimitPerIndex",
                "maxFailedIndexes",
                "ttlSecondsAfterFinished")) {
            findings.notNegative(spec, path, field);
        }
        findings.oneOf(spec, path, "completionMode", "NonIndexed", "Indexed");
        if (spec.string("completionMode").equals("Indexed") && !spec.has("completions")) {
            findings.required(path + ".completions", "when completion mode is Indexed");
        }
        findings.oneOf(spec, path, "podReplacementPolicy", "Failed", "TerminatingOrFailed");
        String at = path + ".template.spec";
        new MetadataRules(findings)
                .labels(spec.strings("template", "metadata", "labels"), path + ".template.metadata.labels");
        new PodRules(findings).spec(spec.object("template", "spec"), at);
        // The default is that of all pods, and wrong here: one must choose.
        if (spec.stringOr("Always", "template", "spec", "restartPolicy").equals("Always")) {
            findings.required(at + ".restartPolicy", "valid values: \"OnFailure\", \"Never\"");
        }
    }

    private void update(Unstructured spec, Unstructured old) {
        boolean indexed = spec.string("completionMode").equals("Indexed");
        for (String fixed : List.of("completions", "selector", "completionMode", "podFailurePolicy")) {
            boolean elastic = fixed.equals("completions") && indexed;
            if (!elastic && !Objects.equals(spec.get(fixed), old.get("spec", fixed))) {
                findings.invalid("spec." + fixed, spec.get(fixed), Findings.IMMUTABLE);
            }
        }
        Unstructured template = spec.object("template").copy();
        if (isWaiting(old)) {
            // A queue may still decide where the pods will go, and with how much.
            for (String free : List.of("nodeSelector", "affinity", "tolerations", "schedulingGates")) {
                template.set(old.get("spec", "template", "spec", free), "spec", free);
            }
            for (String free : List.of("labels", "annotations")) {
                template.set(old.get("spec", "template", "metadata", free), "metadata", free);
            }
            resources(template, old.object("spec", "template"));
        }
        if (!template.equals(old.object("spec", "template"))) {
            findings.invalid("spec.template", spec.get("template"), Findings.IMMUTABLE);
        }
    }

    /** Suspended, and without a pod: it never ran, or they are all gone. */
    private static boolean isWaiting(Unstructured job) {
        boolean emptied = job.integer(0, "status", "active") == 0
                && job.objects("status", "conditions").stream()
                        .anyMatch(c -> c.string("type").equals("Suspended")
                                && c.string("status").equals("True"));
        return job.bool("spec", "suspend") && (emptied || !job.has("status", "startTime"));
    }

    private static void resources(Unstructured template, Unstructured old) {
        for (String list : List.of("containers", "initContainers")) {
            List<Unstructured> containers = template.objects("spec", list);
            List<Unstructured> before = old.objects("spec", list);
            for (int i = 0; i < Math.min(containers.size(), before.size()); i++) {
                containers.get(i).set(before.get(i).get("resources"), "resources");
            }
        }
    }

    void cronJob(Unstructured spec) {
        if (spec.string("schedule").isEmpty()) {
            findings.required("spec.schedule", "");
        } else {
            schedule(spec.string("schedule"));
        }
        findings.oneOf(spec, "spec", "concurrencyPolicy", "Allow", "Forbid", "Replace");
        for (String field :
                List.of("startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit")) {
            findings.notNegative(spec, "spec", field);
        }
        if (spec.has("timeZone")) {
            zone(spec.string("timeZone"));
        }
        job(spec.object("jobTemplate", "spec"), "spec.jobTemplate.spec");
    }

    private void schedule(String text) {
        if (text.contains("TZ")) {
            findings.invalid("spec.schedule", text, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
            return;
        }
        try {
            CronSchedule.parse(text);
        } catch (IllegalArgumentException e) {
            findings.invalid("spec.schedule", text, String.valueOf(e.getMessage()));
        }
    }

    private void zone(String name) {
        if (name.isEmpty()) {
            findings.invalid("spec.timeZone", name, "timeZone must be nil or non-empty string");
        } else if (name.equalsIgnoreCase("Local")) {
            findings.invalid(
                    "spec.timeZone",
                    name,
                    "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
        } else if (CronSchedule.zone(name).isEmpty()) {
            findings.invalid("spec.timeZone", name, "unknown time zone " + name);
        }
    }
}
