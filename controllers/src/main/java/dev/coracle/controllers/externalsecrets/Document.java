package dev.coracle.controllers.externalsecrets;

import dev.coracle.machinery.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * JSON that a store keeps, with its numbers as they were written: {@code 1.10} is a password too. What is wrong with it is
 * told without a word of it.
 */
final class Document {
    private static final JsonFactory FACTORY = new JsonFactory();

    /** Not worked with, only handed on. */
    record Digits(String text) {}

    /** What lies at a path; it may be null. */
    record Found(@Nullable Object value) {}

    private Document() {}

    /** @throws IllegalArgumentException when it is no JSON */
    static @Nullable Object parse(byte[] json) {
        try (JsonParser p = FACTORY.createParser(ObjectReadContext.empty(), json)) {
            if (p.nextToken() == null) {
                throw new IllegalArgumentException("no JSON");
            }
            Object value = value(p);
            if (p.nextToken() != null) {
                throw new IllegalArgumentException("no JSON");
            }
            return value;
        } catch (JacksonException e) {
            throw new IllegalArgumentException("no JSON");
        }
    }

    /** @throws IllegalArgumentException when it is no JSON object */
    static Map<String, @Nullable Object> object(byte[] json) {
        Map<String, @Nullable Object> map = map(parse(json));
        if (map == null) {
            throw new IllegalArgumentException("no JSON object");
        }
        return map;
    }

    @SuppressWarnings("unchecked")
    static @Nullable Map<String, @Nullable Object> map(@Nullable Object value) {
        return value instanceof Map<?, ?> m ? (Map<String, @Nullable Object>) m : null;
    }

    private static @Nullable Object value(JsonParser p) {
        return switch (p.currentToken()) {
            case START_OBJECT -> {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                while (p.nextToken() != JsonToken.END_OBJECT) {
                    String name = p.currentName();
                    p.nextToken();
                    map.put(name, value(p));
                }
                yield map;
            }
            case START_ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                while (p.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(p));
                }
                yield list;
            }
            case VALUE_STRING -> p.getString();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Digits(p.getString());
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> throw new IllegalArgumentException("no JSON");
        };
    }

    /**
     * A member by its name, or by a path of names and indexes, {@code servers.0.host}, in which {@code \.} is a dot within a
     * name; null where there is none.
     *
     * @throws IllegalArgumentException for what else gjson understands
     */
    static @Nullable Found at(@Nullable Object document, String path) {
        Map<String, @Nullable Object> top = map(document);
        if (top != null && top.containsKey(path)) {
            return new Found(top.get(path));
        }
        Object at = document;
        for (String name : names(path)) {
            if (at instanceof Map<?, ?> m && m.containsKey(name)) {
                at = m.get(name);
            } else if (at instanceof List<?> l && name.matches("[0-9]{1,9}") && Integer.parseInt(name) < l.size()) {
                at = l.get(Integer.parseInt(name));
            } else {
                return null;
            }
        }
        return new Found(at);
    }

    private static List<String> names(String path) {
        List<String> names = new ArrayList<>();
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '\\' && i + 1 < path.length()) {
                name.append(path.charAt(++i));
            } else if (c == '.') {
                names.add(name.toString());
                name.setLength(0);
            } else if ("*?#|@!{[".indexOf(c) >= 0) {
                throw new IllegalArgumentException(
                        "property \"" + path + "\": only names and indexes with dots between are supported");
            } else {
                name.append(c);
            }
        }
        names.add(name.toString());
        return names;
    }

    /** A string as it is, all else as JSON; nothing for null. */
    static String text(@Nullable Object value) {
        return switch (value) {
            case null -> "";
            case String s -> s;
            default -> json(value);
        };
    }

    static byte[] bytes(@Nullable Object value) {
        return text(value).getBytes(StandardCharsets.UTF_8);
    }

    /** Compact, in the order that it has. */
    static String json(@Nullable Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private static void write(@Nullable Object value, StringBuilder out) {
        switch (value) {
            case null -> out.append("null");
            case Digits d -> out.append(d.text());
            case Map<?, ?> m -> {
                String between = "{";
                for (Map.Entry<?, ?> e : m.entrySet()) {
                    out.append(between).append(Json.string(e.getKey())).append(':');
                    write(e.getValue(), out);
                    between = ",";
                }
                out.append(m.isEmpty() ? "{}" : "}");
            }
            case List<?> l -> {
                String between = "[";
                for (Object o : l) {
                    out.append(between);
                    write(o, out);
                    between = ",";
                }
                out.append(l.isEmpty() ? "[]" : "]");
            }
            default -> out.append(Json.string(value));
        }
    }

    /** With the members of objects in the order of their names, as Go writes maps. */
    static @Nullable Object sorted(@Nullable Object value) {
        return switch (value) {
            case Map<?, ?> m -> {
                Map<String, @Nullable Object> sorted = new TreeMap<>();
                m.forEach((k, v) -> sorted.put((String) k, sorted(v)));
                yield sorted;
            }
            case List<?> l -> {
                List<@Nullable Object> list = new ArrayList<>();
                l.forEach(o -> list.add(sorted(o)));
                yield list;
            }
            case null, default -> value;
        };
    }
}
