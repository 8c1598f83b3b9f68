package dev.coracle.scheduler.config;

import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One object of a configuration. A field of the wrong type is a problem and counts as missing. */
public final class Fields {
    private static final String NUMBER_AND_UNIT = "(\\d{1,9}(?:\\.\\d{1,9})?)(h|ms|m|s)";
    private static final Pattern PART = Pattern.compile(NUMBER_AND_UNIT);
    private static final Pattern DURATION = Pattern.compile("-?(" + NUMBER_AND_UNIT + ")+|0");

    private final String path;
    private final Map<?, ?> map;
    private final Problems problems;
    private final Set<String> known = new LinkedHashSet<>();

    private Fields(String path, Map<?, ?> map, Problems problems) {
        this.path = path;
        this.map = map;
        this.problems = problems;
    }

    /** @param path where it lies; {@code ""} for the whole */
    public static Fields of(String path, @Nullable Object tree, Problems problems) {
        if (tree != null && !(tree instanceof Map)) {
            problems.invalid(path.isEmpty() ? "<root>" : path, tree, "must be an object");
        }
        return new Fields(path, tree instanceof Map<?, ?> m ? m : Map.of(), problems);
    }

    public Problems problems() {
        return problems;
    }

    public String path(String field) {
        return path.isEmpty() ? field : path + "." + field;
    }

    public boolean has(String field) {
        return get(field) != null;
    }

    private @Nullable Object get(String field) {
        known.add(field);
        return map.get(field);
    }

    private @Nullable Object get(String field, Class<?> type, String what) {
        Object value = get(field);
        if (value != null && !type.isInstance(value)) {
            problems.invalid(path(field), value, "must be " + what);
            return null;
        }
        return value;
    }

    public String text(String field, String fallback) {
        return get(field, String.class, "a string") instanceof String s ? s : fallback;
    }

    /** Of 32 bits, as upstream has nearly all of its numbers. */
    public long integer(String field, long fallback) {
        Object value = get(field, Long.class, "an integer");
        if (value instanceof Long n && n != n.intValue()) {
            problems.invalid(path(field), n, "must be an integer of 32 bits");
            return fallback;
        }
        return value instanceof Long n ? n : fallback;
    }

    public boolean bool(String field, boolean fallback) {
        return get(field, Boolean.class, "true or false") instanceof Boolean b ? b : fallback;
    }

    /** As Go writes it: {@code 15s}, {@code 1m30s}, {@code 500ms}. */
    public Duration duration(String field, Duration fallback) {
        String text = text(field, "");
        if (text.isEmpty()) {
            return fallback;
        }
        if (!DURATION.matcher(text).matches()) {
            problems.invalid(path(field), text, "must be a duration such as 15s or 1m30s");
            return fallback;
        }
        Duration sum = Duration.ZERO;
        for (Matcher m = PART.matcher(text); m.find(); ) {
            long unit = switch (m.group(2)) {
                case "h" -> 3_600_000_000_000L;
                case "m" -> 60_000_000_000L;
                case "s" -> 1_000_000_000L;
                default -> 1_000_000L;
            };
            sum = sum.plusNanos((long) (Double.parseDouble(m.group(1)) * unit));
        }
        return text.startsWith("-") ? sum.negated() : sum;
    }

    /** One that has no fields when there is none. */
    public Fields object(String field) {
        return of(path(field), get(field), problems);
    }

    /** An object of the API's own types, which is not looked into here. */
    public Unstructured tree(String field) {
        Map<String, Object> copy = new java.util.LinkedHashMap<>();
        if (get(field, Map.class, "an object") instanceof Map<?, ?> m) {
            m.forEach((k, v) -> copy.put(String.valueOf(k), v));
        }
        return new Unstructured(copy);
    }

    public List<Fields> objects(String field) {
        List<Fields> all = new ArrayList<>();
        for (Object o : list(field)) {
            all.add(of(path(field) + "[" + all.size() + "]", o, problems));
        }
        return all;
    }

    public List<String> texts(String field) {
        List<String> all = new ArrayList<>();
        List<?> list = list(field);
        for (int i = 0; i < list.size(); i++) {
            if (list.get(i) instanceof String s) {
                all.add(s);
            } else {
                problems.invalid(path(field) + "[" + i + "]", list.get(i), "must be a string");
            }
        }
        return all;
    }

    private List<?> list(String field) {
        return get(field, List.class, "a list") instanceof List<?> l ? l : List.of();
    }

    /** Fields that may be there and decide nothing here. */
    public void ignore(String... fields) {
        known.addAll(List.of(fields));
    }

    /** All that is of interest was asked for. */
    public void end() {
        for (Object key : map.keySet()) {
            if (!known.contains(String.valueOf(key))) {
                problems.unknownField(path(String.valueOf(key)));
            }
        }
    }

    /** A number that is out of its range is told; the text says the range as upstream does. */
    public long within(String field, long fallback, long least, long most, String why) {
        long n = integer(field, fallback);
        if (n < least || n > most) {
            problems.invalid(path(field), n, why);
        }
        return n;
    }
}
