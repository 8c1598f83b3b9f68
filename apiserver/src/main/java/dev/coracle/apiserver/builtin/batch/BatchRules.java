package dev.coracle.apiserver.builtin.batch;

import dev.coracle.apiserver.builtin.core.PodRules;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.MetadataRules;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Rules for Job and CronJob. */
final class BatchRules {
    private static final int[][] FIELDS = {{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 6}};
    private static final String NAMED = "[A-Za-z]{3}(-[A-Za-z]{3})?";

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
        boolean waiting = old.bool("spec", "suspend") && !old.has("status", "startTime");
        if (waiting) {
            // A queue may still decide where the pods of a job that never ran will go.
            for (String free : List.of("nodeSelector", "affinity", "tolerations", "schedulingGates")) {
                template.set(old.get("spec", "template", "spec", free), "spec", free);
            }
            for (String free : List.of("labels", "annotations")) {
                template.set(old.get("spec", "template", "metadata", free), "metadata", free);
            }
        }
        if (!template.equals(old.object("spec", "template"))) {
            findings.invalid("spec.template", spec.get("template"), Findings.IMMUTABLE);
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
            try {
                java.time.ZoneId.of(spec.string("timeZone"));
            } catch (java.time.DateTimeException e) {
                findings.invalid(
                        "spec.timeZone", spec.string("timeZone"), "unknown time zone " + spec.string("timeZone"));
            }
        }
        job(spec.object("jobTemplate", "spec"), "spec.jobTemplate.spec");
    }

    /** Five fields, or a name for them. */
    private void schedule(String text) {
        if (text.startsWith("@")) {
            boolean known = text.matches("@(yearly|annually|monthly|weekly|daily|midnight|hourly)|@every .+");
            if (!known) {
                findings.invalid("spec.schedule", text, "unrecognized descriptor: " + text);
            }
            return;
        }
        if (text.startsWith("TZ=") || text.startsWith("CRON_TZ=")) {
            findings.invalid("spec.schedule", text, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
            return;
        }
        String[] fields = text.strip().split("\\s+");
        if (fields.length != FIELDS.length) {
            findings.invalid(
                    "spec.schedule",
                    text,
                    "expected exactly 5 fields, found " + fields.length + ": [" + String.join(" ", fields) + "]");
            return;
        }
        for (int i = 0; i < fields.length; i++) {
            for (String part : fields[i].split(",", -1)) {
                range(text, part, FIELDS[i][0], FIELDS[i][1]);
            }
        }
    }

    private void range(String text, String part, int least, int most) {
        String[] step = part.split("/", -1);
        if (step[0].equals("*") || step[0].equals("?") || step[0].matches(NAMED)) {
            return;
        }
        String[] ends = step[0].split("-", -1);
        for (String end : ends) {
            if (!end.matches("[0-9]{1,9}")) {
                findings.invalid("spec.schedule", text, "failed to parse int from " + end);
                return;
            }
        }
        int low = Integer.parseInt(ends[0]);
        int high = Integer.parseInt(ends[ends.length - 1]);
        if (low < least) {
            findings.invalid(
                    "spec.schedule", text, "beginning of range (" + low + ") below minimum (" + least + "): " + part);
        } else if (high > most) {
            findings.invalid(
                    "spec.schedule", text, "end of range (" + high + ") above maximum (" + most + "): " + part);
        } else if (low > high) {
            findings.invalid(
                    "spec.schedule",
                    text,
                    "beginning of range (" + low + ") beyond end of range (" + high + "): " + part);
        }
    }
}
