package dev.coracle.apiserver.structural;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.StatusException.Cause;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was wrong with a value, and how much was looked at: of several alternatives, the one that fits best is told. */
final class Outcome {
    /** More are not told: nobody would read them, and each costs. */
    static final int MOST = 1000;

    private final Findings findings = new Findings();
    private int matches;

    List<Cause> causes() {
        return findings.causes();
    }

    int size() {
        return causes().size();
    }

    boolean valid() {
        return causes().isEmpty();
    }

    int matches() {
        return matches;
    }

    void match() {
        matches++;
    }

    /** Forgets what came after the first so many. */
    void cut(int size) {
        causes().subList(size, size()).clear();
    }

    void add(Outcome other) {
        matches += other.matches;
        other.causes().forEach(this::cause);
    }

    private void cause(Cause cause) {
        if (size() < MOST) {
            causes().add(cause);
        }
    }

    // ---- findings; a path of no steps is told as Go prints a nil path

    private static String told(String path) {
        return path.isEmpty() ? "<nil>" : path;
    }

    void required(String path) {
        cause(new Cause("FieldValueRequired", "Required value", path));
    }

    void invalid(String path, Object value, String why) {
        cause(new Cause("FieldValueInvalid", "Invalid value: " + Json.string(value) + ": " + why, told(path)));
    }

    /** Of a combination of schemas, where upstream knows no field. */
    void combination(String why) {
        invalid("", "", why);
    }

    void wrongType(String path, String wanted, String is) {
        String quoted = Json.string(is);
        String why = path + " in body must be of type " + wanted + ": " + quoted;
        cause(new Cause("FieldValueTypeInvalid", "Invalid value: " + quoted + ": " + why, told(path)));
    }

    void notSupported(String path, @Nullable Object value, List<?> supported) {
        Findings one = new Findings();
        String[] texts = supported.stream()
                .map(v -> v instanceof String s ? s : Json.string(v))
                .toArray(String[]::new);
        one.notSupported(told(path), value == null ? "null" : value, texts);
        cause(one.causes().getFirst());
    }

    void tooLong(String path, long most) {
        String unit = most == 1 ? " byte" : " bytes";
        cause(new Cause("FieldValueTooLong", "Too long: may not be more than " + most + unit, told(path)));
    }

    void tooMany(String path, long count, long most) {
        String items = most == 1 ? " item" : " items";
        cause(new Cause("FieldValueTooMany", "Too many: " + count + ": must have at most " + most + items, told(path)));
    }
}
