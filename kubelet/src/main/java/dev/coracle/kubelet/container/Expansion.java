package dev.coracle.kubelet.container;

import java.util.Map;

/** {@code $(NAME)} in commands, arguments and values; {@code $$} is a dollar sign; what is not known stays as it is. */
final class Expansion {
    private Expansion() {}

    static String expand(String text, Map<String, String> variables) {
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
                String value = variables.get(name);
                s.append(value == null ? "$(" + name + ")" : value);
                i = close;
            } else {
                s.append(c);
            }
        }
        return s.toString();
    }
}
