package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.resource.ApiResource;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@code kubectl explain}: what the server's OpenAPI document says of a kind or a field. */
public final class Explain implements Verb {
    private static final int WIDTH = 76;

    @Override
    public Flags flags() {
        return Flags.of("recursive!", "api-version", "output,o");
    }

    @Override
    public int run(Session session, Flags.Line line) {
        if (line.arguments().size() != 1) {
            throw new Failure("You must specify the type of resource to explain. Use \"kubectl api-resources\" for a"
                    + " complete list of supported resources.");
        }
        String[] path = line.arguments().getFirst().split("\\.");
        ApiResource r = new Catalog(session).find(path[0]);
        Unstructured document = session.get("/openapi/v3" + r.resource().prefix(), Map.of());
        Unstructured schema = root(document, r);
        for (int i = 1; i < path.length; i++) {
            Unstructured fields = resolved(document, element(document, schema)).object("properties");
            if (!fields.has(path[i])) {
                throw new Failure("field \"" + path[i] + "\" does not exist");
            }
            schema = fields.object(path[i]);
        }
        if (!r.resource().group().isEmpty()) {
            session.out().println("GROUP:      " + r.resource().group());
        }
        session.out().println("KIND:       " + r.kind());
        session.out().println("VERSION:    " + r.resource().version());
        session.out().println();
        if (path.length > 1) {
            session.out().println("FIELD: " + path[path.length - 1] + " <" + type(document, schema) + ">");
            session.out().println();
        }
        session.out().println("DESCRIPTION:");
        Unstructured whole = resolved(document, element(document, schema));
        describe(session, schema.stringOr(whole.string("description"), "description"), "    ");
        session.out().println("    ");
        if (whole.has("properties")) {
            session.out().println("FIELDS:");
            fields(session, document, whole, "  ", line.on("recursive"), 0);
        }
        return 0;
    }

    private static Unstructured root(Unstructured document, ApiResource r) {
        Unstructured schemas = document.object("components", "schemas");
        for (String name : schemas.map().keySet()) {
            Unstructured s = schemas.object(name);
            for (Unstructured gvk : s.objects("x-kubernetes-group-version-kind")) {
                if (gvk.kind().equals(r.kind())
                        && gvk.string("group").equals(r.resource().group())
                        && gvk.string("version").equals(r.resource().version())) {
                    return s;
                }
            }
        }
        throw new Failure("couldn't find resource for \"" + r.groupVersionKind() + "\"");
    }

    private static void fields(
            Session session, Unstructured document, Unstructured schema, String indent, boolean recursive, int depth) {
        List<String> required = schema.stringList("required");
        for (String name : new TreeMap<>(schema.object("properties").map()).keySet()) {
            Unstructured f = schema.object("properties", name);
            session.out()
                    .println(indent + name + "\t<" + type(document, f) + ">"
                            + (required.contains(name) ? " -required-" : ""));
            Unstructured inner = resolved(document, element(document, f));
            if (!recursive) {
                describe(session, f.stringOr(inner.string("description"), "description"), indent + "  ");
                session.out().println();
            } else if (inner.has("properties") && depth < 12) {
                fields(session, document, inner, indent + "  ", true, depth + 1);
            }
        }
    }

    /** What a list or a map has, else the schema itself. */
    private static Unstructured element(Unstructured document, Unstructured schema) {
        Unstructured s = resolved(document, schema);
        if (s.has("items")) {
            return element(document, s.object("items"));
        }
        return s.get("additionalProperties") instanceof Map<?, ?>
                ? element(document, s.object("additionalProperties"))
                : s;
    }

    private static Unstructured resolved(Unstructured document, Unstructured schema) {
        String reference = schema.string("$ref");
        if (reference.isEmpty() && schema.objects("allOf").size() == 1) {
            reference = schema.objects("allOf").getFirst().string("$ref");
        }
        return reference.isEmpty()
                ? schema
                : document.object("components", "schemas", reference.substring(reference.lastIndexOf('/') + 1));
    }

    private static String type(Unstructured document, Unstructured schema) {
        Unstructured s = resolved(document, schema);
        if (s != schema) {
            String reference = schema.stringOr(
                    schema.objects("allOf").isEmpty()
                            ? ""
                            : schema.objects("allOf").getFirst().string("$ref"),
                    "$ref");
            String name = reference.substring(reference.lastIndexOf('.') + 1);
            return s.has("properties") || s.string("type").equals("object") ? name : s.stringOr(name, "type");
        }
        return switch (s.string("type")) {
            case "array" -> "[]" + type(document, s.object("items"));
            case "object" ->
                s.get("additionalProperties") instanceof Map<?, ?>
                        ? "map[string]" + type(document, s.object("additionalProperties"))
                        : "Object";
            case "" -> "Object";
            default -> s.string("type");
        };
    }

    private static void describe(Session session, String text, String indent) {
        String shown = text.isEmpty() ? "<empty>" : text;
        for (String paragraph : shown.split("\n")) {
            StringBuilder line = new StringBuilder();
            for (String word : paragraph.split(" ")) {
                if (!line.isEmpty() && line.length() + 1 + word.length() > WIDTH) {
                    session.out().println(indent + line);
                    line.setLength(0);
                }
                line.append(line.isEmpty() ? "" : " ").append(word);
            }
            session.out().println(indent + line);
        }
    }
}
