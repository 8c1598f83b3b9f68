package dev.coracle.apiserver.admission.policy;

import dev.coracle.apiserver.admission.cel.Expressions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Holds one request, with one set of parameters, against a policy. */
final class Evaluation {
    /** As upstream. */
    private static final int LONGEST_MESSAGE = 5 * 1024;

    private final Policy policy;
    private final Map<String, @Nullable Object> values;
    private final Map<String, Object> variables = new LinkedHashMap<>();
    private final Map<String, String> broken = new LinkedHashMap<>();

    /** @param values of what expressions may speak of, but for {@code variables} */
    Evaluation(Policy policy, Map<String, @Nullable Object> values) {
        this.policy = policy;
        this.values = new LinkedHashMap<>(values);
        this.values.put("variables", variables);
        policy.variables().forEach((name, program) -> {
            // One that fails matters only to whom speaks of it.
            try {
                variables.put(name, program.evaluate(this.values));
            } catch (IllegalStateException e) {
                broken.put(name, String.valueOf(e.getMessage()));
            }
        });
    }

    /** What is wrong with the request; empty where its failures are to be ignored. */
    List<Decision> decide() {
        List<String> errors = new ArrayList<>();
        for (Expressions.Program condition : policy.conditions()) {
            try {
                if (condition.evaluate(values).equals(false)) {
                    return List.of();
                }
            } catch (IllegalStateException e) {
                errors.add(reason(e));
            }
        }
        if (!errors.isEmpty()) {
            return failed(errors.size() == 1 ? errors.getFirst() : "[" + String.join(", ", errors) + "]");
        }
        List<Decision> decisions = new ArrayList<>();
        for (Policy.Validation v : policy.validations()) {
            try {
                if (!v.program().evaluate(values).equals(true)) {
                    decisions.add(new Decision(message(v), v.reason()));
                }
            } catch (IllegalStateException e) {
                decisions.addAll(failed(reason(e)));
            }
        }
        return decisions;
    }

    private List<Decision> failed(String why) {
        return policy.ignoresFailures() ? List.of() : List.of(new Decision(why, "Invalid"));
    }

    /** A variable that could not be evaluated is the true reason why who speaks of it cannot be. */
    private String reason(IllegalStateException e) {
        String message = String.valueOf(e.getMessage());
        return broken.entrySet().stream()
                .filter(b -> message.contains("variables." + b.getKey()))
                .findFirst()
                .map(b -> "composited variable \"" + b.getKey() + "\" fails to evaluate: " + b.getValue())
                .orElse(message);
    }

    private String message(Policy.Validation v) {
        String made = v.messageExpression().map(this::made).orElse("");
        if (!made.isEmpty() && made.length() <= LONGEST_MESSAGE && !made.contains("\n")) {
            return made;
        }
        return v.message().isEmpty() ? "failed expression: " + v.expression() : v.message();
    }

    private String made(Expressions.Program expression) {
        try {
            return expression.evaluate(values).toString().strip();
        } catch (IllegalStateException e) {
            return "";
        }
    }
}
