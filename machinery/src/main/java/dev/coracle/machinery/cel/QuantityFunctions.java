package dev.coracle.machinery.cel;

import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.OptionalType;
import dev.cel.common.types.SimpleType;
import dev.coracle.machinery.names.NameRules;
import dev.coracle.machinery.quantity.Quantity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Upstream's {@code kubernetes.quantity} and {@code format}. */
final class QuantityFunctions {
    private static final CelType QUANTITY = OpaqueType.create("kubernetes.Quantity");
    private static final CelType FORMAT = OpaqueType.create("kubernetes.NamedFormat");
    private static final CelType TEXT = SimpleType.STRING;
    private static final CelType BOOL = SimpleType.BOOL;
    private static final CelType INT = SimpleType.INT;

    /** What is wrong with a text, or nothing. */
    record Named(String name, Function<String, List<String>> errors) {}

    private static final String LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
    private static final Map<String, Function<String, List<String>>> FORMATS = Map.ofEntries(
            Map.entry("dns1123Label", NameRules::label),
            Map.entry("dns1123Subdomain", NameRules::subdomain),
            Map.entry("dns1035Label", QuantityFunctions::label1035),
            Map.entry("qualifiedName", NameRules::qualified),
            Map.entry("dns1123LabelPrefix", s -> NameRules.label(masked(s))),
            Map.entry("dns1123SubdomainPrefix", s -> NameRules.subdomain(masked(s))),
            Map.entry("dns1035LabelPrefix", s -> label1035(masked(s))),
            Map.entry("labelValue", NameRules::labelValue),
            Map.entry("uri", s -> Formats.uri(s) ? List.of() : List.of("invalid URI for request")),
            Map.entry("uuid", held("uuid", "does not match the UUID format")),
            Map.entry("byte", held("byte", "invalid base64")),
            Map.entry("date", held("date", "invalid date")),
            Map.entry("datetime", held("datetime", "invalid datetime")));

    private QuantityFunctions() {}

    private static Function<String, List<String>> held(String format, String why) {
        return s -> Formats.valid(format, s) ? List.of() : List.of(why);
    }

    private static String masked(String prefix) {
        return prefix.endsWith("-") ? prefix.substring(0, prefix.length() - 1) + "a" : prefix;
    }

    private static List<String> label1035(String s) {
        if (s.length() > 63) {
            return List.of("must be no more than 63 bytes");
        }
        return s.matches(LABEL_1035)
                ? List.of()
                : List.of("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an"
                        + " alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or"
                        + " 'abc-123', regex used for validation is '" + LABEL_1035 + "')");
    }

    static void addTo(Functions f) {
        f.global("isQuantity", "is_quantity_string", BOOL, TEXT, String.class, QuantityFunctions::isQuantity)
                .global("quantity", "string_to_quantity", QUANTITY, TEXT, String.class, Quantity::parse)
                .member("sign", "quantity_sign", INT, QUANTITY, Quantity.class, q -> (long) q.signum())
                .member(
                        "isInteger",
                        "quantity_is_integer",
                        BOOL,
                        QUANTITY,
                        Quantity.class,
                        q -> q.compareTo(Quantity.of(q.value())) == 0)
                .member("asInteger", "quantity_as_integer", INT, QUANTITY, Quantity.class, q -> {
                    if (q.compareTo(Quantity.of(q.value())) != 0) {
                        throw new IllegalArgumentException("cannot convert value to integer");
                    }
                    return q.value();
                })
                .member(
                        "asApproximateFloat",
                        "quantity_as_float",
                        SimpleType.DOUBLE,
                        QUANTITY,
                        Quantity.class,
                        Quantity::doubleValue)
                .member(
                        "isLessThan",
                        "quantity_is_less_than",
                        BOOL,
                        QUANTITY,
                        Quantity.class,
                        QUANTITY,
                        Quantity.class,
                        (a, b) -> a.compareTo(b) < 0)
                .member(
                        "isGreaterThan",
                        "quantity_is_greater_than",
                        BOOL,
                        QUANTITY,
                        Quantity.class,
                        QUANTITY,
                        Quantity.class,
                        (a, b) -> a.compareTo(b) > 0)
                .member(
                        "compareTo",
                        "quantity_compare_to",
                        INT,
                        QUANTITY,
                        Quantity.class,
                        QUANTITY,
                        Quantity.class,
                        (a, b) -> (long) a.compareTo(b))
                .member(
                        "add",
                        "quantity_add",
                        QUANTITY,
                        QUANTITY,
                        Quantity.class,
                        QUANTITY,
                        Quantity.class,
                        Quantity::plus)
                .member(
                        "add",
                        "quantity_add_int",
                        QUANTITY,
                        QUANTITY,
                        Quantity.class,
                        INT,
                        Long.class,
                        (a, b) -> a.plus(Quantity.of(b)))
                .member(
                        "sub",
                        "quantity_sub",
                        QUANTITY,
                        QUANTITY,
                        Quantity.class,
                        QUANTITY,
                        Quantity.class,
                        Quantity::minus)
                .member(
                        "sub",
                        "quantity_sub_int",
                        QUANTITY,
                        QUANTITY,
                        Quantity.class,
                        INT,
                        Long.class,
                        (a, b) -> a.minus(Quantity.of(b)));
        formats(f);
    }

    private static boolean isQuantity(String s) {
        return Formats.valid("quantity", s);
    }

    private static void formats(Functions f) {
        f.global(
                "format.named",
                "format_named",
                OptionalType.create(FORMAT),
                TEXT,
                String.class,
                s -> Optional.ofNullable(FORMATS.get(s)).map(e -> new Named(s, e)));
        FORMATS.forEach((name, errors) -> f.constant("format." + name, FORMAT, new Named(name, errors)));
        f.member(
                "validate",
                "format_validate",
                OptionalType.create(ListType.create(TEXT)),
                FORMAT,
                Named.class,
                TEXT,
                String.class,
                (format, s) -> Optional.of(format.errors().apply(s)).filter(e -> !e.isEmpty()));
    }
}
