package dev.coracle.machinery.cel;

import dev.cel.common.values.NullValue;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** {@code '%s is %d'.format([a, b])}. */
final class TextFormat {
    /** As cel-go's: digits after the point where none are told. */
    private static final int PRECISION = 6;

    private static final int MOST_PRECISION = 100;

    private TextFormat() {}

    static String format(String text, List<?> args) {
        StringBuilder out = new StringBuilder();
        int next = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '%') {
                out.append(c);
                continue;
            }
            int at = i + 1;
            if (at < text.length() && text.charAt(at) == '%') {
                out.append('%');
                i = at;
                continue;
            }
            int precision = PRECISION;
            if (at < text.length() && text.charAt(at) == '.') {
                int end = at + 1;
                while (end < text.length() && Character.isDigit(text.charAt(end)) && end - at < 4) {
                    end++;
                }
                precision = end == at + 1 ? 0 : Integer.parseInt(text.substring(at + 1, end));
                at = end;
            }
            if (at >= text.length()) {
                throw new IllegalArgumentException("unexpected end of string");
            }
            if (next >= args.size()) {
                throw new IllegalArgumentException("index " + next + " out of range");
            }
            out.append(clause(text.charAt(at), args.get(next++), Math.min(precision, MOST_PRECISION)));
            i = at;
        }
        return out.toString();
    }

    private static String clause(char verb, Object value, int precision) {
        return switch (verb) {
            case 's' -> text(value);
            case 'd' -> value instanceof Double d ? String.valueOf(d.longValue()) : text(value);
            case 'f' -> String.format(Locale.ROOT, "%." + precision + "f", number(value));
            case 'e' -> String.format(Locale.ROOT, "%." + precision + "e", number(value));
            case 'b' ->
                value instanceof Boolean b ? (b ? "1" : "0") : integer(value).toString(2);
            case 'o' -> integer(value).toString(8);
            case 'x', 'X' -> {
                String hex = value instanceof String s
                        ? new BigInteger(1, s.getBytes(java.nio.charset.StandardCharsets.UTF_8)).toString(16)
                        : integer(value).toString(16);
                yield verb == 'X' ? hex.toUpperCase(Locale.ROOT) : hex;
            }
            default ->
                throw new IllegalArgumentException(
                        "could not parse formatting clause: unrecognized formatting clause \"" + verb + "\"");
        };
    }

    private static double number(Object value) {
        if (value instanceof Number n) {
            return n.doubleValue();
        }
        throw new IllegalArgumentException("decimal clause can only be used on integers and doubles");
    }

    private static BigInteger integer(Object value) {
        if (value instanceof Number n && !(value instanceof Double)) {
            return new BigInteger(n.toString());
        }
        throw new IllegalArgumentException("only integers and bools can be formatted as binary");
    }

    private static String text(Object value) {
        return switch (value) {
            case List<?> l -> {
                StringBuilder all = new StringBuilder("[");
                for (Object o : l) {
                    all.append(all.length() > 1 ? ", " : "").append(text(o));
                }
                yield all.append(']').toString();
            }
            case Map<?, ?> m -> {
                Map<String, String> sorted = new TreeMap<>();
                m.forEach((k, v) -> sorted.put(text(k), text(v)));
                StringBuilder all = new StringBuilder("{");
                sorted.forEach((k, v) -> all.append(all.length() > 1 ? ", " : "")
                        .append(k)
                        .append(": ")
                        .append(v));
                yield all.append('}').toString();
            }
            case Double d -> GoNumbers.text(d);
            case NullValue n -> "null";
            default -> String.valueOf(value);
        };
    }
}
