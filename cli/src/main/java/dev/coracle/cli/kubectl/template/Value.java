package dev.coracle.cli.kubectl.template;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an expression comes to. Go tells nothing at all, which a key that is not there comes to, from a {@code null}; and
 * what was taken out of a map or a list is of type {@code interface {}} in messages, whatever is in it.
 */
record Value(@Nullable Object data, boolean is, boolean boxed) {
    static final Value NONE = new Value(null, false, false);

    static Value of(@Nullable Object data) {
        return new Value(data, true, false);
    }

    /** Out of a map or a list. */
    static Value boxed(@Nullable Object data) {
        return new Value(data, true, true);
    }

    /** Out of its box; of an empty one nothing. */
    Value open() {
        return !boxed ? this : data == null ? NONE : of(data);
    }

    String type() {
        return boxed ? "interface {}" : GoText.type(data);
    }

    boolean isTrue() {
        return switch (data) {
            case null -> false;
            case Boolean b -> b;
            case String s -> !s.isEmpty();
            case Map<?, ?> m -> !m.isEmpty();
            case List<?> l -> !l.isEmpty();
            case Number n -> n.doubleValue() != 0;
            default -> true;
        };
    }

    /** As {@code print} without more writes it. */
    String shown() {
        return is ? GoText.of(data) : "<no value>";
    }
}
