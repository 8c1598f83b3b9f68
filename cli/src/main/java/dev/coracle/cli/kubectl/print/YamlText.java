package dev.coracle.cli.kubectl.print;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * YAML as {@code sigs.k8s.io/yaml} writes it, byte for byte, because people diff it: keys sorted, lists not indented,
 * double quotes where a plain word would be read as something else, literal blocks for lines, and folds at 80 columns.
 */
public final class YamlText {
    private static final int WIDTH = 80;
    /** What YAML 1.1, as Go's library knows it, takes for null, a boolean, a number, a time or a merge. */
    private static final Pattern OTHER_TYPE =
            Pattern.compile("|~|null|Null|NULL|<<|y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF"
                    + "|true|True|TRUE|false|False|FALSE|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)"
                    + "|[-+]?[0-9][0-9_]*|[-+]?0[xX][0-9a-fA-F_]+|[-+]?0b[01_]+|[-+]?0o?[0-7_]+"
                    + "|[-+]?(\\.[0-9]+|[0-9][0-9_]*(\\.[0-9_]*)?)([eE][-+]?[0-9]+)?"
                    + "|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\\.[0-9_]*)?"
                    + "|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ]+[0-9].*)?");

    private static final String INDICATORS_AT_START = "#,[]{}&*!|>'\"%@`";

    private YamlText() {}

    public static String of(@Nullable Object tree) {
        StringBuilder out = new StringBuilder();
        switch (tree) {
            case Map<?, ?> m when !m.isEmpty() -> map(out, m, 0, true);
            case List<?> l when !l.isEmpty() -> list(out, l, 0, true);
            case null, default -> scalar(out, tree, 0, false);
        }
        return out.charAt(out.length() - 1) == '\n'
                ? out.toString()
                : out.append('\n').toString();
    }

    private static void map(StringBuilder out, Map<?, ?> m, int indent, boolean inline) {
        Map<String, Object> sorted = new TreeMap<>(YamlText::keyOrder);
        m.forEach((k, v) -> sorted.put(String.valueOf(k), v));
        boolean first = inline;
        for (var e : sorted.entrySet()) {
            if (!first) {
                out.repeat(' ', indent);
            }
            first = false;
            scalar(out, e.getKey(), indent, true);
            out.append(':');
            value(out, e.getValue(), indent, indent);
        }
    }

    private static void list(StringBuilder out, List<?> l, int indent, boolean inline) {
        boolean first = inline;
        for (Object v : l) {
            if (!first) {
                out.repeat(' ', indent);
            }
            first = false;
            out.append('-');
            switch (v) {
                case Map<?, ?> m
                when !m.isEmpty() -> {
                    out.append(' ');
                    map(out, m, indent + 2, true);
                }
                case List<?> inner
                when !inner.isEmpty() -> {
                    out.append(' ');
                    list(out, inner, indent + 2, true);
                }
                case null, default -> value(out, v, indent, indent + 2);
            }
        }
    }

    /** After {@code key:} or {@code -}. */
    private static void value(StringBuilder out, @Nullable Object v, int indent, int listIndent) {
        switch (v) {
            case Map<?, ?> m
            when !m.isEmpty() -> {
                out.append('\n');
                map(out, m, indent + 2, false);
            }
            case List<?> l
            when !l.isEmpty() -> {
                out.append('\n');
                list(out, l, listIndent, false);
            }
            case null, default -> {
                out.append(' ');
                scalar(out, v, indent, false);
                if (out.charAt(out.length() - 1) != '\n') {
                    out.append('\n');
                }
            }
        }
    }

    private static void scalar(StringBuilder out, @Nullable Object v, int indent, boolean key) {
        switch (v) {
            case null -> out.append("null");
            case Map<?, ?> m -> out.append("{}");
            case List<?> l -> out.append("[]");
            case Double d -> out.append(d == Math.rint(d) && Math.abs(d) < 1e21 ? "" + d.longValue() : "" + d);
            case String s -> string(out, s, indent, key);
            default -> out.append(v);
        }
    }

    private static void string(StringBuilder out, String s, int indent, boolean key) {
        boolean special =
                s.codePoints().anyMatch(c -> c != '\n' && c != '\t' && (c < 0x20 || c == 0x7f || c == 0xfeff));
        if (s.contains("\n")) {
            if (key || special || s.matches("(?s).*( \\n.*| $)")) {
                doubleQuoted(out, s, indent, key);
            } else {
                literal(out, s, indent);
            }
        } else if (special || s.contains("\t") || OTHER_TYPE.matcher(s).matches()) {
            doubleQuoted(out, s, indent, key);
        } else if (plain(s)) {
            folded(out, s, "", indent, key);
        } else {
            folded(out, s.replace("'", "''"), "'", indent, key);
        }
    }

    private static boolean plain(String s) {
        char first = s.charAt(0);
        boolean second = s.length() == 1 || s.charAt(1) == ' ' || s.charAt(1) == '\t';
        if (INDICATORS_AT_START.indexOf(first) >= 0
                || "?:-".indexOf(first) >= 0 && second
                || s.startsWith("---")
                || s.startsWith("...")) {
            return false;
        }
        return first != ' '
                && !s.endsWith(" ")
                && !s.contains(": ")
                && !s.endsWith(":")
                && !s.contains(" #")
                && !s.contains("\t");
    }

    private static void literal(StringBuilder out, String s, int indent) {
        out.append('|');
        if (s.startsWith(" ") || s.startsWith("\n")) {
            out.append(2);
        }
        String chomped = s;
        if (!s.endsWith("\n")) {
            out.append('-');
        } else if (s.length() == 1 || s.endsWith("\n\n")) {
            out.append('+');
            chomped = s.substring(0, s.length() - 1);
        } else {
            chomped = s.substring(0, s.length() - 1);
        }
        for (String line : chomped.split("\n", -1)) {
            out.append('\n');
            if (!line.isEmpty()) {
                out.repeat(' ', indent + 2).append(line);
            }
        }
        out.append('\n');
    }

    /** Breaks at single blanks beyond the 80th column, as libyaml does; a key is never broken. */
    private static void folded(StringBuilder out, String s, String quote, int indent, boolean key) {
        int column = column(out) + quote.length();
        out.append(quote);
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            boolean lone = c == ' ' && i > 0 && i < s.length() - 1 && s.charAt(i - 1) != ' ' && s.charAt(i + 1) != ' ';
            if (lone && !key && column > WIDTH) {
                out.append('\n').repeat(' ', indent + 2);
                column = indent + 2;
            } else {
                out.append(c);
                column++;
            }
        }
        out.append(quote);
    }

    private static void doubleQuoted(StringBuilder out, String s, int indent, boolean key) {
        int column = column(out) + 1;
        out.append('"');
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c == ' ' && !key && column > WIDTH && i > 0 && i < s.length() - 1 && s.charAt(i - 1) != ' ') {
                out.append('\n').repeat(' ', indent + 2);
                column = indent + 2;
                if (s.charAt(i + 1) == ' ') {
                    out.append('\\');
                    column++;
                }
                continue;
            }
            String escaped = switch (c) {
                case '"' -> "\\\"";
                case '\\' -> "\\\\";
                case '\n' -> "\\n";
                case '\t' -> "\\t";
                case '\r' -> "\\r";
                case 0 -> "\\0";
                case 7 -> "\\a";
                case 8 -> "\\b";
                case 27 -> "\\e";
                default -> c < 0x20 || c == 0x7f ? String.format("\\x%02X", (int) c) : c == 0xfeff ? "\\uFEFF" : "" + c;
            };
            out.append(escaped);
            column += escaped.length();
        }
        out.append('"');
    }

    private static int column(StringBuilder out) {
        return out.length() - 1 - out.lastIndexOf("\n");
    }

    /** Go's order: digits in a name compare as the numbers they are, and letters come after anything else. */
    static int keyOrder(String a, String b) {
        int[] as = a.codePoints().toArray();
        int[] bs = b.codePoints().toArray();
        boolean digits = false;
        for (int i = 0; i < as.length && i < bs.length; i++) {
            if (as[i] == bs[i]) {
                digits = Character.isDigit(as[i]);
                continue;
            }
            boolean al = Character.isLetter(as[i]);
            boolean bl = Character.isLetter(bs[i]);
            if (al && bl) {
                return Integer.compare(as[i], bs[i]);
            }
            if (al || bl) {
                return digits ? (al ? -1 : 1) : bl ? -1 : 1;
            }
            long[] an = number(as, i);
            long[] bn = number(bs, i);
            if (an[0] != bn[0]) {
                return Long.compare(an[0], bn[0]);
            }
            return an[1] != bn[1] ? Long.compare(an[1], bn[1]) : Integer.compare(as[i], bs[i]);
        }
        return Integer.compare(as.length, bs.length);
    }

    private static long[] number(int[] text, int at) {
        List<Integer> digits = new ArrayList<>();
        for (int i = at; i < text.length && Character.isDigit(text[i]); i++) {
            digits.add(text[i] - '0');
        }
        long n = 0;
        for (int d : digits) {
            n = n * 10 + d;
        }
        return new long[] {n, digits.size()};
    }
}
