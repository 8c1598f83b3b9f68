package dev.coracle.apiserver.definition;

import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What the columns of many kinds are made of. */
public final class Columns {
    public static final Column NAME =
            new Column("Name", "string", "name", "The object's name.", 0, (o, now) -> o.name());
    public static final Column AGE = time("Age", o -> o.time("metadata", "creationTimestamp"), "<unknown>");
    private static final Column CREATED = new Column(
            "Created At", "date", "", "When it was made.", 0, (o, now) -> o.string("metadata", "creationTimestamp"));

    /** Of a kind that names none. */
    public static final List<Column> STANDARD = List.of(NAME, CREATED);

    private Columns() {}

    public static Column text(String name, Function<Unstructured, Object> cell) {
        return new Column(name, "string", "", "", 0, (o, now) -> cell.apply(o));
    }

    public static Column text(String name, String... path) {
        return text(name, o -> o.string(path));
    }

    /** @param path of a number; 0 where there is none */
    public static Column integer(String name, String... path) {
        return new Column(name, "integer", "", "", 0, (o, now) -> o.integer(0, path));
    }

    /** How long ago that was; {@code never} where it was not. */
    public static Column time(String name, Function<Unstructured, Optional<Instant>> time, String never) {
        return new Column(name, "string", "", "", 0, (o, now) -> since(time.apply(o), now, never));
    }

    public static String since(Optional<Instant> time, Instant now, String never) {
        return time.map(t -> age(Duration.between(t, now))).orElse(never);
    }

    /** {@code <none>} for nothing. */
    public static String orNone(String text) {
        return text.isEmpty() ? "<none>" : text;
    }

    /** {@code a=b,c=d} */
    public static String labels(Map<String, String> labels) {
        return orNone(labels.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .sorted()
                .collect(Collectors.joining(",")));
    }

    /** As upstream prints a label selector: {@code app=web,tier in (a,b),!old}; {@code <none>} for one of nothing. */
    public static String selector(Unstructured selector) {
        return orNone(query(selector));
    }

    /** A label selector as a query has it. */
    static String query(Unstructured selector) {
        List<String> parts = new ArrayList<>();
        selector.strings("matchLabels").forEach((k, v) -> parts.add(k + "=" + v));
        for (Unstructured e : selector.objects("matchExpressions")) {
            String key = e.string("key");
            String values = e.stringList("values").stream().sorted().collect(Collectors.joining(","));
            parts.add(
                    switch (e.string("operator")) {
                        case "Exists" -> key;
                        case "DoesNotExist" -> "!" + key;
                        case "NotIn" -> key + " notin (" + values + ")";
                        default -> key + " in (" + values + ")";
                    });
        }
        return parts.stream().sorted().collect(Collectors.joining(","));
    }

    /** {@code a,b,c + 2 more...} */
    public static String some(List<String> all, int most) {
        String text = String.join(",", all.subList(0, Math.min(most, all.size())));
        return all.size() > most ? text + " + " + (all.size() - most) + " more..." : text;
    }

    /** As {@code kubectl} writes ages: {@code 5s}, {@code 3m20s}, {@code 45m}, {@code 5h3m}, {@code 2d4h}, {@code 9d}, {@code 3y12d}. */
    public static String age(Duration d) {
        long s = Math.max(0, d.toSeconds());
        if (s < 120) {
            return s + "s";
        }
        long m = s / 60;
        if (m < 10) {
            return with(m, "m", s % 60, "s");
        }
        if (m < 180) {
            return m + "m";
        }
        long h = m / 60;
        if (h < 8) {
            return with(h, "h", m % 60, "m");
        }
        if (h < 48) {
            return h + "h";
        }
        long days = h / 24;
        if (h < 192) {
            return with(days, "d", h % 24, "h");
        }
        if (days < 2 * 365) {
            return days + "d";
        }
        long years = days / 365;
        return years < 8 ? with(years, "y", days % 365, "d") : years + "y";
    }

    private static String with(long count, String unit, long rest, String smaller) {
        return rest == 0 ? count + unit : count + unit + rest + smaller;
    }
}
