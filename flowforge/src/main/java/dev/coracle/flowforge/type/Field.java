package dev.coracle.flowforge.type;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One field of a payload.
 *
 * @param says what it must be, for people: {@code a string}
 * @param problem what is wrong with a value, or {@code null}
 */
public record Field(String name, String says, boolean required, Function<Object, @Nullable String> problem) {
    static Field text(String name) {
        return new Field(name, "a string", false, v -> v instanceof String ? null : "must be a string");
    }

    static Field oneOf(String name, List<String> values) {
        String says = "one of " + String.join(", ", values);
        return new Field(
                name, says, false, v -> v instanceof String s && values.contains(s) ? null : "must be " + says);
    }

    static Field whole(String name, long min, long max) {
        String says = "a whole number from " + min + " to " + max;
        return new Field(
                name, says, false, v -> v instanceof Long n && n >= min && n <= max ? null : "must be " + says);
    }

    static Field url(String name) {
        return new Field(name, "an http or https URL", false, v -> isUrl(v) ? null : "must be an http or https URL");
    }

    /** The same, and a payload without it is refused. */
    Field needed() {
        return new Field(name, says, true, problem);
    }

    /** As {@code /api} shows it. */
    Map<String, Object> json() {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("name", name);
        m.put("is", says);
        m.put("required", required);
        return m;
    }

    private static boolean isUrl(Object value) {
        if (!(value instanceof String text)) {
            return false;
        }
        try {
            URI uri = URI.create(text);
            return uri.getHost() != null && List.of("http", "https").contains(uri.getScheme());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
