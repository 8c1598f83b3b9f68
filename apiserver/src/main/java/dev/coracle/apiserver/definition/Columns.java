package dev.coracle.apiserver.definition;

import dev.coracle.machinery.object.HumanDuration;
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
        return time.map(t -> HumanDuration.of(Duration.between(t, now))).orElse(never);
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
}
