package dev.coracle.apiserver.builtin.batch;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Rules for what a Job says of when it has failed, and when it has succeeded, beside the usual. */
final class JobPolicyRules {
    private static final int MOST_RULES = 20;
    private static final int MOST_PATTERNS = 20;
    private static final int MOST_EXIT_CODES = 255;
    private static final int MOST_INDEX_TEXT = 64 * 1024;

    private final Findings findings;
    private final Unstructured spec;

    JobPolicyRules(Findings findings, Unstructured spec) {
        this.findings = findings;
        this.spec = spec;
    }

    // ---- failure

    void failure(String path) {
        Set<String> containers = new HashSet<>();
        for (String list : List.of("containers", "initContainers")) {
            spec.objects("template", "spec", list).forEach(c -> containers.add(c.string("name")));
        }
        List<Unstructured> rules = spec.objects("podFailurePolicy", "rules");
        if (rules.size() > MOST_RULES) {
            findings.tooMany(path + ".rules", rules.size(), MOST_RULES);
        }
        for (int i = 0; i < rules.size(); i++) {
            failureRule(rules.get(i), path + ".rules[" + i + "]", containers);
        }
    }

    private void failureRule(Unstructured rule, String path, Set<String> containers) {
        if (rule.string("action").equals("FailIndex")) {
            if (!spec.has("backoffLimitPerIndex")) {
                findings.invalid(path + ".action", "FailIndex", "requires the backoffLimitPerIndex to be set");
            }
        } else {
            chosen(rule, path, "action", "Count", "FailIndex", "FailJob", "Ignore");
        }
        List<Unstructured> conditions = rule.objects("onPodConditions");
        boolean codes = rule.has("onExitCodes");
        if (codes) {
            exitCodes(rule.object("onExitCodes"), path + ".onExitCodes", containers);
        }
        conditions(conditions, path + ".onPodConditions");
        if (codes && !conditions.isEmpty()) {
            findings.invalid(path, "specifying both OnExitCodes and OnPodConditions is not supported");
        } else if (!codes && conditions.isEmpty()) {
            findings.invalid(path, "specifying one of OnExitCodes and OnPodConditions is required");
        }
    }

    private void conditions(List<Unstructured> patterns, String path) {
        if (patterns.size() > MOST_PATTERNS) {
            findings.tooMany(path, patterns.size(), MOST_PATTERNS);
        }
        for (int i = 0; i < patterns.size(); i++) {
            String at = path + "[" + i + "]";
            String type = patterns.get(i).string("type");
            findings.invalid(at + ".type", type, Names.qualified(type));
            chosen(patterns.get(i), at, "status", "False", "True", "Unknown");
        }
    }

    private void exitCodes(Unstructured codes, String path, Set<String> containers) {
        chosen(codes, path, "operator", "In", "NotIn");
        if (codes.has("containerName") && !containers.contains(codes.string("containerName"))) {
            findings.invalid(
                    path + ".containerName",
                    codes.get("containerName"),
                    "must be one of the container or initContainer names in the pod template");
        }
        List<Long> values = codes.get("values") instanceof Collection<?> l
                ? l.stream()
                        .filter(Number.class::isInstance)
                        .map(n -> ((Number) n).longValue())
                        .toList()
                : List.of();
        if (values.isEmpty()) {
            findings.invalid(path + ".values", codes.get("values"), "at least one value is required");
        } else if (values.size() > MOST_EXIT_CODES) {
            findings.tooMany(path + ".values", values.size(), MOST_EXIT_CODES);
        }
        Set<Long> seen = new HashSet<>();
        for (int i = 0; i < values.size(); i++) {
            String at = path + ".values[" + i + "]";
            // Who ends with 0 has not failed; as one of all others it does no harm.
            if (codes.string("operator").equals("In") && values.get(i) == 0) {
                findings.invalid(at, 0L, "must not be 0 for the In operator");
            }
            if (!seen.add(values.get(i))) {
                findings.duplicate(at, values.get(i));
            }
        }
        if (!values.stream().sorted().toList().equals(values)) {
            findings.invalid(path + ".values", values, "must be ordered");
        }
    }

    /** One of the values, which must be there. */
    private void chosen(Unstructured o, String path, String field, String... supported) {
        if (o.string(field).isEmpty()) {
            findings.required(
                    path + "." + field,
                    new TreeSet<>(List.of(supported))
                            .stream()
                                    .map(s -> "\"" + s + "\"")
                                    .collect(Collectors.joining(" ", "valid values: [", "]")));
        } else {
            findings.oneOf(o, path, field, supported);
        }
    }

    // ---- success

    /** To be called when the completion mode is Indexed. */
    void success(String path) {
        List<Unstructured> rules = spec.objects("successPolicy", "rules");
        if (rules.isEmpty()) {
            findings.required(
                    path + ".rules", "at least one rules must be specified when the successPolicy is specified");
        }
        if (rules.size() > MOST_RULES) {
            findings.tooMany(path + ".rules", rules.size(), MOST_RULES);
        }
        for (int i = 0; i < rules.size(); i++) {
            successRule(rules.get(i), path + ".rules[" + i + "]", spec.integer(0, "completions"));
        }
    }

    private void successRule(Unstructured rule, String path, long completions) {
        boolean indexes = rule.has("succeededIndexes");
        boolean count = rule.has("succeededCount");
        if (!indexes && !count) {
            findings.required(path, "at least one of succeededCount or succeededIndexes must be specified");
        }
        long listed = 0;
        if (indexes) {
            String text = rule.string("succeededIndexes");
            String at = path + ".succeededIndexes";
            if (text.length() > MOST_INDEX_TEXT) {
                findings.tooLong(at, MOST_INDEX_TEXT);
            }
            try {
                listed = IndexList.parse(text, completions).total();
            } catch (IndexList.FormatException e) {
                findings.invalid(at, text, "error parsing succeededIndexes: " + e.why());
            }
        }
        if (count) {
            long wanted = rule.integer(0, "succeededCount");
            String at = path + ".succeededCount";
            findings.notNegative(rule, path, "succeededCount");
            String most = "must be less than or equal to ";
            if (wanted > completions) {
                findings.invalid(at, wanted, most + completions + " (the number of specified completions)");
            }
            if (indexes && wanted > listed) {
                findings.invalid(
                        at, wanted, most + listed + " (the number of indexes in the specified succeededIndexes field)");
            }
        }
    }
}
