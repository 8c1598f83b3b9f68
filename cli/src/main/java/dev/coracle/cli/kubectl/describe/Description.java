package dev.coracle.cli.kubectl.describe;

import dev.coracle.cli.kubectl.apply.LastApplied;
import dev.coracle.cli.kubectl.print.Columns;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.HumanDuration;
import dev.coracle.machinery.object.Unstructured;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A text in the making: lines with levels, whose tabs become columns in the end. */
final class Description {
    private static final int LONG_ANNOTATION = 140;
    private static final DateTimeFormatter RFC1123Z = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss Z", Locale.ROOT)
            .withZone(ZoneId.systemDefault());

    private final StringBuilder text = new StringBuilder();
    private final StringBuilder flushed = new StringBuilder();
    private final Clock clock;

    Description(Clock clock) {
        this.clock = clock;
    }

    /** One or more whole lines; the first is indented by two blanks for each level. */
    Description line(int level, String tabbed) {
        text.repeat("  ", level).append(tabbed).append('\n');
        return this;
    }

    Description line(String tabbed) {
        return line(0, tabbed);
    }

    /** Only when there is a value. */
    Description field(String title, String value) {
        return value.isEmpty() ? this : line(title + ":\t" + value);
    }

    /** Columns before and after have nothing to do with each other. */
    void columnsEnd() {
        if (!text.isEmpty()) {
            var bytes = new ByteArrayOutputStream();
            try (var out = new PrintStream(bytes, false, StandardCharsets.UTF_8)) {
                Columns.description().text(text.substring(0, text.length() - 1)).flush(out);
            }
            flushed.append(bytes.toString(StandardCharsets.UTF_8));
            text.setLength(0);
        }
    }

    /** With its tabs as they are. */
    String raw() {
        return text.toString();
    }

    String finish() {
        columnsEnd();
        return flushed.toString();
    }

    Description labels(String title, Map<String, String> labels) {
        if (labels.isEmpty()) {
            return line(title + ":\t<none>");
        }
        String lead = title + ":";
        for (var e : new TreeMap<>(labels).entrySet()) {
            line(lead + "\t" + e.getKey() + "=" + e.getValue());
            lead = "";
        }
        return this;
    }

    Description annotations(String title, Map<String, String> annotations) {
        Map<String, String> shown = new TreeMap<>(annotations);
        shown.remove(LastApplied.ANNOTATION);
        if (shown.isEmpty()) {
            return line(title + ":\t<none>");
        }
        String lead = title + ":";
        for (var e : shown.entrySet()) {
            String value = e.getValue().endsWith("\n")
                    ? e.getValue().substring(0, e.getValue().length() - 1)
                    : e.getValue();
            if (value.length() + e.getKey().length() + 2 > LONG_ANNOTATION || value.contains("\n")) {
                line(lead + "\t" + e.getKey() + ":");
                for (String l : value.split("\n", -1)) {
                    line("\t  " + (l.length() > LONG_ANNOTATION - 2 ? l.substring(0, LONG_ANNOTATION - 2) + "..." : l));
                }
            } else {
                line(lead + "\t" + e.getKey() + ": " + value);
            }
            lead = "";
        }
        return this;
    }

    Description tolerations(String title, List<Unstructured> tolerations) {
        if (tolerations.isEmpty()) {
            return line(title + ":\t<none>");
        }
        String lead = title + ":";
        List<String> lines =
                tolerations.stream().map(Description::toleration).sorted().toList();
        for (String l : lines) {
            line(lead + "\t" + l);
            lead = "";
        }
        return this;
    }

    private static String toleration(Unstructured t) {
        StringBuilder s = new StringBuilder(t.string("key"));
        if (!t.string("value").isEmpty()) {
            s.append('=').append(t.string("value"));
        }
        if (!t.string("effect").isEmpty()) {
            s.append(':').append(t.string("effect"));
        }
        if (t.string("operator").equals("Exists") && t.string("value").isEmpty()) {
            s.append(s.isEmpty() ? "op=Exists" : " op=Exists");
        }
        if (t.has("tolerationSeconds")) {
            s.append(" for ").append(t.integer(0, "tolerationSeconds")).append('s');
        }
        return s.toString();
    }

    /** {@code Mon, 02 Jan 2006 15:04:05 -0700} */
    String time(Optional<Instant> time) {
        return time.map(RFC1123Z::format).orElse("Mon, 01 Jan 0001 00:00:00 +0000");
    }

    String since(Optional<Instant> time) {
        return time.map(t -> HumanDuration.of(Duration.between(t, clock.now()))).orElse("<unknown>");
    }

    static String orNone(String text) {
        return text.isEmpty() ? "<none>" : text;
    }

    /** {@code a=b,c=d}, sorted. */
    static String joined(Map<String, String> labels) {
        return dev.coracle.cli.kubectl.print.TableView.labels(labels);
    }

    /** {@code True} or {@code False}. */
    static String bool(boolean value) {
        return value ? "True" : "False";
    }

    static String scalar(@Nullable Object value) {
        return value == null ? "" : value instanceof Double d && d == Math.rint(d) ? "" + d.longValue() : "" + value;
    }
}
