package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.client.ListOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;

/** The nodes that {@code cordon}, {@code uncordon} and {@code drain} are to act on: by name or by {@code -l}. */
final class Nodes {
    private Nodes() {}

    static List<Unstructured> of(Session session, Flags.Line line, String verb) {
        List<String> names = line.arguments();
        boolean selected = line.has("selector");
        if (names.isEmpty() && !selected) {
            throw new Failure("USAGE: " + verb + " NODE [flags]" + help(verb));
        }
        if (!names.isEmpty() && selected) {
            throw new Failure("cannot specify both a node name and a --selector option" + help(verb));
        }
        return names.isEmpty()
                ? session.client().list(Resources.NODES, "", ListOptions.labels(line.get("selector"))).items().stream()
                        .map(Revision::object)
                        .toList()
                : names.stream().map(n -> one(session, n)).toList();
    }

    private static Unstructured one(Session session, String argument) {
        String name = argument.replaceFirst("^(node|nodes|no)/", "");
        if (name.contains("/")) {
            throw new Failure("expected resource of type node, got \"" + argument + "\"");
        }
        return session.client().get(Resources.NODES, "", name).object();
    }

    private static String help(String verb) {
        return "\nSee 'kubectl " + verb + " -h' for help and examples";
    }
}
