package dev.coracle.machinery.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
    private Yaml() {}

    /**
     * Every document that is not empty.
     *
     * @throws MalformedJsonException when the text is not YAML, has a key twice, nests deeper than {@link Json#MAX_DEPTH}
     *     or would grow beyond all bounds by its aliases
     */
    public static List<Object> parseAll(String text) {
        var settings = LoadSettings.builder().setAllowDuplicateKeys(false).build();
        List<Object> documents = new ArrayList<>();
        try {
            YamlBounds.check(new Parse(settings).parseString(text));
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

    /** Block style, keys sorted, as {@code kubectl get -o yaml} prints. */
    public static String string(@Nullable Object tree) {
        var settings = DumpSettings.builder()
                .setDefaultFlowStyle(FlowStyle.BLOCK)
                .setIndicatorIndent(0)
                .setWidth(10_000)
                .build();
        return new Dump(settings).dumpToString(sorted(tree));
    }

    private static @Nullable Object tree(@Nullable Object value) {
        return switch (value) {
            case Map<?, ?> m -> {
                Map<String, @Nullable Object> copy = new LinkedHashMap<>();
                m.forEach((k, v) -> copy.put(String.valueOf(k), tree(v)));
                yield copy;
            }
            case List<?> l -> {
                List<@Nullable Object> copy = new ArrayList<>();
                l.forEach(v -> copy.add(tree(v)));
                yield copy;
            }
            case Integer i -> i.longValue();
            case java.math.BigInteger b -> b.doubleValue();
            case Float f -> f.doubleValue();
            case null, default -> value;
        };
    }

    private static @Nullable Object sorted(@Nullable Object value) {
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
