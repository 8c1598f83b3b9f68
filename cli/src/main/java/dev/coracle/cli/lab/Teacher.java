package dev.coracle.cli.lab;

import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.resource.ApiResource;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Sets exercises on a cluster and looks at what became of them. Touches no namespace that it did not make. */
public final class Teacher {
    /** Whose a namespace is. */
    static final String LABEL = "coracle.dev/lab";

    private static final int BREAKAGES = 4;
    private static final Duration GLANCE = Duration.ofMillis(100);
    private static final WriteOptions OURS = WriteOptions.DEFAULT.as("coracle-lab");

    private final Session session;
    private final Course course;
    private final Path notes;

    /** @param notes a directory for what is remembered, made when it is needed */
    public Teacher(Session session, Course course, Path notes) {
        this.session = session;
        this.course = course;
        this.notes = notes;
    }

    /** An exercise as a list shows it. */
    public record Listed(String name, String title, String lab, boolean started) {}

    public List<Listed> list() throws IOException {
        List<Listed> all = new ArrayList<>();
        for (Exercise e : course.exercises()) {
            boolean started = e.namespaces().stream()
                    .anyMatch(n -> namespace(n).filter(found -> isOf(e, found)).isPresent());
            all.add(new Listed(e.name(), e.title(), e.lab(), started));
        }
        return all;
    }

    /**
     * @param seed chooses what breaks, where an exercise breaks something
     * @return what the student reads
     * @throws IllegalStateException when it is under way, or a namespace of somebody else's is in its place
     */
    public String start(String name, OptionalLong seed) throws IOException {
        Exercise e = course.exercise(name);
        if (isStarted(e)) {
            throw new IllegalStateException("exercise " + name + " is under way: `coracle lab check " + name
                    + "` tells how far it is, `coracle lab reset " + name + "` starts it again");
        }
        set(e, choose(e, seed));
        return invitation(e);
    }

    /** Everything that the student made goes with it. Without a seed, the same breaks again. */
    public String reset(String name, OptionalLong seed) throws IOException, InterruptedException {
        Exercise e = course.exercise(name);
        List<Breakage> before = chosen(e);
        List<Breakage> now = before.isEmpty() || seed.isPresent() ? choose(e, seed) : before;
        if (isStarted(e)) {
            for (String namespace : e.namespaces()) {
                remove(namespace);
            }
        }
        set(e, now);
        return invitation(e);
    }

    public List<Verdict> check(String name) throws IOException {
        Exercise e = started(name);
        Sight sight = new Sight(session, e.namespace());
        List<Check> checks = new ArrayList<>();
        chosen(e).forEach(b -> checks.add(b.mended()));
        checks.addAll(e.checks());
        return checks.stream()
                .map(c -> sight.holds(c) ? new Verdict(true, c.passed()) : new Verdict(false, c.otherwise()))
                .toList();
    }

    /** One more than last time; of what is mended there is nothing more to say. */
    public String hint(String name) throws IOException {
        Exercise e = started(name);
        List<Step> steps = steps(e);
        Path file = file(e);
        Notes known = Notes.read(file);
        Sight sight = new Sight(session, e.namespace());
        String last = "";
        for (int at = 0; at < steps.size(); at++) {
            Breakage about = steps.get(at).about();
            if (about != null && sight.holds(about.mended())) {
                continue;
            }
            last = steps.get(at).hint();
            if (at >= known.hints()) {
                known.hinted(at + 1).write(file);
                return (at + 1) + "/" + steps.size() + "  " + last;
            }
        }
        return "that was all; the last was: " + last;
    }

    private record Step(String hint, @Nullable Breakage about) {}

    /** First what helps with everything, then a step of each breakage in turn. */
    private List<Step> steps(Exercise e) throws IOException {
        List<Step> steps = new ArrayList<>();
        e.hints().forEach(h -> steps.add(new Step(h, null)));
        List<Breakage> chosen = chosen(e);
        int most = chosen.stream().mapToInt(b -> b.hints().size()).max().orElse(0);
        for (int i = 0; i < most; i++) {
            for (Breakage b : chosen) {
                if (i < b.hints().size()) {
                    steps.add(new Step(b.hints().get(i), b));
                }
            }
        }
        return steps;
    }

    private static String invitation(Exercise e) {
        return "exercise " + e.name() + ", " + e.title() + ": namespace "
                + String.join(", ", e.namespaces()) + "; read labs/" + e.lab() + "/README.md, and when you think it is"
                + " done: coracle lab check " + e.name();
    }

    private static List<Breakage> choose(Exercise e, OptionalLong seed) {
        if (seed.isEmpty()) {
            return e.breakages().stream().filter(Breakage::usual).toList();
        }
        if (e.breakages().isEmpty()) {
            throw new IllegalArgumentException("--seed: exercise " + e.name() + " is the same for everybody");
        }
        List<Breakage> all = new ArrayList<>(e.breakages());
        Collections.shuffle(all, new Random(seed.getAsLong()));
        return all.subList(0, Math.min(BREAKAGES, all.size()));
    }

    private List<Breakage> chosen(Exercise e) throws IOException {
        List<String> names = Notes.read(file(e)).breakages();
        return e.breakages().stream().filter(b -> names.contains(b.name())).toList();
    }

    private Path file(Exercise e) {
        return notes.resolve(e.name() + ".json");
    }

    private void set(Exercise e, List<Breakage> breakages) throws IOException {
        new Notes(0, breakages.stream().map(Breakage::name).toList()).write(file(e));
        for (String namespace : e.namespaces()) {
            session.client()
                    .create(
                            Resources.NAMESPACES,
                            "",
                            Unstructured.of("v1", "Namespace", "", namespace)
                                    .set(e.name(), "metadata", "labels", LABEL),
                            OURS);
        }
        Catalog catalog = new Catalog(session);
        for (Unstructured o : objects(e, breakages)) {
            ApiResource resource = catalog.of(o.groupVersionKind())
                    .orElseThrow(() -> new IllegalStateException("the cluster knows no " + o.kind()));
            session.client().create(resource.resource(), resource.scope(o.namespace()), o, OURS);
        }
    }

    /** What breakages bring comes first: a quota holds for what is made after it. */
    static List<Unstructured> objects(Exercise e, List<Breakage> breakages) {
        List<Unstructured> objects = new ArrayList<>();
        List<Change> changes = new ArrayList<>();
        for (Breakage b : breakages) {
            b.objects().forEach(o -> objects.add(Course.placed(o, e.namespaces())));
            changes.addAll(b.changes());
        }
        e.objects().forEach(o -> objects.add(Change.all(changes, o)));
        return objects;
    }

    private Exercise started(String name) throws IOException {
        Exercise e = course.exercise(name);
        if (!isStarted(e) || !e.breakages().isEmpty() && !Files.exists(file(e))) {
            throw new IllegalStateException(
                    "exercise " + name + " was not started: `coracle lab start " + name + "` does that");
        }
        return e;
    }

    /** @throws IllegalStateException when a namespace of its name is somebody else's */
    private boolean isStarted(Exercise e) {
        boolean any = false;
        for (String name : e.namespaces()) {
            Optional<Unstructured> namespace = namespace(name);
            any |= namespace.isPresent();
            if (namespace.isPresent()
                    && !e.name().equals(namespace.get().labels().get(LABEL))) {
                throw new IllegalStateException("namespace " + name + " was not made by exercise " + e.name()
                        + " and is left alone: it has no label " + LABEL + "=" + e.name());
            }
        }
        return any;
    }

    private static boolean isOf(Exercise e, Unstructured namespace) {
        return e.name().equals(namespace.labels().get(LABEL));
    }

    private Optional<Unstructured> namespace(String name) {
        try {
            return Optional.of(
                    session.client().get(Resources.NAMESPACES, "", name).object());
        } catch (StatusException absent) {
            if (absent.isNotFound()) {
                return Optional.empty();
            }
            throw absent;
        }
    }

    private void remove(String name) throws InterruptedException {
        Optional<Unstructured> found = namespace(name);
        if (found.isEmpty()) {
            return;
        }
        String uid = found.get().uid();
        session.client().delete(Resources.NAMESPACES, "", name, DeleteOptions.of(uid));
        while (namespace(name).filter(n -> n.uid().equals(uid)).isPresent()) {
            session.environment().sleep(GLANCE);
        }
    }
}
