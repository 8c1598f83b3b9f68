package dev.coracle.machinery.selector;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A conjunction of {@code field=value} and {@code field!=value} on an object's selectable fields. */
public final class FieldSelector {
    private record Requirement(String field, boolean equal, String value) {}

    private final List<Requirement> requirements;

    private FieldSelector(List<Requirement> requirements) {
        this.requirements = requirements;
    }

    /**
     * @param selectable the paths that may be used
     * @throws IllegalArgumentException when the text is no selector or names another path
     */
    public static FieldSelector parse(String text, Set<String> selectable) {
        List<Requirement> list = new ArrayList<>();
        for (String term : text.isEmpty() ? new String[0] : text.split(",")) {
            int not = term.indexOf("!=");
            int eq = term.indexOf('=');
            if (eq < 0) {
                throw new IllegalArgumentException("invalid selector: '" + text + "'; can't understand '" + term + "'");
            }
            String field = term.substring(0, not >= 0 ? not : eq).trim();
            String value = term.substring(not >= 0 ? not + 2 : term.startsWith("==", eq) ? eq + 2 : eq + 1)
                    .trim();
            if (!selectable.contains(field)) {
                throw new IllegalArgumentException("field label not supported: " + field);
            }
            list.add(new Requirement(field, not < 0, value));
        }
        return new FieldSelector(list);
    }

    public boolean matches(Unstructured object) {
        for (Requirement r : requirements) {
            Object value = object.get(r.field().split("\\."));
            if (String.valueOf(value == null ? "" : value).equals(r.value()) != r.equal()) {
                return false;
            }
        }
        return true;
    }
}
