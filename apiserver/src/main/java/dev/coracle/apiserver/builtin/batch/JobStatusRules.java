package dev.coracle.apiserver.builtin.batch;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What a Job's status may become. Whoever manages a Job, others rely on it: what is over stays over, counts do not go
 * back. What was wrong before is no reason to refuse a change of something else.
 */
final class JobStatusRules {
    private final Findings findings;
    private final Unstructured job;
    private final Unstructured now;
    private final Unstructured before;

    JobStatusRules(Findings findings, Unstructured job, Unstructured old) {
        this.findings = findings;
        this.job = job;
        this.now = job.object("status");
        this.before = old.object("status");
    }

    void check() {
        for (String field : List.of("active", "succeeded", "failed", "ready", "terminating")) {
            findings.notNegative(now, "status", field);
        }
        uncounted();
        conditions();
        times();
        counts();
        indexes();
        transitions();
    }

    private static boolean is(Unstructured status, String condition) {
        return status.objects("conditions").stream()
                .anyMatch(c ->
                        c.string("type").equals(condition) && c.string("status").equals("True"));
    }

    private static boolean finished(Unstructured status) {
        return is(status, "Complete") || is(status, "Failed");
    }

    private boolean turned(String condition) {
        return is(now, condition) != is(before, condition);
    }

    private boolean changed(String field) {
        return !Objects.equals(now.get(field), before.get(field));
    }

    private void uncounted() {
        Set<String> seen = new HashSet<>();
        for (String list : List.of("succeeded", "failed")) {
            List<String> uids = now.stringList("uncountedTerminatedPods", list);
            for (int i = 0; i < uids.size(); i++) {
                String at = "status.uncountedTerminatedPods." + list + "[" + i + "]";
                if (uids.get(i).isEmpty()) {
                    findings.invalid(at, "", "must not be empty");
                } else if (!seen.add(uids.get(i))) {
                    findings.duplicate(at, uids.get(i));
                }
            }
        }
    }

    private void conditions() {
        String at = "status.conditions";
        boolean complete = is(now, "Complete");
        boolean failed = is(now, "Failed");
        boolean target = is(now, "FailureTarget");
        boolean met = is(now, "SuccessCriteriaMet");
        if (complete && failed && (turned("Complete") || turned("Failed"))) {
            findings.invalid(at, "cannot set Complete=True and Failed=true conditions");
        }
        if (complete && target && (turned("Complete") || turned("FailureTarget"))) {
            findings.invalid(at, "cannot set Complete=True and FailureTarget=true conditions");
        }
        if (failed && !target && (turned("Failed") || turned("FailureTarget"))) {
            findings.invalid(at, "cannot set Failed=True condition without the FailureTarget=true condition");
        }
        if (complete && !met && (turned("Complete") || turned("SuccessCriteriaMet"))) {
            findings.invalid(at, "cannot set Complete=True condition without the SuccessCriteriaMet=true condition");
        }
        if (met && failed) {
            findings.invalid(at, "cannot set SuccessCriteriaMet=True and Failed=true conditions");
        }
        if (met && target) {
            findings.invalid(at, "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions");
        }
        if (job.has("spec", "successPolicy") && complete && !met) {
            findings.invalid(at, "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True");
        }
    }

    private void times() {
        String at = "status.completionTime";
        boolean complete = is(now, "Complete");
        boolean ends = turned("Complete") || changed("completionTime");
        if (ends && now.has("completionTime") && !complete) {
            findings.invalid(
                    at,
                    now.get("completionTime"),
                    "cannot set completionTime when there is no Complete=True condition");
        }
        if (ends && complete && !now.has("completionTime")) {
            findings.required(at, "completionTime is required for Complete jobs");
        }
        Optional<Instant> started = now.time("startTime");
        Optional<Instant> completed = now.time("completionTime");
        if ((changed("startTime") || changed("completionTime"))
                && started.isPresent()
                && completed.isPresent()
                && completed.get().isBefore(started.get())) {
            findings.invalid(at, now.get("completionTime"), "completionTime cannot be set before startTime");
        }
        if (now.has("completionTime") && before.has("completionTime") && changed("completionTime")) {
            findings.invalid(at, now.get("completionTime"), "completionTime cannot be mutated");
        }
        if (finished(now) && !now.has("startTime") && (!finished(before) || changed("startTime"))) {
            findings.required("status.startTime", "startTime is required for finished job");
        }
        if (before.has("startTime") && changed("startTime") && !job.bool("spec", "suspend")) {
            findings.required("status.startTime", "startTime cannot be removed for unsuspended job");
        }
    }

    private void counts() {
        boolean over = finished(now);
        boolean justOver = over != finished(before);
        long active = now.integer(0, "active");
        if (over && active > 0 && (justOver || changed("active"))) {
            findings.invalid("status.active", active, "active>0 is invalid for finished job");
        }
        Unstructured uncounted = now.object("uncountedTerminatedPods");
        boolean some = !uncounted.stringList("succeeded").isEmpty()
                || !uncounted.stringList("failed").isEmpty();
        if (over && some && (justOver || changed("uncountedTerminatedPods"))) {
            findings.invalid(
                    "status.uncountedTerminatedPods",
                    uncounted,
                    "uncountedTerminatedPods needs to be empty for finished job");
        }
        if (over && now.integer(0, "terminating") > 0 && (justOver || changed("terminating"))) {
            findings.invalid("status.terminating", now.get("terminating"), "terminating>0 is invalid for finished job");
        }
        if (now.integer(0, "ready") > active && (changed("ready") || changed("active"))) {
            findings.invalid("status.ready", now.get("ready"), "cannot set more ready pods than active");
        }
    }

    private void indexes() {
        boolean indexed = job.string("spec", "completionMode").equals("Indexed");
        String done = now.string("completedIndexes");
        boolean fresh = changed("completedIndexes") || changed("failedIndexes");
        Optional<IndexList> completed = parsed("completedIndexes", changed("completedIndexes"));
        Optional<IndexList> failed =
                parsed("failedIndexes", changed("failedIndexes") && job.has("spec", "backoffLimitPerIndex"));
        if (changed("completedIndexes") && !done.isEmpty() && !indexed) {
            findings.invalid(
                    "status.completedIndexes",
                    done,
                    "cannot set non-empty completedIndexes when non-indexed completion mode");
        }
        if (changed("failedIndexes") && now.has("failedIndexes") && !job.has("spec", "backoffLimitPerIndex")) {
            findings.invalid(
                    "status.failedIndexes",
                    now.get("failedIndexes"),
                    "cannot set non-null failedIndexes when backoffLimitPerIndex is null");
        }
        if (fresh && completed.isPresent() && failed.isPresent()) {
            long both = completed.get().overlap(failed.get());
            if (both >= 0) {
                findings.invalid(
                        "status.failedIndexes",
                        now.get("failedIndexes"),
                        "failedIndexes and completedIndexes overlap at index: " + both);
            }
        }
    }

    private Optional<IndexList> parsed(String field, boolean tell) {
        if (!job.has("spec", "completions") || !now.has(field)) {
            return Optional.empty();
        }
        try {
            return Optional.of(IndexList.parse(now.string(field), job.integer(0, "spec", "completions")));
        } catch (IndexList.FormatException e) {
            if (tell) {
                findings.invalid("status." + field, now.get(field), "error parsing " + field + ": " + e.why());
            }
            return Optional.empty();
        }
    }

    private void transitions() {
        for (String terminal : List.of("Failed", "Complete", "FailureTarget")) {
            if (is(before, terminal) && !is(now, terminal)) {
                findings.invalid("status.conditions", "cannot disable the terminal " + terminal + "=True condition");
            }
        }
        falling("failed");
        // Who scales a Job down, of whose pods all run at once, scales its successes down, too.
        boolean elastic = job.string("spec", "completionMode").equals("Indexed")
                && Objects.equals(job.get("spec", "completions"), job.get("spec", "parallelism"));
        if (!elastic) {
            falling("succeeded");
        }
        if (is(before, "SuccessCriteriaMet") && !is(now, "SuccessCriteriaMet")) {
            findings.invalid("status.conditions", "cannot disable the SuccessCriteriaMet=True condition");
        }
        if (is(before, "Complete") && turned("SuccessCriteriaMet") && is(now, "SuccessCriteriaMet")) {
            findings.invalid(
                    "status.conditions",
                    "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions");
        }
    }

    private void falling(String counter) {
        if (now.integer(0, counter) < before.integer(0, counter)) {
            findings.invalid(
                    "status." + counter, now.integer(0, counter), "cannot decrease the " + counter + " counter");
        }
    }
}
