package dev.coracle.apiserver.structural;

import dev.cel.common.ast.CelExpr;
import dev.coracle.machinery.cel.Budget;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How much a rule may cost at least where an object is as large as its schema lets it be: its loops, times the places
 * that it stands over. Upstream counts more than that; so what is refused here is refused there, and what is taken
 * here without need costs no more than {@link Budget} allows.
 */
final class Estimate {
    /** For one rule over all its places. */
    private static final double MOST = 10_000_000;
    /** As large as a request may be. */
    private static final double REQUEST = 3 * 1024 * 1024;

    private final Map<String, @Nullable Node> variables = new HashMap<>();

    private Estimate(Node self) {
        variables.put("self", self);
        variables.put("oldSelf", self);
    }

    /**
     * Why the rule is too expensive.
     *
     * @param places how many of them there may be at most
     */
    static Optional<String> tooMuch(CelExpr rule, Node self, double places) {
        double cost = Math.max(1, new Estimate(self).loops(rule)) * places;
        if (cost <= MOST) {
            return Optional.empty();
        }
        double factor = cost / MOST;
        String said = factor > 100
                ? "more than 100x"
                : factor < 1.5
                        ? String.format(Locale.ROOT, "%fx", factor)
                        : String.format(Locale.ROOT, "%.1fx", factor);
        return Optional.of("estimated rule cost exceeds budget by factor of " + said
                + " (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and"
                + " strings are declared)");
    }

    /**
     * How many places below there may be.
     *
     * @param places how many of these; infinitely many where a list on the way has no bound
     */
    static double below(Node n, double places) {
        Long most = n.items != null ? n.limits.maxItems() : n.limits.maxProperties();
        return most == null ? Double.POSITIVE_INFINITY : places * most;
    }

    /** Of what has no bound no more than fit in a request. */
    static double bounded(Node n, double places) {
        return Double.isInfinite(places) ? Math.floor(REQUEST / (least(n) + 1)) : places;
    }

    private double loops(CelExpr e) {
        return switch (e.getKind()) {
            case SELECT -> loops(e.select().operand());
            case CALL ->
                Budget.operands(e.call()).stream().mapToDouble(this::loops).sum();
            case LIST -> e.list().elements().stream().mapToDouble(this::loops).sum();
            case MAP ->
                e.map().entries().stream()
                        .mapToDouble(entry -> loops(entry.key()) + loops(entry.value()))
                        .sum();
            case COMPREHENSION -> loop(e.comprehension());
            default -> 0;
        };
    }

    private double loop(CelExpr.CelComprehension c) {
        double range = loops(c.iterRange());
        Node over = place(c.iterRange());
        boolean two = !c.iterVar2().isEmpty();
        // With two variables the second is the element.
        Node element = over == null ? null : over.items != null ? over.items : two ? over.additional : null;
        String variable = two ? c.iterVar2() : c.iterVar();
        Node hidden = variables.get(variable);
        variables.put(variable, element);
        double step = loops(c.loopCondition()) + loops(c.loopStep());
        variables.put(variable, hidden);
        double size = c.iterRange().getKind() == CelExpr.ExprKind.Kind.LIST
                ? c.iterRange().list().elements().size()
                : size(over);
        return range + size * Math.max(1, step) + loops(c.accuInit()) + loops(c.result());
    }

    /** Where in the schema the expression leads; null where that cannot be told. */
    private @Nullable Node place(CelExpr e) {
        return switch (e.getKind()) {
            case IDENT -> variables.get(e.ident().name());
            case SELECT -> {
                Node in = e.select().testOnly() ? null : place(e.select().operand());
                yield in == null ? null : in.said(e.select().field());
            }
            default -> null;
        };
    }

    private static double size(@Nullable Node n) {
        if (n == null) {
            return 1;
        }
        if (n.items != null) {
            Long most = n.limits.maxItems();
            return most != null ? most : Math.floor((REQUEST - 2) / (least(n.items) + 1));
        }
        if (n.additional != null) {
            Long most = n.limits.maxProperties();
            return most != null ? most : Math.floor((REQUEST - 2) / (least(n.additional) + 6));
        }
        return 1;
    }

    /** How few bytes a value may have. */
    private static double least(Node n) {
        if (n.intOrString || n.type.equals("integer") || n.type.equals("number")) {
            return 1;
        }
        if (n.type.equals("boolean")) {
            return 4;
        }
        double sum = 2;
        if (n.type.equals("string") && n.limits.minLength() != null) {
            sum += n.limits.minLength();
        }
        if (n.type.equals("string") && !n.limits.format().isEmpty()) {
            sum += 20;
        }
        for (String name : n.limits.required()) {
            Node field = n.properties.get(name);
            if (field != null) {
                sum += name.length() + 4 + least(field);
            }
        }
        return sum;
    }
}
