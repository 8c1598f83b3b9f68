package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.print.Columns;
import dev.coracle.cli.kubectl.print.ObjectPrinter;
import dev.coracle.cli.kubectl.print.YamlText;
import dev.coracle.client.https.Kubeconfig;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/** {@code kubectl config}: contexts, and the file with its secrets hidden. */
public final class Config implements Verb {
    @Override
    public Flags flags() {
        return Flags.of("raw!", "minify!", "output,o", "template", "no-headers!", "current!", "cluster", "user");
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException {
        List<String> a = line.arguments();
        Kubeconfig config = Kubeconfig.read(session.kubeconfig());
        switch (a.getFirst()) {
            case "view" -> view(session, line, config.config().copy());
            case "current-context" -> {
                if (config.currentContext().isEmpty()) {
                    throw new Failure("current-context is not set");
                }
                session.out().println(config.currentContext());
            }
            case "get-contexts" -> contexts(session, line, config);
            case "get-clusters" -> {
                session.out().println("NAME");
                config.config().objects("clusters").forEach(c -> session.out().println(c.string("name")));
            }
            case "use-context", "use" -> {
                String name = name(a);
                if (!config.contexts().contains(name)) {
                    throw new Failure("no context exists with the name: \"" + name + "\"");
                }
                write(session.kubeconfig(), config.config().copy().set(name, "current-context"));
                session.out().println("Switched to context \"" + name + "\".");
            }
            case "set-context" -> set(session, line, config, a);
            default -> throw new Failure("unknown command \"" + a.getFirst() + "\" for \"kubectl config\"");
        }
        return 0;
    }

    private static String name(List<String> arguments) {
        if (arguments.size() < 2 && arguments.getFirst().equals("set-context")) {
            throw new Failure("you must specify a non-empty context name or --current");
        }
        if (arguments.size() != 2) {
            throw new Failure("Unexpected args: [" + String.join(" ", arguments.subList(1, arguments.size())) + "]");
        }
        return arguments.get(1);
    }

    private static void view(Session session, Flags.Line line, Unstructured config) throws IOException {
        if (line.on("minify")) {
            String current = config.string("current-context");
            keep(config, "contexts", current);
            List<Unstructured> contexts = config.objects("contexts");
            String cluster = contexts.isEmpty() ? "" : contexts.getFirst().string("context", "cluster");
            String user = contexts.isEmpty() ? "" : contexts.getFirst().string("context", "user");
            keep(config, "clusters", cluster);
            keep(config, "users", user);
        }
        for (String list : List.of("clusters", "contexts", "users")) {
            config.set(
                    config.objects(list).stream()
                            .sorted(java.util.Comparator.comparing(e -> e.string("name")))
                            .toList(),
                    list);
        }
        if (!config.has("preferences")) {
            config.set(new LinkedHashMap<>(), "preferences");
        }
        if (!line.on("raw")) {
            config.objects("clusters").forEach(c -> hide(c, "DATA+OMITTED", "cluster", "certificate-authority-data"));
            for (Unstructured u : config.objects("users")) {
                hide(u, "DATA+OMITTED", "user", "client-certificate-data");
                hide(u, "DATA+OMITTED", "user", "client-key-data");
                hide(u, "REDACTED", "user", "token");
                hide(u, "REDACTED", "user", "password");
            }
        }
        if (ObjectPrinter.format(line).isEmpty()) {
            session.out().print(YamlText.of(config.map()));
        } else {
            ObjectPrinter.of(line).print(session, List.of(config), true);
        }
    }

    private static void keep(Unstructured config, String list, String name) {
        config.set(
                config.objects(list).stream()
                        .filter(e -> e.string("name").equals(name))
                        .toList(),
                list);
    }

    private static void hide(Unstructured entry, String instead, String... path) {
        if (entry.has(path)) {
            entry.set(instead, path);
        }
    }

    private static void contexts(Session session, Flags.Line line, Kubeconfig config) {
        if (line.get("output").equals("name")) {
            config.contexts().forEach(session.out()::println);
            return;
        }
        Columns columns = Columns.table();
        if (!line.on("no-headers")) {
            columns.row("CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE");
        }
        List<Unstructured> contexts = new ArrayList<>(config.config().objects("contexts"));
        contexts.sort(java.util.Comparator.comparing(c -> c.string("name")));
        for (Unstructured c : contexts) {
            columns.row(
                    c.string("name").equals(config.currentContext()) ? "*" : "",
                    c.string("name"),
                    c.string("context", "cluster"),
                    c.string("context", "user"),
                    c.string("context", "namespace"));
        }
        columns.flush(session.out());
    }

    private static void set(Session session, Flags.Line line, Kubeconfig config, List<String> a) throws IOException {
        String name = line.on("current") ? config.currentContext() : name(a);
        Unstructured whole = config.config().copy();
        Unstructured context = null;
        for (Unstructured c : whole.objects("contexts")) {
            context = c.string("name").equals(name) ? c : context;
        }
        boolean made = context == null;
        if (context == null) {
            context = new Unstructured(new LinkedHashMap<>()).set(name, "name");
            whole.add(context, "contexts");
        }
        for (String field : List.of("namespace", "cluster", "user")) {
            if (line.has(field)) {
                context.set(line.get(field), "context", field);
            }
        }
        write(session.kubeconfig(), whole);
        session.out().println("Context \"" + name + "\" " + (made ? "created." : "modified."));
    }

    /** Whole or not at all, and readable by its owner alone. */
    private static void write(Path file, Unstructured config) throws IOException {
        Path part = Files.createTempFile(file.toAbsolutePath().getParent(), "config", ".part");
        Files.writeString(part, YamlText.of(config.map()));
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
