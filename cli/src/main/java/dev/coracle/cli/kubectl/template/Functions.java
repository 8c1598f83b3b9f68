package dev.coracle.cli.kubectl.template;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What templates may call: Go's own, and kubectl's {@code base64decode} and {@code exists}. */
final class Functions {
    @FunctionalInterface
    interface Body {
        /** What goes wrong is thrown as a {@link TemplateException}, without the place. */
        Value of(List<Value> arguments);
    }

    /**
     * @param least how many arguments there must be
     * @param more whether there may be more
     * @param text whether the first is a text
     */
    record Function(int least, boolean more, boolean text, Body body) {}

    private static final Map<String, Function> ALL = Map.ofEntries(
            // These two look at no more arguments than they need: see Execution.
            Map.entry("and", new Function(1, true, false, a -> a.getLast())),
            Map.entry("or", new Function(1, true, false, a -> a.getLast())),
            Map.entry(
                    "not",
                    new Function(1, false, false, a -> Value.of(!a.getFirst().isTrue()))),
            Map.entry("len", new Function(1, false, false, a -> Value.of(length(a.getFirst())))),
            Map.entry("index", new Function(1, true, false, Functions::index)),
            Map.entry("slice", new Function(1, true, false, Functions::slice)),
            Map.entry("exists", new Function(1, true, false, a -> Value.of(exists(a)))),
            Map.entry("print", new Function(0, true, false, a -> Value.of(GoText.joined(data(a))))),
            Map.entry("println", new Function(0, true, false, a -> Value.of(line(a)))),
            Map.entry("printf", new Function(1, true, true, Functions::format)),
            Map.entry("base64decode", new Function(1, false, true, a -> Value.of(decoded(text(a))))),
            Map.entry("html", new Function(0, true, false, a -> Value.of(html(a)))),
            Map.entry("urlquery", new Function(0, true, false, a -> Value.of(urlQuery(a)))),
            Map.entry("eq", new Function(1, true, false, a -> Value.of(equal(a)))),
            Map.entry("ne", new Function(2, false, false, a -> Value.of(!equal(a)))),
            Map.entry("lt", new Function(2, false, false, a -> Value.of(compare(a) < 0))),
            Map.entry("le", new Function(2, false, false, a -> Value.of(compare(a) <= 0))),
            Map.entry("gt", new Function(2, false, false, a -> Value.of(compare(a) > 0))),
            Map.entry("ge", new Function(2, false, false, a -> Value.of(compare(a) >= 0))));

    private Functions() {}

    static boolean isOne(String name) {
        return ALL.containsKey(name);
    }

    static Function named(String name) {
        return Objects.requireNonNull(ALL.get(name));
    }

    private static List<@Nullable Object> data(List<Value> values) {
        List<@Nullable Object> data = new ArrayList<>();
        values.forEach(v -> data.add(v.data()));
        return data;
    }

    private static String text(List<Value> arguments) {
        return (String) Objects.requireNonNull(arguments.getFirst().data());
    }

    private static Value format(List<Value> arguments) {
        return Value.of(GoText.format(text(arguments), data(arguments.subList(1, arguments.size()))));
    }

    private static String line(List<Value> arguments) {
        return String.join(" ", data(arguments).stream().map(GoText::of).toList()) + "\n";
    }

    private static String plain(List<Value> arguments) {
        return arguments.size() == 1 ? arguments.getFirst().shown() : GoText.joined(data(arguments));
    }

    private static String html(List<Value> arguments) {
        return plain(arguments)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
    }

    private static String urlQuery(List<Value> arguments) {
        return URLEncoder.encode(plain(arguments), StandardCharsets.UTF_8)
                .replace("*", "%2A")
                .replace("%7E", "~");
    }

    private static int length(Value of) {
        return switch (of.data()) {
            case null -> throw new TemplateException("reflect: call of reflect.Value.Type on zero Value");
            case String s -> s.getBytes(StandardCharsets.UTF_8).length;
            case List<?> l -> l.size();
            case Map<?, ?> m -> m.size();
            case Object o -> throw new TemplateException("len of type " + GoText.type(o));
        };
    }

    private static Value index(List<Value> arguments) {
        Value item = arguments.getFirst();
        if (item.data() == null) {
            throw new TemplateException("index of untyped nil");
        }
        for (Value by : arguments.subList(1, arguments.size())) {
            item = switch (item.data()) {
                case null -> throw new TemplateException("index of nil pointer");
                case List<?> l -> Value.boxed(l.get(position(by, l.size(), "slice")));
                case String s -> {
                    byte[] bytes = s.getBytes(StandardCharsets.UTF_8);
                    yield Value.of(bytes[position(by, bytes.length, "string")] & 0xff);
                }
                case Map<?, ?> m -> {
                    if (by.data() == null) {
                        throw new TemplateException("value is nil; should be of type string");
                    }
                    if (!(by.data() instanceof String key)) {
                        throw new TemplateException("value has type " + GoText.type(by.data()) + "; should be string");
                    }
                    yield Value.boxed(m.get(key));
                }
                case Object o -> throw new TemplateException("can't index item of type " + GoText.type(o));
            };
        }
        return item;
    }

    /** @param of in messages */
    private static int position(Value by, int size, String of) {
        long at = number(by);
        if (at < 0 || at > size) {
            throw new TemplateException("index out of range: " + at);
        }
        if (at == size) {
            throw new TemplateException("reflect: " + of + " index out of range");
        }
        return (int) at;
    }

    private static long number(Value by) {
        return switch (by.data()) {
            case null -> throw new TemplateException("cannot index slice/array with nil");
            case Integer i -> i;
            case Long l -> l;
            case Object o -> throw new TemplateException("cannot index slice/array with type " + GoText.type(o));
        };
    }

    private static Value slice(List<Value> arguments) {
        Object item = arguments.getFirst().data();
        if (item == null) {
            throw new TemplateException("slice of untyped nil");
        }
        if (arguments.size() > 4) {
            throw new TemplateException("too many slice indexes: " + (arguments.size() - 1));
        }
        byte[] bytes = item instanceof String s ? s.getBytes(StandardCharsets.UTF_8) : new byte[0];
        if (item instanceof String && arguments.size() > 3) {
            throw new TemplateException("cannot 3-index slice a string");
        }
        if (!(item instanceof String) && !(item instanceof List)) {
            throw new TemplateException("can't slice item of type " + GoText.type(item));
        }
        int size = item instanceof List<?> l ? l.size() : bytes.length;
        int[] bounds = {0, size};
        for (int i = 1; i < Math.min(3, arguments.size()); i++) {
            long at = number(arguments.get(i));
            if (at < 0 || at > size) {
                throw new TemplateException("index out of range: " + at);
            }
            bounds[i - 1] = (int) at;
        }
        if (bounds[0] > bounds[1]) {
            throw new TemplateException("invalid slice index: " + bounds[0] + " > " + bounds[1]);
        }
        return Value.of(
                item instanceof List<?> l
                        ? l.subList(bounds[0], bounds[1])
                        : new String(bytes, bounds[0], bounds[1] - bounds[0], StandardCharsets.UTF_8));
    }

    /** Whether there is something at the end of the path. */
    private static boolean exists(List<Value> arguments) {
        Object item = arguments.getFirst().data();
        for (Value by : arguments.subList(1, arguments.size())) {
            Object key = by.data();
            if (item instanceof Map<?, ?> m && key instanceof String) {
                item = m.get(key);
            } else if (item instanceof List<?> l && (key instanceof Integer || key instanceof Long)) {
                long at = ((Number) key).longValue();
                item = at < 0 || at >= l.size() ? null : l.get((int) at);
            } else {
                return false;
            }
        }
        return item != null;
    }

    private static String decoded(String text) {
        String plain = text.replaceAll("[\r\n]", "");
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            boolean sign = c < 0x80 && (Character.isLetterOrDigit(c) || c == '+' || c == '/');
            boolean padding = c == '=' && i >= plain.length() - 2 && i % 4 >= 2;
            if (!sign && !padding) {
                throw new TemplateException("base64 decode failed: illegal base64 data at input byte " + i);
            }
        }
        if (plain.length() % 4 != 0) {
            throw new TemplateException(
                    "base64 decode failed: illegal base64 data at input byte " + plain.length() / 4 * 4);
        }
        return new String(Base64.getDecoder().decode(plain), StandardCharsets.UTF_8);
    }

    private enum Kind {
        BOOL,
        INT,
        FLOAT,
        STRING,
        NONE
    }

    private static Kind kind(Value v) {
        return switch (v.data()) {
            case Boolean b -> Kind.BOOL;
            case Integer i -> Kind.INT;
            case Long l -> Kind.INT;
            case Double d -> Kind.FLOAT;
            case String s -> Kind.STRING;
            case null, default -> Kind.NONE;
        };
    }

    /** Whether the first is one of the others. */
    private static boolean equal(List<Value> arguments) {
        Value first = arguments.getFirst();
        if (arguments.size() < 2) {
            throw new TemplateException("missing argument for comparison");
        }
        for (Value other : arguments.subList(1, arguments.size())) {
            if (same(first, other)) {
                return true;
            }
        }
        return false;
    }

    private static boolean same(Value a, Value b) {
        Object x = a.data();
        Object y = b.data();
        if (x == null || y == null) {
            return x == y;
        }
        if (kind(a) != kind(b)) {
            throw new TemplateException("incompatible types for comparison");
        }
        if (kind(a) == Kind.INT) {
            return ((Number) x).longValue() == ((Number) y).longValue();
        }
        if (kind(a) != Kind.NONE) {
            return x.equals(y);
        }
        if (x instanceof Map != y instanceof Map) {
            throw new TemplateException("non-comparable types " + GoText.format("%s", List.of(x)) + ": "
                    + GoText.type(x) + ", " + GoText.type(y) + ": " + GoText.format("%s", List.of(y)));
        }
        throw new TemplateException("non-comparable type " + GoText.format("%s", List.of(y)) + ": " + GoText.type(y));
    }

    private static int compare(List<Value> arguments) {
        Kind a = kind(arguments.get(0));
        Kind b = kind(arguments.get(1));
        Object x = arguments.get(0).data();
        Object y = arguments.get(1).data();
        if (a == Kind.NONE || b == Kind.NONE || x == null || y == null) {
            throw new TemplateException("invalid type for comparison");
        }
        if (a != b) {
            throw new TemplateException("incompatible types for comparison");
        }
        return switch (a) {
            case INT -> Long.compare(((Number) x).longValue(), ((Number) y).longValue());
            case FLOAT -> Double.compare((Double) x, (Double) y);
            case STRING -> ((String) x).compareTo((String) y);
            default -> throw new TemplateException("invalid type for comparison");
        };
    }
}
