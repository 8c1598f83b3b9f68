package dev.coracle.machinery.schema;

import java.time.YearMonth;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What Go prints: values, and why a text is refused by the type that decodes it. */
public final class GoText {
    private static final String LAYOUT = "2006-01-02T15:04:05Z07:00";
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    private GoText() {}

    /** A tree as {@code %v} prints it: {@code map[spec:map[replicas:2 volumes:[a b]]]}, keys sorted. */
    public static String of(@Nullable Object tree) {
        return switch (tree) {
            case null -> "<nil>";
            case Map<?, ?> m ->
                new TreeMap<>(m)
                        .entrySet().stream()
                                .map(e -> e.getKey() + ":" + of(e.getValue()))
                                .collect(Collectors.joining(" ", "map[", "]"));
            case List<?> l -> l.stream().map(GoText::of).collect(Collectors.joining(" ", "[", "]"));
            default -> String.valueOf(tree);
        };
    }

    /** As {@code time.Duration} prints whole and broken seconds: {@code 1h0m1.5s}. */
    static String duration(java.time.Duration duration) {
        long hours = duration.toHours();
        int minutes = duration.toMinutesPart();
        String seconds = new java.math.BigDecimal(duration.toSecondsPart())
                .add(java.math.BigDecimal.valueOf(duration.toNanosPart(), 9))
                .stripTrailingZeros()
                .toPlainString();
        return (hours > 0 ? hours + "h" : "") + (hours > 0 || minutes > 0 ? minutes + "m" : "") + seconds + "s";
    }

    /** As {@code base64.StdEncoding}: newlines are skipped, padding is required. */
    static Optional<String> base64Error(String text) {
        int digits = 0;
        int at = 0;
        for (; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '\n' || c == '\r') {
                continue;
            }
            if (c == '=') {
                break;
            }
            if (ALPHABET.indexOf(c) < 0) {
                return illegalBase64(at);
            }
            digits++;
        }
        if (at == text.length()) {
            return digits % 4 == 0 ? Optional.empty() : illegalBase64(text.length());
        }
        String rest = text.substring(at).replace("\n", "").replace("\r", "");
        boolean padded = digits % 4 == 2 && rest.equals("==") || digits % 4 == 3 && rest.equals("=");
        return padded ? Optional.empty() : illegalBase64(at);
    }

    private static Optional<String> illegalBase64(int at) {
        return Optional.of("illegal base64 data at input byte " + at);
    }

    /** As {@code time.Parse(time.RFC3339, text)}. */
    static Optional<String> timeError(String text) {
        Cursor c = new Cursor(text);
        boolean shaped = c.digits(4, "2006")
                && c.mark('-', "-")
                && c.digits(2, "01")
                && c.mark('-', "-")
                && c.digits(2, "02")
                && c.mark('T', "T")
                && c.digits(2, "15")
                && c.mark(':', ":")
                && c.digits(2, "04")
                && c.mark(':', ":")
                && c.digits(2, "05")
                && c.fraction()
                && c.zone();
        if (!shaped) {
            return Optional.of("parsing time \"" + text + "\" as \"" + LAYOUT + "\": cannot parse \""
                    + text.substring(c.at) + "\" as \"" + c.wanted + "\"");
        }
        if (c.at < text.length()) {
            return Optional.of("parsing time \"" + text + "\": extra text: \"" + text.substring(c.at) + "\"");
        }
        int month = number(text, 5);
        String out = month < 1 || month > 12
                ? "month"
                : number(text, 8) < 1
                                || number(text, 8)
                                        > YearMonth.of(year(text), month).lengthOfMonth()
                        ? "day"
                        : number(text, 11) > 23
                                ? "hour"
                                : number(text, 14) > 59 ? "minute" : number(text, 17) > 59 ? "second" : "";
        return out.isEmpty()
                ? Optional.empty()
                : Optional.of("parsing time \"" + text + "\": " + out + " out of range");
    }

    private static int number(String text, int at) {
        return Integer.parseInt(text.substring(at, at + 2));
    }

    private static int year(String text) {
        return Integer.parseInt(text.substring(0, 4));
    }

    /** Goes through a text element by element; stays where it fails, with what was wanted there. */
    private static final class Cursor {
        private final String text;
        private int at;
        private String wanted = "";

        Cursor(String text) {
            this.text = text;
        }

        boolean digits(int count, String element) {
            wanted = element;
            for (int i = at; i < at + count; i++) {
                if (i >= text.length() || text.charAt(i) < '0' || text.charAt(i) > '9') {
                    return false;
                }
            }
            at += count;
            return true;
        }

        boolean mark(char mark, String element) {
            wanted = element;
            if (at >= text.length() || text.charAt(at) != mark) {
                return false;
            }
            at++;
            return true;
        }

        boolean fraction() {
            if (at + 1 < text.length() && text.charAt(at) == '.' && Character.isDigit(text.charAt(at + 1))) {
                at++;
                while (at < text.length() && Character.isDigit(text.charAt(at))) {
                    at++;
                }
            }
            return true;
        }

        boolean zone() {
            wanted = "Z07:00";
            if (at < text.length() && text.charAt(at) == 'Z') {
                at++;
                return true;
            }
            if (text.length() >= at + 6 && text.substring(at, at + 6).matches("[+-]\\d\\d:\\d\\d")) {
                at += 6;
                return true;
            }
            return false;
        }
    }
}
