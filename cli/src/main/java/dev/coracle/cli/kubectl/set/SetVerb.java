package dev.coracle.cli.kubectl.set;

import dev.coracle.cli.kubectl.apply.DryRun;
import dev.coracle.cli.kubectl.apply.ThreeWayMerge;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.print.ObjectPrinter;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Manifests;
import dev.coracle.cli.kubectl.resource.Selection;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code kubectl set}: brings a field of objects that are there to a value. */
public final class SetVerb implements Verb {
    private static final List<Setting> ALL = List.of(
            new EnvSetting(),
            new ImageSetting(),
            new ResourcesSetting(),
            new SelectorSetting(),
            new ServiceAccountSetting(),
            new SubjectSetting());

    /** Its own commands. */
    public static final String[] COMMANDS = ALL.stream().map(Setting::name).toArray(String[]::new);

    @Override
    public Flags flags() {
        return flags(List.of());
    }

    @Override
    public Flags flags(List<String> arguments) {
        Flags flags = Flags.of(
                        "all!",
                        "dry-run?client",
                        "output,o",
                        "template",
                        "local!",
                        "field-manager",
                        "show-managed-fields!")
                .and(Manifests.FLAGS);
        Optional<Setting> one = arguments.stream().findFirst().flatMap(SetVerb::named);
        return one.map(s -> flags.and(s.flags())).orElseGet(() -> {
            ALL.forEach(s -> flags.and(s.flags()));
            return flags;
        });
    }

    /** By its name, or the short one of a service account. */
    private static Optional<Setting> named(String word) {
        String name = word.equals("sa") ? "serviceaccount" : word;
        return ALL.stream().filter(s -> s.name().equals(name)).findFirst();
    }

    /** One of the objects, and where it is. */
    private record Subject(Selection.Item item, Unstructured now) {}

    @Override
    public int run(Session session, Flags.Line line) throws IOException {
        List<String> arguments = line.arguments();
        Setting setting = arguments.stream()
                .findFirst()
                .flatMap(SetVerb::named)
                .orElseThrow(() -> new Failure("set what? One of " + String.join(", ", COMMANDS)));
        if (line.on("all") && line.has("selector")) {
            throw new Failure("cannot set --all and --selector at the same time");
        }
        String dryRun = DryRun.of(line);
        if (line.on("local") && dryRun.equals("server")) {
            throw new Failure("cannot specify --local and --dry-run=server - did you mean --dry-run=client?");
        }
        Setting.Wish wish = setting.read(session, line, arguments.subList(1, arguments.size()));
        List<String> failures = new ArrayList<>();
        for (Subject s : subjects(session, line, wish.resources())) {
            Unstructured wanted = s.now().copy();
            try {
                wish.change().apply(wanted);
            } catch (Failure e) {
                failures.add("error: " + e.getMessage());
                continue;
            } catch (IllegalArgumentException e) {
                failures.add("error: " + s.item().resource().resource().resource() + "/"
                        + s.item().name() + " " + e.getMessage());
                continue;
            }
            if (!wish.quiet()) {
                submit(session, line, setting, s, wanted, dryRun, failures);
            }
        }
        session.out().flush();
        failures.forEach(session.err()::println);
        return failures.isEmpty() ? 0 : 1;
    }

    private static List<Subject> subjects(Session session, Flags.Line line, List<String> resources) throws IOException {
        Catalog catalog = new Catalog(session);
        List<Subject> all = new ArrayList<>();
        if (line.on("local")) {
            if (!resources.isEmpty()) {
                throw new Failure("error: you must specify resources by --filename when --local is set.");
            }
            for (Manifests.Entry e : new Manifests(session, catalog).read(line)) {
                all.add(new Subject(
                        new Selection.Item(
                                e.resource(), e.namespace(), e.object().name()),
                        e.object()));
            }
            return all;
        }
        for (Selection.Item item : Selection.of(session, catalog, line, resources, "")) {
            all.add(new Subject(
                    item,
                    session.client()
                            .get(item.resource().resource(), item.namespace(), item.name())
                            .object()));
        }
        return all;
    }

    private static void submit(
            Session session,
            Flags.Line line,
            Setting setting,
            Subject subject,
            Unstructured wanted,
            String dryRun,
            List<String> failures)
            throws IOException {
        Map<String, Object> now = subject.now().map();
        Map<String, Object> patch = new ThreeWayMerge(true).patch(now, wanted.map(), now);
        if (patch.isEmpty()) {
            return;
        }
        Unstructured result = wanted;
        if (!line.on("local") && !dryRun.equals("client")) {
            Selection.Item item = subject.item();
            var options =
                    new WriteOptions("", line.get("field-manager", "kubectl-set"), false, dryRun.equals("server"));
            try {
                result = session.client()
                        .patch(
                                item.resource().resource(),
                                item.namespace(),
                                item.name(),
                                Patch.strategic(new Unstructured(patch)),
                                options)
                        .object();
            } catch (StatusException e) {
                failures.add("error: failed to patch " + setting.name() + " update to pod template " + e.getMessage());
                return;
            }
        }
        if (ObjectPrinter.format(line).isEmpty()) {
            session.out().println(subject.item().title() + " " + setting.done() + DryRun.suffix(dryRun));
        } else {
            ObjectPrinter.of(line).print(session, List.of(result), true);
        }
    }
}
