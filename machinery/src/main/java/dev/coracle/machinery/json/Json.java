package dev.coracle.machinery.json;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/** Reads and writes JSON trees. */
public final class Json {
    /** How deep objects and arrays may nest, in what is read as in what is written: all recursion here ends there. */
    public static final int MAX_DEPTH = 500;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .recyclerPool(JsonRecyclerPools.sharedConcurrentDequePool())
            .enable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(100 << 20)
                    .build())
            .build();

    private Json() {}

    /** @throws MalformedJsonException when {@code bytes} is not one JSON value */
    public static @Nullable Object parse(byte[] bytes) {
        return parse(bytes, duplicate -> {});
    }

    /**
     * Like {@link #parse(byte[])}; the last of duplicate keys wins, as in Go.
     *
     * @param duplicates told the path of each key that occurs twice in its object, e.g. {@code spec.replicas}
     */
    public static @Nullable Object parse(byte[] bytes, Consumer<String> duplicates) {
        try (JsonParser p = FACTORY.createParser(tools.jackson.core.ObjectReadContext.empty(), bytes)) {
            if (p.nextToken() == null) {
                throw new MalformedJsonException("unexpected end of JSON input");
            }
            Object value = value(p, "", duplicates);
            if (p.nextToken() != null) {
                throw new MalformedJsonException("unexpected data after top-level value");
            }
            return value;
        } catch (JacksonException e) {
            throw new MalformedJsonException(e.getOriginalMessage());
        }
    }

    /**
     * Values one after another, as {@code jq} writes them.
     *
     * @param duplicates as in {@link #parse(byte[], Consumer)}
     */
    static List<@Nullable Object> parseEach(byte[] bytes, Consumer<String> duplicates) {
        List<@Nullable Object> values = new ArrayList<>();
        try (JsonParser p = FACTORY.createParser(tools.jackson.core.ObjectReadContext.empty(), bytes)) {
            while (p.nextToken() != null) {
                values.add(value(p, "", duplicates));
            }
        } catch (JacksonException e) {
            throw new MalformedJsonException(e.getOriginalMessage());
        }
        return values;
    }

    public static @Nullable Object parse(String text) {
        return parse(text.getBytes(StandardCharsets.UTF_8));
    }

    /** @throws MalformedJsonException also when the value is no object */
    @SuppressWarnings("unchecked")
    public static Map<String, Object> parseObject(byte[] bytes) {
        if (parse(bytes) instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        throw new MalformedJsonException("expected a JSON object");
    }

    public static Map<String, Object> parseObject(String text) {
        return parseObject(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Compact JSON, keys in the order of the maps. */
    public static byte[] bytes(@Nullable Object tree) {
        var out = new ByteArrayOutputStream(512);
        try (JsonGenerator g = FACTORY.createGenerator(tools.jackson.core.ObjectWriteContext.empty(), out)) {
            write(g, tree);
        }
        return out.toByteArray();
    }

    public static String string(@Nullable Object tree) {
        return new String(bytes(tree), StandardCharsets.UTF_8);
    }

    /** A mutable deep copy. Scalars are shared, being immutable. */
    @SuppressWarnings("unchecked")
    public static <T extends @Nullable Object> T copy(T tree) {
        if (tree instanceof Map<?, ?> map) {
            var copy = new LinkedHashMap<String, Object>(Math.max(8, map.size() * 4 / 3 + 1));
            map.forEach((k, v) -> copy.put((String) k, copy(v)));
            return (T) copy;
        }
        if (tree instanceof List<?> list) {
            var copy = new ArrayList<@Nullable Object>(list.size());
            for (Object v : list) {
                copy.add(copy(v));
            }
            return (T) copy;
        }
        return tree;
    }

    /** How many objects and arrays lie within each other: 0 for a scalar, 2 for {@code {"a":[]}}. */
    public static int depth(@Nullable Object tree) {
        int within = 0;
        switch (tree) {
            case Map<?, ?> map -> {
                for (Object v : map.values()) {
                    within = Math.max(within, depth(v));
                }
            }
            case List<?> list -> {
                for (Object v : list) {
                    within = Math.max(within, depth(v));
                }
            }
            case null, default -> {
                return 0;
            }
        }
        return within + 1;
    }

    /** About how many bytes {@link #bytes} would make of it. */
    public static long weight(@Nullable Object tree) {
        return switch (tree) {
            case Map<?, ?> map -> {
                long sum = 2;
                for (Map.Entry<?, ?> e : map.entrySet()) {
                    sum += 4 + ((String) e.getKey()).length() + weight(e.getValue());
                }
                yield sum;
            }
            case List<?> list -> {
                long sum = 2;
                for (Object v : list) {
                    sum += 1 + weight(v);
                }
                yield sum;
            }
            case String s -> 2 + s.length();
            case null, default -> 5;
        };
    }

    /** {@link #copy} for a tree that may be null. */
    public static @Nullable Object copyOrNull(@Nullable Object tree) {
        return tree == null ? null : copy(tree);
    }

    private static @Nullable Object value(JsonParser p, String path, Consumer<String> duplicates) {
        JsonToken token = p.currentToken();
        return switch (token) {
            case START_OBJECT -> {
                var map = new LinkedHashMap<String, @Nullable Object>();
                Set<String> seen = new HashSet<>();
                while (p.nextToken() != JsonToken.END_OBJECT) {
                    String key = p.currentName();
                    String child = path.isEmpty() ? key : path + "." + key;
                    if (!seen.add(key)) {
                        duplicates.accept(child);
                    }
                    p.nextToken();
                    map.put(key, value(p, child, duplicates));
                }
                yield map;
            }
            case START_ARRAY -> {
                var list = new ArrayList<@Nullable Object>();
                while (p.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(p, path + "[" + list.size() + "]", duplicates));
                }
                yield list;
            }
            case VALUE_STRING -> p.getString();
            case VALUE_NUMBER_INT -> integer(p);
            case VALUE_NUMBER_FLOAT -> p.getDoubleValue();
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            case VALUE_NULL -> null;
            default -> throw new MalformedJsonException("unexpected token " + token);
        };
    }

    private static Object integer(JsonParser p) {
        return switch (p.getNumberType()) {
            case INT, LONG -> p.getLongValue();
            default -> {
                BigInteger big = p.getBigIntegerValue();
                yield big.doubleValue();
            }
        };
    }

    private static void write(JsonGenerator g, @Nullable Object tree) {
        switch (tree) {
            case null -> g.writeNull();
            case Map<?, ?> map -> {
                g.writeStartObject();
                map.forEach((k, v) -> {
                    g.writeName((String) k);
                    write(g, v);
                });
                g.writeEndObject();
            }
            case Iterable<?> list -> {
                g.writeStartArray();
                for (Object v : list) {
                    write(g, v);
                }
                g.writeEndArray();
            }
            case String s -> g.writeString(s);
            case Long n -> g.writeNumber(n);
            case Integer n -> g.writeNumber(n);
            case Double n -> {
                if (n == Math.rint(n) && Math.abs(n) < 1e15) {
                    g.writeNumber(n.longValue());
                } else {
                    g.writeNumber(n);
                }
            }
            case Boolean b -> g.writeBoolean(b);
            case Object[] array -> write(g, Arrays.asList(array));
            default -> throw new IllegalArgumentException("not JSON: " + tree.getClass());
        }
    }
}
