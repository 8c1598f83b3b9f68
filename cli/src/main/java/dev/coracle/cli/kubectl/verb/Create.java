package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.apply.DryRun;
import dev.coracle.cli.kubectl.apply.LastApplied;
import dev.coracle.cli.kubectl.base.Errors;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.print.ObjectPrinter;
import dev.coracle.cli.kubectl.resource.ApiResource;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Manifests;
import dev.coracle.cli.kubectl.resource.Validation;
import dev.coracle.client.WriteOptions;
import dev.coracle.client.https.RestClient;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** {@code kubectl create}: from files, or one of the kinds that {@link Generators} makes from flags. */
public final class Create implements Verb {
    /** Its own commands. */
    public static final String[] COMMANDS =
            Stream.concat(Generators.words(), Stream.of("token")).toArray(String[]::new);

    @Override
    public Flags flags() {
        return flags(List.of());
    }

    @Override
    public Flags flags(List<String> arguments) {
        return Flags.of(
                        "dry-run?client",
                        "output,o",
                        "template",
                        "save-config!",
                        "validate?strict",
                        "field-manager",
                        "show-managed-fields!")
                .and(arguments.isEmpty() ? new String[] {"raw"} : new String[0])
                .and(Generators.flags(arguments))
                .and(Manifests.FLAGS);
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException {
        Catalog catalog = new Catalog(session);
        Validation validation = Validation.of(line);
        RestClient client = validation.client(session);
        List<Manifests.Entry> entries = new ArrayList<>();
        if (line.has("filename") || line.has("kustomize")) {
            if (!line.arguments().isEmpty()) {
                throw new Failure("Unexpected args: [" + String.join(" ", line.arguments())
                        + "]\nSee 'kubectl create -h' for help and examples");
            }
            if (Raw.is(line)) {
                Raw.check(line, true);
                return Raw.send(session, line, "POST");
            }
            entries.addAll(new Manifests(session, catalog, validation).read(line, "create"));
        } else if (line.arguments().isEmpty()) {
            throw new Failure("must specify one of -f and -k");
        } else if (line.has("raw")) {
            throw new Failure("unknown flag: --raw\nSee 'kubectl create "
                    + line.arguments().getFirst() + " --help' for usage.");
        } else if (line.arguments().getFirst().equals("token")) {
            return TokenRequests.run(session, line);
        } else {
            Unstructured made = Generators.make(session, catalog, line);
            ApiResource r = catalog.of(made.groupVersionKind())
                    .orElseThrow(() -> new Failure("the server does not have the kind " + made.kind()));
            if (r.namespaced()) {
                made.set(session.namespace(), "metadata", "namespace");
            }
            entries.add(new Manifests.Entry(r, made, ""));
        }
        String dryRun = DryRun.of(line);
        var options = new WriteOptions("", line.get("field-manager", "kubectl-create"), false, dryRun.equals("server"));
        List<String> failures = new ArrayList<>();
        ObjectPrinter printer = ObjectPrinter.format(line).isEmpty() ? null : ObjectPrinter.of(line);
        for (Manifests.Entry e : entries) {
            Unstructured wanted = line.on("save-config") ? LastApplied.marked(e.object()) : e.object();
            try {
                Unstructured made = dryRun.equals("client")
                        ? wanted
                        : client.create(e.resource().resource(), e.namespace(), wanted, options)
                                .object();
                if (printer == null) {
                    session.out()
                            .println(e.resource().qualified() + "/" + made.name() + " created" + DryRun.suffix(dryRun));
                } else {
                    printer.print(session, List.of(made), true);
                }
            } catch (StatusException refused) {
                failures.add(
                        e.source().isEmpty()
                                ? failed(refused, e)
                                : Errors.refusal(
                                        refused,
                                        refused.reason().equals("Invalid")
                                                ? ""
                                                : "error when creating \"" + e.source() + "\""));
            }
        }
        session.out().flush();
        failures.forEach(session.err()::println);
        return failures.isEmpty() ? 0 : 1;
    }

    private static String failed(StatusException refused, Manifests.Entry e) {
        return refused.reason().equals("AlreadyExists") || refused.reason().equals("Invalid")
                ? "error: failed to create " + e.resource().singular() + ": " + refused.getMessage()
                : Errors.refusal(refused, "");
    }
}
