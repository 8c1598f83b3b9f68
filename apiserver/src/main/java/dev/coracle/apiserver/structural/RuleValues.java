package dev.coracle.apiserver.structural;

import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import dev.coracle.machinery.object.Timestamps;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.AbstractList;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Values as expressions see them, read where they are asked for: most rules look at little of what they stand over. */
final class RuleValues {
    private RuleValues() {}

    /** @param whole whether it has metadata, of which rules see the name */
    static Object of(Node n, @Nullable Object value, boolean whole) {
        return switch (value) {
            case null -> NullValue.NULL_VALUE;
            case Map<?, ?> map ->
                !whole && n.additional != null && n.properties.isEmpty()
                        ? new Keyed(n.additional, map)
                        : fields(n, map, whole);
            case List<?> list -> n.items == null ? list : new Elements(n.items, list);
            case String s -> text(n, s);
            case Integer i -> i.longValue();
            case Long l when n.type.equals("number") -> l.doubleValue();
            case Double d when n.type.equals("integer") -> d.longValue();
            default -> value;
        };
    }

    private static Object text(Node n, String s) {
        return switch (n.limits.format()) {
            case "byte" -> CelByteString.of(Base64.getDecoder().decode(s));
            case "duration" -> GoDurations.parse(s).<Object>map(d -> d).orElse(s);
            case "date", "date-time", "datetime" ->
                instant(s).<Object>map(i -> i).orElse(s);
            default -> s;
        };
    }

    private static Optional<Instant> instant(String s) {
        Optional<Instant> whole = Timestamps.parse(s);
        if (whole.isPresent()) {
            return whole;
        }
        try {
            return Optional.of(LocalDate.parse(s).atStartOfDay().toInstant(ZoneOffset.UTC));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static Map<String, Object> fields(Node n, Map<?, ?> map, boolean whole) {
        Map<String, Object> fields = new LinkedHashMap<>();
        map.forEach((k, v) -> {
            String name = (String) k;
            if (whole && EmbeddedObject.isMeta(name)) {
                fields.put(name, name.equals("metadata") ? metadata(v) : String.valueOf(v));
                return;
            }
            Node field = n.properties.get(name);
            String said = n.saying(name);
            // A null field is as good as none: its rule would not run either.
            if (field != null && said != null && v != null) {
                fields.put(said, of(field, v, field.embedded));
            }
        });
        return fields;
    }

    private static Map<String, Object> metadata(@Nullable Object value) {
        Map<String, Object> seen = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> map) {
            for (String name : List.of("name", "generateName")) {
                if (map.get(name) instanceof String s) {
                    seen.put(name, s);
                }
            }
        }
        return seen;
    }

    private static final class Elements extends AbstractList<Object> {
        private final Node items;
        private final List<?> list;
        /** Those that were asked for: within two loops each is asked for often. */
        private final @Nullable Object[] seen;

        Elements(Node items, List<?> list) {
            this.items = items;
            this.list = list;
            this.seen = new @Nullable Object[list.size()];
        }

        @Override
        public Object get(int i) {
            Object known = seen[i];
            if (known == null) {
                known = of(items, list.get(i), items.embedded);
                seen[i] = known;
            }
            return known;
        }

        @Override
        public int size() {
            return list.size();
        }
    }

    private static final class Keyed extends AbstractMap<String, Object> {
        private final Node values;
        private final Map<?, ?> map;
        private final Map<String, Object> seen = new LinkedHashMap<>();

        Keyed(Node values, Map<?, ?> map) {
            this.values = values;
            this.map = map;
        }

        @Override
        public boolean containsKey(@Nullable Object key) {
            return map.containsKey(key);
        }

        @Override
        public @Nullable Object get(@Nullable Object key) {
            return key instanceof String name && map.containsKey(name)
                    ? seen.computeIfAbsent(name, k -> of(values, map.get(k), values.embedded))
                    : null;
        }

        @Override
        public int size() {
            return map.size();
        }

        @Override
        @SuppressWarnings("unchecked")
        public Set<String> keySet() {
            return (Set<String>) map.keySet();
        }

        @Override
        public Set<Entry<String, Object>> entrySet() {
            Map<String, Object> all = new LinkedHashMap<>();
            map.keySet().forEach(k -> all.put((String) k, Objects.requireNonNull(get(k))));
            return all.entrySet();
        }
    }

    /** {@code 1h30m}. */
    static final class GoDurations {
        private static final java.util.regex.Pattern PART =
                java.util.regex.Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)");

        private GoDurations() {}

        static Optional<Duration> parse(String text) {
            if (text.length() > 64) {
                return Optional.empty();
            }
            boolean negative = text.startsWith("-");
            String rest = negative || text.startsWith("+") ? text.substring(1) : text;
            if (rest.equals("0")) {
                return Optional.of(Duration.ZERO);
            }
            var m = PART.matcher(rest);
            List<Double> nanos = new ArrayList<>();
            int end = 0;
            while (m.find() && m.start() == end) {
                end = m.end();
                double unit = switch (m.group(2)) {
                    case "ns" -> 1;
                    case "ms" -> 1e6;
                    case "s" -> 1e9;
                    case "m" -> 60e9;
                    case "h" -> 3600e9;
                    default -> 1e3;
                };
                nanos.add(Double.parseDouble(m.group(1)) * unit);
            }
            if (nanos.isEmpty() || end != rest.length()) {
                return Optional.empty();
            }
            double sum = nanos.stream().mapToDouble(d -> d).sum();
            return Optional.of(Duration.ofNanos((long) (negative ? -sum : sum)));
        }
    }
}
