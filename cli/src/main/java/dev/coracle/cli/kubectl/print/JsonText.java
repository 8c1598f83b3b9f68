package dev.coracle.cli.kubectl.print;

import dev.coracle.machinery.json.Json;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** JSON as Go's encoder writes it: keys sorted, and {@code <}, {@code >}, {@code &} escaped. */
public final class JsonText {
    private JsonText() {}

    /** Indented by four, as {@code -o json}. */
    public static String pretty(@Nullable Object tree) {
        StringBuilder out = new StringBuilder();
        write(out, tree, "    ", "");
        return out.append('\n').toString();
    }

    /** On one line. */
    public static String compact(@Nullable Object tree) {
        StringBuilder out = new StringBuilder();
        write(out, tree, "", "");
        return out.toString();
    }

    private static void write(StringBuilder out, @Nullable Object value, String step, String indent) {
        switch (value) {
            case Map<?, ?> m -> {
                if (m.isEmpty()) {
                    out.append("{}");
                    return;
                }
                Map<String, Object> sorted = new TreeMap<>();
                m.forEach((k, v) -> sorted.put(String.valueOf(k), v));
                String inner = indent + step;
                String separator = "{";
                for (var e : sorted.entrySet()) {
                    out.append(separator);
                    newline(out, step, inner);
                    out.append(scalar(e.getKey())).append(step.isEmpty() ? ":" : ": ");
                    write(out, e.getValue(), step, inner);
                    separator = ",";
                }
                newline(out, step, indent);
                out.append('}');
            }
            case List<?> l -> {
                if (l.isEmpty()) {
                    out.append("[]");
                    return;
                }
                String inner = indent + step;
                String separator = "[";
                for (Object v : l) {
                    out.append(separator);
                    newline(out, step, inner);
                    write(out, v, step, inner);
                    separator = ",";
                }
                newline(out, step, indent);
                out.append(']');
            }
            case null, default -> out.append(scalar(value));
        }
    }

    private static void newline(StringBuilder out, String step, String indent) {
        if (!step.isEmpty()) {
            out.append('\n').append(indent);
        }
    }

    private static String scalar(@Nullable Object value) {
        String json = Json.string(value);
        return value instanceof String
                ? json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
                : json;
    }
}
