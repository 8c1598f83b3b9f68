package dev.coracle.cli.kubectl.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A template, ready to be carried out over objects. */
public final class Template {
    private final String text;
    private final List<Node> nodes;

    private Template(String text, List<Node> nodes) {
        this.text = text;
        this.nodes = nodes;
    }

    /** @throws TemplateException where it is none */
    public static Template parse(String text) {
        return new Template(text, Parser.parse(text));
    }

    /**
     * Writes what comes of a tree of maps, lists and scalars; up to where it fails, if it does.
     *
     * @throws TemplateException where it cannot go on
     */
    public void render(@Nullable Object tree, StringBuilder out) {
        new Execution(text, out).run(nodes, go(tree));
    }

    /** As {@code %v} shows a tree, for messages. */
    public static String shown(@Nullable Object tree) {
        return GoText.of(go(tree));
    }

    /** As {@code %q} shows a text, for messages. */
    public static String quoted(String text) {
        return GoText.quote(text);
    }

    /** Numbers as Go reads those of objects: {@code int64}, or else {@code float64}. */
    private static @Nullable Object go(@Nullable Object tree) {
        return switch (tree) {
            case Map<?, ?> m -> {
                Map<String, @Nullable Object> copy = new LinkedHashMap<>();
                m.forEach((k, v) -> copy.put(String.valueOf(k), go(v)));
                yield copy;
            }
            case List<?> l -> {
                List<@Nullable Object> copy = new ArrayList<>();
                l.forEach(v -> copy.add(go(v)));
                yield copy;
            }
            case Integer i -> i.longValue();
            case Long n -> n;
            case Number n -> n.doubleValue();
            case null, default -> tree;
        };
    }
}
