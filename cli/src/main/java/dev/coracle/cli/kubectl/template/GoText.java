package dev.coracle.cli.kubectl.template;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Values as Go's package {@code fmt} writes them. */
final class GoText {
    private static final int MOST = 10_000;

    private GoText() {}

    /** {@code %v}. */
    static String of(@Nullable Object value) {
        return switch (value) {
            case null -> "<nil>";
            case Double d -> decimal(d);
            case Map<?, ?> m ->
                new TreeMap<>(m)
                        .entrySet().stream()
                                .map(e -> e.getKey() + ":" + of(e.getValue()))
                                .collect(Collectors.joining(" ", "map[", "]"));
            case List<?> l -> l.stream().map(GoText::of).collect(Collectors.joining(" ", "[", "]"));
            default -> String.valueOf(value);
        };
    }

    /** As few digits as tell it from others, and an exponent from 1e+06 on, or below 1e-04. */
    static String decimal(double d) {
        if (Double.isNaN(d) || Double.isInfinite(d)) {
            return Double.isNaN(d) ? "NaN" : d > 0 ? "+Inf" : "-Inf";
        }
        if (d == 0) {
            return 1 / d < 0 ? "-0" : "0";
        }
        BigDecimal exact = new BigDecimal(Double.toString(Math.abs(d))).stripTrailingZeros();
        String digits = exact.unscaledValue().toString();
        int exponent = digits.length() - 1 - exact.scale();
        String sign = d < 0 ? "-" : "";
        if (exponent >= -4 && exponent < 6) {
            return sign + exact.toPlainString();
        }
        String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
        return sign + digits.charAt(0) + fraction + "e" + (exponent < 0 ? "-" : "+")
                + "%02d".formatted(Math.abs(exponent));
    }

    /** Operands with blanks where neither side is a text. */
    static String joined(List<@Nullable Object> values) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < values.size(); i++) {
            if (i > 0 && !(values.get(i) instanceof String) && !(values.get(i - 1) instanceof String)) {
                out.append(' ');
            }
            out.append(of(values.get(i)));
        }
        return out.toString();
    }

    /** Between double quotes, with escapes. */
    static String quote(String text) {
        StringBuilder out = new StringBuilder("\"");
        text.codePoints().forEach(c -> {
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                case '\r' -> out.append("\\r");
                case 0x07 -> out.append("\\a");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case 0x0b -> out.append("\\v");
                default -> {
                    if (c < ' ' || c == 0x7f) {
                        out.append("\\x%02x".formatted(c));
                    } else {
                        out.appendCodePoint(c);
                    }
                }
            }
        });
        return out.append('"').toString();
    }

    /** The name of the type that Go has the value in. */
    static String type(@Nullable Object value) {
        return switch (value) {
            case null -> "<nil>";
            case String s -> "string";
            case Boolean b -> "bool";
            case Integer i -> "int";
            case Long l -> "int64";
            case Double d -> "float64";
            case List<?> l -> "[]interface {}";
            default -> "map[string]interface {}";
        };
    }

    /** {@code printf}: {@code %[flags][width][.precision]verb}, with what is wrong written in place. */
    static String format(String format, List<@Nullable Object> values) {
        StringBuilder out = new StringBuilder();
        List<@Nullable Object> left = new ArrayList<>(values);
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%') {
                out.append(c);
                continue;
            }
            int from = i + 1;
            int to = from;
            while (to < format.length() && "+-# 0123456789.".indexOf(format.charAt(to)) >= 0) {
                to++;
            }
            if (to == format.length()) {
                return out.append("%!(NOVERB)").toString();
            }
            int verb = format.codePointAt(to);
            i = to + Character.charCount(verb) - 1;
            if (verb == '%') {
                out.append('%');
            } else if (left.isEmpty()) {
                out.append("%!").appendCodePoint(verb).append("(MISSING)");
            } else {
                out.append(padded(format.substring(from, to), verb, left.removeFirst()));
            }
        }
        if (!left.isEmpty()) {
            out.append(left.stream()
                    .map(v -> v == null ? "<nil>" : type(v) + "=" + of(v))
                    .collect(Collectors.joining(", ", "%!(EXTRA ", ")")));
        }
        return out.toString();
    }

    private static String padded(String options, int verb, @Nullable Object value) {
        String flags = options.replaceFirst("[1-9.].*", "");
        String[] sizes = options.substring(flags.length()).split("\\.", 2);
        int width = sizes[0].isEmpty() ? 0 : size(sizes[0]);
        int precision = sizes.length < 2 ? -1 : sizes[1].isEmpty() ? 0 : size(sizes[1]);
        String text = verb(flags, precision, verb, value);
        int missing = width - text.codePointCount(0, text.length());
        if (missing <= 0) {
            return text;
        }
        if (flags.contains("-")) {
            return text + " ".repeat(missing);
        }
        if (!flags.contains("0")) {
            return " ".repeat(missing) + text;
        }
        int sign = value instanceof Number && (text.startsWith("-") || text.startsWith("+")) ? 1 : 0;
        return text.substring(0, sign) + "0".repeat(missing) + text.substring(sign);
    }

    private static int size(String digits) {
        return digits.matches("[0-9]{1,5}") ? Math.min(MOST, Integer.parseInt(digits)) : 0;
    }

    private static String verb(String flags, int precision, int verb, @Nullable Object value) {
        if (verb == 'T') {
            return type(value);
        }
        String plus = flags.contains("+") ? "+" : "";
        return switch (value) {
            case null -> verb == 'v' ? "<nil>" : "%!" + Character.toString(verb) + "(<nil>)";
            case Map<?, ?> m ->
                new TreeMap<>(m)
                        .entrySet().stream()
                                .map(e -> verb(flags, precision, verb, e.getKey()) + ":"
                                        + verb(flags, precision, verb, e.getValue()))
                                .collect(Collectors.joining(" ", "map[", "]"));
            case List<?> l ->
                l.stream().map(v -> verb(flags, precision, verb, v)).collect(Collectors.joining(" ", "[", "]"));
            case String s -> text(precision, verb, s);
            case Boolean b when verb == 't' || verb == 'v' -> "" + b;
            case Double d when "eEfFgGv".indexOf(verb) >= 0 -> (d < 0 ? "" : plus) + decimal(precision, verb, d);
            case Number n when !(n instanceof Double) -> integer(plus, verb, n.longValue(), n);
            default -> wrong(verb, value);
        };
    }

    private static String wrong(int verb, Object value) {
        return "%!" + Character.toString(verb) + "(" + type(value) + "=" + of(value) + ")";
    }

    private static String text(int precision, int verb, String s) {
        String cut = precision < 0 || s.codePointCount(0, s.length()) <= precision
                ? s
                : s.substring(0, s.offsetByCodePoints(0, precision));
        return switch (verb) {
            case 's', 'v' -> cut;
            case 'q' -> quote(cut);
            case 'x', 'X' -> {
                StringBuilder hex = new StringBuilder();
                for (byte b : cut.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
                    hex.append((verb == 'x' ? "%02x" : "%02X").formatted(b));
                }
                yield hex.toString();
            }
            default -> wrong(verb, s);
        };
    }

    private static String integer(String plus, int verb, long n, Number value) {
        String sign = n < 0 ? "" : plus;
        return switch (verb) {
            case 'd', 'v' -> sign + n;
            case 'x' -> sign + Long.toString(n, 16);
            case 'X' -> sign + Long.toString(n, 16).toUpperCase(java.util.Locale.ROOT);
            case 'o' -> sign + Long.toString(n, 8);
            case 'b' -> sign + Long.toString(n, 2);
            case 'c' -> Character.isValidCodePoint((int) n) ? Character.toString((int) n) : "\ufffd";
            case 'U' -> "U+%04X".formatted(n);
            default -> wrong(verb, value);
        };
    }

    private static String decimal(int precision, int verb, double d) {
        int digits = precision < 0 ? 6 : precision;
        return switch (verb) {
            case 'f', 'F' ->
                new BigDecimal(d)
                        .setScale(digits, java.math.RoundingMode.HALF_EVEN)
                        .toPlainString();
            case 'e', 'E' -> ("%." + digits + (char) verb).formatted(d);
            default ->
                precision < 0
                        ? decimal(d)
                        : decimal(new BigDecimal(d)
                                .round(new java.math.MathContext(Math.max(1, precision)))
                                .doubleValue());
        };
    }
}
