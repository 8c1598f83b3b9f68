package dev.coracle.apiserver.builtin.resource;

import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.coracle.machinery.cel.Budget;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an expression that chooses devices costs at least where a device says as much of itself as one may, in the units of
 * cel-go: one for a name, a field or a call, more for a new list or map, and a loop as often as there are elements. What
 * depends on how long a text is counts nothing, so that what is refused here is refused upstream too.
 */
final class DeviceCost {
    private static final double MOST = 1_000_000;
    /** Of attributes and capacities, and so of domains. */
    private static final double FACTS = 32;
    /** Of one attribute, which may be a list. */
    private static final double VALUES = 64;

    private static final double NEW_LIST = 10;
    private static final double NEW_MAP = 30;
    private static final Set<String> FREE = Set.of("_&&_", "_||_", "_==_", "_!=_", "_?_:_");
    private static final Set<String> INDEX = Set.of("_[_]", "_[?_]", "_?._");

    /** What a variable stands for, by how deep below the device it lies: 2 for a domain, 3 for a value. */
    private final Map<String, Integer> depths = new HashMap<>();

    private DeviceCost() {
        depths.put("device", 0);
    }

    static boolean isTooMuch(CelExpr expression) {
        return new DeviceCost().of(expression) > MOST;
    }

    private double of(CelExpr e) {
        return switch (e.getKind()) {
            case IDENT -> 1;
            case SELECT -> 1 + of(e.select().operand());
            case CALL -> call(e.call());
            case LIST -> NEW_LIST + sum(e.list().elements());
            case MAP ->
                NEW_MAP
                        + e.map().entries().stream()
                                .mapToDouble(entry -> of(entry.key()) + of(entry.value()))
                                .sum();
            case COMPREHENSION -> loop(e.comprehension());
            default -> 0;
        };
    }

    private double sum(List<CelExpr> all) {
        return all.stream().mapToDouble(this::of).sum();
    }

    private double call(CelExpr.CelCall call) {
        List<CelExpr> operands = Budget.operands(call);
        if (call.function().equals("_?_:_")) {
            return of(operands.getFirst()) + Math.max(of(operands.get(1)), of(operands.get(2)));
        }
        return sum(operands) + (FREE.contains(call.function()) ? 0 : 1);
    }

    private double loop(CelExpr.CelComprehension c) {
        int over = depth(c.iterRange());
        boolean two = !c.iterVar2().isEmpty();
        // With two variables the second is the element; of a map the only one is a key.
        Integer hidden = depths.remove(c.iterVar());
        Integer second = two ? depths.remove(c.iterVar2()) : null;
        if (two && over >= 0) {
            depths.put(c.iterVar2(), over + 1);
        }
        Integer bound = depths.remove(c.accuVar());
        int begins = depth(c.accuInit());
        if (begins >= 0) {
            // What cel.bind() gave a name.
            depths.put(c.accuVar(), begins);
        }
        double step = of(c.loopCondition()) + of(c.loopStep());
        double result = of(c.result());
        restore(c.accuVar(), bound);
        restore(c.iterVar(), hidden);
        if (two) {
            restore(c.iterVar2(), second);
        }
        return of(c.iterRange()) + of(c.accuInit()) + size(c.iterRange(), over) * step + result;
    }

    private void restore(String variable, @Nullable Integer depth) {
        if (depth == null) {
            depths.remove(variable);
        } else {
            depths.put(variable, depth);
        }
    }

    private static double size(CelExpr range, int depth) {
        return switch (range.getKind()) {
            case LIST -> range.list().elements().size();
            case MAP -> range.map().entries().size();
            default -> depth == 1 || depth == 2 ? FACTS : depth == 3 ? VALUES : 1;
        };
    }

    /** How deep below the device an expression leads; -1 where that cannot be told. */
    private int depth(CelExpr e) {
        return switch (e.getKind()) {
            case IDENT -> depths.getOrDefault(e.ident().name(), -1);
            case SELECT ->
                e.select().testOnly()
                        ? -1
                        : below(e.select().operand(), e.select().field());
            case CALL -> {
                List<CelExpr> operands = Budget.operands(e.call());
                yield INDEX.contains(e.call().function()) && operands.size() == 2
                        ? below(operands.getFirst(), constant(operands.get(1)))
                        : -1;
            }
            default -> -1;
        };
    }

    private int below(CelExpr operand, String field) {
        int depth = depth(operand);
        boolean leadsOn = depth > 0 || depth == 0 && (field.equals("attributes") || field.equals("capacity"));
        return leadsOn ? depth + 1 : -1;
    }

    private static String constant(CelExpr e) {
        return e.getKind() == CelExpr.ExprKind.Kind.CONSTANT && e.constant().getKind() == CelConstant.Kind.STRING_VALUE
                ? e.constant().stringValue()
                : "";
    }
}
