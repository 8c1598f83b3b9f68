package dev.coracle.apiserver.structural;

import dev.coracle.apiserver.definition.Findings;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What may stand in {@code x-kubernetes-validations}. */
final class RuleRules {
    static final Set<String> REASONS =
            Set.of("FieldValueRequired", "FieldValueInvalid", "FieldValueForbidden", "FieldValueDuplicate");

    private RuleRules() {}

    /** Whether each rule is well-formed; its expressions are not looked at. */
    static void form(Findings findings, Map<?, ?> schema, String path) {
        List<Map<String, Object>> rules = Node.maps(schema.get("x-kubernetes-validations"));
        for (int i = 0; i < rules.size(); i++) {
            form(findings, schema, rules.get(i), path + ".x-kubernetes-validations[" + i + "]");
        }
    }

    private static void form(Findings findings, Map<?, ?> schema, Map<String, Object> rule, String path) {
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
        if (!fieldPath.isEmpty() && RulePath.of(Node.of(schema), fieldPath).isEmpty()) {
            findings.invalid(path + ".fieldPath", fieldPath, "fieldPath must be a valid path");
        }
    }

    private static boolean hasNewlines(String text) {
        return text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0;
    }

    /** Whether the expressions can be read, in a schema that is valid otherwise. */
    static void check(Findings findings, Map<String, Object> schema, String path) {}
}
