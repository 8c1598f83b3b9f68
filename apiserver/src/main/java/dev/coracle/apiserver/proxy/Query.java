package dev.coracle.apiserver.proxy;

import dev.coracle.machinery.object.StatusException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Parameters of a request, read as upstream's conversion from query to options does. */
record Query(Map<String, List<String>> parameters) {
    String text(String name) {
        List<String> values = all(name);
        return values.isEmpty() ? "" : values.getFirst();
    }

    List<String> all(String name) {
        return parameters.getOrDefault(name, List.of());
    }

    boolean has(String name) {
        return !all(name).isEmpty();
    }

    /** True for everything but {@code false} and {@code 0}, even for {@code ?follow}. */
    boolean flag(String name) {
        return has(name) && !text(name).equalsIgnoreCase("false") && !text(name).equals("0");
    }

    OptionalLong number(String name) {
        if (!has(name)) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Long.parseLong(text(name)));
        } catch (NumberFormatException e) {
            throw StatusException.badRequest(
                    "strconv.ParseInt: parsing \"" + text(name) + "\": invalid syntax (parameter " + name + ")");
        }
    }

    /** Writes a query. */
    static final class Writer {
        private final StringBuilder text = new StringBuilder();

        Writer add(String name, String value) {
            text.append(text.isEmpty() ? '?' : '&')
                    .append(encode(name))
                    .append('=')
                    .append(encode(value));
            return this;
        }

        Writer flag(String name, boolean set, String value) {
            return set ? add(name, value) : this;
        }

        private static String encode(String s) {
            return URLEncoder.encode(s, StandardCharsets.UTF_8);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
