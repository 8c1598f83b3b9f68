package dev.coracle.apiserver.admission.policy;

import dev.coracle.apiserver.admission.cel.Expressions;
import dev.coracle.machinery.cel.Budget;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Evaluates the expressions of one invocation of a policy, for an object as it is now. */
final class Evaluation {
    /** As upstream, for all conditions; what a policy does afterwards may cost {@link Budget#PER_OBJECT}. */
    private static final long CONDITIONS = 2_500_000;

    private final Policy<?> policy;
    private final Map<String, Object> values;
    private final Variables variables;
    private Budget budget = new Budget(Budget.PER_OBJECT);

    /** @param values of what expressions may speak of, but for {@code variables} */
    Evaluation(Policy<?> policy, Map<String, Object> values) {
        this.policy = policy;
        this.values = new LinkedHashMap<>(values);
        this.variables = new Variables(policy.variables(), program -> program.evaluate(this.values, budget));
        this.values.put("variables", variables);
    }

    /**
     * Whether the policy's conditions hold. One that is false is enough, whatever the others do.
     *
     * @throws IllegalStateException when one fails and none is false
     */
    boolean holds() {
        List<String> errors = new ArrayList<>();
        budget = new Budget(CONDITIONS);
        for (Expressions.Program condition : policy.conditions()) {
            try {
                if (evaluate(condition).equals(false)) {
                    return false;
                }
            } catch (IllegalStateException e) {
                errors.add(String.valueOf(e.getMessage()));
            } catch (Expressions.Exhausted e) {
                throw new IllegalStateException(e.getMessage(), e);
            }
        }
        budget = new Budget(Budget.PER_OBJECT);
        if (!errors.isEmpty()) {
            throw new IllegalStateException(
                    errors.size() == 1 ? errors.getFirst() : "[" + String.join(", ", errors) + "]");
        }
        return true;
    }

    /**
     * @throws IllegalStateException when it cannot be evaluated, with the reason
     * @throws Expressions.Exhausted when too little is left for that
     */
    Object evaluate(Expressions.Program program) {
        try {
            return program.evaluate(values, budget);
        } catch (IllegalStateException e) {
            // A variable that could not be evaluated is the true reason why who speaks of it cannot be.
            String message = String.valueOf(e.getMessage());
            Optional<String> broken = variables.broken().entrySet().stream()
                    .filter(b -> message.contains("variables." + b.getKey()))
                    .findFirst()
                    .map(b -> "composited variable \"" + b.getKey() + "\" fails to evaluate: " + b.getValue());
            throw new IllegalStateException(broken.orElse(message), e);
        }
    }
}
