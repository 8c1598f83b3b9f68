package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.print.Columns;
import dev.coracle.cli.kubectl.print.ObjectPrinter;
import dev.coracle.cli.kubectl.resource.Manifests;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.List;
import java.util.TreeSet;

/** {@code kubectl auth can-i|whoami|reconcile}. */
public final class Auth implements Verb {
    private static final String[] ASKING = {"all-namespaces,A!", "quiet,q!", "subresource", "list!", "no-headers!"};
    private static final String[] SHOWING = {"output,o", "template", "show-managed-fields!"};
    private static final String[] RECONCILING = {"remove-extra-permissions!", "remove-extra-subjects!", "dry-run?client"
    };
    private static final GroupVersionResource WHO =
            new GroupVersionResource("authentication.k8s.io", "v1", "selfsubjectreviews");

    @Override
    public Flags flags(List<String> arguments) {
        return switch (arguments.isEmpty() ? "" : arguments.getFirst()) {
            case "can-i" -> Flags.of(ASKING);
            case "whoami" -> Flags.of(SHOWING);
            case "reconcile" -> Flags.of(RECONCILING).and(SHOWING).and(Manifests.FLAGS);
            default -> flags();
        };
    }

    @Override
    public Flags flags() {
        return Flags.of(ASKING).and(RECONCILING).and(SHOWING).and(Manifests.FLAGS);
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException {
        List<String> arguments = line.arguments();
        String what = arguments.isEmpty() ? "" : arguments.getFirst();
        List<String> rest = arguments.isEmpty() ? arguments : arguments.subList(1, arguments.size());
        Flags own = flags(arguments);
        flags().options().stream()
                .filter(o -> line.has(o.name()) && !own.has(o.name()))
                .findFirst()
                .ifPresent(o -> {
                    throw new Failure(
                            "unknown flag: --" + o.name() + "\nSee 'kubectl auth " + what + " --help' for usage.");
                });
        return switch (what) {
            case "can-i" -> CanI.run(session, line, rest);
            case "whoami" -> whoAmI(session, line);
            case "reconcile" -> Reconcile.run(session, line, rest);
            default -> throw new Failure("unknown command \"" + what + "\" for \"kubectl auth\"");
        };
    }

    private static int whoAmI(Session session, Flags.Line line) throws IOException {
        Unstructured review = session.client()
                .create(
                        WHO,
                        "",
                        Unstructured.of("authentication.k8s.io/v1", "SelfSubjectReview"),
                        WriteOptions.DEFAULT.as(""))
                .object();
        if (!ObjectPrinter.format(line).isEmpty()) {
            ObjectPrinter.of(line).print(session, List.of(review), true);
            return 0;
        }
        Unstructured user = review.object("status", "userInfo");
        Columns columns = Columns.table().row("ATTRIBUTE", "VALUE");
        for (String[] attribute : new String[][] {{"Username", "username"}, {"UID", "uid"}}) {
            if (!user.string(attribute[1]).isEmpty()) {
                columns.row(attribute[0], user.string(attribute[1]));
            }
        }
        if (user.has("groups")) {
            columns.row("Groups", CanI.go(user.stringList("groups")));
        }
        Unstructured extra = user.object("extra");
        for (String key : new TreeSet<>(extra.map().keySet())) {
            columns.row("Extra: " + key, CanI.go(extra.stringList(key)));
        }
        columns.flush(session.out());
        return 0;
    }
}
