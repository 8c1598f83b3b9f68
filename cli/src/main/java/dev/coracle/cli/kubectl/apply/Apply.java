package dev.coracle.cli.kubectl.apply;

import dev.coracle.cli.kubectl.base.Errors;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.print.JsonText;
import dev.coracle.cli.kubectl.print.ObjectPrinter;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Manifests;
import dev.coracle.cli.kubectl.resource.Validation;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.client.https.RestClient;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code kubectl apply}: client-side by default, server-side when asked. */
public final class Apply implements Verb {
    static final String CLIENT_SIDE = "kubectl-client-side-apply";
    private static final int TRIES = 5;
    /** Groups whose kinds have patch strategies; what is defined by custom resources has none. */
    private static final Set<String> CUSTOM_FREE = Set.of("", "apps", "batch", "autoscaling", "policy", "extensions");

    @Override
    public Flags flags() {
        return Flags.of(
                        "server-side!",
                        "force-conflicts!",
                        "field-manager",
                        "dry-run?client",
                        "output,o",
                        "template",
                        "selector,l",
                        "validate?strict",
                        "overwrite!",
                        "show-managed-fields!")
                .and(Manifests.FLAGS);
    }

    record Outcome(Unstructured object, String word) {}

    @Override
    public int run(Session session, Flags.Line line) throws IOException {
        if (!line.arguments().isEmpty()) {
            throw new Failure("Unexpected args: [" + String.join(" ", line.arguments())
                    + "]\nSee 'kubectl apply -h' for" + " help and examples");
        }
        if (!line.has("filename") && !line.has("kustomize")) {
            throw new Failure("must specify one of -f and -k");
        }
        String dryRun = DryRun.of(line);
        Validation validation = Validation.of(line);
        RestClient client = validation.client(session);
        var labels = dev.coracle.machinery.selector.LabelSelector.parse(line.get("selector"));
        List<Manifests.Entry> entries = new Manifests(session, new Catalog(session), validation)
                .read(line, "apply").stream()
                        .filter(e ->
                                labels.isEmpty() || labels.matches(e.object().labels()))
                        .toList();
        if (entries.isEmpty()) {
            throw new Failure("no objects passed to apply");
        }
        List<Unstructured> printed = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        for (Manifests.Entry e : entries) {
            try {
                Outcome o = line.on("server-side")
                        ? serverSide(client, line, e, dryRun)
                        : clientSide(session, client, e, dryRun);
                if (ObjectPrinter.format(line).isEmpty()) {
                    session.out().println(e.title() + " " + o.word() + DryRun.suffix(dryRun));
                    session.out().flush();
                } else {
                    printed.add(o.object());
                }
            } catch (StatusException refused) {
                failures.add(Errors.refusal(refused, ""));
            } catch (Failure refused) {
                failures.add(String.valueOf(refused.getMessage()));
            }
        }
        if (!ObjectPrinter.format(line).isEmpty()) {
            ObjectPrinter.of(line).print(session, printed, printed.size() == 1);
        }
        failures.forEach(session.err()::println);
        return failures.isEmpty() ? 0 : 1;
    }

    private static Outcome serverSide(RestClient client, Flags.Line line, Manifests.Entry e, String dryRun) {
        if (dryRun.equals("client")) {
            throw Failure.plain(
                    "error: --dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)",
                    1);
        }
        var options = new WriteOptions(
                "", line.get("field-manager", "kubectl"), line.on("force-conflicts"), dryRun.equals("server"));
        Unstructured applied = client.patch(
                        e.resource().resource(), e.namespace(), e.object().name(), Patch.apply(e.object()), options)
                .object();
        return new Outcome(applied, "serverside-applied");
    }

    private static Outcome clientSide(Session session, RestClient client, Manifests.Entry e, String dryRun) {
        GroupVersionResource r = e.resource().resource();
        Unstructured modified = LastApplied.marked(e.object());
        var options = new WriteOptions("", CLIENT_SIDE, false, dryRun.equals("server"));
        String generated = e.object().string("metadata", "generateName");
        if (e.object().name().isEmpty() && !generated.isEmpty()) {
            throw Failure.plain("error: from " + generated + ": cannot use generate name with apply", 1);
        }
        if (e.object().name().isEmpty()) {
            throw Failure.plain(
                    "error: error when retrieving current configuration of:\n" + told(e) + "\nfrom server for: \""
                            + e.source() + "\": resource name may not be empty",
                    1);
        }
        for (int attempt = 1; ; attempt++) {
            Unstructured live;
            try {
                live = client.get(r, e.namespace(), e.object().name()).object();
            } catch (StatusException absent) {
                if (!absent.isNotFound()) {
                    throw absent;
                }
                return create(client, e, modified, options, dryRun);
            }
            if (attempt == 1) {
                warn(session, e, live);
            }
            try {
                return patch(client, e, modified, live, options, dryRun, attempt < TRIES);
            } catch (StatusException conflict) {
                if (!conflict.isConflict()) {
                    throw conflict;
                }
            }
        }
    }

    private static Outcome create(
            RestClient client, Manifests.Entry e, Unstructured modified, WriteOptions options, String dryRun) {
        if (dryRun.equals("client")) {
            return new Outcome(e.object(), "created");
        }
        try {
            return new Outcome(
                    client.create(e.resource().resource(), e.namespace(), modified, options)
                            .object(),
                    "created");
        } catch (StatusException refused) {
            throw refused.reason().equals("Invalid")
                    ? refused
                    : Failure.plain(Errors.refusal(refused, "error when creating \"" + e.source() + "\""), 1);
        }
    }

    private static String during(Manifests.Entry e, Map<String, Object> patch) {
        return "error when applying patch:\n" + JsonText.compact(patch) + "\nto:\n" + told(e) + "\nfor: \"" + e.source()
                + "\": error when patching \"" + e.source() + "\"";
    }

    private static String told(Manifests.Entry e) {
        var r = e.resource();
        String version = r.resource().group() + "/" + r.resource().version();
        return "Resource: \"" + version + ", Resource=" + r.resource().resource() + "\", GroupVersionKind: \"" + version
                + ", Kind=" + r.kind() + "\"\nName: \"" + e.object().name() + "\", Namespace: \"" + e.namespace()
                + "\"";
    }

    private static void warn(Session session, Manifests.Entry e, Unstructured live) {
        if (LastApplied.of(live).isEmpty()) {
            session.err()
                    .println("Warning: resource " + e.resource().resource().resource() + "/" + live.name()
                            + " is missing the " + LastApplied.ANNOTATION
                            + " annotation which is required by kubectl apply. kubectl apply should only be used on"
                            + " resources created declaratively by either kubectl create --save-config or kubectl"
                            + " apply. The missing annotation will be patched automatically.");
        }
    }

    /** @param again whether a conflict is tried again, and then thrown as it is */
    static Outcome patch(
            RestClient client,
            Manifests.Entry e,
            Unstructured modified,
            Unstructured live,
            WriteOptions options,
            String dryRun,
            boolean again) {
        var original = LastApplied.of(live);
        GroupVersionResource r = e.resource().resource();
        boolean strategic = CUSTOM_FREE.contains(r.group()) || r.group().endsWith(".k8s.io");
        Map<String, Object> patch = new ThreeWayMerge(strategic)
                .patch(original.map(Unstructured::map).orElse(Map.of()), modified.map(), live.map());
        if (patch.isEmpty()) {
            return new Outcome(live, "unchanged");
        }
        if (dryRun.equals("client")) {
            return new Outcome(live, "configured");
        }
        Patch.Type type = strategic ? Patch.Type.STRATEGIC : Patch.Type.MERGE;
        Unstructured after;
        try {
            after = client.patch(r, e.namespace(), live.name(), new Patch(type, Json.bytes(patch)), options)
                    .object();
        } catch (StatusException refused) {
            if (refused.isConflict() && again || refused.reason().equals("Invalid")) {
                throw refused;
            }
            throw Failure.plain(Errors.refusal(refused, during(e, patch)), 1);
        }
        return new Outcome(after, "configured");
    }
}
