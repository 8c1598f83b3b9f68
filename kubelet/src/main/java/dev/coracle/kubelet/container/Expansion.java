package dev.coracle.kubelet.container;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@code $(NAME)} in commands, arguments and values; {@code $$} is a dollar sign; what is not known stays as it is. */
final class Expansion {
    private Expansion() {}

    static String expand(String text, Map<String, String> variables) {
        return expand(text, variables::get);
    }

    private static String expand(String text, Function<String, @Nullable String> variables) {
        if (text.indexOf('$') < 0) {
            return text;
        }
        StringBuilder s = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '$' || i + 1 == text.length()) {
                s.append(c);
                continue;
            }
            char next = text.charAt(i + 1);
            int close = next == '(' ? text.indexOf(')', i + 2) : -1;
            if (next == '$') {
                s.append('$');
                i++;
            } else if (close > 0) {
                String name = text.substring(i + 2, close);
                String value = variables.apply(name);
                s.append(value == null ? "$(" + name + ")" : value);
                i = close;
            } else {
                s.append(c);
            }
        }
        return s.toString();
    }

    /**
     * As {@link #expand}, for what cannot be right with a name left in it.
     *
     * @throws ConfigException when a variable is not known, or empty
     */
    static String expandAll(String text, Map<String, String> variables) {
        Set<String> missing = new TreeSet<>();
        String expanded = expand(text, name -> {
            String value = variables.get(name);
            if (value == null || value.isEmpty()) {
                missing.add(name);
            }
            return value;
        });
        if (!missing.isEmpty()) {
            throw new ConfigException("missing value for " + String.join(", ", missing));
        }
        return expanded;
    }
}
