package dev.coracle.cli.kubectl.apply;

import dev.coracle.cli.kubectl.base.Errors;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.print.YamlText;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Manifests;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code kubectl diff}: what apply would change, by the server's own dry run. The exit code is that of {@code diff(1)}:
 * 0 for nothing, 1 for a difference, more for trouble.
 */
public final class Diff implements Verb {
    private static final int TROUBLE = 2;

    @Override
    public Flags flags() {
        return Flags.of("server-side!", "force-conflicts!", "field-manager", "selector,l", "show-managed-fields!")
                .and(Manifests.FLAGS);
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException, InterruptedException {
        Path live = Files.createTempDirectory("LIVE-");
        Path merged = Files.createTempDirectory("MERGED-");
        try {
            write(session, line, live, merged);
            return compare(session, live, merged);
        } catch (RuntimeException e) {
            session.out().flush();
            return Math.max(
                    TROUBLE, Errors.show(session.err(), e, session.endpoint().server()));
        } finally {
            delete(live);
            delete(merged);
        }
    }

    private static void write(Session session, Flags.Line line, Path live, Path merged) throws IOException {
        if (!line.arguments().isEmpty()) {
            throw new Failure("Unexpected args: [" + String.join(" ", line.arguments())
                    + "]\nSee 'kubectl diff -h' for help and examples");
        }
        if (!line.has("filename") && !line.has("kustomize")) {
            throw new Failure("must specify one of -f and -k");
        }
        if (line.on("force-conflicts") && !line.on("server-side")) {
            throw new Failure("--force-conflicts only works with --server-side");
        }
        LabelSelector labels = LabelSelector.parse(line.get("selector"));
        for (Manifests.Entry e : new Manifests(session, new Catalog(session)).read(line)) {
            if (!labels.isEmpty() && !labels.matches(e.object().labels())) {
                continue;
            }
            Unstructured before = live(session, e);
            Unstructured after = merged(session, line, e, before).copy();
            before = before == null ? null : before.copy();
            if (e.object().kind().equals("Secret")) {
                mask(before, after);
            }
            String file = e.object().apiVersion().replace('/', '.') + "."
                    + e.object().kind() + "." + e.namespace() + "." + e.object().name();
            if (before != null) {
                print(line, live.resolve(file), before);
            }
            print(line, merged.resolve(file), after);
        }
    }

    private static @Nullable Unstructured live(Session session, Manifests.Entry e) {
        try {
            return session.client()
                    .get(e.resource().resource(), e.namespace(), e.object().name())
                    .object();
        } catch (StatusException absent) {
            if (absent.isNotFound()) {
                return null;
            }
            throw absent;
        }
    }

    private static Unstructured merged(
            Session session, Flags.Line line, Manifests.Entry e, @Nullable Unstructured live) {
        boolean serverSide = line.on("server-side");
        String manager = line.get("field-manager", serverSide ? "kubectl" : Apply.CLIENT_SIDE);
        var options = new WriteOptions("", manager, line.on("force-conflicts"), true);
        var r = e.resource().resource();
        if (serverSide) {
            return session.client()
                    .patch(r, e.namespace(), e.object().name(), Patch.apply(e.object()), options)
                    .object();
        }
        if (live == null) {
            return session.client()
                    .create(r, e.namespace(), e.object(), options)
                    .object();
        }
        // What was applied is remembered with annotations, if none; a manifest without would seem to remove them all.
        Unstructured modified = e.object().copy();
        modified.set(new LinkedHashMap<>(modified.annotations()), "metadata", "annotations");
        return Apply.patch(session.client(), e, modified, live, options, "server", false)
                .object();
    }

    private static void print(Flags.Line line, Path file, Unstructured object) throws IOException {
        if (!line.on("show-managed-fields")) {
            object.remove("metadata", "managedFields");
        }
        Files.writeString(file, YamlText.of(object.map()));
    }

    /** That a secret changes may be shown, but not to what. */
    private static void mask(@Nullable Unstructured before, Unstructured after) {
        Map<String, String> from = before == null ? Map.of() : before.strings("data");
        Map<String, String> to = after.strings("data");
        if (before != null && before.has("data")) {
            before.set(masked(from, to, "*** (before)"), "data");
        }
        if (after.has("data")) {
            after.set(masked(to, from, "*** (after)"), "data");
        }
    }

    private static Map<String, Object> masked(Map<String, String> data, Map<String, String> other, String changed) {
        Map<String, Object> masked = new LinkedHashMap<>();
        data.forEach((k, v) -> masked.put(k, other.containsKey(k) && !v.equals(other.get(k)) ? changed : "***"));
        return masked;
    }

    private static int compare(Session session, Path live, Path merged) throws IOException, InterruptedException {
        String external = System.getenv().getOrDefault("KUBECTL_EXTERNAL_DIFF", "");
        List<String> command = new ArrayList<>(external.isEmpty() ? List.of("diff", "-u", "-N") : words(external));
        command.add(live.toString());
        command.add(merged.toString());
        Process diff;
        try {
            diff = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new Failure("failed to run \"" + command.getFirst() + "\": " + e.getMessage());
        }
        diff.getOutputStream().close();
        diff.getInputStream().transferTo(session.out());
        session.out().flush();
        return diff.waitFor();
    }

    /** The program, and of what follows only plain flags. */
    private static List<String> words(String external) {
        List<String> words = List.of(external.split(" "));
        return Stream.concat(words.stream().limit(1), words.stream().skip(1).filter(w -> w.matches("[a-zA-Z0-9=-]+")))
                .toList();
    }

    private static void delete(Path dir) throws IOException {
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path f : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(f);
            }
        }
    }
}
