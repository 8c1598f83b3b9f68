package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Objects made from flags: what {@code kubectl create KIND NAME} knows, in one screen. */
final class Generators {
    private static final String[] DATA = {"from-literal*", "from-file*", "from-env-file*"};
    private static final String[] WORKLOAD = {"image*"};
    private static final String[] RULE = {"verb*", "resource*", "resource-name*"};
    private static final String[] SUBJECTS = {"clusterrole", "user*", "group*", "serviceaccount*"};

    private static final List<Generator> ALL = List.of(
            plain("namespace", "ns", "Namespace"),
            plain("serviceaccount", "sa", "ServiceAccount"),
            of("deployment", "deploy", (s, c, l) -> WorkloadObjects.deployment(l.line(), l.name(), l.command()))
                    .with(WORKLOAD)
                    .with("replicas,r#", "port#"),
            of("job", "", (s, c, l) -> WorkloadObjects.job(s, l.line(), l.name(), l.command()))
                    .with(WORKLOAD)
                    .with("from"),
            of("cronjob", "cj", (s, c, l) -> WorkloadObjects.cronJob(l.line(), l.name(), l.command()))
                    .with(WORKLOAD)
                    .with("schedule", "restart"),
            of("configmap", "cm", (s, c, l) -> DataObjects.configMap(l.line(), l.name()))
                    .with(DATA),
            secret("generic").with(DATA).with("type"),
            secret("tls").with("cert", "key"),
            secret("docker-registry")
                    .with("docker-server", "docker-username", "docker-password", "docker-email", "from-file*"),
            service("clusterip").with("tcp*", "clusterip"),
            service("nodeport").with("tcp*", "node-port#"),
            service("loadbalancer").with("tcp*"),
            service("externalname").with("tcp*", "external-name"),
            of("ingress", "ing", (s, c, l) -> NetworkObjects.ingress(l.line(), l.name()))
                    .with("rule*", "class", "default-backend", "annotation*"),
            of("role", "", (s, c, l) -> RbacObjects.role(l.line(), l.name(), c)).with(RULE),
            of("clusterrole", "", (s, c, l) -> RbacObjects.clusterRole(l.line(), l.name(), c))
                    .with(RULE)
                    .with("non-resource-url*", "aggregation-rule"),
            of("rolebinding", "", (s, c, l) -> RbacObjects.binding(l.line(), l.name(), false))
                    .with(SUBJECTS)
                    .with("role"),
            of("clusterrolebinding", "", (s, c, l) -> RbacObjects.binding(l.line(), l.name(), true))
                    .with(SUBJECTS),
            of("quota", "resourcequota", (s, c, l) -> PolicyObjects.quota(l.line(), l.name()))
                    .with("hard", "scopes"),
            of("poddisruptionbudget", "pdb", (s, c, l) -> PolicyObjects.budget(l.line(), l.name()))
                    .with("selector,l", "min-available", "max-unavailable"),
            of("priorityclass", "pc", (s, c, l) -> PolicyObjects.priority(l.line(), l.name()))
                    .with("value#", "global-default!", "description", "preemption-policy"));

    private Generators() {}

    /** What was asked for, read: the name, and the command behind {@code --}. */
    private record Wish(Flags.Line line, String name, List<String> command) {}

    private interface Maker {
        Unstructured make(Session session, Catalog catalog, Wish wish) throws IOException;
    }

    /**
     * One of {@code create}'s own commands.
     *
     * @param kind as it is written; of Secrets and Services each type is a row
     * @param flags as {@link Flags} declares them, besides those that every kind takes
     */
    private record Generator(String kind, String alias, String type, Maker maker, List<String> flags) {
        Generator with(String... more) {
            return new Generator(
                    kind,
                    alias,
                    type,
                    maker,
                    Stream.concat(flags.stream(), Arrays.stream(more)).toList());
        }

        boolean isOf(String word) {
            return word.equals(kind) || !alias.isEmpty() && word.equals(alias);
        }

        String words() {
            return type.isEmpty() ? kind : kind + " " + type;
        }

        int wordCount() {
            return type.isEmpty() ? 1 : 2;
        }
    }

    private static Generator of(String kind, String alias, Maker maker) {
        return new Generator(kind, alias, "", maker, List.of());
    }

    private static Generator plain(String word, String alias, String kind) {
        return of(word, alias, (s, c, wish) -> Unstructured.of("v1", kind, "", wish.name()));
    }

    private static Generator secret(String type) {
        Maker maker = (s, c, wish) -> DataObjects.secret(wish.line(), type, wish.name());
        return new Generator("secret", "", type, maker, List.of());
    }

    private static Generator service(String type) {
        Maker maker = (s, c, wish) -> NetworkObjects.service(wish.line(), type, wish.name());
        return new Generator("service", "svc", type, maker, List.of());
    }

    /** As they are written behind {@code create}. */
    static Stream<String> words() {
        return ALL.stream()
                .flatMap(g -> g.alias().isEmpty()
                        ? Stream.of(g.words())
                        : Stream.of(g.words(), g.words().replace(g.kind(), g.alias())));
    }

    /** Of every kind, each once. */
    static String[] flags() {
        return Stream.concat(ALL.stream().flatMap(g -> g.flags().stream()), TokenRequests.FLAGS.stream())
                .distinct()
                .toArray(String[]::new);
    }

    /** Of the kind that the words name; of every one where they name none. */
    static String[] flags(List<String> words) {
        return generator(words).map(g -> g.flags().toArray(String[]::new)).orElseGet(Generators::flags);
    }

    static Unstructured make(Session session, Catalog catalog, Flags.Line line) throws IOException {
        List<String> words =
                line.dash() < 0 ? line.arguments() : line.arguments().subList(0, line.dash());
        List<String> command = line.dash() < 0
                ? List.of()
                : line.arguments().subList(line.dash(), line.arguments().size());
        Generator generator = generator(words).orElseThrow(() -> unknown(words));
        requireOwn(generator.words(), generator.flags(), line);
        List<String> names = words.subList(generator.wordCount(), words.size());
        if (names.size() != 1) {
            throw new Failure("exactly one NAME is required, got " + (names.size() + command.size())
                    + "\nSee 'kubectl create " + generator.words() + " -h' for help and examples");
        }
        return generator.maker().make(session, catalog, new Wish(line, names.getFirst(), command));
    }

    private static Optional<Generator> generator(List<String> words) {
        return ALL.stream()
                .filter(g -> !words.isEmpty()
                        && g.isOf(words.getFirst())
                        && (g.type().isEmpty() || words.size() > 1 && g.type().equals(words.get(1))))
                .findFirst();
    }

    private static Failure unknown(List<String> words) {
        boolean typed =
                ALL.stream().anyMatch(g -> g.isOf(words.getFirst()) && !g.type().isEmpty());
        if (!typed) {
            return new Failure("Unexpected args: [" + String.join(" ", words)
                    + "]\nSee 'kubectl create -h' for help and examples");
        }
        String kind = words.getFirst().equals("svc") ? "service" : words.getFirst();
        return new Failure("unknown command \"" + String.join(" ", words.subList(1, words.size()))
                + "\"\nSee 'kubectl create " + kind + " -h' for help and examples");
    }

    /** kubectl reads the flags of each kind apart; we read all, so a flag of another kind is told here. */
    static void requireOwn(String words, List<String> own, Flags.Line line) {
        List<String> others = new ArrayList<>(List.of(flags()));
        others.removeAll(own);
        for (String declared : others) {
            String name = declared.replaceAll("[,!*?#~].*", "");
            if (line.has(name)) {
                throw new Failure("unknown flag: --" + name + "\nSee 'kubectl create " + words + " --help' for usage.");
            }
        }
    }
}
