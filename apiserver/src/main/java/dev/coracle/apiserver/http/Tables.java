package dev.coracle.apiserver.http;

import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code meta.k8s.io/v1 Table}: what {@code kubectl get} prints. Columns are those of upstream's printers. */
final class Tables {
    private static final Set<String> INCLUDED = Set.of("", "Metadata", "Object", "None");

    private final Columns columns;

    Tables(Clock clock) {
        this.columns = new Columns(clock);
    }

    /** An object's {@code PartialObjectMetadata}. */
    static Map<String, Object> partial(Revision r) {
        return Unstructured.of("meta.k8s.io/v1", "PartialObjectMetadata")
                .set(r.object().object("metadata"), "metadata")
                .map();
    }

    /** @throws StatusException 400 for what {@link #table} does not know */
    static void check(String include) {
        if (!INCLUDED.contains(include)) {
            throw StatusException.badRequest("unrecognized includeObject value: \"" + include + "\"");
        }
    }

    /** @param include the query's {@code includeObject}: {@code Metadata} ({@code ""} too), {@code Object}, {@code None} */
    Map<String, Object> table(
            GroupVersionResource resource,
            List<Revision> items,
            Map<String, Object> metadata,
            boolean headers,
            String include) {
        List<String> names = Columns.headers(resource.resource());
        List<Object> definitions = new ArrayList<>();
        for (String header : headers ? names : List.<String>of()) {
            boolean wide = header.startsWith("~");
            Map<String, Object> d = new LinkedHashMap<>();
            d.put("name", wide ? header.substring(1) : header);
            d.put("type", "string");
            d.put("format", header.equals("Name") ? "name" : "");
            d.put("description", "");
            d.put("priority", wide ? 1 : 0);
            definitions.add(d);
        }
        List<Object> rows = new ArrayList<>();
        for (Revision r : items) {
            Unstructured o = r.object();
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("cells", columns.cells(resource.resource(), o));
            switch (include) {
                case "", "Metadata" -> row.put("object", partial(r));
                case "Object" -> row.put("object", o.map());
                default -> {}
            }
            rows.add(row);
        }
        return Unstructured.of("meta.k8s.io/v1", "Table")
                .set(metadata, "metadata")
                .set(definitions, "columnDefinitions")
                .set(rows, "rows")
                .map();
    }

    /** As {@code kubectl} writes ages: {@code 5s}, {@code 3m20s}, {@code 45m}, {@code 5h3m}, {@code 2d4h}, {@code 9d}. */
    static String age(Duration d) {
        long s = Math.max(0, d.toSeconds());
        if (s < 120) {
            return s + "s";
        }
        long m = s / 60;
        if (m < 10) {
            return s % 60 == 0 ? m + "m" : m + "m" + s % 60 + "s";
        }
        if (m < 180) {
            return m + "m";
        }
        long h = m / 60;
        if (h < 8) {
            return m % 60 == 0 ? h + "h" : h + "h" + m % 60 + "m";
        }
        if (h < 48) {
            return h + "h";
        }
        if (h < 192) {
            return h % 24 == 0 ? h / 24 + "d" : h / 24 + "d" + h % 24 + "h";
        }
        return h / 24 + "d";
    }
}
