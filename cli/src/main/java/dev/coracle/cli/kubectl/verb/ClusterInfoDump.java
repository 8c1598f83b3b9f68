package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.print.ObjectPrinter;
import dev.coracle.client.https.RestClient;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code kubectl cluster-info dump}: what one needs to look into what happened, in one stream or in files of a directory.
 *
 * <pre>
 * nodes.json
 * default/pods.json
 * default/web-1/logs.txt
 * </pre>
 */
final class ClusterInfoDump {
    static final String[] FLAGS = {
        "output-directory",
        "namespaces*",
        "all-namespaces,A!",
        "pod-running-timeout~",
        "output,o",
        "template",
        "show-managed-fields!"
    };

    private static final Map<String, GroupVersionResource> LISTS = lists();

    private final Session session;
    private final ObjectPrinter printer;
    private final boolean managedFields;
    private final String directory;
    private final String ending;

    private ClusterInfoDump(Session session, Flags.Line line) {
        String format = ObjectPrinter.format(line);
        if (format.equals("name")) {
            throw new Failure("list types are not supported by name printing: *v1.NodeList");
        }
        this.session = session;
        this.printer = ObjectPrinter.of(line, "json");
        this.managedFields = line.on("show-managed-fields");
        String dir = line.get("output-directory");
        this.directory = dir.equals("-") ? "" : dir;
        this.ending = format.isEmpty() ? ".json" : format.matches("json|yaml") ? "." + format : ".txt";
    }

    private static Map<String, GroupVersionResource> lists() {
        Map<String, GroupVersionResource> lists = new LinkedHashMap<>();
        lists.put("events", Resources.EVENTS);
        lists.put("replication-controllers", new GroupVersionResource("", "v1", "replicationcontrollers"));
        lists.put("services", Resources.SERVICES);
        lists.put("daemonsets", Resources.DAEMON_SETS);
        lists.put("deployments", Resources.DEPLOYMENTS);
        lists.put("replicasets", Resources.REPLICA_SETS);
        lists.put("pods", Resources.PODS);
        return lists;
    }

    static int run(Session session, Flags.Line line) throws IOException {
        var dump = new ClusterInfoDump(session, line);
        dump.list("nodes", Resources.NODES, "");
        for (String namespace : dump.namespaces(line)) {
            Unstructured last = new Unstructured(new LinkedHashMap<>());
            for (var list : LISTS.entrySet()) {
                last = dump.list(namespace + "/" + list.getKey(), list.getValue(), namespace);
            }
            // The pods come last.
            for (Unstructured pod : last.objects("items")) {
                dump.logs(namespace, pod);
            }
        }
        if (!dump.directory.isEmpty()) {
            session.out().println("Cluster info dumped to " + dump.directory);
        }
        return 0;
    }

    private List<String> namespaces(Flags.Line line) {
        if (line.on("all-namespaces")) {
            return session.get(RestClient.path(Resources.NAMESPACES, "", "", ""), Map.of()).objects("items").stream()
                    .map(Unstructured::name)
                    .toList();
        }
        List<String> given = line.all("namespaces").stream()
                .flatMap(n -> List.of(n.split(",")).stream())
                .toList();
        return given.isEmpty() ? List.of("kube-system", session.namespace()) : given;
    }

    private Unstructured list(String file, GroupVersionResource resource, String namespace) throws IOException {
        Unstructured list = session.get(RestClient.path(resource, namespace, "", ""), Map.of());
        for (Unstructured o : list.objects("items")) {
            // The list says what they are.
            o.remove("kind").remove("apiVersion");
            if (!managedFields) {
                o.remove("metadata", "managedFields");
            }
        }
        try (PrintStream out = open(file + ending)) {
            printer.print(out, List.of(list), true);
        }
        return list;
    }

    private void logs(String namespace, Unstructured pod) throws IOException {
        List<Unstructured> containers = new ArrayList<>(pod.objects("spec", "initContainers"));
        containers.addAll(pod.objects("spec", "containers"));
        try (PrintStream out = open(namespace + "/" + pod.name() + "/logs.txt")) {
            for (Unstructured c : containers) {
                String of = "logs for container " + c.string("name") + " of pod " + pod.namespace() + "/" + pod.name()
                        + " ====";
                out.println("==== START " + of);
                log(out, pod, c.string("name"));
                out.println("==== END " + of);
            }
        }
    }

    /** What cannot be had is told of, and the others follow. */
    private void log(PrintStream out, Unstructured pod, String container) throws IOException {
        String path = RestClient.path(Resources.PODS, pod.namespace(), pod.name(), "log")
                + RestClient.query(Map.of("container", container));
        try (InputStream in = session.connection().stream(path, "*/*")) {
            in.transferTo(out);
        } catch (StatusException refused) {
            out.println("Request log error: " + refused.getMessage());
        }
    }

    private PrintStream open(String name) throws IOException {
        if (directory.isEmpty()) {
            return new Standing(session.out());
        }
        Path root = Path.of(directory).toAbsolutePath().normalize();
        Path file = root.resolve(name).normalize();
        if (!file.startsWith(root)) {
            // No name of an object leads elsewhere, unless the server is not to be trusted.
            throw new Failure("the server names an object " + name);
        }
        try {
            Files.createDirectories(file.getParent());
        } catch (IOException e) {
            throw new Failure("mkdir " + file.getParent() + ": " + why(e));
        }
        return new PrintStream(Files.newOutputStream(file), false, StandardCharsets.UTF_8);
    }

    private static String why(IOException e) {
        return switch (e) {
            case java.nio.file.AccessDeniedException denied -> "permission denied";
            case java.nio.file.FileAlreadyExistsException exists -> "not a directory";
            default -> "no such file or directory";
        };
    }

    /** Stays open, for it is everybody's. */
    private static final class Standing extends PrintStream {
        Standing(PrintStream out) {
            super(out, false, StandardCharsets.UTF_8);
        }

        @Override
        public void close() {
            flush();
        }
    }
}
