package dev.coracle.cli.kubectl.print;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.machinery.json.path.JsonPath;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The output formats that need no table from the server: {@code yaml, json, name}, templates and columns. */
public final class ObjectPrinter {
    private static final List<String> PLAIN = List.of("json", "yaml", "name");
    private static final List<String> COLUMNS = List.of("custom-columns", "custom-columns-file");
    private static final List<String> TEMPLATED = List.of(
            "go-template",
            "go-template-file",
            "template",
            "templatefile",
            "jsonpath",
            "jsonpath-file",
            "jsonpath-as-json");

    private final String format;
    private final @Nullable GoTemplate template;
    private final boolean managedFields;
    private boolean headers;
    private boolean again;

    private ObjectPrinter(String format, @Nullable GoTemplate template, boolean managedFields, boolean headers) {
        this.format = format;
        this.template = template;
        this.managedFields = managedFields;
        this.headers = headers;
    }

    /** Whether {@code format} is for the server to lay out: none, or {@code wide}. */
    public static boolean isTable(String format) {
        return format.isEmpty() || format.equals("wide");
    }

    /**
     * The format that the line asks for: what {@code -o} says, with what {@code --template} says where it takes a
     * template. A template alone is one of Go's.
     */
    public static String format(Flags.Line line) {
        String output = line.get("output");
        String template = line.get("template");
        if (template.isEmpty()) {
            return output;
        }
        return output.isEmpty()
                ? "go-template=" + template
                : TEMPLATED.contains(output) || COLUMNS.contains(output) ? output + "=" + template : output;
    }

    /** Refuses a format before anything is done that would then not be shown. @param all whether columns are shown, too */
    public static void check(Flags.Line line, boolean all) {
        String format = format(line);
        if (!format.isEmpty() && !(all && isTable(format))) {
            make(format, all, false, true);
        }
    }

    /** Of the formats that all verbs know. */
    public static ObjectPrinter of(Flags.Line line) {
        return make(format(line), false, line.on("show-managed-fields"), true);
    }

    /** @param usual the format where the line asks for none */
    public static ObjectPrinter of(Flags.Line line, String usual) {
        String format = format(line);
        return make(format.isEmpty() ? usual : format, false, line.on("show-managed-fields"), true);
    }

    /** Of those that {@code get} knows, with columns. */
    public static ObjectPrinter ofGet(Flags.Line line) {
        return make(format(line), true, line.on("show-managed-fields"), !line.on("no-headers"));
    }

    private static ObjectPrinter make(String format, boolean all, boolean managedFields, boolean headers) {
        String kind = format.replaceFirst("(?s)=.*", "");
        boolean templated = TEMPLATED.contains(kind) || all && COLUMNS.contains(kind);
        if (!templated && !PLAIN.contains(format.toLowerCase(Locale.ROOT))) {
            Stream<String> known = Stream.of(
                            PLAIN,
                            TEMPLATED,
                            all ? COLUMNS : List.<String>of(),
                            all ? List.of("wide") : List.<String>of())
                    .flatMap(List::stream);
            throw new Failure("unable to match a printer suitable for the output format \"" + format
                    + "\", allowed formats are: " + known.sorted().collect(Collectors.joining(",")));
        }
        if (TEMPLATED.contains(kind) && format.length() <= kind.length() + 1) {
            throw new Failure("template format specified but no template given");
        }
        String argument = format.contains("=") ? format.substring(format.indexOf('=') + 1) : "";
        GoTemplate template = switch (kind) {
            case "go-template", "template" -> GoTemplate.of(argument);
            case "go-template-file", "templatefile" -> GoTemplate.of(text(argument));
            default -> null;
        };
        return new ObjectPrinter(
                templated ? format : format.toLowerCase(Locale.ROOT), template, managedFields, headers);
    }

    /** @param items the objects, to be shown as a list unless {@code single} */
    public void print(Session session, List<Unstructured> items, boolean single) throws IOException {
        print(session.out(), items, single);
    }

    /** Elsewhere. */
    public void print(PrintStream out, List<Unstructured> items, boolean single) throws IOException {
        if (template != null) {
            template.print(out, whole(items, single));
            return;
        }
        boolean whole = PLAIN.contains(format);
        List<Unstructured> shown = whole ? items.stream().map(this::bare).toList() : items;
        String argument = format.contains("=") ? format.substring(format.indexOf('=') + 1) : "";
        switch (format.replaceFirst("(?s)=.*", "")) {
            case "name" -> shown.forEach(o -> out.println(title(o)));
            case "yaml" -> {
                out.print((again ? "---\n" : "") + YamlText.of(whole(shown, single)));
                again = true;
            }
            case "json" -> out.print(JsonText.pretty(whole(shown, single)));
            case "jsonpath" -> out.print(JsonPath.template(argument).render(sorted(whole(shown, single))));
            case "jsonpath-file" -> out.print(JsonPath.template(text(argument)).render(sorted(whole(shown, single))));
            case "jsonpath-as-json" ->
                out.print(JsonText.pretty(JsonPath.template(argument).find(whole(shown, single))));
            case "custom-columns" -> custom(out, shown, argument);
            default -> customFile(out, shown, Path.of(argument));
        }
        out.flush();
    }

    private Unstructured bare(Unstructured o) {
        return managedFields || !o.has("metadata", "managedFields")
                ? o
                : o.copy().remove("metadata", "managedFields");
    }

    /** {@code deployment.apps/web}. */
    public static String title(Unstructured o) {
        String group = o.groupVersionKind().group();
        return o.kind().toLowerCase(Locale.ROOT) + (group.isEmpty() ? "" : "." + group) + "/" + o.name();
    }

    private static String text(String file) {
        if (!Files.exists(Path.of(file))) {
            throw new Failure("error reading --template " + file + ", open " + file + ": no such file or directory");
        }
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new Failure("error reading --template " + file + ", " + e.getMessage());
        }
    }

    /** With the keys in their order, as Go writes what it has no type for. */
    private static @Nullable Object sorted(@Nullable Object tree) {
        return switch (tree) {
            case Map<?, ?> m -> {
                Map<String, @Nullable Object> sorted = new TreeMap<>();
                m.forEach((k, v) -> sorted.put(String.valueOf(k), sorted(v)));
                yield sorted;
            }
            case List<?> l -> {
                List<@Nullable Object> copy = new ArrayList<>();
                l.forEach(v -> copy.add(sorted(v)));
                yield copy;
            }
            case null, default -> tree;
        };
    }

    private static Object whole(List<Unstructured> items, boolean single) {
        if (single && items.size() == 1) {
            return items.getFirst().map();
        }
        var list = new LinkedHashMap<String, Object>();
        list.put("apiVersion", "v1");
        list.put("items", items.stream().map(Unstructured::map).toList());
        list.put("kind", "List");
        list.put("metadata", new LinkedHashMap<>(Map.of("resourceVersion", "")));
        return list;
    }

    private void custom(PrintStream out, List<Unstructured> items, String specification) {
        if (specification.isEmpty()) {
            throw new Failure("custom-columns format specified but no custom columns given");
        }
        List<String> names = new ArrayList<>();
        List<JsonPath> paths = new ArrayList<>();
        for (String part : specification.split(",(?=[^\\])]*(?:[\\[(]|$))")) {
            int colon = part.indexOf(':');
            if (colon < 0) {
                throw new Failure("unexpected custom-columns spec: " + part + ", expected <header>:<json-path-expr>");
            }
            names.add(part.substring(0, colon));
            paths.add(JsonPath.path(part.substring(colon + 1)));
        }
        rows(out, items, names, paths);
    }

    private void customFile(PrintStream out, List<Unstructured> items, Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new Failure("error reading template " + file + ", open " + file + ": no such file or directory");
        }
        List<String> lines = Files.readAllLines(file);
        if (lines.size() < 2) {
            throw new Failure("invalid template, missing header or path line");
        }
        rows(
                out,
                items,
                List.of(lines.get(0).trim().split("\\s+")),
                java.util.Arrays.stream(lines.get(1).trim().split("\\s+"))
                        .map(JsonPath::path)
                        .toList());
    }

    private void rows(PrintStream out, List<Unstructured> items, List<String> names, List<JsonPath> paths) {
        Columns columns = Columns.table();
        if (headers) {
            columns.row(names.toArray(String[]::new));
            headers = false;
        }
        for (Unstructured o : items) {
            columns.row(paths.stream()
                    .map(p -> {
                        List<String> values = p.find(o.map()).stream()
                                .map(v -> v == null ? "<none>" : v instanceof String s ? s : goText(v))
                                .toList();
                        return values.isEmpty() ? "<none>" : String.join(",", values);
                    })
                    .toArray(String[]::new));
        }
        columns.flush(out);
    }

    /** As Go's {@code %v} prints maps and lists. */
    private static String goText(Object value) {
        return switch (value) {
            case Map<?, ?> m ->
                new TreeMap<>(m)
                        .entrySet().stream()
                                .map(e -> e.getKey() + ":" + goText(e.getValue()))
                                .collect(java.util.stream.Collectors.joining(" ", "map[", "]"));
            case List<?> l ->
                l.stream().map(ObjectPrinter::goText).collect(java.util.stream.Collectors.joining(" ", "[", "]"));
            default -> String.valueOf(value);
        };
    }
}
