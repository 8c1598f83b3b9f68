package dev.coracle.apiserver.structural;

import dev.cel.common.ast.CelExpr;
import dev.coracle.apiserver.definition.Findings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What may stand in {@code x-kubernetes-validations}. */
final class RuleRules {
    static final Set<String> REASONS =
            Set.of("FieldValueRequired", "FieldValueInvalid", "FieldValueForbidden", "FieldValueDuplicate");

    private final Findings findings;
    private final RuleSet rules;

    private RuleRules(Findings findings, RuleSet rules) {
        this.findings = findings;
        this.rules = rules;
    }

    /** Whether each rule is well-formed; its expressions are not looked at. */
    static void form(Findings findings, Map<?, ?> schema, String path) {
        List<Map<String, Object>> rules = Node.maps(schema.get("x-kubernetes-validations"));
        if (rules.isEmpty()) {
            return;
        }
        Node place = Node.of(schema);
        for (int i = 0; i < rules.size(); i++) {
            form(findings, place, rules.get(i), path + ".x-kubernetes-validations[" + i + "]");
        }
    }

    private static void form(Findings findings, Node place, Map<String, Object> rule, String path) {
        String expression = Node.text(rule, "rule");
        String message = Node.text(rule, "message");
        if (expression.isBlank()) {
            findings.required(path + ".rule", "rule is not specified");
        } else if (!message.isEmpty() && message.isBlank()) {
            findings.invalid(path + ".message", message, "message must be non-empty if specified");
        } else if (hasNewlines(message.strip())) {
            findings.invalid(path + ".message", message, "message must not contain line breaks");
        } else if (hasNewlines(expression.strip()) && message.isEmpty()) {
            findings.required(path + ".message", "message must be specified if rule contains line breaks");
        }
        String messageExpression = Node.text(rule, "messageExpression");
        if (!messageExpression.isEmpty() && messageExpression.isBlank()) {
            findings.required(path + ".messageExpression", "messageExpression must be non-empty if specified");
        }
        if (rule.get("reason") instanceof String reason && !REASONS.contains(reason)) {
            findings.notSupported(path + ".reason", reason, new TreeSet<>(REASONS).toArray(String[]::new));
        }
        String fieldPath = Node.text(rule, "fieldPath");
        if (!fieldPath.isEmpty() && fieldPath.isBlank()) {
            findings.invalid(path + ".fieldPath", fieldPath, "fieldPath must be non-empty if specified");
        }
        if (hasNewlines(fieldPath)) {
            findings.invalid(path + ".fieldPath", fieldPath, "fieldPath must not contain line breaks");
        }
        if (!fieldPath.isEmpty() && RulePath.of(place, fieldPath).isEmpty()) {
            findings.invalid(path + ".fieldPath", fieldPath, "fieldPath must be a valid path");
        }
    }

    private static boolean hasNewlines(String text) {
        return text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0;
    }

    /** Whether the expressions can be read, in a schema that is valid otherwise. */
    static void check(Findings findings, Map<String, Object> schema, String path) {
        Node root = Node.of(schema);
        if (root.rulesWithin) {
            new RuleRules(findings, new RuleSet(root)).node(root, path, "", 1);
        }
    }

    /**
     * @param uncorrelated the highest place above of which no part has a known old value; empty if there is none
     * @param places how many of this there may be in an object
     */
    private void node(Node n, String path, String uncorrelated, double places) {
        if (!n.rulesWithin) {
            return;
        }
        List<RuleSet.Rule> read = rules.of(n);
        for (int i = 0; i < read.size(); i++) {
            String at = path + ".x-kubernetes-validations[" + i + "]";
            rule(n.rules.get(i), read.get(i), at, uncorrelated);
            CelExpr tree = read.get(i).expression().tree();
            if (tree != null) {
                Estimate.tooMuch(tree, n, Estimate.bounded(n, places))
                        .ifPresent(why -> findings.forbidden(at + ".rule", why));
            }
        }
        if (n.fallback != null && findings.causes().isEmpty()) {
            Findings found = new Findings();
            RuleCheck.checkDefault(rules, found, n, n.fallback);
            found.causes().forEach(c -> findings.causes().add(DefaultRules.under(path + ".default", c)));
        }
        n.properties.forEach((name, field) -> node(field, path + ".properties[" + name + "]", uncorrelated, places));
        if (n.additional != null) {
            node(n.additional, path + ".additionalProperties", uncorrelated, Estimate.below(n, places));
        }
        if (n.items != null) {
            boolean keyed = n.listType == Node.ListType.MAP;
            node(
                    n.items,
                    path + ".items",
                    uncorrelated.isEmpty() && !keyed ? path : uncorrelated,
                    Estimate.below(n, places));
        }
    }

    private void rule(Map<String, Object> told, RuleSet.Rule rule, String path, String uncorrelated) {
        if (!rule.expression().error().isEmpty()) {
            findings.invalid(path + ".rule", shown(told), rule.expression().error());
        }
        Expressions.Compiled message = rule.messageExpression();
        if (message != null && !message.error().isEmpty()) {
            findings.invalid(path + ".messageExpression", shown(told), message.error());
        }
        if (rule.expression().usesOld()) {
            if (!uncorrelated.isEmpty()) {
                findings.invalid(
                        path + ".rule",
                        Node.text(told, "rule"),
                        "oldSelf cannot be used on the uncorrelatable portion of the schema within " + uncorrelated);
            }
        } else if (told.get("optionalOldSelf") != null
                && rule.expression().error().isEmpty()) {
            findings.invalid(
                    path + ".optionalOldSelf",
                    told.get("optionalOldSelf"),
                    "may not be set if oldSelf is not used in rule");
        }
    }

    /** As upstream's own type for it is printed. */
    private static Map<String, @Nullable Object> shown(Map<String, Object> told) {
        Map<String, @Nullable Object> shown = new LinkedHashMap<>();
        shown.put("Rule", Node.text(told, "rule"));
        shown.put("Message", Node.text(told, "message"));
        shown.put("MessageExpression", Node.text(told, "messageExpression"));
        shown.put("Reason", told.get("reason"));
        shown.put("FieldPath", Node.text(told, "fieldPath"));
        shown.put("OptionalOldSelf", told.get("optionalOldSelf"));
        return shown;
    }
}
