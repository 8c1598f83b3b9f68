package dev.coracle.machinery.cel;

import dev.cel.common.ast.CelExpr;
import dev.cel.runtime.CelEvaluationListener;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How much may be evaluated for one object. What one evaluation costs is counted while it runs: a unit for each part
 * of an expression, more for what takes as long as its operands are large. The units are about upstream's.
 */
public final class Budget {
    /** For one rule at one place. */
    public static final int PER_CALL = 1_000_000;
    /** For all rules of one object. */
    public static final long PER_OBJECT = 10_000_000;

    /** Ends an evaluation; an error, since expressions go on after exceptions ({@code true || 1/0 == 1} is true). */
    public static final class Spent extends Error {
        private static final long serialVersionUID = 1;

        Spent() {
            super("actual cost limit exceeded", null, false, false);
        }
    }

    /** They look at no more than the first step into an operand. */
    private static final Set<String> CHEAP = Set.of(
            "_[_]", "_?._", "_[?_]", "_&&_", "_||_", "!_", "_?_:_", "size", "@not_strictly_false", "type", "dyn");

    private long left;

    /** @param units how much there is, e.g. {@link #PER_OBJECT} */
    public Budget(long units) {
        this.left = units;
    }

    public boolean isSpent() {
        return left <= 0;
    }

    /**
     * Counts one evaluation.
     *
     * @param before the calls of the expression, by the last operand to be evaluated: what a call costs is known
     *     then, and counts before it is made
     */
    public Call call(Map<Long, CelExpr.CelCall> before) {
        return new Call(before);
    }

    /** Told of every part of the expression after it was evaluated. */
    public final class Call implements CelEvaluationListener {
        private final Map<Long, CelExpr.CelCall> before;
        private final Map<Long, Object> large = new HashMap<>();
        private long spent;

        private Call(Map<Long, CelExpr.CelCall> before) {
            this.before = before;
        }

        /** Whether it alone was too much; else what came before it left too little. */
        public boolean isTooMuch() {
            return spent > PER_CALL;
        }

        @Override
        public void callback(CelExpr expr, @Nullable Object value) {
            spend(1);
            if (value instanceof CharSequence || value instanceof List || value instanceof Map) {
                large.put(expr.id(), value);
            }
            CelExpr.CelCall call = before.get(expr.id());
            if (call != null) {
                spend(cost(call));
            }
        }

        private long cost(CelExpr.CelCall call) {
            boolean joins = call.function().equals("_+_");
            long cost = 0;
            for (CelExpr operand : operands(call)) {
                Object value = large.get(operand.id());
                // Lists are joined by looking at both, not by copying.
                long weight = joins && value instanceof List ? 0 : weight(value, PER_CALL);
                // A search through one operand for each part of the other.
                cost = joins || cost == 0 || weight == 0 ? cost + weight : Math.max(cost * weight, cost + weight);
                if (cost > PER_CALL) {
                    break;
                }
            }
            // Each letter may become a whole text.
            return call.function().equals("replace") ? cost * 10 : cost;
        }

        /** At most a little over {@code most}. */
        private long weight(@Nullable Object value, long most) {
            long sum = switch (value) {
                case CharSequence s -> s.length() / 10;
                case List<?> l -> l.size();
                case Map<?, ?> m -> m.size();
                case null, default -> 0;
            };
            Iterable<?> parts = value instanceof List<?> l ? l : value instanceof Map<?, ?> m ? m.values() : List.of();
            for (Object part : parts) {
                if (sum > most) {
                    break;
                }
                sum += weight(part, most - sum);
            }
            return sum;
        }

        private void spend(long units) {
            spent += units;
            left -= Math.min(units, PER_CALL);
            if (spent > PER_CALL || left < 0) {
                throw new Spent();
            }
        }
    }

    public static List<CelExpr> operands(CelExpr.CelCall call) {
        List<CelExpr> operands = new ArrayList<>();
        call.target().ifPresent(operands::add);
        operands.addAll(call.args());
        return operands;
    }

    /** Which calls cost more than a unit, by their last operand. */
    public static Map<Long, CelExpr.CelCall> before(Stream<CelExpr> all) {
        Map<Long, CelExpr.CelCall> before = new HashMap<>();
        all.filter(e -> e.getKind() == CelExpr.ExprKind.Kind.CALL)
                .map(CelExpr::call)
                .filter(c -> !CHEAP.contains(c.function()))
                .forEach(c -> {
                    List<CelExpr> operands = operands(c);
                    if (!operands.isEmpty()) {
                        before.put(operands.getLast().id(), c);
                    }
                });
        return Map.copyOf(before);
    }
}
