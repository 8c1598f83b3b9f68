package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.print.YamlText;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Manifests;
import dev.coracle.cli.kubectl.resource.Selection;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** {@code kubectl edit}: in {@code $KUBE_EDITOR}, {@code $EDITOR} or {@code vi}. */
public final class Edit implements Verb {
    private static final String HEAD = """
            # Please edit the object below. Lines beginning with a '#' will be ignored,
            # and an empty file will abort the edit. If an error occurs while saving this file will be
            # reopened with the relevant failures.
            #
            """;

    @Override
    public Flags flags() {
        return Flags.of("output,o").and(Manifests.FLAGS);
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException, InterruptedException {
        for (Selection.Item item : Selection.of(session, new Catalog(session), line, "")) {
            Path file = Files.createTempFile("kubectl-edit-", ".yaml");
            try {
                edit(session, item, file);
            } finally {
                Files.deleteIfExists(file);
            }
        }
        return 0;
    }

    private static void edit(Session session, Selection.Item item, Path file) throws IOException, InterruptedException {
        Unstructured now = Rollout.get(session, item).copy().remove("metadata", "managedFields");
        String text = HEAD + YamlText.of(now.map());
        Files.writeString(file, text);
        while (true) {
            String before = Files.readString(file);
            open(file);
            String after = Files.readString(file);
            List<Object> documents = Yaml.parseAll(after);
            if (documents.isEmpty() || after.equals(before)) {
                session.err().println("Edit cancelled, no changes made.");
                return;
            }
            try {
                save(session, item, documents);
                session.out().println(item.title() + " edited");
                return;
            } catch (StatusException refused) {
                Files.writeString(
                        file,
                        HEAD + "# " + String.valueOf(refused.getMessage()).replace("\n", "\n# ") + "\n#\n"
                                + after.lines().filter(l -> !l.startsWith("#")).reduce("", (a, b) -> a + b + "\n"));
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static void save(Session session, Selection.Item item, List<Object> documents) {
        if (documents.size() != 1 || !(documents.getFirst() instanceof Map<?, ?> m)) {
            throw new Failure("the edited file is not one object");
        }
        session.client()
                .update(
                        item.resource().resource(),
                        new Unstructured((Map<String, Object>) m),
                        WriteOptions.DEFAULT.as("kubectl-edit"));
    }

    private static void open(Path file) throws IOException, InterruptedException {
        Map<String, String> env = System.getenv();
        String editor = env.getOrDefault("KUBE_EDITOR", env.getOrDefault("EDITOR", "vi"));
        // Through a shell: the variable may hold arguments.
        int code = new ProcessBuilder("/bin/sh", "-c", editor + " \"$1\"", "sh", file.toString())
                .inheritIO()
                .start()
                .waitFor();
        if (code != 0) {
            throw new Failure("there was a problem with the editor \"" + editor + "\"");
        }
    }
}
