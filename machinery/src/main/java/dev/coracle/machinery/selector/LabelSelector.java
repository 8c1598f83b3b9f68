package dev.coracle.machinery.selector;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A conjunction of requirements on labels, as text ({@code app=web,tier notin (a,b),!old}) or as a {@code LabelSelector}. */
public final class LabelSelector {
    private enum Operator {
        IN,
        NOT_IN,
        EXISTS,
        DOES_NOT_EXIST
    }

    private record Requirement(String key, Operator operator, Set<String> values) {
        boolean matches(Map<String, String> labels) {
            String value = labels.get(key);
            return switch (operator) {
                case IN -> value != null && values.contains(value);
                case NOT_IN -> value == null || !values.contains(value);
                case EXISTS -> value != null;
                case DOES_NOT_EXIST -> value == null;
            };
        }
    }

    private static final Pattern TERM = Pattern.compile(
            "\\s*(?:(!)\\s*([^\\s!=,()]+)|([^\\s!=,()]+)(?:\\s*(==|=|!=)\\s*([^\\s!=,()]*)|\\s+(in|notin)\\s*\\(([^()]*)\\))?)\\s*(?:,|$)");

    private final List<Requirement> requirements;

    private LabelSelector(List<Requirement> requirements) {
        this.requirements = requirements;
    }

    /** @throws IllegalArgumentException when the text is no selector */
    public static LabelSelector parse(String text) {
        List<Requirement> list = new ArrayList<>();
        Matcher m = TERM.matcher(text);
        int at = 0;
        while (at < text.length()) {
            if (!m.find(at) || m.start() != at) {
                throw new IllegalArgumentException("unable to parse requirement: " + text);
            }
            list.add(requirement(m));
            at = m.end();
        }
        return new LabelSelector(list);
    }

    private static Requirement requirement(Matcher m) {
        if (m.group(1) != null) {
            return new Requirement(m.group(2), Operator.DOES_NOT_EXIST, Set.of());
        }
        String key = m.group(3);
        if (m.group(4) != null) {
            Operator op = m.group(4).equals("!=") ? Operator.NOT_IN : Operator.IN;
            return new Requirement(key, op, Set.of(m.group(5)));
        }
        if (m.group(6) != null) {
            Operator op = m.group(6).equals("in") ? Operator.IN : Operator.NOT_IN;
            return new Requirement(key, op, Set.of(m.group(7).trim().split("\\s*,\\s*")));
        }
        return new Requirement(key, Operator.EXISTS, Set.of());
    }

    /** From {@code matchLabels} and {@code matchExpressions}; an empty object selects everything. */
    public static LabelSelector of(Unstructured selector) {
        List<Requirement> list = new ArrayList<>();
        selector.strings("matchLabels").forEach((k, v) -> list.add(new Requirement(k, Operator.IN, Set.of(v))));
        for (Unstructured e : selector.objects("matchExpressions")) {
            Operator op = switch (e.string("operator")) {
                case "In" -> Operator.IN;
                case "NotIn" -> Operator.NOT_IN;
                case "Exists" -> Operator.EXISTS;
                case "DoesNotExist" -> Operator.DOES_NOT_EXIST;
                default ->
                    throw new IllegalArgumentException(
                            "\"" + e.string("operator") + "\" is not a valid label selector operator");
            };
            list.add(new Requirement(e.string("key"), op, Set.copyOf(e.stringList("values"))));
        }
        return new LabelSelector(list);
    }

    /** From a plain map, as a Service or ReplicationController has it. */
    public static LabelSelector ofMap(Map<String, String> labels) {
        List<Requirement> list = new ArrayList<>();
        labels.forEach((k, v) -> list.add(new Requirement(k, Operator.IN, Set.of(v))));
        return new LabelSelector(list);
    }

    public boolean matches(Map<String, String> labels) {
        for (Requirement r : requirements) {
            if (!r.matches(labels)) {
                return false;
            }
        }
        return true;
    }

    public boolean isEmpty() {
        return requirements.isEmpty();
    }
}
