package dev.coracle.cli.kubectl.resource;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.client.ListOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The objects a verb is to change: by arguments, {@code -f}, {@code -l} or {@code --all}. */
public final class Selection {
    /** One of them. */
    public record Item(ApiResource resource, String namespace, String name) {
        /** {@code deployment.apps/web}. */
        public String title() {
            return resource.qualified() + "/" + name;
        }
    }

    private Selection() {}

    /** Of a resource, those that are selected. */
    public static List<Revision> list(Session session, ApiResource resource, String namespace, ListOptions which) {
        try {
            return session.client().list(resource.resource(), namespace, which).items();
        } catch (StatusException e) {
            throw unlisted(e, resource, which.labelSelector(), which.fieldSelector());
        }
    }

    /** As kubectl words it, when a list is refused. */
    public static StatusException unlisted(StatusException e, ApiResource resource, String labels, String fields) {
        if (e.code() != 400 && e.code() != 404) {
            return e;
        }
        GroupVersionResource r = resource.resource();
        String what = "\"" + r.group() + "/" + r.version() + ", Resource=" + r.resource() + "\"";
        String message = labels.isEmpty() && fields.isEmpty()
                ? "Unable to list " + what
                : "Unable to find " + what + " that match label selector " + quoted(labels) + ", field selector "
                        + quoted(fields);
        return new StatusException(e.code(), e.reason(), message + ": " + e.getMessage(), e.details());
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    /** @param usual the resource of a single argument that names none; {@code ""} for none */
    public static List<Item> of(Session session, Catalog catalog, Flags.Line line, String usual) throws IOException {
        return of(session, catalog, line, line.arguments(), usual);
    }

    /** With arguments that are part of the line's. */
    public static List<Item> of(Session session, Catalog catalog, Flags.Line line, List<String> arguments, String usual)
            throws IOException {
        return of(session, catalog, line, arguments, usual, line.on("all") || selects(line));
    }

    /** Whether a selector says which. */
    public static boolean selects(Flags.Line line) {
        return line.has("selector") || line.has("field-selector");
    }

    /** @param every whether a type without names means all of it */
    public static List<Item> of(
            Session session, Catalog catalog, Flags.Line line, List<String> arguments, String usual, boolean every)
            throws IOException {
        List<Item> items = new ArrayList<>();
        for (Manifests.Entry e : new Manifests(session, catalog).read(line)) {
            items.add(new Item(e.resource(), e.namespace(), e.object().name()));
        }
        List<Targets.Target> targets = arguments.size() == 1 && !usual.isEmpty()
                ? List.of(Targets.single(catalog, arguments, usual))
                : Targets.parse(catalog, arguments);
        for (Targets.Target t : targets) {
            String namespace = line.on("all-namespaces") ? "" : t.resource().scope(session.namespace());
            if (!t.name().isEmpty()) {
                if (every && selects(line)) {
                    throw new Failure("name cannot be provided when a selector is specified");
                }
                items.add(new Item(t.resource(), namespace, t.name()));
            } else if (every) {
                var which = new ListOptions(line.get("selector"), line.get("field-selector"), "", 0, "", false);
                for (Revision r : list(session, t.resource(), namespace, which)) {
                    items.add(new Item(t.resource(), r.namespace(), r.name()));
                }
            } else {
                throw new Failure("resource(s) were provided, but no name was specified");
            }
        }
        if (items.isEmpty() && targets.isEmpty()) {
            throw new Failure("You must provide one or more resources by argument or filename.\nExample resource"
                    + " specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n"
                    + "   '<resource>'");
        }
        return items;
    }
}
