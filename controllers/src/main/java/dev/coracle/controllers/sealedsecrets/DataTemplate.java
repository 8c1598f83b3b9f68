package dev.coracle.controllers.sealedsecrets;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What of Go's templates {@code spec.template.data} is mostly written in: text with values in it, {@code {{ .password }}}
 * or {@code {{ index . "db-password" }}}, trimmed by {@code {{-} and {@code -}}}, and comments. Conditions, loops and
 * functions are refused.
 */
final class DataTemplate {
    private static final Pattern FIELD = Pattern.compile("\\.([A-Za-z_][A-Za-z0-9_]*)");
    private static final Pattern INDEX = Pattern.compile("index +\\. +(?:\"([^\"\\\\]*)\"|`([^`]*)`)");

    private final String name;
    private final String text;
    private final Map<String, String> values;

    private DataTemplate(String name, String text, Map<String, String> values) {
        this.name = name;
        this.text = text;
        this.values = values;
    }

    /** @throws IllegalArgumentException for what is no template, or more than is understood; without any value */
    static String render(String name, String text, Map<String, String> values) {
        return new DataTemplate(name, text, values).render();
    }

    private String render() {
        StringBuilder out = new StringBuilder();
        boolean trimmed = false;
        int at = 0;
        for (int open = text.indexOf("{{"); open >= 0; open = text.indexOf("{{", at)) {
            int close = text.indexOf("}}", open);
            if (close < 0) {
                throw wrong(open, "unclosed action");
            }
            String action = text.substring(open + 2, close);
            boolean trimsBefore = action.matches("(?s)-\\s.*");
            boolean trimsAfter = action.matches("(?s).*\\s-");
            String before = trimmed ? text.substring(at, open).stripLeading() : text.substring(at, open);
            out.append(trimsBefore ? before.stripTrailing() : before)
                    .append(value(
                            action.substring(trimsBefore ? 1 : 0, action.length() - (trimsAfter ? 1 : 0))
                                    .strip(),
                            open));
            trimmed = trimsAfter;
            at = close + 2;
        }
        String rest = text.substring(at);
        return out.append(trimmed ? rest.stripLeading() : rest).toString();
    }

    private String value(String action, int at) {
        Matcher field = FIELD.matcher(action);
        if (field.matches()) {
            return values.getOrDefault(field.group(1), "<no value>");
        }
        Matcher index = INDEX.matcher(action);
        if (index.matches()) {
            return values.getOrDefault(index.group(1) != null ? index.group(1) : index.group(2), "");
        }
        if (action.startsWith("/*") && action.endsWith("*/")) {
            return "";
        }
        throw wrong(at, "only {{ .key }} and {{ index . \"key\" }} are understood");
    }

    private IllegalArgumentException wrong(int at, String what) {
        long line = 1 + text.substring(0, at).chars().filter(c -> c == '\n').count();
        return new IllegalArgumentException("template: " + name + ":" + line + ": " + what);
    }
}
