package dev.coracle.machinery.selector;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A conjunction of requirements on labels, as text ({@code app=web,tier notin (a,b),!old}) or as a {@code LabelSelector}. */
public final class LabelSelector {
    enum Operator {
        IN,
        NOT_IN,
        EXISTS,
        DOES_NOT_EXIST,
        /** The label is a whole number, and greater. */
        GREATER,
        LESS
    }

    record Requirement(String key, Operator operator, Set<String> values) {
        boolean matches(Map<String, String> labels) {
            String value = labels.get(key);
            return switch (operator) {
                case IN -> value != null && values.contains(value);
                case NOT_IN -> value == null || !values.contains(value);
                case EXISTS -> value != null;
                case DOES_NOT_EXIST -> value == null;
                case GREATER -> compared(value) > 0;
                case LESS -> compared(value) < 0;
            };
        }

        /** 0 for what is no number. */
        private int compared(@Nullable String value) {
            try {
                return value == null
                        ? 0
                        : Long.compare(
                                Long.parseLong(value),
                                Long.parseLong(values.iterator().next()));
            } catch (NumberFormatException e) {
                return 0;
            }
        }
    }

    private final List<Requirement> requirements;

    private LabelSelector(List<Requirement> requirements) {
        this.requirements = requirements;
    }

    /** Every key with the values it is compared with, in order, for who has rules for them. */
    public void forEach(BiConsumer<String, Set<String>> told) {
        requirements.forEach(r -> told.accept(r.key(), r.values()));
    }

    /** @throws IllegalArgumentException when the text is no selector */
    public static LabelSelector parse(String text) {
        return new LabelSelector(LabelSelectorParser.parse(text));
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
