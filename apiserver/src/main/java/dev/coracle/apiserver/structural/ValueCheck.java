package dev.coracle.apiserver.structural;

import dev.coracle.machinery.cel.Formats;
import dev.coracle.machinery.cel.GoNumbers;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.StatusException.Cause;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Holds values against types and limits, in the words and the order of {@code kube-openapi}'s validators.
 *
 * <p>An update is let off what was wrong before: where a part is {@link Correlated#alike} to what it replaces, its faults are not told
 * (KEP-4008). Which part replaces which is asked only once a fault is found, so a valid object costs as much as a new
 * one.
 */
final class ValueCheck {
    private final Steps at = new Steps();

    private ValueCheck() {}

    /** @param old what {@code value} replaces; null for a creation */
    static Collection<Cause> check(Node schema, Object value, @Nullable Object old) {
        ValueCheck check = new ValueCheck();
        Outcome fresh = new Outcome();
        check.value(schema, value, null, fresh);
        if (fresh.valid() || old == null) {
            return new LinkedHashSet<>(fresh.causes());
        }
        Outcome ratcheted = new Outcome();
        check.part(schema, value, new Correlated(schema, value, old), ratcheted);
        return new LinkedHashSet<>(ratcheted.causes());
    }

    /** A part of the object, which may be let off. */
    private void part(Node schema, @Nullable Object value, @Nullable Correlated old, Outcome out) {
        int before = out.size();
        value(schema, value, old, out);
        if (old != null && out.size() > before && old.alike()) {
            out.cut(before);
        }
    }

    private void value(Node schema, @Nullable Object value, @Nullable Correlated old, Outcome out) {
        if (value == null) {
            if (!schema.nullable && (!schema.type.isEmpty() || schema.intOrString)) {
                out.wrongType(at.dotted(), types(schema), "null");
            }
            values(schema, null, out);
            return;
        }
        type(schema, value, out);
        combinations(schema, value, old, out);
        switch (value) {
            case String s -> text(schema.limits, s, out);
            case Number n -> {
                out.match();
                number(schema.limits, n, out);
            }
            case List<?> list -> elements(schema, list, old, out);
            default -> {}
        }
        values(schema, value, out);
        if (value instanceof Map<?, ?> map) {
            fields(schema, map, old, out);
        }
    }

    private static String types(Node schema) {
        return schema.intOrString ? "integer,string" : schema.type;
    }

    private void type(Node schema, Object value, Outcome out) {
        if (schema.type.isEmpty() && !schema.intOrString) {
            return;
        }
        String is = switch (value) {
            case String s -> "string";
            case Boolean b -> "boolean";
            case Map<?, ?> m -> "object";
            case List<?> l -> "array";
            case Double d -> "number";
            default -> "integer";
        };
        boolean right = schema.intOrString
                ? is.equals("string") || whole(value)
                : is.equals(schema.type)
                        || schema.type.equals("number") && is.equals("integer")
                        || schema.type.equals("integer") && whole(value);
        if (right) {
            out.match();
        } else if (!schema.limits.format().isEmpty() && !(value instanceof String) && !(value instanceof List)) {
            String format = value instanceof Double ? "float64" : value instanceof Number ? "int64" : "";
            out.wrongType(at.dotted(), schema.limits.format(), format);
        } else {
            out.wrongType(at.dotted(), types(schema), is);
        }
    }

    /** Whether it is a number without a fraction. */
    private static boolean whole(Object value) {
        return value instanceof Double d ? d == Math.rint(d) && Math.abs(d) < 1L << 53 : value instanceof Number;
    }

    private void values(Node schema, @Nullable Object value, Outcome out) {
        List<?> values = schema.limits.values();
        if (values.isEmpty() || value != null && values.contains(value)) {
            out.match();
            return;
        }
        if (value instanceof Number n) {
            for (Object v : values) {
                if (v instanceof Number m && m.doubleValue() == n.doubleValue()) {
                    out.match();
                    return;
                }
            }
        }
        out.notSupported(at.dotted(), value, values);
    }

    // ---- allOf, anyOf, oneOf, not

    private void combinations(Node schema, Object value, @Nullable Correlated old, Outcome out) {
        out.match();
        if (!schema.anyOf.isEmpty()) {
            anyOf(schema, value, old, out);
        }
        if (!schema.oneOf.isEmpty()) {
            oneOf(schema, value, old, out);
        }
        if (!schema.allOf.isEmpty()) {
            int valid = 0;
            for (Node n : schema.allOf) {
                Outcome one = one(n, value, old);
                valid += one.valid() ? 1 : 0;
                out.add(one);
            }
            if (valid < schema.allOf.size()) {
                out.combination(Json.string(at.dotted()) + " must validate all the schemas (allOf)"
                        + (valid == 0 ? ". None validated" : ""));
            }
        }
        if (schema.not != null && one(schema.not, value, old).valid()) {
            out.combination(Json.string(at.dotted()) + " must not validate the schema (not)");
        }
    }

    private Outcome one(Node schema, Object value, @Nullable Correlated old) {
        Outcome out = new Outcome();
        value(schema, value, old, out);
        return out;
    }

    private void anyOf(Node schema, Object value, @Nullable Correlated old, Outcome out) {
        Outcome best = null;
        for (Node n : schema.anyOf) {
            Outcome one = one(n, value, old);
            if (one.valid()) {
                out.add(one);
                return;
            }
            if (best == null || one.matches() > best.matches()) {
                best = one;
            }
        }
        out.combination(Json.string(at.dotted()) + " must validate at least one schema (anyOf)");
        if (best != null) {
            out.add(best);
        }
    }

    private void oneOf(Node schema, Object value, @Nullable Correlated old, Outcome out) {
        Outcome best = null;
        Outcome first = null;
        int valid = 0;
        for (Node n : schema.oneOf) {
            Outcome one = one(n, value, old);
            if (one.valid()) {
                valid++;
                first = first == null ? one : first;
            } else if (best == null || one.matches() > best.matches()) {
                best = one;
            }
        }
        if (valid == 1 && first != null) {
            out.add(first);
            return;
        }
        out.combination(Json.string(at.dotted()) + " must validate one and only one schema (oneOf). "
                + (valid == 0 ? "Found none valid" : "Found " + valid + " valid alternatives"));
        if (valid == 0 && best != null) {
            out.add(best);
        }
    }

    // ---- scalars

    private void text(Node.Limits limits, String value, Outcome out) {
        Long most = limits.maxLength();
        Long least = limits.minLength();
        if (most != null && value.length() > most && value.codePointCount(0, value.length()) > most) {
            out.tooLong(at.dotted(), most);
        } else if (least != null && value.codePointCount(0, value.length()) < least) {
            String path = at.dotted();
            out.invalid(path, value, path + " in body should be at least " + least + " chars long");
        } else if (limits.pattern() != null && !limits.pattern().matcher(value).find()) {
            String path = at.dotted();
            out.invalid(path, value, path + " in body should match '" + limits.patternText() + "'");
        } else if (!limits.patternError().isEmpty()) {
            String path = at.dotted();
            out.invalid(
                    path,
                    value,
                    path + " in body should match '" + limits.patternText() + ", but pattern is invalid: "
                            + limits.patternError() + "'");
        } else {
            out.match();
        }
        if (!limits.format().isEmpty()) {
            if (Formats.valid(limits.format(), value)) {
                out.match();
            } else {
                out.wrongType(at.dotted(), limits.format(), value);
            }
        }
    }

    private void number(Node.Limits limits, Number value, Outcome out) {
        Double factor = limits.multipleOf();
        if (factor != null && !isMultiple(value, factor)) {
            say(value, "should be a multiple of " + bound(value, factor), out);
        }
        Double most = limits.maximum();
        if (most != null) {
            int c = compare(value, most);
            boolean without = limits.exclusiveMaximum();
            if (c > 0 || without && c == 0) {
                say(value, "should be less than " + (without ? "" : "or equal to ") + bound(value, most), out);
            }
        }
        Double least = limits.minimum();
        if (least != null) {
            int c = compare(value, least);
            boolean without = limits.exclusiveMinimum();
            if (c < 0 || without && c == 0) {
                say(value, "should be greater than " + (without ? "" : "or equal to ") + bound(value, least), out);
            }
        }
    }

    private void say(Number value, String why, Outcome out) {
        String path = at.dotted();
        out.invalid(path, value, path + " in body " + why);
    }

    /** Upstream cuts a bound to a whole number where the value is one. */
    private static int compare(Number value, double bound) {
        return value instanceof Double d ? Double.compare(d, bound) : Long.compare(value.longValue(), (long) bound);
    }

    private static boolean isMultiple(Number value, double factor) {
        if (!(value instanceof Double) && (long) factor != 0) {
            return value.longValue() % (long) factor == 0;
        }
        double times = factor < 1 ? 1 / factor * value.doubleValue() : value.doubleValue() / factor;
        return times == Math.rint(times);
    }

    private static String bound(Number value, double bound) {
        return value instanceof Double || (long) bound != bound && bound < 1
                ? GoNumbers.text(bound)
                : String.valueOf((long) bound);
    }

    // ---- lists and objects

    private void elements(Node schema, List<?> list, @Nullable Correlated old, Outcome out) {
        Node items = schema.items;
        if (items != null) {
            for (int i = 0; i < list.size(); i++) {
                at.index(i);
                part(items, list.get(i), old == null ? null : old.element(i), out);
                at.up();
            }
        }
        int size = list.size();
        Long least = schema.limits.minItems();
        if (least != null && size < least) {
            String path = at.dotted();
            out.invalid(path, size, path + " in body should have at least " + least + " items");
        }
        Long most = schema.limits.maxItems();
        if (most != null && size > most) {
            out.tooMany(at.dotted(), size, most);
        }
        out.match();
    }

    private void fields(Node schema, Map<?, ?> map, @Nullable Correlated old, Outcome out) {
        int size = map.size();
        Long least = schema.limits.minProperties();
        if (least != null && size < least) {
            String path = at.dotted();
            out.invalid(path, size, path + " in body should have at least " + least + " properties");
            return;
        }
        Long most = schema.limits.maxProperties();
        if (most != null && size > most) {
            out.tooMany(at.dotted(), size, most);
            return;
        }
        for (Map.Entry<?, ?> e : map.entrySet()) {
            String name = (String) e.getKey();
            Node field = schema.child(name);
            if (field != null) {
                at.field(name);
                part(field, e.getValue(), old == null ? null : old.field(name), out);
                at.up();
            } else if (schema.closed) {
                String path = at.dotted();
                out.invalid(path, name, path + "." + name + " in body is a forbidden property");
            }
        }
        for (String name : schema.limits.required()) {
            if (!map.containsKey(name)) {
                out.required(at.dotted(name));
            }
        }
    }
}
