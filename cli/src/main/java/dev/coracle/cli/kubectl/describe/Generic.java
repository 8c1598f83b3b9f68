package dev.coracle.cli.kubectl.describe;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Kinds without a layout of their own: every field, its name spelt out ({@code creationTimestamp}: Creation Timestamp). */
final class Generic {
    private static final Set<String> SKIPPED = Set.of(
            "metadata.managedFields",
            "metadata.name",
            "metadata.namespace",
            "metadata.labels",
            "metadata.annotations",
            "apiVersion",
            "kind");

    private Generic() {}

    static void write(Description d, Unstructured o) {
        d.line("Name:\t" + o.name())
                .line("Namespace:\t" + o.namespace())
                .labels("Labels", o.labels())
                .annotations("Annotations", o.annotations());
        d.line("API Version:\t" + o.apiVersion()).line("Kind:\t" + o.kind());
        map(d, 0, o.map(), "");
    }

    private static void map(Description d, int level, Map<?, ?> map, String path) {
        Map<String, Object> sorted = new TreeMap<>();
        map.forEach((k, v) -> sorted.put(String.valueOf(k), v));
        sorted.forEach((key, value) -> {
            String at = path.isEmpty() ? key : path + "." + key;
            if (SKIPPED.contains(at)) {
                return;
            }
            field(d, level, title(key), value, at);
        });
    }

    private static void field(Description d, int level, String title, @Nullable Object value, String path) {
        switch (value) {
            case Map<?, ?> m -> {
                d.line(level, title + ":");
                map(d, level + 1, m, path);
            }
            case List<?> l -> {
                d.line(level, title + ":");
                for (Object e : l) {
                    if (e instanceof Map<?, ?> m) {
                        map(d, level + 1, m, path);
                    } else {
                        d.line(level + 1, Description.scalar(e));
                    }
                }
            }
            case null, default -> d.line(level, title + ":\t" + (value == null ? "<nil>" : Description.scalar(value)));
        }
    }

    /** {@code ingressClassName} becomes {@code Ingress Class Name}; what is no word stays. */
    private static String title(String key) {
        if (!key.matches("[a-z][A-Za-z0-9]*")) {
            return key;
        }
        String spaced = key.replaceAll("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ");
        String title = spaced.substring(0, 1).toUpperCase(Locale.ROOT) + spaced.substring(1);
        return title.replaceAll("\\bApi\\b", "API")
                .replaceAll("\\bUid\\b", "UID")
                .replaceAll("\\bIp\\b", "IP");
    }
}
