package dev.coracle.scheduler.framework;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Terms of which one must hold. A term without expressions selects nothing, not everything. */
public record NodeSelector(List<Term> terms) {
    /** All its expressions, on labels and on the node's name, hold. */
    public record Term(List<Expression> labels, List<Expression> fields) {
        public boolean matches(NodeInfo node) {
            if (labels.isEmpty() && fields.isEmpty()) {
                return false;
            }
            for (Expression e : labels) {
                if (!e.holds(node.labels().get(e.key))) {
                    return false;
                }
            }
            for (Expression e : fields) {
                if (!e.holds(node.name())) {
                    return false;
                }
            }
            return true;
        }

        /** The nodes that it names; null when it names none. */
        private @Nullable Set<String> names() {
            Set<String> names = null;
            for (Expression e : fields) {
                if (e.key.equals("metadata.name") && e.operator.equals("In")) {
                    if (names == null) {
                        names = new HashSet<>(e.values);
                    } else {
                        names.retainAll(e.values);
                    }
                }
            }
            return names;
        }
    }

    record Expression(String key, String operator, Set<String> values) {
        boolean holds(@Nullable String value) {
            return switch (operator) {
                case "In" -> value != null && values.contains(value);
                case "NotIn" -> value == null || !values.contains(value);
                case "Exists" -> value != null;
                case "DoesNotExist" -> value == null;
                case "Gt" -> value != null && compare(value) > 0;
                case "Lt" -> value != null && compare(value) < 0;
                default -> false;
            };
        }

        /** 0, which satisfies neither Gt nor Lt, when one side is no integer. */
        private int compare(String value) {
            try {
                return Long.compare(
                        Long.parseLong(value), Long.parseLong(values.iterator().next()));
            } catch (NumberFormatException e) {
                return 0;
            }
        }
    }

    public static NodeSelector of(List<Unstructured> terms) {
        return new NodeSelector(terms.stream().map(NodeSelector::term).toList());
    }

    public static Term term(Unstructured term) {
        return new Term(expressions(term.objects("matchExpressions")), expressions(term.objects("matchFields")));
    }

    private static List<Expression> expressions(List<Unstructured> list) {
        List<Expression> expressions = new ArrayList<>(list.size());
        for (Unstructured e : list) {
            expressions.add(new Expression(e.string("key"), e.string("operator"), Set.copyOf(e.stringList("values"))));
        }
        return expressions;
    }

    public boolean matches(NodeInfo node) {
        for (Term t : terms) {
            if (t.matches(node)) {
                return true;
            }
        }
        return false;
    }

    /** The nodes that every term names, as a DaemonSet's pods have it; null when a term names none. */
    public @Nullable Set<String> names() {
        Set<String> all = new HashSet<>();
        for (Term t : terms) {
            Set<String> names = t.names();
            if (names == null) {
                return null;
            }
            all.addAll(names);
        }
        return terms.isEmpty() ? null : all;
    }
}
