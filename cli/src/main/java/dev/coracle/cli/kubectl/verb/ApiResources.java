package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.print.Columns;
import dev.coracle.cli.kubectl.resource.ApiResource;
import dev.coracle.cli.kubectl.resource.Catalog;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** {@code kubectl api-resources}. */
public final class ApiResources implements Verb {
    @Override
    public Flags flags() {
        return Flags.of("output,o", "no-headers!", "namespaced!", "api-group", "verbs", "categories", "cached!");
    }

    @Override
    public int run(Session session, Flags.Line line) {
        if (!line.arguments().isEmpty()) {
            throw new Failure("unexpected arguments: [" + String.join(" ", line.arguments())
                    + "]\nSee 'kubectl api-resources -h' for help and examples");
        }
        if (!List.of("", "name", "wide").contains(line.get("output"))) {
            throw new Failure("--output " + line.get("output") + " is not available");
        }
        List<ApiResource> all = new Catalog(session)
                .preferred().stream()
                        .filter(r -> !line.has("namespaced") || r.namespaced() == line.on("namespaced"))
                        .filter(r ->
                                !line.has("api-group") || r.resource().group().equals(line.get("api-group")))
                        .filter(r -> !line.has("verbs")
                                || r.verbs()
                                        .containsAll(List.of(line.get("verbs").split(","))))
                        .filter(r -> !line.has("categories")
                                || r.categories()
                                        .containsAll(
                                                List.of(line.get("categories").split(","))))
                        .sorted(Comparator.comparing(
                                        (ApiResource r) -> r.resource().group())
                                .thenComparing(r -> r.resource().resource()))
                        .toList();
        if (line.get("output").equals("name")) {
            all.forEach(r -> session.out().println(r.resource().groupResource()));
            return 0;
        }
        boolean wide = line.get("output").equals("wide");
        Columns columns = Columns.table();
        if (!line.on("no-headers")) {
            List<String> header = new ArrayList<>(List.of("NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"));
            if (wide) {
                header.addAll(List.of("VERBS", "CATEGORIES"));
            }
            columns.row(header.toArray(String[]::new));
        }
        for (ApiResource r : all) {
            List<String> row = new ArrayList<>(List.of(
                    r.resource().resource(),
                    String.join(",", r.shortNames()),
                    r.resource().apiVersion(),
                    "" + r.namespaced(),
                    r.kind()));
            if (wide) {
                row.add(String.join(",", r.verbs()));
                row.add(String.join(",", r.categories()));
            }
            columns.row(row.toArray(String[]::new));
        }
        columns.flush(session.out());
        return 0;
    }
}
