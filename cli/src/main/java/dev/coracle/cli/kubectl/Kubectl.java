package dev.coracle.cli.kubectl;

import dev.coracle.cli.kubectl.base.Durations;
import dev.coracle.cli.kubectl.base.Errors;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.print.ObjectPrinter;
import dev.coracle.client.https.Endpoint;
import dev.coracle.client.https.Kubeconfig;
import dev.coracle.machinery.env.Environment;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** kubectl for those who have none: the same command lines, the same words, the same exit codes. */
public final class Kubectl {
    private static final Endpoint NOWHERE =
            new Endpoint(URI.create("http://localhost:8080"), "", false, "", "", "", "", "");

    private final Path kubeconfig;
    private final Environment environment;
    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;

    /** @param kubeconfig unless {@code --kubeconfig} names another */
    public Kubectl(Path kubeconfig, Environment environment, InputStream in, PrintStream out, PrintStream err) {
        this.kubeconfig = kubeconfig;
        this.environment = environment;
        this.in = in;
        this.out = out;
        this.err = err;
    }

    /** @return the exit code */
    public int run(List<String> words) {
        int at = verb(words);
        String name = at < words.size() ? words.get(at) : "help";
        // What stands behind -- is a command's own.
        List<String> ours = words.contains("--") ? words.subList(0, words.indexOf("--")) : words;
        if (name.equals("help") || ours.contains("--help") || ours.contains("-h")) {
            boolean one = Verbs.named(name).isPresent();
            List<String> arguments = leading(ours.subList(Math.min(at + 1, ours.size()), ours.size()));
            out.print(one ? Verbs.help(name, arguments, global(Flags.of())) : Verbs.help());
            out.flush();
            return 0;
        }
        List<String> rest = new ArrayList<>(words.subList(0, Math.min(at, words.size())));
        rest.addAll(words.subList(Math.min(at + 1, words.size()), words.size()));
        Optional<Verb> verb = Verbs.named(name);
        if (verb.isEmpty()) {
            err.println("error: unknown command \"" + name + "\" for \"kubectl\"");
            List<String> near = Verbs.near(name);
            if (!near.isEmpty()) {
                err.println("\nDid you mean this?");
                near.forEach(v -> err.println("\t" + v));
            }
            return 1;
        }
        return run(name, verb.get(), rest);
    }

    /**
     * A verb that need not be one of kubectl's.
     *
     * @param words its flags and arguments, and the flags that every verb takes
     * @return the exit code
     */
    public int run(String name, Verb verb, List<String> words) {
        URI server = NOWHERE.server();
        try {
            Flags.Line line = parse(name, verb, words);
            if (Verbs.onlyLeads(name, line.arguments())) {
                return lost(name, line.arguments());
            }
            if (verb.flags().has("template")
                    && !Verbs.path(name, line.arguments()).matches("config (?!view).*")) {
                ObjectPrinter.check(line, name.equals("get"));
            }
            Path config = line.has("kubeconfig") ? Path.of(line.get("kubeconfig")) : kubeconfig;
            Endpoint endpoint = Verbs.isLocal(name, line.arguments())
                    ? NOWHERE
                    : known(endpoint(config, line.get("context")), line);
            server = endpoint.server();
            Duration patience = patience(line.get("request-timeout", "0"));
            try (var session =
                    new Session(endpoint, config, line.get("namespace"), patience, environment, in, out, err)) {
                return verb.run(session, line);
            }
        } catch (IOException | RuntimeException e) {
            out.flush();
            return Errors.show(err, e, server);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 130;
        }
    }

    /** Told to do one of a verb's commands, but not which. */
    private int lost(String name, List<String> words) {
        if (!words.isEmpty() && !name.equals("certificate")) {
            err.println("error: unknown command \"" + String.join(" ", words) + "\"\nSee 'kubectl " + name
                    + " -h' for help and examples");
            return 1;
        }
        boolean asked = name.equals("rollout") || name.equals("certificate");
        (asked ? out : err).print(Verbs.help(name, words, global(Flags.of())));
        out.flush();
        return name.equals("certificate") ? 0 : 1;
    }

    static Flags global(Flags own) {
        return own.and("namespace,n", "context", "kubeconfig", "as", "as-uid", "as-group*", "token", "request-timeout");
    }

    private static Flags.Line parse(String name, Verb verb, List<String> rest) {
        try {
            return global(verb.flags()).parse(rest);
        } catch (Failure e) {
            // diff keeps the code 1 for what differs.
            throw name.equals("diff")
                    ? Failure.plain("error: " + e.getMessage() + "\nSee 'kubectl diff -h' for help and examples", 2)
                    : new Failure(e.getMessage() + "\nSee 'kubectl " + Verbs.path(name, leading(rest))
                            + " --help' for usage.");
        }
    }

    /** The words before the first flag. */
    private static List<String> leading(List<String> words) {
        return words.stream().takeWhile(w -> !w.startsWith("-")).toList();
    }

    /** Where the verb stands: global flags may come before it. */
    private static int verb(List<String> words) {
        int i = 0;
        while (i < words.size() && words.get(i).startsWith("-")) {
            boolean separate = !words.get(i).contains("=")
                    && (words.get(i).equals("-n")
                            || words.get(i)
                                    .matches(
                                            "--(namespace|context|kubeconfig|as|as-uid|as-group|token|request-timeout)"));
            i += separate ? 2 : 1;
        }
        return i;
    }

    /** By what the flags say, rather than the kubeconfig. */
    private static Endpoint known(Endpoint endpoint, Flags.Line line) {
        if (line.get("as").isEmpty() && (line.has("as-group") || line.has("as-uid"))) {
            throw new Failure("requesting uid, groups or user-extra for <unset> without impersonating a user");
        }
        Endpoint by = line.has("token") ? endpoint.withToken(line.get("token")) : endpoint;
        return line.get("as").isEmpty()
                ? by
                : by.as(new Endpoint.Impersonation(line.get("as"), line.get("as-uid"), line.all("as-group")));
    }

    /** How long one request may take; zero for as long as it does. */
    private static Duration patience(String text) {
        try {
            Duration d = Durations.parse(text);
            return d.isNegative() ? Duration.ZERO : d;
        } catch (Failure e) {
            throw new Failure(
                    "Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed"
                            + " by a corresponding time unit (e.g. 1s | 2m | 3h)");
        }
    }

    private static Endpoint endpoint(Path config, String context) throws IOException {
        if (!Files.exists(config)) {
            throw new Failure("stat " + config + ": no such file or directory");
        }
        Kubeconfig k = Kubeconfig.read(config);
        if (!context.isEmpty() && !k.contexts().contains(context)) {
            throw Failure.plain("Error in configuration: context was not found for specified context: " + context, 1);
        }
        if (!context.isEmpty()) {
            return k.endpoint(context);
        }
        return k.currentContext().isEmpty() ? NOWHERE : k.endpoint();
    }
}
