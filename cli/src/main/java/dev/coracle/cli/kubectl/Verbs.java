package dev.coracle.cli.kubectl;

import dev.coracle.cli.kubectl.apply.Apply;
import dev.coracle.cli.kubectl.apply.Diff;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Spelling;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.describe.Describe;
import dev.coracle.cli.kubectl.proxy.Proxy;
import dev.coracle.cli.kubectl.set.SetVerb;
import dev.coracle.cli.kubectl.stream.Attach;
import dev.coracle.cli.kubectl.stream.Copy;
import dev.coracle.cli.kubectl.stream.Debug;
import dev.coracle.cli.kubectl.stream.Exec;
import dev.coracle.cli.kubectl.stream.Logs;
import dev.coracle.cli.kubectl.stream.PortForward;
import dev.coracle.cli.kubectl.verb.ApiResources;
import dev.coracle.cli.kubectl.verb.ApiVersions;
import dev.coracle.cli.kubectl.verb.Auth;
import dev.coracle.cli.kubectl.verb.Autoscale;
import dev.coracle.cli.kubectl.verb.Certificate;
import dev.coracle.cli.kubectl.verb.ClusterInfo;
import dev.coracle.cli.kubectl.verb.Config;
import dev.coracle.cli.kubectl.verb.Cordon;
import dev.coracle.cli.kubectl.verb.Create;
import dev.coracle.cli.kubectl.verb.Delete;
import dev.coracle.cli.kubectl.verb.Drain;
import dev.coracle.cli.kubectl.verb.Edit;
import dev.coracle.cli.kubectl.verb.Events;
import dev.coracle.cli.kubectl.verb.Explain;
import dev.coracle.cli.kubectl.verb.Expose;
import dev.coracle.cli.kubectl.verb.Get;
import dev.coracle.cli.kubectl.verb.Mark;
import dev.coracle.cli.kubectl.verb.PatchVerb;
import dev.coracle.cli.kubectl.verb.Replace;
import dev.coracle.cli.kubectl.verb.Rollout;
import dev.coracle.cli.kubectl.verb.Run;
import dev.coracle.cli.kubectl.verb.Scale;
import dev.coracle.cli.kubectl.verb.Taint;
import dev.coracle.cli.kubectl.verb.Top;
import dev.coracle.cli.kubectl.verb.Version;
import dev.coracle.cli.kubectl.verb.Wait;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Every verb there is, in kubectl's groups and order, in one screen. */
final class Verbs {
    private static final int DISTANCE = 2;

    /**
     * @param purpose in a line
     * @param commands its own commands, such as {@code rollout status}
     */
    private record Row(String name, String purpose, Supplier<Verb> verb, List<String> commands) {}

    private record Group(String title, List<Row> rows) {}

    private static final List<Group> GROUPS = List.of(
            new Group(
                    "To begin with",
                    List.of(
                            row(
                                    "create",
                                    "Makes objects from files, or of one kind from options",
                                    Create::new,
                                    Create.COMMANDS),
                            row("expose", "Gives a workload or a pod a Service", Expose::new),
                            row("run", "Runs one pod of one image", Run::new),
                            row("set", "Brings one field of objects to a value", SetVerb::new, SetVerb.COMMANDS))),
            new Group(
                    "Every day",
                    List.of(
                            row("explain", "Tells what the fields of a kind mean", Explain::new),
                            row("get", "Shows objects", Get::new),
                            row("edit", "Opens an object in your editor", Edit::new),
                            row("delete", "Deletes objects", Delete::new))),
            new Group(
                    "Workloads",
                    List.of(
                            row(
                                    "rollout",
                                    "Follows, undoes, pauses and restarts the roll-out of a change",
                                    Rollout::new,
                                    "history",
                                    "pause",
                                    "restart",
                                    "resume",
                                    "status",
                                    "undo"),
                            row("scale", "Sets how many replicas there are", Scale::new),
                            row("autoscale", "Has replicas follow the load", Autoscale::new))),
            new Group(
                    "The cluster",
                    List.of(
                            row(
                                    "certificate",
                                    "Approves and denies requests for certificates",
                                    Certificate::new,
                                    "approve",
                                    "deny"),
                            row("cluster-info", "Tells where the cluster is", ClusterInfo::new, "dump"),
                            row("top", "Shows what nodes and pods use", Top::new, "node", "pod"),
                            row("cordon", "Keeps new pods from a node", () -> new Cordon(true)),
                            row("uncordon", "Lets pods come to a node again", () -> new Cordon(false)),
                            row("drain", "Moves the pods off a node", Drain::new),
                            row("taint", "Changes the taints of nodes", Taint::new))),
            new Group(
                    "Looking closer",
                    List.of(
                            row("describe", "Shows objects in detail, with their events", Describe::new),
                            row("logs", "Prints what containers wrote", Logs::new),
                            row("attach", "Connects you with a container's first process", Attach::new),
                            row("exec", "Runs a command in a container", Exec::new),
                            row("port-forward", "Brings a pod's ports to this machine", PortForward::new),
                            row("proxy", "Brings the API to a port of this machine, as you", Proxy::new),
                            row("cp", "Copies files into and out of containers", Copy::new),
                            row(
                                    "auth",
                                    "Tells who you are and what you may do",
                                    Auth::new,
                                    "can-i",
                                    "reconcile",
                                    "whoami"),
                            row("debug", "Puts a container with tools beside a pod, or on a node", Debug::new),
                            row("events", "Lists events", Events::new))),
            new Group(
                    "Declaring",
                    List.of(
                            row("diff", "Shows what apply would change", Diff::new),
                            row("apply", "Makes objects as files say they are", Apply::new),
                            row("replace", "Makes objects what files say, and nothing else", Replace::new),
                            row("patch", "Changes fields of an object", PatchVerb::new),
                            row("wait", "Waits until objects are in a state", Wait::new))),
            new Group(
                    "Marks",
                    List.of(
                            row("label", "Changes labels", () -> new Mark("labels")),
                            row("annotate", "Changes annotations", () -> new Mark("annotations")))),
            new Group(
                    "And",
                    List.of(
                            row("api-resources", "Lists the kinds that the server has", ApiResources::new),
                            row("api-versions", "Lists the versions of every group", ApiVersions::new),
                            row(
                                    "config",
                                    "Shows and changes the kubeconfig",
                                    Config::new,
                                    "view",
                                    "current-context",
                                    "get-contexts",
                                    "get-clusters",
                                    "use-context",
                                    "set-context"),
                            row(
                                    "completion",
                                    "Prints a script that has a shell complete all this",
                                    () -> new Completion(Kubectl.global(Flags.of())),
                                    "bash",
                                    "fish",
                                    "zsh"),
                            row("version", "Tells the versions of both sides", Version::new))));

    /** Verbs that do nothing but by one of their commands. */
    private static final Set<String> LEADING = Set.of("auth", "certificate", "config", "rollout", "set", "top");

    /** Other words for commands. */
    private static final Set<String> ALIASES =
            Set.of("config use", "set sa", "top no", "top nodes", "top po", "top pods");

    private Verbs() {}

    private static Row row(String name, String purpose, Supplier<Verb> verb, String... commands) {
        return new Row(name, purpose, verb, List.of(commands));
    }

    private static Stream<Row> rows() {
        return GROUPS.stream().flatMap(g -> g.rows.stream());
    }

    static List<String> names() {
        return rows().map(Row::name).toList();
    }

    static String purpose(String name) {
        return row(name).purpose;
    }

    /** Its own commands: {@code status}, {@code secret tls}. */
    static List<String> commands(String name) {
        return row(name).commands;
    }

    /** The flags that the verb takes where its arguments begin so. */
    static Flags flags(String name, List<String> arguments) {
        return row(name).verb.get().flags(arguments);
    }

    private static Row row(String name) {
        return rows().filter(r -> r.name.equals(name)).findFirst().orElseThrow();
    }

    static Optional<Verb> named(String name) {
        return rows().filter(r -> r.name.equals(name)).findFirst().map(r -> r.verb.get());
    }

    /** The verb, and its own command where the words that follow name one: {@code create secret tls}. */
    static String path(String name, List<String> words) {
        List<String> commands = row(name).commands;
        for (int n = Math.min(2, words.size()); n > 0; n--) {
            String command = String.join(" ", words.subList(0, n));
            if (commands.contains(command)) {
                return name + " " + command;
            }
        }
        return name;
    }

    /** Whether one of the verb's commands is needed, and the words name none. */
    static boolean onlyLeads(String name, List<String> words) {
        return LEADING.contains(name)
                && path(name, words).equals(name)
                && (words.isEmpty() || !ALIASES.contains(name + " " + words.getFirst()));
    }

    /** Whether the verb needs no server. */
    static boolean isLocal(String name, List<String> arguments) {
        return name.equals("completion") || name.equals("config") && !arguments.isEmpty();
    }

    /** Verbs that are written nearly so, as kubectl counts near. */
    static List<String> near(String name) {
        return rows().map(Row::name)
                .filter(v -> Spelling.distance(name.toLowerCase(Locale.ROOT), v) <= DISTANCE
                        || v.startsWith(name.toLowerCase(Locale.ROOT)))
                .toList();
    }

    static String help() {
        StringBuilder text = new StringBuilder("Coracle's own kubectl speaks to the Kubernetes API as kubectl does.\n");
        for (Group g : GROUPS) {
            text.append('\n').append(g.title).append(":\n");
            g.rows.forEach(r -> text.append("  %-14s %s%n".formatted(r.name, r.purpose)));
        }
        return text.append("\nkubectl VERB --help lists a verb's options. kubectl's reference holds for them:\n"
                        + "https://kubernetes.io/docs/reference/kubectl/\n")
                .toString();
    }

    /**
     * Of one verb.
     *
     * @param arguments what followed it
     * @param global what every verb takes
     */
    static String help(String name, List<String> arguments, Flags global) {
        Row row = row(name);
        StringBuilder text = new StringBuilder(row.purpose).append(".\n\nUsage:\n  kubectl ");
        text.append(name).append(" [ARGUMENTS] [OPTIONS]\n");
        List<String> own = row.verb.get().flags(arguments).lines(name);
        if (!own.isEmpty()) {
            text.append("\nOptions:\n");
            own.forEach(l -> text.append("  ").append(l).append('\n'));
        }
        text.append("\nOptions of every verb:\n");
        global.lines(name).forEach(l -> text.append("  ").append(l).append('\n'));
        return text.append("\nhttps://kubernetes.io/docs/reference/kubectl/generated/kubectl_")
                .append(name)
                .append("/\n")
                .toString();
    }
}
