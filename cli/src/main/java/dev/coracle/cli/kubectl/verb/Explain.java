package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.resource.ApiResource;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.machinery.object.Unstructured;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** {@code kubectl explain}: what the server's OpenAPI document says of a kind or a field. */
public final class Explain implements Verb {
    @Override
    public Flags flags() {
        return Flags.of("recursive!", "api-version", "output,o");
    }

    @Override
    public int run(Session session, Flags.Line line) {
        if (line.arguments().isEmpty()) {
            throw new Failure("You must specify the type of resource to explain. Use \"kubectl api-resources\" for a"
                    + " complete list of supported resources.");
        }
        if (line.arguments().size() > 1) {
            throw new Failure("We accept only this format: explain RESOURCE");
        }
        List<String> path = Arrays.asList(line.arguments().getFirst().split("\\."));
        ApiResource r = resource(new Catalog(session), path.getFirst(), line.get("api-version"));
        Unstructured document = session.get("/openapi/v3" + r.resource().prefix(), Map.of());
        if (!r.resource().group().isEmpty()) {
            session.out().println("GROUP:      " + r.resource().group());
        }
        session.out().println("KIND:       " + r.kind());
        session.out().println("VERSION:    " + r.resource().version());
        session.out().println();
        var schemas = new Schemas(document);
        List<String> fields = path.subList(1, path.size());
        String said = schemas.explain(root(document, r), fields, line.on("recursive"));
        if (said.isEmpty()) {
            throw new Failure("field \"" + fields.getLast() + "\" does not exist");
        }
        session.out().println(said);
        return 0;
    }

    private static ApiResource resource(Catalog catalog, String name, String version) {
        ApiResource found;
        try {
            found = catalog.find(name);
        } catch (Failure e) {
            throw Failure.plain(Objects.requireNonNull(e.getMessage()), 1);
        }
        return catalog.all().stream()
                .filter(r -> !version.isEmpty()
                        && r.resource().apiVersion().equals(version)
                        && r.resource().resource().equals(found.resource().resource()))
                .findFirst()
                .orElseGet(() -> {
                    if (!version.isEmpty() && !version.equals(found.resource().apiVersion())) {
                        throw new Failure("couldn't find resource for \"" + version + ", Kind=" + found.kind() + "\"");
                    }
                    return found;
                });
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
}
