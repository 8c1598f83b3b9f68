package dev.coracle.apiserver.http;

import dev.coracle.apiserver.definition.Column;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code meta.k8s.io/v1 Table}: what {@code kubectl get} prints. Columns are those of upstream's printers. */
final class Tables {
    private static final Set<String> INCLUDED = Set.of("", "Metadata", "Object", "None");

    private final Clock clock;

    Tables(Clock clock) {
        this.clock = clock;
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
            List<Column> columns, List<Revision> items, Map<String, Object> metadata, boolean headers, String include) {
        List<Object> definitions = new ArrayList<>();
        for (Column column : headers ? columns : List.<Column>of()) {
            Map<String, Object> d = new LinkedHashMap<>();
            d.put("name", column.name());
            d.put("type", column.type());
            d.put("format", column.format());
            d.put("description", column.description());
            d.put("priority", column.priority());
            definitions.add(d);
        }
        Instant now = clock.now();
        List<Object> rows = new ArrayList<>();
        for (Revision r : items) {
            Unstructured o = r.object();
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("cells", columns.stream().map(c -> c.cell().of(o, now)).toList());
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
}
