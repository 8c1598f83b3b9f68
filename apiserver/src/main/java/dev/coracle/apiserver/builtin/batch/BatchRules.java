package dev.coracle.apiserver.builtin.batch;

import dev.coracle.apiserver.builtin.core.PodRules;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.MetadataRules;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.cron.CronSchedule;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Rules for Job and CronJob. */
final class BatchRules {
    /** How many indexes a Job may have, run or lose before it must be modest in the other two. */
    private static final long MOST_INDEXES = 100_000;

    private static final long MOST_OF_MANY = 10_000;
    private static final int MOST_OF_MANAGER = 63;
    private static final Pattern URL_PATH = Pattern.compile("[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+");

    private final Findings findings;

    BatchRules(Findings findings) {
        this.findings = findings;
    }

    void job(Unstructured o, @Nullable Unstructured old) {
        job(o.object("spec"), "spec");
        if (old != null) {
            update(o.object("spec"), old);
        } else {
            podNames(o);
        }
    }

    /** Pods are named after their index: the last of them has the longest name. */
    private void podNames(Unstructured o) {
        long completions = o.integer(0, "spec", "completions");
        String last = o.name() + "-" + (completions - 1);
        if (isIndexed(o.object("spec")) && completions > 0 && !Names.label(last).isEmpty()) {
            findings.invalid("metadata.name", o.name(), "will not able to create pod with invalid DNS label: " + last);
        }
    }

    private static boolean isIndexed(Unstructured spec) {
        return spec.string("completionMode").equals("Indexed");
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
        if (spec.has("maxFailedIndexes") && !spec.has("backoffLimitPerIndex")) {
            findings.required(path + ".backoffLimitPerIndex", "when maxFailedIndexes is specified");
        }
        if (spec.has("managedBy")) {
            manager(spec.string("managedBy"), path + ".managedBy");
        }
        findings.oneOf(spec, path, "completionMode", "NonIndexed", "Indexed");
        if (isIndexed(spec)) {
            indexed(spec, path);
        } else {
            notIndexed(spec, path);
        }
        JobPolicyRules policies = new JobPolicyRules(findings, spec);
        if (spec.has("podFailurePolicy")) {
            policies.failure(path + ".podFailurePolicy");
            findings.oneOf(spec, path, "podReplacementPolicy", "Failed");
        } else {
            findings.oneOf(spec, path, "podReplacementPolicy", "Failed", "TerminatingOrFailed");
        }
        if (spec.has("successPolicy")) {
            if (isIndexed(spec)) {
                policies.success(path + ".successPolicy");
            } else {
                findings.invalid(
                        path + ".successPolicy", spec.object("successPolicy"), "requires indexed completion mode");
            }
        }
        String at = path + ".template.spec";
        new MetadataRules(findings)
                .labels(spec.strings("template", "metadata", "labels"), path + ".template.metadata.labels");
        new PodRules(findings).spec(spec.object("template", "spec"), at);
        // The default is that of all pods, and wrong here: one must choose.
        if (spec.stringOr("Always", "template", "spec", "restartPolicy").equals("Always")) {
            findings.required(at + ".restartPolicy", "valid values: \"OnFailure\", \"Never\"");
        } else if (spec.has("podFailurePolicy")
                && spec.string("template", "spec", "restartPolicy").equals("OnFailure")) {
            findings.invalid(
                    at + ".restartPolicy",
                    "OnFailure",
                    "only \"Never\" is supported when podFailurePolicy is specified");
        }
    }

    private void manager(String name, String path) {
        if (name.isEmpty()) {
            findings.required(path, "");
            return;
        }
        int slash = name.indexOf('/');
        if (slash <= 0 || slash == name.length() - 1) {
            findings.invalid(path, name, "must be a domain-prefixed path (such as \"acme.io/foo\")");
        } else {
            String host = name.substring(0, slash);
            String rest = name.substring(slash + 1);
            findings.invalid(path, host, Names.subdomain(host));
            if (!URL_PATH.matcher(rest).matches()) {
                findings.invalid(
                        path, rest, "Invalid path (regex used for validation is '" + URL_PATH.pattern() + "')");
            }
        }
        if (name.getBytes(StandardCharsets.UTF_8).length > MOST_OF_MANAGER) {
            findings.tooLong(path, MOST_OF_MANAGER);
        }
    }

    /** Lists of indexes are part of the status: what could make them too long is limited. */
    private void indexed(Unstructured spec, String path) {
        if (!spec.has("completions")) {
            findings.required(path + ".completions", "when completion mode is Indexed");
        }
        atMost(spec, path, "parallelism", MOST_INDEXES, " when completion mode is Indexed");
        long completions = spec.integer(0, "completions");
        if (spec.has("completions") && spec.integer(0, "maxFailedIndexes") > completions) {
            findings.invalid(
                    path + ".maxFailedIndexes",
                    spec.get("maxFailedIndexes"),
                    "must be less than or equal to completions");
        }
        atMost(spec, path, "maxFailedIndexes", MOST_INDEXES, "");
        if (completions > MOST_INDEXES && spec.has("backoffLimitPerIndex")) {
            if (!spec.has("maxFailedIndexes")) {
                findings.required(
                        path + ".maxFailedIndexes", "must be specified when completions is above " + MOST_INDEXES);
            }
            String when = " when completions are above " + MOST_INDEXES + " and used with backoff limit per index";
            atMost(spec, path, "parallelism", MOST_OF_MANY, when);
            atMost(spec, path, "maxFailedIndexes", MOST_OF_MANY, when);
        }
    }

    private void atMost(Unstructured spec, String path, String field, long most, String when) {
        if (spec.integer(0, field) > most) {
            findings.invalid(path + "." + field, spec.get(field), "must be less than or equal to " + most + when);
        }
    }

    private void notIndexed(Unstructured spec, String path) {
        for (String field : List.of("backoffLimitPerIndex", "maxFailedIndexes")) {
            if (spec.has(field)) {
                findings.invalid(path + "." + field, spec.get(field), "requires indexed completion mode");
            }
        }
    }

    private void update(Unstructured spec, Unstructured old) {
        for (String fixed : List.of(
                "completions",
                "selector",
                "completionMode",
                "podFailurePolicy",
                "backoffLimitPerIndex",
                "managedBy",
                "successPolicy")) {
            if (Objects.equals(spec.get(fixed), old.get("spec", fixed))) {
                continue;
            }
            if (!fixed.equals("completions") || !isIndexed(spec)) {
                findings.invalid("spec." + fixed, spec.get(fixed), Findings.IMMUTABLE);
            } else if (spec.has(fixed) && !Objects.equals(spec.get(fixed), spec.get("parallelism"))) {
                findings.invalid(
                        "spec." + fixed, spec.get(fixed), "can only be modified in tandem with spec.parallelism");
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
        Unstructured job = spec.object("jobTemplate", "spec");
        job(job, "spec.jobTemplate.spec");
        if (job.has("selector")) {
            findings.invalid(
                    "spec.jobTemplate.spec.selector", job.object("selector"), "`selector` will be auto-generated");
        }
        if (job.bool("manualSelector")) {
            findings.notSupported("spec.jobTemplate.spec.manualSelector", true, "nil", "false");
        }
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
