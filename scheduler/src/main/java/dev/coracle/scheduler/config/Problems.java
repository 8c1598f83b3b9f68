package dev.coracle.scheduler.config;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is wrong with a configuration, in the words that upstream has for fields. */
public final class Problems {
    private final List<String> unknown = new ArrayList<>();
    private final List<String> invalid = new ArrayList<>();

    void unknownField(String path) {
        unknown.add("unknown field \"" + path + "\"");
    }

    public void invalid(String path, @Nullable Object value, String why) {
        invalid.add(path + ": Invalid value: " + quoted(value) + ": " + why);
    }

    public void required(String path, String why) {
        invalid.add(path + ": Required value" + (why.isEmpty() ? "" : ": " + why));
    }

    public void unsupported(String path, String value, List<String> supported) {
        invalid.add(path + ": Unsupported value: " + quoted(value) + ": supported values: "
                + supported.stream().map(Problems::quoted).collect(Collectors.joining(", ")));
    }

    public void duplicate(String path, String value) {
        invalid.add(path + ": Duplicate value: " + quoted(value));
    }

    public void forbidden(String path, String why) {
        invalid.add(path + ": Forbidden: " + why);
    }

    private static String quoted(@Nullable Object value) {
        return value instanceof String s ? "\"" + s + "\"" : String.valueOf(value);
    }

    /** @throws IllegalArgumentException that names all problems, if there are any */
    public void raise() {
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("strict decoding error: " + String.join(", ", unknown));
        }
        if (!invalid.isEmpty()) {
            throw new IllegalArgumentException(
                    invalid.size() == 1 ? invalid.getFirst() : "[" + String.join(", ", invalid) + "]");
        }
    }
}
