package dev.coracle.cli.kubectl.verb;

import dev.coracle.apiserver.authorization.Rule;
import dev.coracle.cli.kubectl.apply.DryRun;
import dev.coracle.cli.kubectl.base.Errors;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.print.ObjectPrinter;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Manifests;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code kubectl auth reconcile}: roles grant at least what files say, and bindings bind at least whom files say.
 *
 * <p>Rules are compared by what they grant, not by how they are written: a rule that another one covers is not missing.
 */
final class Reconcile {
    private static final String GROUP = "rbac.authorization.k8s.io";
    private static final String OPTED_OUT = "rbac.authorization.kubernetes.io/autoupdate";
    /** How often an object may appear or vanish in between. */
    private static final int ATTEMPTS = 3;

    private static final WriteOptions WRITE = WriteOptions.DEFAULT.as("kubectl");

    /**
     * What is to be done.
     *
     * @param operation {@code create}, {@code update}, {@code recreate}, or {@code none}
     * @param object what shall be
     * @param details what the object lacked and had too much, by heading
     */
    private record Plan(String operation, Unstructured object, Map<String, List<String>> details, boolean optedOut) {}

    private final Session session;
    private final Flags.Line line;
    private final @Nullable ObjectPrinter printer;

    private Reconcile(Session session, Flags.Line line) {
        this.session = session;
        this.line = line;
        this.printer = ObjectPrinter.format(line).isEmpty() ? null : ObjectPrinter.of(line);
    }

    static int run(Session session, Flags.Line line, List<String> arguments) throws IOException {
        if (!line.has("filename") && !line.has("kustomize")) {
            throw new Failure("must specify one of -f and -k");
        }
        if (!arguments.isEmpty()) {
            throw new Failure("no arguments are allowed");
        }
        String dryRun = DryRun.of(line);
        if (dryRun.equals("server")) {
            throw new Failure("--dry-run=server for command reconcile is not supported yet");
        }
        var reconcile = new Reconcile(session, line);
        List<String> failures = new ArrayList<>();
        for (Manifests.Entry e : new Manifests(session, new Catalog(session)).read(line)) {
            // What is no matter of access is passed over.
            if (!e.resource().resource().group().equals(GROUP)) {
                continue;
            }
            try {
                reconcile.one(e, dryRun);
            } catch (StatusException refused) {
                failures.add(Errors.refusal(refused, ""));
            }
        }
        session.out().flush();
        failures.forEach(session.err()::println);
        return failures.isEmpty() ? 0 : 1;
    }

    private void one(Manifests.Entry e, String dryRun) throws IOException {
        for (int attempt = 1; ; attempt++) {
            Optional<Unstructured> now = now(e);
            Plan plan = now.isEmpty() ? missing(e.object()) : plan(now.get(), e.object());
            try {
                Unstructured done = plan.optedOut || dryRun.equals("client") ? plan.object : carryOut(e, now, plan);
                if (printer == null) {
                    session.out().println(e.title() + " reconciled" + DryRun.suffix(dryRun));
                } else {
                    printer.print(session, List.of(done), true);
                }
                tell(plan);
                return;
            } catch (StatusException refused) {
                boolean overtaken = refused.reason().equals("AlreadyExists")
                        || refused.isNotFound() && plan.operation.equals("update");
                if (!overtaken || attempt == ATTEMPTS) {
                    throw refused;
                }
            }
        }
    }

    private Optional<Unstructured> now(Manifests.Entry e) {
        try {
            return Optional.of(session.client()
                    .get(e.resource().resource(), e.namespace(), e.object().name())
                    .object());
        } catch (StatusException refused) {
            if (refused.isNotFound()) {
                return Optional.empty();
            }
            throw refused;
        }
    }

    private static Plan missing(Unstructured wanted) {
        Map<String, List<String>> details = new LinkedHashMap<>();
        details.put(
                "missing subjects added",
                wanted.objects("subjects").stream().map(Reconcile::subject).toList());
        details.put(
                "missing rules added",
                wanted.objects("rules").stream()
                        .map(Rule::of)
                        .map(Reconcile::text)
                        .toList());
        return new Plan("create", wanted, details, false);
    }

    private Plan plan(Unstructured now, Unstructured wanted) {
        boolean optedOut = "false".equals(now.annotations().get(OPTED_OUT));
        if (!now.object("roleRef").map().equals(wanted.object("roleRef").map())) {
            return new Plan("recreate", wanted, Map.of(), optedOut);
        }
        Unstructured then = now.copy();
        // What is there already stands.
        for (String which : List.of("annotations", "labels")) {
            wanted.object("metadata", which).map().forEach((k, v) -> {
                if (!then.has("metadata", which, k)) {
                    then.set(v, "metadata", which, k);
                }
            });
        }
        Map<String, List<String>> details = new LinkedHashMap<>();
        subjects(now, wanted, then, details);
        rules(now, wanted, then, details);
        aggregation(now, wanted, then);
        return new Plan(then.map().equals(now.map()) ? "none" : "update", then, details, optedOut);
    }

    private void subjects(Unstructured now, Unstructured wanted, Unstructured then, Map<String, List<String>> details) {
        List<Unstructured> missing = without(wanted.objects("subjects"), now.objects("subjects"));
        List<Unstructured> extra = without(now.objects("subjects"), wanted.objects("subjects"));
        boolean remove = line.on("remove-extra-subjects");
        if (!remove) {
            missing.forEach(s -> then.add(s, "subjects"));
        } else if (!missing.isEmpty() || !extra.isEmpty()) {
            then.set(wanted.objects("subjects"), "subjects");
        }
        details.put(
                "missing subjects added",
                missing.stream().map(Reconcile::subject).toList());
        details.put(
                "extra subjects removed",
                remove ? extra.stream().map(Reconcile::subject).toList() : List.of());
    }

    private static List<Unstructured> without(List<Unstructured> these, List<Unstructured> those) {
        List<String> known =
                new ArrayList<>(those.stream().map(Reconcile::subject).toList());
        List<Unstructured> left = new ArrayList<>();
        for (Unstructured s : these) {
            if (!known.contains(subject(s))) {
                known.add(subject(s));
                left.add(s);
            }
        }
        return left;
    }

    private void rules(Unstructured now, Unstructured wanted, Unstructured then, Map<String, List<String>> details) {
        List<Rule> missing = uncovered(now, wanted);
        boolean aggregated = now.has("aggregationRule") && wanted.has("aggregationRule");
        List<Rule> extra = aggregated ? List.of() : uncovered(wanted, now);
        boolean remove = line.on("remove-extra-permissions");
        if (!remove) {
            missing.forEach(r -> then.add(tree(r), "rules"));
        } else if (!missing.isEmpty() || !extra.isEmpty()) {
            then.set(wanted.objects("rules"), "rules");
        }
        details.put("missing rules added", missing.stream().map(Reconcile::text).toList());
        details.put(
                "extra rules removed",
                remove ? extra.stream().map(Reconcile::text).toList() : List.of());
    }

    /** Which parts of the rules of one no rule of the owner covers. */
    private static List<Rule> uncovered(Unstructured owner, Unstructured of) {
        List<Rule> own = owner.objects("rules").stream().map(Rule::of).toList();
        return of.objects("rules").stream()
                .flatMap(r -> Rule.of(r).parts().stream())
                .filter(part -> own.stream().noneMatch(r -> r.covers(part)))
                .toList();
    }

    private void aggregation(Unstructured now, Unstructured wanted, Unstructured then) {
        String[] path = {"aggregationRule", "clusterRoleSelectors"};
        List<Unstructured> missing = wanted.objects(path).stream()
                .filter(s -> !now.objects(path).contains(s))
                .toList();
        if (!wanted.has("aggregationRule")) {
            then.remove("aggregationRule");
        } else if (!line.on("remove-extra-permissions")) {
            missing.forEach(s -> then.add(s, path));
        } else {
            then.set(wanted.get("aggregationRule"), "aggregationRule");
        }
    }

    private Unstructured carryOut(Manifests.Entry e, Optional<Unstructured> now, Plan plan) {
        var resource = e.resource().resource();
        if (plan.operation.equals("none")) {
            return plan.object;
        }
        if (plan.operation.equals("update")) {
            return session.client().update(resource, plan.object, WRITE).object();
        }
        if (now.isPresent()) {
            // A binding is for one role for good.
            session.client()
                    .delete(
                            resource,
                            e.namespace(),
                            plan.object.name(),
                            new DeleteOptions(-1, "", now.get().uid(), ""));
        } else if (!e.namespace().isEmpty()) {
            ensureNamespace(e.namespace());
        }
        return session.client()
                .create(resource, e.namespace(), plan.object, WRITE)
                .object();
    }

    private void ensureNamespace(String name) {
        try {
            session.client().get(Resources.NAMESPACES, "", name);
        } catch (StatusException refused) {
            if (!refused.isNotFound()) {
                throw refused;
            }
            session.client().create(Resources.NAMESPACES, "", Unstructured.of("v1", "Namespace", "", name), WRITE);
        }
    }

    private void tell(Plan plan) {
        if (plan.operation.equals("none")) {
            return;
        }
        session.out().flush();
        session.err()
                .println("\treconciliation required " + plan.operation
                        + (plan.optedOut ? ", but object opted out (" + OPTED_OUT + ": false)" : ""));
        plan.details.forEach((heading, lines) -> {
            if (!lines.isEmpty()) {
                session.err().println("\t" + heading + ":");
                lines.forEach(l -> session.err().println("\t\t" + l));
            }
        });
    }

    /** As Go shows a subject. */
    private static String subject(Unstructured s) {
        return "{Kind:" + s.kind() + " APIGroup:" + s.string("apiGroup") + " Name:" + s.string("name") + " Namespace:"
                + s.string("namespace") + "}";
    }

    /** As Go shows a rule. */
    private static String text(Rule r) {
        return "{Verbs:" + list(r.verbs()) + " APIGroups:" + list(r.apiGroups()) + " Resources:" + list(r.resources())
                + " ResourceNames:" + list(r.resourceNames()) + " NonResourceURLs:" + list(r.nonResourceUrls()) + "}";
    }

    private static String list(List<String> values) {
        return "[" + String.join(" ", values) + "]";
    }

    private static Map<String, Object> tree(Rule r) {
        Map<String, Object> tree = new LinkedHashMap<>();
        Map<String, List<String>> all = new LinkedHashMap<>();
        all.put("verbs", r.verbs());
        all.put("apiGroups", r.apiGroups());
        all.put("resources", r.resources());
        all.put("resourceNames", r.resourceNames());
        all.put("nonResourceURLs", r.nonResourceUrls());
        all.forEach((k, v) -> {
            if (!v.isEmpty()) {
                tree.put(k, v);
            }
        });
        return tree;
    }
}
