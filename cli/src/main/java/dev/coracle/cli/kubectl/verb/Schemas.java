package dev.coracle.cli.kubectl.verb;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * An OpenAPI document as text. A schema stands for what it refers to, for the one that all of it must be, for what a
 * list or a map of it holds: each of these is walked through to the fields. What refers to itself, as the schema of
 * schemas does, is shown once.
 */
final class Schemas {
    private static final int WIDTH = 76;
    private static final int FEW = 4;

    private final Unstructured document;

    Schemas(Unstructured document) {
        this.document = document;
    }

    /** Of the field at the path, or the whole; {@code ""} where there is no such field. */
    String explain(Unstructured schema, List<String> path, boolean recursive) {
        return explain(schema, path, recursive, Set.of());
    }

    private String explain(Unstructured schema, List<String> path, boolean recursive, Set<String> seen) {
        Unstructured whole = resolved(schema);
        if (path.isEmpty()) {
            return details(whole, recursive);
        }
        String reference = schema.string("$ref");
        if (!reference.isEmpty() && seen.contains(reference)) {
            return "";
        }
        Unstructured properties = whole.object("properties");
        if (properties.has(path.getFirst())) {
            Unstructured field = properties.object(path.getFirst());
            String below = explain(field, path.subList(1, path.size()), recursive, Set.of());
            return below.isEmpty() || path.size() > 1
                    ? below
                    : "FIELD: " + path.getFirst() + " <" + type(field) + ">\n" + choices(field) + "\n\n" + below;
        }
        Set<String> further = with(seen, reference);
        for (Unstructured inner : inner(whole)) {
            String found = explain(inner, path, recursive, further);
            if (!found.isEmpty()) {
                return found;
            }
        }
        return "";
    }

    private String details(Unstructured whole, boolean recursive) {
        StringBuilder text = new StringBuilder("DESCRIPTION:\n");
        StringBuilder description = new StringBuilder();
        describe(whole, description);
        text.append(wrapped(description.isEmpty() ? "<empty>" : description.toString(), WIDTH, "    "));
        external(whole, text, "");
        StringBuilder fields = new StringBuilder();
        fields(whole, 1, recursive, Set.of(), fields);
        return (fields.isEmpty() ? text : text.append("FIELDS:\n").append(fields)).toString();
    }

    /** Its own words, and those of all that it stands for, a paragraph each. */
    private void describe(Unstructured schema, StringBuilder text) {
        Unstructured s = resolved(schema);
        if (!s.string("description").isEmpty()) {
            text.append(s.string("description")).append('\n');
        }
        inner(s).forEach(i -> describe(i, text));
    }

    private static void external(Unstructured schema, StringBuilder text, String indent) {
        Unstructured docs = schema.object("externalDocs");
        if (docs.map().isEmpty()) {
            return;
        }
        text.append('\n').append(indent).append("EXTERNAL DOCS:\n");
        if (docs.has("description")) {
            text.append(wrapped(docs.string("description"), WIDTH - indent.length(), indent + "    "));
        }
        if (docs.has("url")) {
            text.append(indent).append("    URL: ").append(docs.string("url")).append('\n');
        }
    }

    private void fields(Unstructured schema, int level, boolean recursive, Set<String> seen, StringBuilder text) {
        String reference = schema.string("$ref");
        if (!reference.isEmpty() && seen.contains(reference)) {
            return;
        }
        Set<String> further = with(seen, reference);
        Unstructured s = resolved(schema);
        List<String> required = s.stringList("required");
        for (String name : new TreeMap<>(s.object("properties").map()).keySet()) {
            Unstructured field = s.object("properties", name);
            String indent = "  ".repeat(level);
            text.append(indent).append(name).append("\t<").append(type(field)).append('>');
            text.append(required.contains(name) ? " -required-" : "")
                    .append(few(field, indent))
                    .append('\n');
            if (recursive) {
                fields(field, level + 1, true, further, text);
                continue;
            }
            String description = field.string("description");
            text.append(wrapped(
                    description.isEmpty() ? "<no description>" : description,
                    WIDTH + 2 - indent.length(),
                    indent + "  "));
            external(field, text, indent + "  ");
            text.append('\n');
        }
        inner(s).forEach(i -> fields(i, level, recursive, further, text));
    }

    /** Those that a schema is, holds in a list or holds in a map. */
    private static List<Unstructured> inner(Unstructured schema) {
        List<Unstructured> inner = new ArrayList<>(schema.objects("allOf"));
        if (schema.has("items")) {
            inner.add(schema.object("items"));
        }
        if (schema.get("additionalProperties") instanceof Map<?, ?>) {
            inner.add(schema.object("additionalProperties"));
        }
        return inner;
    }

    private static Set<String> with(Set<String> seen, String reference) {
        if (reference.isEmpty()) {
            return seen;
        }
        Set<String> more = new HashSet<>(seen);
        more.add(reference);
        return more;
    }

    private Unstructured resolved(Unstructured schema) {
        String reference = schema.string("$ref");
        return reference.isEmpty()
                ? schema
                : document.object("components", "schemas", reference.substring(reference.lastIndexOf('/') + 1));
    }

    private String type(Unstructured schema) {
        if (schema.has("items")) {
            return "[]" + type(schema.object("items"));
        }
        if (schema.get("additionalProperties") instanceof Map<?, ?>) {
            return "map[string]" + type(schema.object("additionalProperties"));
        }
        List<Unstructured> all = schema.objects("allOf");
        if (all.size() == 1 && !schema.has("properties")) {
            return type(all.getFirst());
        }
        String reference = schema.string("$ref");
        String type = resolved(schema).string("type");
        if (!type.isEmpty() && !type.equals("object")) {
            return type;
        }
        return reference.isEmpty()
                ? "Object"
                : reference.substring(Math.max(reference.lastIndexOf('.'), reference.lastIndexOf('/')) + 1);
    }

    /** What a field may be, a line each. */
    private static String choices(Unstructured field) {
        List<String> all = field.stringList("enum");
        StringBuilder text = new StringBuilder(all.isEmpty() ? "" : "ENUM:");
        all.forEach(c -> text.append("\n    ").append(c.isEmpty() ? "\"\"" : c));
        return text.toString();
    }

    /** The first of them, in a line below the field. */
    private static String few(Unstructured field, String indent) {
        List<String> all = field.stringList("enum").stream()
                .map(c -> c.isEmpty() ? "\"\"" : c)
                .toList();
        return all.isEmpty()
                ? ""
                : "\n" + indent + "enum: " + String.join(", ", all.subList(0, Math.min(FEW, all.size())))
                        + (all.size() > FEW ? ", ...." : "");
    }

    private static String wrapped(String text, int width, String indent) {
        StringBuilder wrapped = new StringBuilder();
        for (String paragraph : text.split("\n", -1)) {
            StringBuilder line = new StringBuilder();
            boolean first = true;
            for (String word : paragraph.split(" ")) {
                if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
                    wrapped.append(indent).append(line).append('\n');
                    line.setLength(0);
                    first = true;
                }
                // A paragraph may begin with a blank, as points of a list do.
                line.append(first ? "" : " ").append(word);
                first = false;
            }
            wrapped.append(indent).append(line).append('\n');
        }
        return wrapped.toString();
    }
}
