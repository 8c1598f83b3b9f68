package dev.coracle.apiserver.definition;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.StatusException.Cause;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What validation found, worded as {@code k8s.io/apimachinery/pkg/util/validation/field} words it. */
public final class Findings {
    public static final String IMMUTABLE = "field is immutable";
    public static final String NOT_NEGATIVE = "must be greater than or equal to 0";

    private final List<Cause> causes = new ArrayList<>();

    public List<Cause> causes() {
        return causes;
    }

    public void required(String field, String detail) {
        causes.add(new Cause("FieldValueRequired", with("Required value", detail), field));
    }

    /** @param value a tree; texts are quoted, objects shown as JSON */
    public void invalid(String field, @Nullable Object value, String why) {
        causes.add(new Cause("FieldValueInvalid", with("Invalid value: " + shown(value), why), field));
    }

    /** Where the value is too much to be shown, or nothing. */
    public void invalid(String field, String why) {
        causes.add(new Cause("FieldValueInvalid", with("Invalid value", why), field));
    }

    /** One finding for each reason. */
    public void invalid(String field, @Nullable Object value, List<String> why) {
        why.forEach(w -> invalid(field, value, w));
    }

    public void notSupported(String field, @Nullable Object value, String... supported) {
        String list = List.of(supported).stream().map(s -> "\"" + s + "\"").collect(Collectors.joining(", "));
        causes.add(new Cause(
                "FieldValueNotSupported", "Unsupported value: " + shown(value) + ": supported values: " + list, field));
    }

    public void duplicate(String field, @Nullable Object value) {
        causes.add(new Cause("FieldValueDuplicate", "Duplicate value: " + shown(value), field));
    }

    public void duplicate(String field, @Nullable Object value, String why) {
        causes.add(new Cause("FieldValueDuplicate", with("Duplicate value: " + shown(value), why), field));
    }

    public void notFound(String field, @Nullable Object value) {
        causes.add(new Cause("FieldValueNotFound", "Not found: " + shown(value), field));
    }

    public void notFound(String field, @Nullable Object value, String why) {
        causes.add(new Cause("FieldValueNotFound", with("Not found: " + shown(value), why), field));
    }

    public void forbidden(String field, String why) {
        causes.add(new Cause("FieldValueForbidden", with("Forbidden", why), field));
    }

    public void tooLong(String field, int most) {
        causes.add(new Cause("FieldValueTooLong", "Too long: may not be more than " + most + " bytes", field));
    }

    public void tooMany(String field, int count, int most) {
        String items = most == 1 ? " item" : " items";
        causes.add(new Cause("FieldValueTooMany", "Too many: " + count + ": must have at most " + most + items, field));
    }

    // ---- common rules

    public void notNegative(Unstructured o, String path, String field) {
        if (o.integer(0, field) < 0) {
            invalid(path + "." + field, o.integer(0, field), NOT_NEGATIVE);
        }
    }

    /** One of {@code supported}; nothing is found where the field is absent. */
    public void oneOf(Unstructured o, String path, String field, String... supported) {
        Object value = o.get(field);
        if (value != null && !List.of(supported).contains(value)) {
            notSupported(path + "." + field, value, supported);
        }
    }

    /** Present and not empty. */
    public boolean needed(Unstructured o, String path, String... field) {
        Object value = o.get(field);
        if (value == null || value.equals("") || value instanceof List<?> l && l.isEmpty()) {
            required(path + "." + String.join(".", field), "");
            return false;
        }
        return true;
    }

    /** A number or a percentage of something. */
    public void share(Unstructured o, String path, String field) {
        Object value = o.get(field);
        if (value instanceof Number n && n.longValue() < 0) {
            invalid(path + "." + field, value, NOT_NEGATIVE);
        } else if (value instanceof String s && !s.matches("[0-9]+%")) {
            invalid(
                    path + "." + field,
                    value,
                    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%',"
                            + " regex used for validation is '[0-9]+%')");
        }
    }

    private static String with(String head, String detail) {
        return detail.isEmpty() ? head : head + ": " + detail;
    }

    private static String shown(@Nullable Object value) {
        return Json.string(value instanceof Unstructured u ? u.map() : value);
    }
}
