package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.machinery.object.Unstructured;
import java.util.Map;
import java.util.TreeSet;

/** {@code kubectl api-versions}: every version of every group. */
public final class ApiVersions implements Verb {
    @Override
    public Flags flags() {
        return Flags.of();
    }

    @Override
    public int run(Session session, Flags.Line line) {
        if (!line.arguments().isEmpty()) {
            throw new Failure("unexpected arguments: [" + String.join(" ", line.arguments())
                    + "]\nSee 'kubectl api-versions -h' for help and examples");
        }
        var all = new TreeSet<>(session.get("/api", Map.of()).stringList("versions"));
        for (Unstructured group : session.get("/apis", Map.of()).objects("groups")) {
            group.objects("versions").forEach(v -> all.add(v.string("groupVersion")));
        }
        all.forEach(session.out()::println);
        return 0;
    }
}
