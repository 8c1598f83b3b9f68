package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.print.JsonText;
import dev.coracle.cli.kubectl.print.YamlText;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code kubectl version}. */
public final class Version implements Verb {
    /** Of the reference that these verbs follow. */
    private static final String CLIENT = "v1.36.0+coracle";

    @Override
    public Flags flags() {
        return Flags.of("client!", "output,o");
    }

    @Override
    public int run(Session session, Flags.Line line) {
        if (!line.arguments().isEmpty()) {
            throw new Failure("extra arguments: [" + String.join(" ", line.arguments()) + "]");
        }
        if (!List.of("", "json", "yaml").contains(line.get("output"))) {
            throw new Failure("--output must be 'yaml' or 'json'");
        }
        Unstructured all = new Unstructured(new LinkedHashMap<>())
                .set(new LinkedHashMap<>(Map.of("gitVersion", CLIENT, "major", "1", "minor", "36")), "clientVersion");
        if (!line.on("client")) {
            all.set(session.get("/version", Map.of()), "serverVersion");
        }
        switch (line.get("output")) {
            case "json" -> session.out().print(JsonText.pretty(all.map()));
            case "yaml" -> session.out().print(YamlText.of(all.map()));
            default -> {
                session.out().println("Client Version: " + CLIENT);
                if (all.has("serverVersion")) {
                    session.out().println("Server Version: " + all.string("serverVersion", "gitVersion"));
                }
            }
        }
        return 0;
    }
}
