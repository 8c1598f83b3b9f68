package dev.coracle.controllers.externalsecrets;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What of Go's templates secrets are mostly put together with: {@code {{ .user | b64enc }}}, {@code {{ index . "db-password"
 * }}}, {@code {{ (fromJson .config).host | quote }}}, trimming and comments. Conditions, loops, variables and functions that
 * {@link Functions} has not are refused. As upstream's engine v2 does, a key that there is not is an error.
 */
final class Template {
    private static final List<String> KEYWORDS =
            List.of("if", "else", "end", "range", "with", "define", "block", "template", "break", "continue");
    /** How deep parentheses may nest. */
    private static final int DEEPEST = 50;

    private final String name;
    /** Bytes, see {@link Functions}. */
    private final String text;

    private final Map<String, Object> values;
    private int at;
    private int depth;

    private Template(String name, String text, Map<String, Object> values) {
        this.name = name;
        this.text = text;
        this.values = values;
    }

    /** @throws IllegalArgumentException for what is no template, or more than is understood; without any value */
    static byte[] render(String name, String text, Map<String, byte[]> data) {
        Map<String, Object> values = new TreeMap<>();
        data.forEach((k, v) -> values.put(Functions.fromUtf8(k), Functions.latin(v)));
        return Functions.bytes(new Template(name, Functions.fromUtf8(text), values).render());
    }

    /** The same, for what is text. */
    static String renderText(String name, String text, Map<String, byte[]> data) {
        return new String(render(name, text, data), StandardCharsets.UTF_8);
    }

    private String render() {
        StringBuilder out = new StringBuilder();
        boolean trimmed = false;
        while (true) {
            int open = text.indexOf("{{", at);
            String before = text.substring(at, open < 0 ? text.length() : open);
            before = trimmed ? before.stripLeading() : before;
            if (open < 0) {
                return out.append(before).toString();
            }
            at = open + 2;
            boolean trims = text.startsWith("-", at) && at + 1 < text.length() && isSpace(text.charAt(at + 1));
            at += trims ? 1 : 0;
            out.append(trims ? before.stripTrailing() : before);
            String value = action(open);
            Functions.bounded((long) out.length() + value.length());
            out.append(value);
            trimmed = text.startsWith("-}}", at);
            at += trimmed ? 3 : 2;
        }
    }

    /** Up to its end, which it leaves there. */
    private String action(int open) {
        try {
            skipSpace();
            if (text.startsWith("/*", at)) {
                int end = text.indexOf("*/", at);
                if (end < 0) {
                    throw new IllegalArgumentException("unclosed comment");
                }
                at = end + 2;
                skipSpace();
                if (!isEnd()) {
                    throw new IllegalArgumentException("comment ends before closing delimiter");
                }
                return "";
            }
            Object value = pipeline();
            if (!isEnd()) {
                throw new IllegalArgumentException(
                        at >= text.length() ? "unclosed action" : "unexpected \"" + text.charAt(at) + "\" in operand");
            }
            return Functions.text(value);
        } catch (IllegalArgumentException e) {
            long line =
                    1 + text.substring(0, open).chars().filter(c -> c == '\n').count();
            throw new IllegalArgumentException("template: " + name + ":" + line + ": " + e.getMessage());
        }
    }

    private boolean isEnd() {
        return text.startsWith("}}", at) || text.startsWith("-}}", at);
    }

    private @Nullable Object pipeline() {
        Object value = command(List.of());
        while (at < text.length() && text.charAt(at) == '|') {
            at++;
            skipSpace();
            List<@Nullable Object> piped = new ArrayList<>();
            piped.add(value);
            value = command(piped);
        }
        return value;
    }

    private @Nullable Object command(List<@Nullable Object> piped) {
        String function = identifier();
        if (function.isEmpty() && !piped.isEmpty()) {
            throw new IllegalArgumentException("non executable command in pipeline");
        }
        if (function.isEmpty()) {
            Object value = operand();
            if (at < text.length() && !isEnd() && "|)".indexOf(text.charAt(at)) < 0) {
                throw new IllegalArgumentException(
                        "can't give argument to non-function, or one that is not understood");
            }
            return value;
        }
        List<@Nullable Object> args = new ArrayList<>();
        while (at < text.length() && !isEnd() && "|)".indexOf(text.charAt(at)) < 0) {
            args.add(operand());
        }
        args.addAll(piped);
        Object value = literal(function, args);
        if (value instanceof String s) {
            Functions.bounded(s.length());
        }
        return value;
    }

    private static @Nullable Object literal(String function, List<@Nullable Object> args) {
        return switch (function) {
            case "true", "false" -> Boolean.parseBoolean(function);
            default -> Functions.call(function, args);
        };
    }

    private @Nullable Object operand() {
        if (at >= text.length()) {
            throw new IllegalArgumentException("unclosed action");
        }
        char c = text.charAt(at);
        Object value;
        if (c == '(') {
            if (++depth > DEEPEST) {
                throw new IllegalArgumentException("parentheses nest too deep");
            }
            at++;
            skipSpace();
            value = pipeline();
            if (at >= text.length() || text.charAt(at) != ')') {
                throw new IllegalArgumentException("unclosed left paren");
            }
            at++;
            depth--;
            value = fields(value);
        } else if (c == '.') {
            value = fields(values);
        } else if (c == '"' || c == '`') {
            value = string(c);
        } else if (c >= '0' && c <= '9') {
            value = number();
        } else {
            String name = identifier();
            if (name.isEmpty()) {
                throw new IllegalArgumentException(
                        c == '$' ? "variables are not supported" : "unexpected \"" + c + "\" in operand");
            }
            value = literal(name, List.of());
        }
        skipSpace();
        return value;
    }

    /** {@code .a.b} of a value; after the value itself, a dot that names nothing is the value. */
    private @Nullable Object fields(@Nullable Object of) {
        Object value = of;
        while (at < text.length() && text.charAt(at) == '.') {
            int start = ++at;
            while (at < text.length() && isWord(text.charAt(at))) {
                at++;
            }
            String field = text.substring(start, at);
            if (field.isEmpty()) {
                return value;
            }
            if (!(value instanceof Map<?, ?> m)) {
                throw new IllegalArgumentException(
                        "executing \"" + name + "\" at <." + field + ">: can't evaluate field " + field);
            }
            if (!m.containsKey(field)) {
                throw new IllegalArgumentException(
                        "executing \"" + name + "\" at <." + field + ">: map has no entry for key \"" + field + "\"");
            }
            value = m.get(field);
        }
        return value;
    }

    private String identifier() {
        int start = at;
        if (at < text.length() && isWord(text.charAt(at)) && !Character.isDigit(text.charAt(at))) {
            while (at < text.length() && isWord(text.charAt(at))) {
                at++;
            }
        }
        String word = text.substring(start, at);
        if (KEYWORDS.contains(word)) {
            throw new IllegalArgumentException("\"" + word + "\" is not supported");
        }
        skipSpace();
        return word;
    }

    private String string(char quote) {
        StringBuilder out = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == quote) {
                at++;
                return out.toString();
            }
            if (c == '\\' && quote == '"' && at + 1 < text.length()) {
                int known = "ntr\"\\".indexOf(text.charAt(++at));
                if (known < 0) {
                    throw new IllegalArgumentException("an escape in a string that is not supported");
                }
                out.append("\n\t\r\"\\".charAt(known));
            } else {
                out.append(c);
            }
        }
        throw new IllegalArgumentException("unterminated quoted string");
    }

    private long number() {
        int start = at;
        while (at < text.length() && isWord(text.charAt(at))) {
            at++;
        }
        try {
            return Long.parseLong(text.substring(start, at));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("a number that is not supported");
        }
    }

    private void skipSpace() {
        while (at < text.length() && isSpace(text.charAt(at))) {
            at++;
        }
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
    }

    private static boolean isWord(char c) {
        return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }
}
