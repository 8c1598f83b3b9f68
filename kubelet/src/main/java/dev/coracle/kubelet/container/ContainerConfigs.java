package dev.coracle.kubelet.container;

import dev.coracle.client.Client;
import dev.coracle.kubelet.volume.Volumes;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import dev.coracle.runtime.ImageService.Image;
import dev.coracle.runtime.RuntimeService.ContainerConfig;
import dev.coracle.runtime.RuntimeService.ContainerResources;
import dev.coracle.runtime.RuntimeService.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** From a container in a pod spec to a CRI container. */
public final class ContainerConfigs {
    private static final long CPU_PERIOD = 100_000;

    private final NodeSettings node;
    private final EnvVars envVars;
    private final SubPaths subPaths;

    public ContainerConfigs(NodeSettings node, Client client) {
        this.node = node;
        this.envVars = new EnvVars(client, node.resourceFields());
        this.subPaths = new SubPaths(node.pods());
    }

    /**
     * @param pod with its addresses in the status
     * @param attempt 0 for the container's first run
     * @param volumes where the pod's volumes lie
     * @param services those of its namespace and the API server's
     * @param pidTarget the run whose processes it is to be among; {@code ""}: as the pod says
     * @throws ConfigException when it cannot be made, now or ever
     */
    public ContainerConfig config(
            Unstructured pod,
            Unstructured container,
            int attempt,
            Image image,
            Map<String, Path> volumes,
            List<Unstructured> services,
            String pidTarget) {
        Security security = new Security(pod, container);
        security.verifyNonRoot(image.user());
        Map<String, String> env = envVars.of(pod, container, services);
        String name = container.string("name");
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put(Sandboxes.POD_NAME, pod.name());
        labels.put(Sandboxes.POD_NAMESPACE, pod.namespace());
        labels.put(Sandboxes.POD_UID, pod.uid());
        labels.put(Sandboxes.CONTAINER_NAME, name);
        try {
            return new ContainerConfig(
                    name,
                    attempt,
                    image.id(),
                    expanded(container.stringList("command"), env),
                    expanded(container.stringList("args"), env),
                    container.string("workingDir"),
                    env,
                    mounts(pod, container, attempt, volumes, env),
                    name + "/" + attempt + ".log",
                    container.bool("stdin"),
                    container.bool("stdinOnce"),
                    container.bool("tty"),
                    cpuShares(container),
                    cpuQuota(container),
                    CPU_PERIOD,
                    amount(container, "limits", "memory").value(),
                    oomScore(pod, container),
                    security.context(),
                    labels,
                    Map.of("io.kubernetes.container.restartCount", "" + attempt),
                    pidTarget);
        } catch (IOException e) {
            throw new ConfigException(e.getMessage() == null ? e.toString() : e.getMessage());
        }
    }

    /** What a container with these amounts may use. */
    public static ContainerResources resources(Unstructured container) {
        return new ContainerResources(
                cpuShares(container),
                cpuQuota(container),
                CPU_PERIOD,
                amount(container, "limits", "memory").value());
    }

    private static List<String> expanded(List<String> words, Map<String, String> env) {
        return words.stream().map(w -> Expansion.expand(w, env)).toList();
    }

    private static Quantity amount(Unstructured container, String kind, String resource) {
        return Quantity.of(container.get("resources", kind, resource));
    }

    /** 1024 a core; what asks for nothing gets the least. */
    private static long cpuShares(Unstructured container) {
        boolean requested = container.has("resources", "requests", "cpu");
        long milli = amount(container, requested ? "requests" : "limits", "cpu").milli();
        return Math.clamp(milli * 1024 / 1000, 2, 262_144);
    }

    private static long cpuQuota(Unstructured container) {
        long milli = amount(container, "limits", "cpu").milli();
        return milli == 0 ? 0 : Math.max(1000, milli * CPU_PERIOD / 1000);
    }

    /** As {@code k8s.io/kubernetes/pkg/kubelet/qos}: who uses more than asked for is killed first. */
    private long oomScoreOf(Unstructured pod, Unstructured container) {
        return switch (pod.string("status", "qosClass")) {
            case "Guaranteed" -> -997;
            case "BestEffort" -> 1000;
            default -> {
                long request = amount(container, "requests", "memory").value();
                yield Math.clamp(1000 - 1000 * request / Math.max(1, node.memory()), 3, 999);
            }
        };
    }

    private int oomScore(Unstructured pod, Unstructured container) {
        return (int) oomScoreOf(pod, container);
    }

    private List<Mount> mounts(
            Unstructured pod, Unstructured container, int attempt, Map<String, Path> volumes, Map<String, String> env)
            throws IOException {
        if (!container.objects("volumeDevices").isEmpty()) {
            throw new ConfigException("volumeDevices are not supported");
        }
        List<Mount> mounts = new ArrayList<>();
        boolean hosts = false;
        int index = 0;
        for (Unstructured m : container.objects("volumeMounts")) {
            Path volume = volumes.get(m.string("name"));
            if (volume == null) {
                throw new ConfigException("volume \"" + m.string("name") + "\" not found");
            }
            Path source = subPaths.source(pod.uid(), container, index++, volume, env);
            String propagation = m.string("mountPropagation");
            String target = m.string("mountPath");
            mounts.add(new Mount(
                    target.startsWith("/") ? target : "/" + target,
                    source.toString(),
                    m.bool("readOnly") || Volumes.isReadOnly(pod, m.string("name")),
                    propagation.equals("Bidirectional"),
                    propagation.equals("HostToContainer")));
            hosts |= target.equals("/etc/hosts");
        }
        if (!hosts) {
            mounts.add(new Mount("/etc/hosts", hostsFile(pod).toString(), false, false, false));
        }
        Path log = terminationLog(pod.uid(), container.string("name"), attempt);
        Files.createDirectories(log.getParent() == null ? log : log.getParent());
        if (!Files.exists(log)) {
            Files.createFile(log);
            dev.coracle.machinery.os.Nodes.mode(log, 0666);
        }
        mounts.add(new Mount(
                container.stringOr("/dev/termination-log", "terminationMessagePath"),
                log.toString(),
                false,
                false,
                false));
        return mounts;
    }

    /** Where a run of a container leaves its last words. */
    public Path terminationLog(String uid, String container, int attempt) {
        return node.pods().resolve(uid).resolve("containers").resolve(container).resolve("" + attempt);
    }

    private Path hostsFile(Unstructured pod) throws IOException {
        Path file = node.pods().resolve(pod.uid()).resolve("etc-hosts");
        if (Files.exists(file)) {
            return file;
        }
        StringBuilder s = new StringBuilder();
        if (pod.bool("spec", "hostNetwork")) {
            s.append("# Kubernetes-managed hosts file (host network).\n");
            s.append(Files.readString(Path.of("/etc/hosts")));
        } else {
            s.append("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n");
            s.append("::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\n");
            s.append("fe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n");
            String host = pod.stringOr(pod.name(), "spec", "hostname");
            String sub = pod.string("spec", "subdomain");
            String names = sub.isEmpty()
                    ? host
                    : host + "." + sub + "." + pod.namespace() + ".svc." + node.domain() + "\t" + host;
            for (Unstructured ip : pod.objects("status", "podIPs")) {
                s.append(ip.string("ip")).append('\t').append(names).append('\n');
            }
        }
        List<Unstructured> aliases = pod.objects("spec", "hostAliases");
        if (!aliases.isEmpty()) {
            s.append("\n# Entries added by HostAliases.\n");
            aliases.forEach(a -> s.append(a.string("ip"))
                    .append('\t')
                    .append(String.join("\t", a.stringList("hostnames")))
                    .append('\n'));
        }
        Files.createDirectories(file.getParent() == null ? file : file.getParent());
        Files.writeString(file, s);
        dev.coracle.machinery.os.Nodes.mode(file, 0644);
        return file;
    }
}
