package dev.coracle.cli.kubectl.print;

import dev.coracle.machinery.object.Unstructured;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Shows {@code meta.k8s.io/v1 Table}s of one kind one under the other, as {@code kubectl get} does. */
public final class TableView {
    /** What is asked of the server. */
    public static final String ACCEPT = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

    /**
     * @param kind put before names, {@code pod}; {@code ""} for none
     * @param labelColumns {@code -L}
     */
    public record Options(
            boolean wide,
            boolean headers,
            boolean namespaces,
            boolean showLabels,
            List<String> labelColumns,
            String kind) {}

    private final PrintStream out;
    private final Options options;
    private final Columns columns = Columns.table();
    private List<Unstructured> definitions = List.of();
    private boolean begun;

    public TableView(PrintStream out, Options options) {
        this.out = out;
        this.options = options;
    }

    /** One row and the object it is of. */
    public record Row(Unstructured object, List<Object> cells) {}

    public static List<Row> rows(Unstructured table) {
        return table.objects("rows").stream()
                .map(r -> new Row(r.object("object"), cells(r)))
                .toList();
    }

    private static List<Object> cells(Unstructured row) {
        List<Object> cells = new ArrayList<>();
        if (row.get("cells") instanceof List<?> list) {
            list.forEach(c -> cells.add(c == null ? "" : c));
        }
        return cells;
    }

    /** @param table gives the columns, unless it comes later in a watch and has none */
    public void add(Unstructured table, List<Row> rows, @Nullable String event) {
        List<Unstructured> given = table.objects("columnDefinitions");
        if (!given.isEmpty()) {
            definitions = given;
        }
        if (rows.isEmpty()) {
            return;
        }
        if (!begun && options.headers()) {
            columns.row(header(event).toArray(String[]::new));
        }
        begun = true;
        rows.forEach(r -> columns.row(line(r, event).toArray(String[]::new)));
    }

    public void flush() {
        columns.flush(out);
    }

    private List<String> header(@Nullable String event) {
        List<String> line = new ArrayList<>();
        if (event != null) {
            line.add("EVENT");
        }
        if (options.namespaces()) {
            line.add("NAMESPACE");
        }
        for (Unstructured d : definitions) {
            if (shown(d)) {
                line.add(d.string("name").toUpperCase(java.util.Locale.ROOT));
            }
        }
        for (String label : options.labelColumns()) {
            line.add(label.substring(label.lastIndexOf('/') + 1).toUpperCase(java.util.Locale.ROOT));
        }
        if (options.showLabels()) {
            line.add("LABELS");
        }
        return line;
    }

    private boolean shown(Unstructured definition) {
        return options.wide() || definition.integer(0, "priority") == 0;
    }

    private List<String> line(Row row, @Nullable String event) {
        List<String> line = new ArrayList<>();
        if (event != null) {
            line.add(event);
        }
        if (options.namespaces()) {
            line.add(row.object().namespace());
        }
        for (int i = 0; i < row.cells().size(); i++) {
            if (i < definitions.size() && !shown(definitions.get(i))) {
                continue;
            }
            String text = cell(row.cells().get(i));
            boolean name = i < definitions.size()
                    && definitions.get(i).string("format").equals("name");
            line.add(name && !options.kind().isEmpty() ? options.kind() + "/" + text : text);
        }
        Map<String, String> labels = row.object().labels();
        options.labelColumns().forEach(l -> line.add(labels.getOrDefault(l, "")));
        if (options.showLabels()) {
            line.add(labels(labels));
        }
        return line;
    }

    /** The first line of a text, a whole number without its point. */
    private static String cell(Object cell) {
        if (cell instanceof Double d && d == Math.rint(d)) {
            return "" + d.longValue();
        }
        String text = String.valueOf(cell);
        int end = 0;
        while (end < text.length() && "\f\n\r".indexOf(text.charAt(end)) < 0) {
            end++;
        }
        return end == text.length() ? text : text.substring(0, end) + "...";
    }

    /** {@code a=b,c=d}, sorted, or {@code <none>}. */
    public static String labels(Map<String, String> labels) {
        return labels.isEmpty()
                ? "<none>"
                : labels.entrySet().stream()
                        .map(e -> e.getKey() + "=" + e.getValue())
                        .sorted()
                        .collect(Collectors.joining(","));
    }
}
