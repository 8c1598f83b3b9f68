package dev.coracle.kubelet.container;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.RuntimeService.DnsConfig;
import dev.coracle.runtime.RuntimeService.NamespaceMode;
import dev.coracle.runtime.RuntimeService.PodSandboxConfig;
import dev.coracle.runtime.RuntimeService.PortMapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** From a pod spec to a CRI sandbox: names, DNS, ports. */
public final class Sandboxes {
    public static final String POD_NAME = "io.kubernetes.pod.name";
    public static final String POD_NAMESPACE = "io.kubernetes.pod.namespace";
    public static final String POD_UID = "io.kubernetes.pod.uid";
    public static final String CONTAINER_NAME = "io.kubernetes.container.name";

    private final NodeSettings node;

    public Sandboxes(NodeSettings node) {
        this.node = node;
    }

    /** @param attempt 0 for the pod's first sandbox */
    public PodSandboxConfig config(Unstructured pod, int attempt) {
        boolean hostNetwork = pod.bool("spec", "hostNetwork");
        List<PortMapping> mappings = new ArrayList<>();
        for (Unstructured c : pod.objects("spec", "containers")) {
            for (Unstructured p : c.objects("ports")) {
                if (p.has("hostPort") && !hostNetwork) {
                    mappings.add(new PortMapping(
                            p.stringOr("TCP", "protocol"),
                            (int) p.integer(0, "containerPort"),
                            (int) p.integer(0, "hostPort"),
                            p.string("hostIP")));
                }
            }
        }
        Map<String, String> sysctls = new LinkedHashMap<>();
        pod.objects("spec", "securityContext", "sysctls")
                .forEach(s -> sysctls.put(s.string("name"), s.string("value")));
        NamespaceMode pid = pod.bool("spec", "hostPID")
                ? NamespaceMode.NODE
                : pod.bool("spec", "shareProcessNamespace") ? NamespaceMode.POD : NamespaceMode.CONTAINER;
        Map<String, String> labels = new LinkedHashMap<>(pod.labels());
        labels.put(POD_NAME, pod.name());
        labels.put(POD_NAMESPACE, pod.namespace());
        labels.put(POD_UID, pod.uid());
        return new PodSandboxConfig(
                pod.namespace(),
                pod.name(),
                pod.uid(),
                attempt,
                hostNetwork ? "" : hostname(pod),
                logDirectory(pod).toString(),
                dns(pod, hostNetwork),
                hostNetwork ? NamespaceMode.NODE : NamespaceMode.POD,
                pid,
                pod.bool("spec", "hostIPC") ? NamespaceMode.NODE : NamespaceMode.POD,
                mappings,
                sysctls,
                "",
                node.podPidsLimit(),
                labels,
                Map.of());
    }

    /** {@code <namespace>_<name>_<uid>}, as under upstream's /var/log/pods. */
    public Path logDirectory(Unstructured pod) {
        return node.logs().resolve(pod.namespace() + "_" + pod.name() + "_" + pod.uid());
    }

    private static String hostname(Unstructured pod) {
        String name = pod.stringOr(pod.name(), "spec", "hostname");
        // Linux takes 64 bytes; upstream cuts at 63 and never leaves a dash or dot at the end.
        String cut = name.length() > 63 ? name.substring(0, 63) : name;
        while (cut.endsWith("-") || cut.endsWith(".")) {
            cut = cut.substring(0, cut.length() - 1);
        }
        return cut;
    }

    private DnsConfig dns(Unstructured pod, boolean hostNetwork) {
        String policy = pod.stringOr("ClusterFirst", "spec", "dnsPolicy");
        List<String> servers = new ArrayList<>();
        LinkedHashSet<String> searches = new LinkedHashSet<>();
        Map<String, String> options = new LinkedHashMap<>();
        boolean cluster = policy.equals("ClusterFirstWithHostNet") || policy.equals("ClusterFirst") && !hostNetwork;
        if (cluster) {
            servers.add(node.dnsServiceIp());
            searches.addAll(List.of(pod.namespace() + ".svc." + node.domain(), "svc." + node.domain(), node.domain()));
            options.put("ndots", "5");
        } else if (!policy.equals("None")) {
            host(servers, searches);
        }
        servers.addAll(pod.stringList("spec", "dnsConfig", "nameservers"));
        searches.addAll(pod.stringList("spec", "dnsConfig", "searches"));
        for (Unstructured o : pod.objects("spec", "dnsConfig", "options")) {
            options.put(o.string("name"), o.string("value"));
        }
        List<String> texts = options.entrySet().stream()
                .map(e -> e.getValue().isEmpty() ? e.getKey() : e.getKey() + ":" + e.getValue())
                .toList();
        return new DnsConfig(servers.stream().distinct().limit(3).toList(), List.copyOf(searches), texts);
    }

    private static void host(List<String> servers, LinkedHashSet<String> searches) {
        try {
            for (String line : Files.readAllLines(Path.of("/etc/resolv.conf"))) {
                List<String> words = List.of(line.strip().split("\\s+"));
                if (words.size() > 1 && words.getFirst().equals("nameserver")) {
                    servers.add(words.get(1));
                } else if (words.size() > 1 && words.getFirst().equals("search")) {
                    searches.addAll(words.subList(1, words.size()));
                }
            }
        } catch (IOException e) {
            throw new ConfigException("the node's /etc/resolv.conf cannot be read: " + e.getMessage());
        }
    }
}
