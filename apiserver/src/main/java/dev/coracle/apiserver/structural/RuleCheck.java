package dev.coracle.apiserver.structural;

import dev.cel.runtime.CelEvaluationException;
import dev.coracle.apiserver.cel.Budget;
import dev.coracle.apiserver.cel.Language;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.machinery.object.StatusException.Cause;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    /** Whether what did not hold before may stay as it is. */
    private final boolean ratchets;

    private RuleCheck(RuleSet rules, Findings findings, boolean ratchets) {
        this.rules = rules;
        this.findings = findings;
        this.ratchets = ratchets;
    }

    static void check(RuleSet rules, Findings findings, Object object, @Nullable Object old) {
        new RuleCheck(rules, findings, true).value(rules.root(), object, old, false);
    }

    /** A default that replaces itself, at its own place in the schema. */
    static void checkDefault(RuleSet rules, Findings findings, Node n, Object value) {
        new RuleCheck(rules, findings, false).value(n, value, value, false);
    }

    /**
     * @param unchanged whether it lies in something that is as it was
     * @return whether to go on
     */
    private boolean value(Node n, @Nullable Object value, @Nullable Object old, boolean unchanged) {
        if (value == null || !n.rulesWithin || findings.causes().size() >= Outcome.MOST) {
            return true;
        }
        List<RuleSet.Rule> here = rules.of(n);
        if (!here.isEmpty() && !all(n, here, value, old, unchanged)) {
            return false;
        }
        if (value instanceof Map<?, ?> map) {
            return fields(n, map, old, unchanged);
        }
        return !(value instanceof List<?> list) || elements(n, list, old, unchanged);
    }

    private boolean fields(Node n, Map<?, ?> map, @Nullable Object old, boolean unchanged) {
        // Also of a map that is owned whole: its fields replace each other all the same.
        Map<?, ?> replaced = old instanceof Map<?, ?> m ? m : Map.of();
        boolean whole = unchanged || n.atomicMap && Objects.equals(map, old);
        for (Map.Entry<?, ?> e : map.entrySet()) {
            String name = (String) e.getKey();
            Node field = n.child(name);
            if (field == null || !field.rulesWithin) {
                continue;
            }
            at.child(n, name);
            boolean more = value(field, e.getValue(), replaced.get(name), whole);
            at.up();
            if (!more) {
                return false;
            }
        }
        return true;
    }

    private boolean elements(Node n, List<?> list, @Nullable Object old, boolean unchanged) {
        Node items = n.items;
        if (items == null || !items.rulesWithin) {
            return true;
        }
        boolean keyed = n.listType == Node.ListType.MAP;
        boolean whole = unchanged || !keyed && Objects.equals(list, old);
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
            boolean more = value(items, list.get(i), before, whole);
            at.up();
            if (!more) {
                return false;
            }
        }
        return true;
    }

    // ---- one place

    private boolean all(Node n, List<RuleSet.Rule> here, Object value, @Nullable Object old, boolean unchanged) {
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
            boolean letOff =
                    ratchets && !rule.expression().usesOld() && (unchanged || old != null && value.equals(old));
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
