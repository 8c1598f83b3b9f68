package dev.coracle.cli.kubectl.set;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Selection;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** {@code kubectl set env deployment/web STAGE=test OLD- --from=secret/db}, and {@code --list}. */
final class EnvSetting implements Setting {
    private static final Pattern NAME = Pattern.compile("[-._a-zA-Z][-._a-zA-Z0-9]*");

    @Override
    public String name() {
        return "env";
    }

    @Override
    public String done() {
        return "env updated";
    }

    @Override
    public String[] flags() {
        return new String[] {
            "selector,l", "containers,c", "env,e*", "from", "keys*", "list!", "overwrite!", "prefix", "resolve!"
        };
    }

    /** What is to be set, in order, and what is to go. */
    private record Variables(List<Unstructured> set, Set<String> removed) {}

    @Override
    public Wish read(Session session, Flags.Line line, List<String> arguments) throws IOException {
        List<String> resources =
                arguments.stream().takeWhile(a -> !isVariable(a)).toList();
        List<String> words = arguments.subList(resources.size(), arguments.size());
        if (!words.stream().allMatch(EnvSetting::isVariable)) {
            throw new Failure(
                    "all resources must be specified before environment changes: " + String.join(" ", arguments));
        }
        if (!line.has("filename") && !line.has("kustomize") && resources.isEmpty()) {
            throw new Failure("one or more resources must be specified as <resource> <name> or <resource>/<name>");
        }
        if (line.on("list") && line.has("output")) {
            throw new Failure("--list and --output may not be specified together");
        }
        if (line.has("keys") && line.get("from").isEmpty()) {
            throw new Failure("when specifying --keys, a configmap or secret must be provided with --from");
        }
        List<String> all = new ArrayList<>(line.all("env"));
        all.addAll(words);
        Variables variables = parse(session, all);
        if (!line.get("from").isEmpty()) {
            from(session, line, variables.set());
        }
        if (variables.set().isEmpty() && words.isEmpty() && !line.on("list")) {
            throw new Failure("at least one environment variable must be provided");
        }
        String prefix = line.get("prefix");
        variables.set().forEach(v -> v.set(prefix + v.string("name"), "name"));
        return new Wish(resources, o -> change(session, line, o, variables), line.on("list"));
    }

    private static boolean isVariable(String word) {
        return word.indexOf('=') > 0 || word.endsWith("-");
    }

    private static Variables parse(Session session, List<String> words) throws IOException {
        Variables found = new Variables(new ArrayList<>(), new TreeSet<>());
        Set<String> named = new HashSet<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (word.equals("-")) {
                new String(session.in().readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .map(l -> l.replaceFirst("#.*", ""))
                        .filter(l -> l.contains("="))
                        .forEach(l -> found.set().add(variable(l, l.indexOf('='))));
            } else if (equals >= 0) {
                String name = word.substring(0, equals);
                if (!NAME.matcher(name).matches()) {
                    throw new Failure("\"" + name + "\" is not a valid key name: a valid environment variable name must"
                            + " consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a"
                            + " digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for"
                            + " validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')");
                }
                named.add(name);
                found.set().add(variable(word, equals));
            } else if (word.endsWith("-")) {
                found.removed().add(word.substring(0, word.length() - 1));
            } else {
                throw new Failure("unknown environment variable: " + word);
            }
        }
        if (found.removed().stream().anyMatch(named::contains)) {
            throw new Failure("can not both modify and remove the same environment variable in the same command");
        }
        return found;
    }

    private static Unstructured variable(String word, int equals) {
        return new Unstructured(new LinkedHashMap<>())
                .set(word.substring(0, equals), "name")
                .set(word.substring(equals + 1), "value");
    }

    /** One for each key of a ConfigMap or Secret. */
    private static void from(Session session, Flags.Line line, List<Unstructured> variables) throws IOException {
        Set<String> keys = new HashSet<>();
        line.all("keys").forEach(k -> keys.addAll(List.of(k.split(","))));
        for (Selection.Item item : Selection.of(
                session, new Catalog(session), Flags.of().parse(List.of()), List.of(line.get("from")), "")) {
            Unstructured source = session.client()
                    .get(item.resource().resource(), item.namespace(), item.name())
                    .object();
            String field = switch (source.kind()) {
                case "Secret" -> "secretKeyRef";
                case "ConfigMap" -> "configMapKeyRef";
                default -> throw new Failure("unsupported resource specified in --from");
            };
            for (String key : new TreeSet<>(source.object("data").map().keySet())) {
                if (keys.isEmpty() || keys.contains(key)) {
                    String name = key.replaceAll("[^a-zA-Z0-9_]", "_").toUpperCase(Locale.ROOT);
                    if (!name.equals(key)) {
                        session.err().println("Warning: key " + key + " transferred to " + name);
                    }
                    variables.add(new Unstructured(new LinkedHashMap<>())
                            .set(name, "name")
                            .set(source.name(), "valueFrom", field, "name")
                            .set(key, "valueFrom", field, "key"));
                }
            }
        }
    }

    private static void change(Session session, Flags.Line line, Unstructured object, Variables variables) {
        String pattern = line.get("containers", "*");
        List<Unstructured> containers = PodSpecs.all(PodSpecs.of(object), pattern);
        if (containers.isEmpty()) {
            session.err()
                    .println("warning: " + object.kind() + "/" + object.name()
                            + " does not have any containers matching \"" + pattern + "\"");
        }
        for (Unstructured c : containers) {
            if (!line.on("overwrite", true)) {
                refuseOverwrites(c.objects("env"), variables.set());
            }
            List<Unstructured> env = merged(c.objects("env"), variables);
            if (env.isEmpty()) {
                c.remove("env");
            } else {
                c.set(env, "env");
            }
            if (line.on("list")) {
                session.out().println("# " + object.kind() + " " + object.name() + ", container " + c.string("name"));
                new EnvList(session, object, c).print(line.on("resolve"));
            }
        }
    }

    private static void refuseOverwrites(List<Unstructured> there, List<Unstructured> wanted) {
        for (Unstructured w : wanted) {
            there.stream()
                    .filter(t -> t.string("name").equals(w.string("name"))
                            && !t.string("value").equals(w.string("value")))
                    .findFirst()
                    .ifPresent(t -> {
                        throw new IllegalArgumentException("'" + t.string("name") + "' already has a value ("
                                + t.string("value") + "), and --overwrite is false");
                    });
        }
    }

    /** Those that are there keep their places; the last of several of a name counts. */
    private static List<Unstructured> merged(List<Unstructured> there, Variables variables) {
        List<Unstructured> out = new ArrayList<>();
        Set<String> placed = new HashSet<>();
        List<Unstructured> both = new ArrayList<>(there);
        both.addAll(variables.set());
        for (Unstructured v : both) {
            String name = v.string("name");
            if (!variables.removed().contains(name) && placed.add(name)) {
                out.add(variables.set().reversed().stream()
                        .filter(w -> w.string("name").equals(name))
                        .findFirst()
                        .orElse(v)
                        .copy());
            }
        }
        return out;
    }
}
