package dev.coracle.cli.kubectl.resource;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.client.ListOptions;
import dev.coracle.machinery.object.Revision;
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

    /** @param usual the resource of a single argument that names none; {@code ""} for none */
    public static List<Item> of(Session session, Catalog catalog, Flags.Line line, String usual) throws IOException {
        return of(session, catalog, line, line.arguments(), usual);
    }

    /** With arguments that are part of the line's. */
    public static List<Item> of(Session session, Catalog catalog, Flags.Line line, List<String> arguments, String usual)
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
                items.add(new Item(t.resource(), namespace, t.name()));
            } else if (line.on("all") || line.has("selector")) {
                for (Revision r : session.client()
                        .list(t.resource().resource(), namespace, ListOptions.labels(line.get("selector")))
                        .items()) {
                    items.add(new Item(t.resource(), r.namespace(), r.name()));
                }
            } else {
                throw new Failure("resource(s) were provided, but no name was specified");
            }
        }
        if (items.isEmpty() && targets.isEmpty()) {
            throw new Failure("one or more resources must be specified as <resource> <name> or <resource>/<name>");
        }
        return items;
    }
}
