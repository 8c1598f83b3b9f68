package dev.coracle.cli.kubectl.base;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Go's notation of durations: {@code 1h30m}, {@code 90s}, {@code 500ms}; a bare number is of seconds. */
public final class Durations {
    private static final Pattern PART = Pattern.compile("([0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|ms|h|m|s)");

    private Durations() {}

    public static Duration parse(String text) {
        boolean negative = text.startsWith("-");
        String body = text.replaceFirst("^[+-]", "");
        if (body.matches("[0-9]+")) {
            body += "s";
        }
        Matcher m = PART.matcher(body);
        Duration sum = Duration.ZERO;
        int end = 0;
        while (m.find() && m.start() == end) {
            double unit = switch (m.group(2)) {
                case "h" -> 3_600_000_000_000d;
                case "m" -> 60_000_000_000d;
                case "s" -> 1_000_000_000;
                case "ms" -> 1_000_000;
                case "ns" -> 1;
                default -> 1000;
            };
            sum = sum.plusNanos(Math.round(Double.parseDouble(m.group(1)) * unit));
            end = m.end();
        }
        if (end == 0 || end != body.length()) {
            throw new Failure("time: invalid duration \"" + text + "\"");
        }
        return negative ? sum.negated() : sum;
    }

    /** What is wrong with a text that must have its units; {@code ""} for nothing. */
    static String wrong(String text) {
        String body = text.replaceFirst("^[+-]", "");
        if (body.matches("[0-9]+(\\.[0-9]*)?") && !body.equals("0")) {
            return "time: missing unit in duration \"" + text + "\"";
        }
        try {
            parse(text);
            return "";
        } catch (Failure e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** As Go prints them: {@code 1m30s}, {@code 500ms}, {@code 0s}. */
    public static String text(Duration d) {
        if (d.toMillis() < 1000) {
            return d.isZero() ? "0s" : d.toMillis() + "ms";
        }
        String seconds = d.toMillisPart() == 0
                ? d.toSecondsPart() + "s"
                : new java.math.BigDecimal(d.toSecondsPart() * 1000L + d.toMillisPart())
                                .movePointLeft(3)
                                .stripTrailingZeros()
                                .toPlainString()
                        + "s";
        return (d.toHours() > 0 ? d.toHours() + "h" : "")
                + (d.toMinutes() > 0 ? d.toMinutesPart() + "m" : "")
                + seconds;
    }
}
