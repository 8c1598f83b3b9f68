package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.apply.DryRun;
import dev.coracle.cli.kubectl.apply.LastApplied;
import dev.coracle.cli.kubectl.base.Durations;
import dev.coracle.cli.kubectl.base.Errors;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.print.ObjectPrinter;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Manifests;
import dev.coracle.cli.kubectl.resource.Validation;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.WriteOptions;
import dev.coracle.client.https.RestClient;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** {@code kubectl replace}: objects become what files say, or with {@code --force} are made anew. */
public final class Replace implements Verb {
    private static final Duration GLANCE = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @Override
    public Flags flags() {
        return Flags.of(
                        "dry-run?client",
                        "output,o",
                        "template",
                        "save-config!",
                        "field-manager",
                        "show-managed-fields!",
                        "subresource",
                        "validate?strict",
                        "force!",
                        "cascade?background",
                        "grace-period#",
                        "timeout~",
                        "wait!",
                        "raw")
                .and(Manifests.FLAGS);
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException, InterruptedException {
        if (!line.has("filename") && !line.has("kustomize")) {
            throw new Failure("must specify one of -f and -k");
        }
        String dryRun = DryRun.of(line);
        boolean force = line.on("force");
        if (force && !dryRun.equals("none")) {
            throw new Failure("--dry-run can not be used when --force is set");
        }
        for (String flag : List.of("grace-period", "timeout")) {
            if (line.has(flag) && !force) {
                throw new Failure("--" + flag + " must have --force specified");
            }
        }
        if (Raw.is(line)) {
            Raw.check(line, true);
            return Raw.send(session, line, "PUT");
        }
        Validation validation = Validation.of(line);
        RestClient client = validation.client(session);
        List<Manifests.Entry> entries = new Manifests(session, new Catalog(session), validation).read(line);
        if (force) {
            for (Manifests.Entry e : entries) {
                remove(session, line, e);
            }
        }
        List<String> failures = new ArrayList<>();
        for (Manifests.Entry e : entries) {
            try {
                tell(session, line, e, force ? make(client, line, e) : replace(client, line, e, dryRun), dryRun);
            } catch (StatusException refused) {
                failures.add(Errors.refusal(
                        refused,
                        refused.reason().equals("Invalid")
                                ? ""
                                : "error when " + (force ? "creating" : "replacing") + " \"" + e.source() + "\""));
            }
        }
        session.out().flush();
        failures.forEach(session.err()::println);
        return failures.isEmpty() ? 0 : 1;
    }

    private static void tell(Session session, Flags.Line line, Manifests.Entry e, Unstructured now, String dryRun)
            throws IOException {
        if (ObjectPrinter.format(line).isEmpty()) {
            session.out().println(e.resource().qualified() + "/" + now.name() + " replaced" + DryRun.suffix(dryRun));
        } else {
            ObjectPrinter.of(line).print(session, List.of(now), true);
        }
    }

    /** What was applied last is kept up where it is kept. */
    private static Unstructured wanted(Flags.Line line, Manifests.Entry e) {
        boolean kept = e.object().has("metadata", "annotations", LastApplied.ANNOTATION);
        return line.on("save-config") || kept ? LastApplied.marked(e.object()) : e.object();
    }

    private static Unstructured replace(RestClient client, Flags.Line line, Manifests.Entry e, String dryRun) {
        Unstructured wanted = wanted(line, e).copy();
        if (dryRun.equals("client")) {
            return wanted;
        }
        if (wanted.name().isEmpty()) {
            throw new Failure("error when replacing \"" + e.source() + "\": resource name may not be empty");
        }
        if (wanted.resourceVersion().isEmpty()) {
            // Whatever is there now: but what is not there is not made.
            String version = client.get(e.resource().resource(), e.namespace(), wanted.name())
                    .object()
                    .resourceVersion();
            wanted.set(version, "metadata", "resourceVersion");
        }
        String manager = line.get("field-manager", "kubectl-replace");
        return client.update(
                        e.resource().resource(),
                        wanted,
                        new WriteOptions(line.get("subresource"), manager, false, dryRun.equals("server")))
                .object();
    }

    private static Unstructured make(RestClient client, Flags.Line line, Manifests.Entry e) {
        Unstructured wanted = wanted(line, e).copy().remove("metadata", "resourceVersion");
        return client.create(
                        e.resource().resource(),
                        e.namespace(),
                        wanted,
                        new WriteOptions("", line.get("field-manager", "kubectl-replace"), false, false))
                .object();
    }

    /** Deletes what is there and waits until it is gone. */
    private static void remove(Session session, Flags.Line line, Manifests.Entry e) throws InterruptedException {
        String name = e.object().name();
        String propagation = Delete.propagation(line.get("cascade", "background"));
        try {
            session.client()
                    .delete(
                            e.resource().resource(),
                            e.namespace(),
                            name,
                            new DeleteOptions(Math.max(0, line.number("grace-period", 0)), propagation, "", ""));
        } catch (StatusException refused) {
            if (refused.isNotFound()) {
                return;
            }
            throw refused;
        }
        session.out().println(e.resource().qualified() + " \"" + name + "\" deleted");
        session.out().flush();
        Duration given = Durations.parse(line.get("timeout", "0s"));
        Duration limit = given.isPositive() ? given : PATIENCE;
        long began = session.environment().clock().nanos();
        while (isThere(session, e, name)) {
            if (session.environment().clock().elapsed(began).compareTo(limit) > 0) {
                throw new Failure("timed out waiting for the condition");
            }
            session.environment().sleep(GLANCE);
        }
    }

    private static boolean isThere(Session session, Manifests.Entry e, String name) {
        try {
            session.client().get(e.resource().resource(), e.namespace(), name);
            return true;
        } catch (StatusException refused) {
            if (refused.isNotFound()) {
                return false;
            }
            throw refused;
        }
    }
}
