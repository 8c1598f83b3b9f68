package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.apply.DryRun;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.print.ObjectPrinter;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Selection;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;

/** {@code kubectl taint}: {@code KEY=VALUE:EFFECT} adds, {@code KEY-} and {@code KEY:EFFECT-} remove. */
public final class Taint implements Verb {
    private static final String NAME = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

    /** What is asked of each node. */
    private record Wish(List<Spot> added, List<Spot> removed) {}

    /** @param effect {@code ""}, when removed, for all */
    private record Spot(String key, String value, String effect) {
        static Spot of(Unstructured taint) {
            return new Spot(taint.string("key"), taint.string("value"), taint.string("effect"));
        }

        /** Key and effect together name a taint; its value is what it carries. */
        boolean covers(Spot other) {
            return key.equals(other.key) && (effect.isEmpty() || effect.equals(other.effect));
        }

        Unstructured json() {
            Unstructured t = new Unstructured(new LinkedHashMap<>()).set(key, "key");
            return (value.isEmpty() ? t : t.set(value, "value")).set(effect, "effect");
        }

        String text() {
            return key + (value.isEmpty() ? "" : "=" + value) + (effect.isEmpty() ? "" : ":" + effect);
        }
    }

    @Override
    public Flags flags() {
        return Flags.of("overwrite!", "all!", "selector,l", "dry-run?client", "output,o", "template", "field-manager");
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException {
        List<String> resources = new ArrayList<>();
        List<String> specs = new ArrayList<>();
        for (String a : line.arguments()) {
            boolean taint = a.contains("=") || a.contains(":") || a.endsWith("-");
            if (!taint && !specs.isEmpty()) {
                throw new Failure("all resources must be specified before taint changes: " + a);
            }
            (taint ? specs : resources).add(a);
        }
        if (resources.isEmpty()) {
            throw new Failure("one or more resources must be specified as <resource> <name>");
        }
        if (specs.isEmpty()) {
            throw new Failure("at least one taint update is required");
        }
        Wish wish = wish(specs);
        Catalog catalog = new Catalog(session);
        String type = resources.getFirst().replaceFirst("/.*", "");
        if (!catalog.find(type).kind().equals("Node")) {
            throw new Failure("invalid resource type " + type + ", only node types are supported");
        }
        if (line.on("all") && line.has("selector")) {
            throw new Failure("setting 'all' parameter with a non empty selector is prohibited");
        }
        boolean many = line.on("all") || line.has("selector");
        if (!many && resources.size() < 2 && !resources.getFirst().contains("/")) {
            throw new Failure("at least one resource name must be specified since 'all' parameter is not set");
        }
        List<String> arguments = many ? List.of(type) : resources;
        for (Selection.Item item : Selection.of(session, catalog, line, arguments, "")) {
            one(session, line, item, wish);
        }
        return 0;
    }

    private static void one(Session session, Flags.Line line, Selection.Item item, Wish wish) throws IOException {
        Unstructured node = Rollout.get(session, item);
        List<Spot> before =
                node.objects("spec", "taints").stream().map(Spot::of).toList();
        boolean overwrite = line.on("overwrite");
        String there = wish.added().stream()
                .filter(a -> before.stream().anyMatch(a::covers))
                .map(Spot::key)
                .collect(Collectors.joining(","));
        if (!there.isEmpty() && !overwrite) {
            throw new Failure("node " + node.name() + " already has " + there
                    + " taint(s) with same effect(s) and --overwrite is false");
        }
        List<Spot> after = new ArrayList<>(wish.added());
        before.stream()
                .filter(b -> wish.added().stream().noneMatch(a -> a.covers(b)))
                .forEach(after::add);
        boolean added = after.size() != before.size();
        boolean removed = false;
        for (Spot r : wish.removed()) {
            removed = after.removeIf(r::covers);
            if (!removed) {
                throw Failure.plain("error: taint \"" + r.text() + "\" not found", 1);
            }
        }
        String dryRun = DryRun.of(line);
        Unstructured result = node.copy().set(jsons(after), "spec", "taints");
        if (!dryRun.equals("client")) {
            // With the version: whoever has tainted the node meanwhile must not be overwritten.
            Unstructured patch = new Unstructured(new LinkedHashMap<>())
                    .set(jsons(after), "spec", "taints")
                    .set(node.resourceVersion(), "metadata", "resourceVersion");
            var options =
                    new WriteOptions("", line.get("field-manager", "kubectl-taint"), false, dryRun.equals("server"));
            result = session.client()
                    .patch(item.resource().resource(), "", node.name(), Patch.merge(patch), options)
                    .object();
        }
        if (!ObjectPrinter.format(line).isEmpty()) {
            ObjectPrinter.of(line).print(session, List.of(result), true);
            return;
        }
        String word = added && removed || overwrite ? "modified" : added ? "tainted" : "untainted";
        // As kubectl: of a dry run nothing more is said.
        session.out().println("node/" + node.name() + " " + word);
    }

    private static List<Object> jsons(List<Spot> spots) {
        return new ArrayList<>(spots.stream().map(s -> s.json().map()).toList());
    }

    private static Wish wish(List<String> specs) {
        Wish wish = new Wish(new ArrayList<>(), new ArrayList<>());
        for (String text : specs) {
            if (text.endsWith("-")) {
                Spot s = parse(text.substring(0, text.length() - 1));
                wish.removed().add(new Spot(s.key(), "", s.effect()));
                continue;
            }
            Spot s = parse(text);
            if (s.effect().isEmpty()) {
                throw wrong("invalid taint spec: " + text);
            }
            if (wish.added().stream().anyMatch(s::covers)) {
                throw wrong("duplicated taints with the same key and effect: {" + s.key() + " " + s.value() + " "
                        + s.effect() + " <nil>}");
            }
            wish.added().add(s);
        }
        String both = wish.added().stream()
                .flatMap(a -> wish.removed().stream().filter(r -> r.covers(a)))
                .map(r -> r.key() + "=" + r.effect())
                .collect(Collectors.joining(", "));
        if (!both.isEmpty()) {
            throw new Failure("can not both modify and remove the following taint(s) in the same command: " + both);
        }
        return wish;
    }

    private static Spot parse(String text) {
        String[] halves = text.split(":", -1);
        String[] pair = halves[0].split("=", -1);
        if (halves.length > 2 || halves.length == 2 && pair.length > 2) {
            throw wrong("invalid taint spec: " + text);
        }
        // Without an effect the whole is a key.
        String key = halves.length == 2 ? pair[0] : halves[0];
        String effect = halves.length == 2 ? halves[1] : "";
        if (halves.length == 2
                && !List.of("NoSchedule", "PreferNoSchedule", "NoExecute").contains(effect)) {
            throw wrong("invalid taint effect: " + effect + ", unsupported taint effect");
        }
        if (!key.matches("([^/]+/)?" + NAME)) {
            throw wrong("invalid taint spec: " + text + ", name part must consist of alphanumeric characters, '-', '_'"
                    + " or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name', "
                    + " or '123-abc', regex used for validation is '" + NAME + "')");
        }
        return new Spot(key, halves.length == 2 && pair.length == 2 ? pair[1] : "", effect);
    }

    private static Failure wrong(String message) {
        return new Failure(message + "\nSee 'kubectl taint -h' for help and examples");
    }
}
