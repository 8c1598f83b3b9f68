package dev.coracle.machinery.json.path;

import dev.coracle.machinery.json.Json;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * JSONPath templates as {@code k8s.io/client-go/util/jsonpath} has them: text with {@code {...}} in it, which hold paths
 * ({@code .items[*].metadata.name}, {@code ['a','b']}, {@code [0:2]}, {@code ..name},
 * {@code [?(@.type=="Ready")].status}), quoted text, and {@code {range PATH}…{end}}. What is not there is empty.
 */
public final class JsonPath {
    private sealed interface Node {}

    private record Text(String text) implements Node {}

    private record Path(List<PathSteps.Step> steps) implements Node {}

    private record Range(Path path, List<Node> body) implements Node {}

    private final List<Node> nodes;

    private JsonPath(List<Node> nodes) {
        this.nodes = nodes;
    }

    public static JsonPath template(String template) {
        int[] at = {0};
        return new JsonPath(body(template, at, false));
    }

    /** One path, with or without the braces and the first dot, as {@code --sort-by} and custom columns take it. */
    public static JsonPath path(String path) {
        String inner = path.startsWith("{") && path.endsWith("}") ? path.substring(1, path.length() - 1) : path;
        String dotted = inner.startsWith(".") || inner.startsWith("[") || inner.startsWith("$") ? inner : "." + inner;
        return template("{" + dotted + "}");
    }

    private static List<Node> body(String t, int[] at, boolean inRange) {
        List<Node> nodes = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        while (at[0] < t.length()) {
            char c = t.charAt(at[0]);
            if (c != '{') {
                text.append(c);
                at[0]++;
                continue;
            }
            if (!text.isEmpty()) {
                nodes.add(new Text(text.toString()));
                text.setLength(0);
            }
            String inside = braces(t, at).trim();
            if (inside.equals("end")) {
                if (!inRange) {
                    throw new JsonPathException("error parsing jsonpath " + t + ", not in range, nothing to end");
                }
                return nodes;
            }
            if (inside.startsWith("range ")) {
                Path path = new Path(PathSteps.parse(inside.substring(6).trim()));
                nodes.add(new Range(path, body(t, at, true)));
            } else if (inside.startsWith("\"") || inside.startsWith("'")) {
                nodes.add(new Text(PathSteps.unquoted(inside)));
            } else {
                nodes.add(new Path(PathSteps.parse(inside)));
            }
        }
        if (inRange) {
            throw new JsonPathException("error parsing jsonpath " + t + ", unterminated range");
        }
        if (!text.isEmpty()) {
            nodes.add(new Text(text.toString()));
        }
        return nodes;
    }

    private static String braces(String t, int[] at) {
        char quote = 0;
        int start = at[0] + 1;
        for (int i = start; i < t.length(); i++) {
            char c = t.charAt(i);
            if (quote != 0) {
                if (c == '\\') {
                    i++;
                } else if (c == quote) {
                    quote = 0;
                }
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '}') {
                at[0] = i + 1;
                return t.substring(start, i);
            }
        }
        throw new JsonPathException("error parsing jsonpath " + t + ", unclosed action");
    }

    /** The values of the (first) path. */
    public List<@Nullable Object> find(@Nullable Object root) {
        return nodes.isEmpty() || !(nodes.getFirst() instanceof Path p) ? List.of() : PathSteps.walk(p.steps(), root);
    }

    /** The template filled in. */
    public String render(@Nullable Object root) {
        StringBuilder out = new StringBuilder();
        render(nodes, root, out);
        return out.toString();
    }

    private static void render(List<Node> nodes, @Nullable Object root, StringBuilder out) {
        for (Node node : nodes) {
            switch (node) {
                case Text t -> out.append(t.text());
                case Path p -> {
                    String separator = "";
                    for (Object v : PathSteps.walk(p.steps(), root)) {
                        out.append(separator).append(text(v));
                        separator = " ";
                    }
                }
                case Range r -> PathSteps.walk(r.path().steps(), root).forEach(v -> render(r.body(), v, out));
            }
        }
    }

    /** As {@code -o jsonpath} prints a value. */
    public static String text(@Nullable Object value) {
        return value instanceof String s ? s : value == null ? "" : Json.string(value);
    }
}
