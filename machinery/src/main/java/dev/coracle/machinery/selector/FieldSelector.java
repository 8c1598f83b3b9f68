package dev.coracle.machinery.selector;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * A conjunction of {@code field=value} and {@code field!=value} on an object's selectable fields. In a value, commas, equals
 * signs and backslashes stand behind a backslash: {@code type=a\,b}. See upstream's {@code fields.ParseSelector}.
 */
public final class FieldSelector {
    /** As upstream's kinds with fields of their own say it, and all that users bring. */
    public static final UnaryOperator<String> UNSUPPORTED = field -> "field label not supported: " + field;

    private record Requirement(Function<Unstructured, String> field, boolean equal, String value) {}

    /** A field, how it is read, and what it must be. */
    public record Pin(String field, Function<Unstructured, String> read, String value) {}

    private final List<Requirement> requirements;
    private final String name;
    private final Optional<Pin> pin;

    private FieldSelector(List<Requirement> requirements, String name, Optional<Pin> pin) {
        this.requirements = requirements;
        this.name = name;
        this.pin = pin;
    }

    /**
     * @param selectable the fields that may be used, and how each is read; what is absent reads as its zero
     * @throws IllegalArgumentException when the text is no selector or names another field
     */
    public static FieldSelector parse(String text, Map<String, Function<Unstructured, String>> selectable) {
        boolean plain = selectable.keySet().stream().allMatch(f -> f.startsWith("metadata."));
        return parse(
                text,
                selectable,
                plain
                        ? f -> "\"" + f
                                + "\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
                        : UNSUPPORTED);
    }

    /** @param unknown what is said of a field that may not be used */
    public static FieldSelector parse(
            String text, Map<String, Function<Unstructured, String>> selectable, UnaryOperator<String> unknown) {
        List<Requirement> list = new ArrayList<>();
        String name = "";
        Optional<Pin> pin = Optional.empty();
        for (String term : terms(text)) {
            if (term.isEmpty()) {
                continue;
            }
            int eq = term.indexOf('=');
            if (eq < 0) {
                throw new IllegalArgumentException("invalid selector: '" + text + "'; can't understand '" + term + "'");
            }
            boolean not = eq > 0 && term.charAt(eq - 1) == '!';
            String field = term.substring(0, not ? eq - 1 : eq);
            String value = unescaped(term.substring(!not && term.startsWith("==", eq) ? eq + 2 : eq + 1));
            Function<Unstructured, String> read = selectable.get(field);
            if (read == null) {
                throw new IllegalArgumentException(unknown.apply(field));
            }
            list.add(new Requirement(read, !not, value));
            if (!not && field.equals("metadata.name")) {
                name = value;
            } else if (!not && pin.isEmpty()) {
                pin = Optional.of(new Pin(field, read, value));
            }
        }
        return new FieldSelector(list, name, pin);
    }

    private static List<String> terms(String text) {
        List<String> terms = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\\') {
                i++;
            } else if (text.charAt(i) == ',') {
                terms.add(text.substring(from, i));
                from = i + 1;
            }
        }
        terms.add(text.substring(from));
        return terms;
    }

    private static String unescaped(String value) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\') {
                i++;
                if (i == value.length() || "\\,=".indexOf(value.charAt(i)) < 0) {
                    throw new IllegalArgumentException("invalid field selector: invalid escape sequence: "
                            + value.substring(i - 1, Math.min(i + 1, value.length())));
                }
                plain.append(value.charAt(i));
            } else if (c == '=' || c == ',') {
                throw new IllegalArgumentException(
                        "invalid field selector: unescaped character in value: " + value.charAt(i));
            } else {
                plain.append(c);
            }
        }
        return plain.toString();
    }

    /** The one name that it selects, for who can tell by that alone; {@code ""} where it says nothing of names. */
    public String name() {
        return name;
    }

    /** A field that must have one value, {@code metadata.name} excepted, for who finds objects by that. */
    public Optional<Pin> pin() {
        return pin;
    }

    public boolean matches(Unstructured object) {
        for (Requirement r : requirements) {
            if (r.field().apply(object).equals(r.value()) != r.equal()) {
                return false;
            }
        }
        return true;
    }
}
