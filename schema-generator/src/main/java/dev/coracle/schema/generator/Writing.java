package dev.coracle.schema.generator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes the resources: for each Go package {@code <package>.schema} and {@code <package>.text}, and one {@code index}
 * of {@code <group/version> TAB <package>}.
 *
 * <p>A line of {@code .schema} is a definition, {@code Name TAB group/version TAB atomic} (the last two may be empty),
 * or, indented by a tab, a property of it: {@code name TAB type TAB flag…}. Types are as in Go: {@code int32}, {@code
 * []string}, {@code map[string]quantity}; a definition of the same package goes by its simple name. Flags: {@code !}
 * required, {@code list=atomic|set|map:key,key}, {@code atomic}, {@code patch=strategy,strategy}, {@code key=} patch
 * merge key, {@code default=} JSON, {@code go=} name of the Go type of the innermost value, {@code enum=a,b}.
 *
 * <p>A line of {@code .text} is {@code Name TAB text} or {@code Name.property TAB text}, newlines as {@code \n}.
 */
final class Writing {
    private final Path directory;

    Writing(Path directory) {
        this.directory = directory;
    }

    void write(List<Definition> definitions) throws IOException {
        Files.createDirectories(directory);
        Map<String, List<Definition>> packages = new TreeMap<>();
        definitions.forEach(d -> packages.computeIfAbsent(d.packageName(), p -> new ArrayList<>())
                .add(d));
        Map<String, String> index = new TreeMap<>();
        for (var e : packages.entrySet()) {
            e.getValue().sort(Comparator.comparing(Definition::name));
            StringBuilder schema = new StringBuilder();
            StringBuilder text = new StringBuilder();
            for (Definition d : e.getValue()) {
                structure(d, schema);
                texts(d, text);
                if (d.group() != null && !d.packageName().contains(".meta.")) {
                    index.put(d.group(), d.packageName());
                }
            }
            Files.writeString(directory.resolve(e.getKey() + ".schema"), schema);
            Files.writeString(directory.resolve(e.getKey() + ".text"), text);
        }
        StringBuilder lines = new StringBuilder();
        index.forEach(
                (group, name) -> lines.append(group).append('\t').append(name).append('\n'));
        Files.writeString(directory.resolve("index"), lines);
    }

    /**
     * {@code <package>.wire}: a line per message, its full name, and below it, indented by a tab, its fields: {@code number
     * TAB name TAB type TAB label}, the label {@code []} for a list, {@code ~} for what JSON has inlined, {@code *} for a
     * scalar that may be missing, {@code !} for one that JSON always has, or nothing.
     *
     * @param more such lines, of packages that are in no artifact
     */
    void writeWires(List<Wire> wires, String more) throws IOException {
        Map<String, StringBuilder> packages = new TreeMap<>();
        for (Wire w : wires.stream().sorted(Comparator.comparing(Wire::name)).toList()) {
            StringBuilder out = packages.computeIfAbsent(w.packageName(), p -> new StringBuilder());
            out.append(w.name()).append('\n');
            for (Wire.Field f : w.fields()) {
                out.append('\t').append(f.number()).append('\t').append(f.name());
                out.append('\t').append(f.type()).append('\t');
                out.append(f.label()).append('\n');
            }
        }
        String open = "";
        for (String line : more.lines().toList()) {
            open = line.startsWith("\t") ? open : line.substring(0, line.lastIndexOf('.'));
            packages.computeIfAbsent(open, p -> new StringBuilder())
                    .append(line)
                    .append('\n');
        }
        for (var e : packages.entrySet()) {
            Files.writeString(directory.resolve(e.getKey() + ".wire"), e.getValue());
        }
    }

    private static void structure(Definition d, StringBuilder out) {
        out.append(d.simpleName()).append('\t').append(d.group() == null ? "" : d.group());
        out.append('\t').append(d.atomic() ? "atomic" : "").append('\n');
        String own = d.packageName() + ".";
        d.properties().values().stream()
                .sorted(Comparator.comparing(Definition.Property::name))
                .forEach(p -> {
                    out.append('\t').append(p.name()).append('\t').append(shortened(p.type(), own));
                    if (p.required()) {
                        out.append("\t!");
                    }
                    p.flags().forEach(f -> out.append('\t').append(f));
                    out.append('\n');
                });
    }

    private static String shortened(String type, String own) {
        int at = type.indexOf(own);
        return at >= 0 && type.indexOf('.', at + own.length()) < 0 ? type.replace(own, "") : type;
    }

    private static void texts(Definition d, StringBuilder out) {
        text(d.simpleName(), d.description(), out);
        d.properties().values().forEach(p -> text(d.simpleName() + "." + p.name(), p.description(), out));
    }

    private static void text(String key, String description, StringBuilder out) {
        if (!description.isEmpty()) {
            out.append(key).append('\t');
            out.append(description.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t"));
            out.append('\n');
        }
    }
}
