package dev.coracle.apiserver.structural;

import dev.cel.runtime.CelEvaluationException;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.machinery.cel.Budget;
import dev.coracle.machinery.cel.Language;
import dev.coracle.machinery.object.StatusException.Cause;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Holds an object against the rules of its schema. A rule that speaks of {@code oldSelf} is for updates, and only
 * where it is known what replaces what: fields of objects and elements that keys tell apart.
 */
final class RuleCheck {
    private static final int MOST_MESSAGE = 5 * 1024;

    private final RuleSet rules;
    private final Findings findings;
    private final Steps at = new Steps();
    private final Budget budget = new Budget(Budget.PER_OBJECT);

    private RuleCheck(RuleSet rules, Findings findings) {
        this.rules = rules;
        this.findings = findings;
    }

    static void check(RuleSet rules, Findings findings, Object object, @Nullable Object old) {
        new RuleCheck(rules, findings)
                .value(rules.root(), object, old, old == null ? null : new Correlated(rules.root(), object, old));
    }

    /** A default that replaces itself, at its own place in the schema. */
    static void checkDefault(RuleSet rules, Findings findings, Node n, Object value) {
        new RuleCheck(rules, findings).value(n, value, value, null);
    }

    /**
     * @param old what {@code oldSelf} is
     * @param within the innermost part around it, or itself, that replaces another: if that is alike, it may stay
     * @return whether to go on
     */
    private boolean value(Node n, @Nullable Object value, @Nullable Object old, @Nullable Correlated within) {
        if (value == null || !n.rulesWithin || findings.causes().size() >= Outcome.MOST) {
            return true;
        }
        List<RuleSet.Rule> here = rules.of(n);
        if (!here.isEmpty() && !all(n, here, value, old, within)) {
            return false;
        }
        if (value instanceof Map<?, ?> map) {
            return fields(n, map, old, within);
        }
        return !(value instanceof List<?> list) || elements(n, list, old, within);
    }

    private boolean fields(Node n, Map<?, ?> map, @Nullable Object old, @Nullable Correlated within) {
        // Also of a map that is owned whole: its fields replace each other all the same.
        Map<?, ?> replaced = old instanceof Map<?, ?> m ? m : Map.of();
        Correlated itself = itself(within, map);
        for (Map.Entry<?, ?> e : map.entrySet()) {
            String name = (String) e.getKey();
            Node field = n.child(name);
            if (field == null || !field.rulesWithin) {
                continue;
            }
            at.child(n, name);
            Correlated part = itself == null ? null : itself.field(name);
            boolean more = value(field, e.getValue(), replaced.get(name), part == null ? within : part);
            at.up();
            if (!more) {
                return false;
            }
        }
        return true;
    }

    private boolean elements(Node n, List<?> list, @Nullable Object old, @Nullable Correlated within) {
        Node items = n.items;
        if (items == null || !items.rulesWithin) {
            return true;
        }
        boolean keyed = n.listType == Node.ListType.MAP;
        Correlated itself = itself(within, list);
        Map<@Nullable Object, Object> replaced = new HashMap<>();
        if (keyed && old instanceof List<?> elements) {
            for (Object e : elements) {
                if (e != null) {
                    replaced.putIfAbsent(UniqueCheck.key(n, e), e);
                }
            }
        }
        for (int i = 0; i < list.size(); i++) {
            at.index(i);
            Object before = replaced.isEmpty() ? null : replaced.get(UniqueCheck.key(n, list.get(i)));
            Correlated part = itself == null ? null : itself.element(i);
            boolean more = value(items, list.get(i), before, part == null ? within : part);
            at.up();
            if (!more) {
                return false;
            }
        }
        return true;
    }

    /** Parts of what replaces nothing replace nothing. */
    private static @Nullable Correlated itself(@Nullable Correlated within, Object value) {
        return within != null && within.isOf(value) ? within : null;
    }

    // ---- one place

    private boolean all(
            Node n, List<RuleSet.Rule> here, Object value, @Nullable Object old, @Nullable Correlated within) {
        boolean whole = n == rules.root() || n.embedded;
        Object self = RuleValues.of(n, value, whole);
        Object oldSelf = old == null ? null : RuleValues.of(n, old, whole);
        for (RuleSet.Rule rule : here) {
            boolean optional = rule.optionalOld();
            if (rule.expression().usesOld() && oldSelf == null && !optional) {
                continue;
            }
            if (budget.isSpent()) {
                return spent(n);
            }
            Map<String, Object> variables = new HashMap<>();
            variables.put("self", self);
            if (optional) {
                variables.put("oldSelf", Optional.ofNullable(oldSelf));
            } else if (oldSelf != null) {
                variables.put("oldSelf", oldSelf);
            }
            boolean letOff = !rule.expression().usesOld() && within != null && within.alike();
            if (!one(n, rule, variables, value, letOff)) {
                return false;
            }
        }
        return true;
    }

    private boolean one(Node n, RuleSet.Rule rule, Map<String, Object> variables, Object value, boolean letOff) {
        if (rule.expression().program() == null) {
            invalid(n, "rule compile error: " + rule.expression().error());
            return true;
        }
        Budget.Call call = budget.call(rule.expression().before());
        try {
            Object result = rule.expression().evaluate(variables, call);
            if (Boolean.TRUE.equals(result) || letOff) {
                return true;
            }
        } catch (Budget.Spent | StackOverflowError e) {
            if (!call.isTooMuch() && e instanceof Budget.Spent) {
                return spent(n);
            }
            invalid(
                    n,
                    "'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to"
                            + " call cost exceeds limit for rule: " + rule.told());
            return false;
        } catch (CelEvaluationException e) {
            String why = Language.why(e);
            invalid(
                    n,
                    why.startsWith("no such overload")
                            ? "'" + why
                                    + "': call arguments did not match a supported operator, function or macro signature"
                                    + " for rule: " + rule.told()
                            : why + " evaluating rule: " + rule.told());
            return true;
        }
        return failed(n, rule, variables, value);
    }

    private boolean failed(Node n, RuleSet.Rule rule, Map<String, Object> variables, Object value) {
        String message = rule.message();
        Expressions.Compiled expression = rule.messageExpression();
        if (expression != null && expression.program() != null) {
            try {
                Object said = expression.evaluate(variables, budget.call(expression.before()));
                String text = said instanceof String s ? s.strip() : "";
                if (!text.isEmpty() && text.length() <= MOST_MESSAGE && text.indexOf('\n') < 0) {
                    message = text;
                }
            } catch (Budget.Spent | StackOverflowError e) {
                invalid(
                        n,
                        "messageExpression evaluation failed due to running out of cost budget, no further"
                                + " validation rules will be run");
                return false;
            } catch (CelEvaluationException e) {
                // The rule's own message does instead.
            }
        }
        String path = path(rule.path());
        switch (rule.reason()) {
            case "FieldValueForbidden" -> findings.forbidden(path, message);
            case "FieldValueRequired" -> findings.required(path, message);
            case "FieldValueDuplicate" -> {
                if (value instanceof Map || value instanceof List) {
                    findings.causes().add(new Cause("FieldValueDuplicate", "Duplicate value", path));
                } else {
                    findings.duplicate(path, value);
                }
            }
            default -> {
                if (value instanceof Map || value instanceof List) {
                    // Too much to be shown.
                    findings.causes().add(new Cause("FieldValueInvalid", "Invalid value: " + message, path));
                } else {
                    findings.invalid(path, value, message);
                }
            }
        }
        return true;
    }

    private boolean spent(Node n) {
        invalid(n, "validation failed due to running out of cost budget, no further validation rules will be run");
        return false;
    }

    private void invalid(Node n, String why) {
        findings.invalid(path(""), n.type, why);
    }

    private String path(String below) {
        String here = at.bracketed();
        if (below.isEmpty()) {
            return here.isEmpty() ? "<nil>" : here;
        }
        return here.isEmpty() ? below : here + "." + below;
    }
}
