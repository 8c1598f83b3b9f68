package dev.coracle.machinery.json;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** YAML to and from JSON trees. */
public final class Yaml {
    /** Below it every double without a fraction is a long. */
    private static final double EXACT = 1L << 62;

    private Yaml() {}

    /** {@link #parseAll(String, Consumer)}, where nobody is told of duplicates. */
    public static List<Object> parseAll(String text) {
        return parseAll(text, duplicate -> {});
    }

    /**
     * Every document that is not empty, read as {@code sigs.k8s.io/yaml} does: {@code yes} is true and {@code 0644} is 420.
     *
     * @param duplicates told of each key that a mapping has twice, of which the last counts: {@code line 4: key "replicas"
     *     already set in map}
     * @throws MalformedJsonException when the text is not YAML, nests deeper than {@link Json#MAX_DEPTH}, would grow beyond
     *     all bounds by its aliases, or holds what JSON has no words for
     */
    public static List<Object> parseAll(String text, Consumer<String> duplicates) {
        List<Object> json = json(text, duplicates);
        if (json != null) {
            return json;
        }
        var settings = LoadSettings.builder()
                .setSchema(GoSchema.INSTANCE)
                .setAllowDuplicateKeys(true)
                .build();
        List<Object> documents = new ArrayList<>();
        try {
            YamlBounds.check(new Parse(settings).parseString(text), new YamlDuplicates(duplicates));
            for (Object d : new Load(settings).loadAllFromString(text)) {
                if (d != null) {
                    Object tree = tree(d);
                    if (tree != null) {
                        documents.add(tree);
                    }
                }
            }
        } catch (YamlEngineException e) {
            throw new MalformedJsonException(
                    "yaml: " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
        }
        return documents;
    }

    /**
     * What is JSON, which is YAML too, and most of what programs send: read as such it takes a tenth of the time. Of several
     * objects one after another, which YAML does not know, programs such as {@code jq} make their streams.
     *
     * @return null for what is not, or is one object that has a key twice, which is told by its line
     */
    private static @Nullable List<Object> json(String text, Consumer<String> duplicates) {
        if (!text.startsWith("{")) {
            return null;
        }
        List<String> twice = new ArrayList<>();
        List<Object> trees = new ArrayList<>();
        try {
            for (Object value : Json.parseEach(text.getBytes(StandardCharsets.UTF_8), twice::add)) {
                Object tree = tree(value);
                if (tree != null) {
                    trees.add(tree);
                }
            }
        } catch (MalformedJsonException e) {
            return null;
        }
        if (trees.size() == 1 && !twice.isEmpty()) {
            return null;
        }
        twice.forEach(path -> duplicates.accept("key \"" + path + "\" already set in map"));
        return trees;
    }

    /** {@link #parseAll(String)}, which refuses what has a key twice, as configurations are read. */
    public static List<Object> parseStrictly(String text) {
        List<String> duplicates = new ArrayList<>();
        List<Object> documents = parseAll(text, duplicates::add);
        if (!duplicates.isEmpty()) {
            throw new MalformedJsonException("yaml: " + String.join(", ", duplicates));
        }
        return documents;
    }

    /** Block style, keys sorted, as {@code kubectl get -o yaml} prints. */
    public static String string(@Nullable Object tree) {
        var settings = DumpSettings.builder()
                .setDefaultFlowStyle(FlowStyle.BLOCK)
                .setIndicatorIndent(0)
                .setWidth(10_000)
                .setSchema(GoSchema.INSTANCE)
                .build();
        return new Dump(settings).dumpToString(sorted(tree));
    }

    private static @Nullable Object tree(@Nullable Object value) {
        return switch (value) {
            case Map<?, ?> m -> {
                Map<String, @Nullable Object> copy = new LinkedHashMap<>();
                m.forEach((k, v) -> copy.put(key(k), tree(v)));
                yield copy;
            }
            case Set<?> keys -> {
                Map<String, @Nullable Object> copy = new LinkedHashMap<>();
                keys.forEach(k -> copy.put(key(k), null));
                yield copy;
            }
            case List<?> l -> {
                List<@Nullable Object> copy = new ArrayList<>();
                l.forEach(v -> copy.add(tree(v)));
                yield copy;
            }
            case BigInteger b -> b.bitLength() < Long.SIZE ? (Object) b.longValue() : (Object) b.doubleValue();
            case Double d
            when d.isNaN() || d.isInfinite() -> throw new MalformedJsonException("json: unsupported value: " + told(d));
            // 1e3 becomes JSON's 1000, which is an integer.
            case Double d when d == Math.rint(d) && Math.abs(d) < EXACT -> d.longValue();
            case null, default -> value;
        };
    }

    private static String key(@Nullable Object key) {
        return switch (tree(key)) {
            case String s -> s;
            case Long l -> l.toString();
            case Double d -> d.toString();
            case Boolean b -> b.toString();
            case null, default -> throw new MalformedJsonException("unsupported map key: " + key);
        };
    }

    private static String told(Double d) {
        return d.isNaN() ? "NaN" : d > 0 ? "+Inf" : "-Inf";
    }

    /** The tree, its keys in the order that Go writes them in: what is wrong with them is told in that order, too. */
    public static @Nullable Object sorted(@Nullable Object value) {
        if (value instanceof Map<?, ?> m) {
            Map<String, @Nullable Object> copy = new TreeMap<>();
            m.forEach((k, v) -> copy.put((String) k, sorted(v)));
            return copy;
        }
        if (value instanceof List<?> l) {
            List<@Nullable Object> copy = new ArrayList<>();
            l.forEach(v -> copy.add(sorted(v)));
            return copy;
        }
        return value;
    }
}
