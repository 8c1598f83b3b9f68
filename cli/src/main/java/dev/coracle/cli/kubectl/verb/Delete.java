package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Durations;
import dev.coracle.cli.kubectl.base.Errors;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.resource.ApiResource;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Manifests;
import dev.coracle.cli.kubectl.resource.Selection;
import dev.coracle.cli.kubectl.resource.Targets;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** {@code kubectl delete}: by name, selector or file; waits until the objects are gone. */
public final class Delete implements Verb {
    private static final Duration GLANCE = Duration.ofMillis(100);

    private record Victim(ApiResource resource, String namespace, String name) {}

    private record Doomed(Victim victim, String uid) {}

    @Override
    public Flags flags() {
        return Flags.of(
                        "selector,l",
                        "field-selector",
                        "all!",
                        "all-namespaces,A!",
                        "grace-period#",
                        "now!",
                        "force!",
                        "wait!",
                        "timeout~",
                        "ignore-not-found!",
                        "cascade?background",
                        "dry-run?client",
                        "output,o",
                        "raw")
                .and(Manifests.FLAGS);
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException, InterruptedException {
        String dryRun = dev.coracle.cli.kubectl.apply.DryRun.of(line);
        check(line);
        DeleteOptions options = options(session, line);
        if (Raw.is(line)) {
            Raw.check(line, false);
            return Raw.send(session, line, "DELETE");
        }
        if (dryRun.equals("server")) {
            options = new DeleteOptions(options.gracePeriodSeconds(), options.propagation(), "", "", true);
        }
        List<Victim> victims = victims(session, line);
        List<String> failures = new ArrayList<>();
        List<Doomed> doomed = new ArrayList<>();
        for (Victim v : victims) {
            try {
                String uid = "";
                if (!dryRun.equals("client")) {
                    uid = session.client()
                            .delete(v.resource().resource(), v.namespace(), v.name(), options)
                            .uid();
                }
                tell(session, line, v, dryRun, options);
                doomed.add(new Doomed(v, uid));
            } catch (StatusException e) {
                if (!e.isNotFound() || !line.on("ignore-not-found", line.on("all") || line.has("selector"))) {
                    failures.add(Errors.refusal(
                            e, line.has("filename") ? "error when deleting \"" + line.get("filename") + "\"" : ""));
                }
            }
        }
        session.out().flush();
        if (victims.isEmpty()) {
            session.out().println("No resources found");
        }
        if (line.on("wait", true) && dryRun.equals("none")) {
            Duration limit = Durations.parse(line.get("timeout", "0s"));
            long began = session.environment().clock().nanos();
            for (Doomed d : doomed) {
                await(session, d, limit, began);
            }
        }
        failures.forEach(session.err()::println);
        return failures.isEmpty() ? 0 : 1;
    }

    private static void check(Flags.Line line) {
        String output = line.get("output");
        if (!output.isEmpty() && !output.equals("name")) {
            throw new Failure("unexpected -o output mode: " + output + ". We only support '-o name'");
        }
        if (line.on("all") && line.has("selector")) {
            throw new Failure(
                    Raw.is(line)
                            ? "cannot set --all and --selector at the same time"
                            : "setting 'all' parameter but found a non empty selector. ");
        }
        if (line.on("force") && line.number("grace-period", -1) > 0) {
            throw new Failure("--force and --grace-period greater than 0 cannot be specified together");
        }
    }

    private static void tell(Session session, Flags.Line line, Victim v, String dryRun, DeleteOptions options) {
        if (line.get("output").equals("name")) {
            session.out().println(v.resource().qualified() + "/" + v.name());
            return;
        }
        String word = options.gracePeriodSeconds() == 0 ? " force deleted" : " deleted";
        session.out()
                .println(v.resource().qualified() + " \"" + v.name() + "\"" + word
                        + dev.coracle.cli.kubectl.apply.DryRun.suffix(dryRun));
        session.out().flush();
    }

    private static DeleteOptions options(Session session, Flags.Line line) {
        long grace = line.number("grace-period", -1);
        if (line.on("now")) {
            if (grace >= 0) {
                throw new Failure("--now and --grace-period cannot be specified together");
            }
            grace = 1;
        }
        if (grace == 0 && !line.on("force")) {
            // As kubectl: without --force nothing is deleted at once.
            grace = 1;
        } else if (line.on("force")) {
            grace = Math.max(0, grace);
            session.err()
                    .println("Warning: Immediate deletion does not wait for confirmation that the running resource has"
                            + " been terminated. The resource may continue to run on the cluster indefinitely.");
        }
        return new DeleteOptions(grace, propagation(line.get("cascade", "background")), "", "");
    }

    /** What {@code --cascade} means for the server. */
    static String propagation(String cascade) {
        return switch (cascade) {
            case "background", "true" -> "Background";
            case "foreground" -> "Foreground";
            case "orphan", "false" -> "Orphan";
            default ->
                throw new Failure("invalid cascade value (" + cascade
                        + "). Must be \"background\", \"foreground\", or \"orphan\"");
        };
    }

    private static List<Victim> victims(Session session, Flags.Line line) throws IOException {
        Catalog catalog = new Catalog(session);
        List<Victim> victims = new ArrayList<>();
        for (Manifests.Entry e : new Manifests(session, catalog).read(line)) {
            victims.add(new Victim(e.resource(), e.namespace(), e.object().name()));
        }
        boolean many = line.on("all") || line.has("selector") || line.has("field-selector");
        for (Targets.Target t : Targets.parse(catalog, line.arguments())) {
            String namespace = line.on("all-namespaces") ? "" : t.resource().scope(session.namespace());
            if (!t.name().isEmpty()) {
                if (many) {
                    throw new Failure("name cannot be provided when a selector is specified");
                }
                victims.add(new Victim(t.resource(), namespace, t.name()));
                continue;
            }
            if (!many) {
                throw new Failure("resource(s) were provided, but no name was specified");
            }
            ListOptions which = new ListOptions(line.get("selector"), line.get("field-selector"), "", 0, "", false);
            for (Revision r : Selection.list(session, t.resource(), namespace, which)) {
                victims.add(new Victim(t.resource(), r.namespace(), r.name()));
            }
        }
        if (victims.isEmpty() && line.arguments().isEmpty() && !line.has("filename") && !line.has("kustomize")) {
            throw new Failure("You must provide one or more resources by argument or filename.\nExample resource"
                    + " specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n"
                    + "   '<resource>'");
        }
        return victims;
    }

    /** Until the object is gone, or one of the name is another. */
    private static void await(Session session, Doomed d, Duration limit, long began) throws InterruptedException {
        Victim v = d.victim();
        while (true) {
            try {
                Revision r = session.client().get(v.resource().resource(), v.namespace(), v.name());
                if (!d.uid().isEmpty() && !r.uid().equals(d.uid()) || !r.isDeleting()) {
                    return;
                }
            } catch (StatusException e) {
                if (e.isNotFound()) {
                    return;
                }
                throw e;
            }
            if (limit.isPositive()
                    && session.environment().clock().elapsed(began).compareTo(limit) > 0) {
                throw new Failure("timed out waiting for the condition on "
                        + v.resource().resource().resource() + "/" + v.name());
            }
            session.environment().sleep(GLANCE);
        }
    }
}
