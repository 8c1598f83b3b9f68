package dev.coracle.apiserver.proxy;

import dev.coracle.apiserver.proxy.Destination.Kind;
import dev.coracle.apiserver.proxy.Destination.Security;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Which kubelet answers {@code log}, {@code exec}, {@code attach} and {@code portforward} of a pod, and how it is asked.
 * The checks and their wording are those of upstream's {@code pkg/registry/core/pod/strategy.go}.
 */
public final class PodConnections {
    private static final int KUBELET_PORT = 10250;

    private final Function<String, Optional<Unstructured>> nodes;

    /** @param nodes the Node of a name */
    public PodConnections(Function<String, Optional<Unstructured>> nodes) {
        this.nodes = nodes;
    }

    /** Empty for a pod that is on no node yet: it has said nothing. */
    public Optional<Destination> log(Unstructured pod, Map<String, List<String>> parameters) {
        LogOptions options = LogOptions.of(pod.name(), new Query(parameters));
        String container = container(pod, options.container());
        if (pod.string("spec", "nodeName").isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(kubelet(
                Kind.LOG,
                options.unverified() ? Security.KUBELET_UNVERIFIED : Security.KUBELET,
                pod.string("spec", "nodeName"),
                "/containerLogs/" + pod.namespace() + "/" + pod.name() + "/" + container + options.query()));
    }

    public Destination exec(Unstructured pod, Map<String, List<String>> parameters) {
        Query q = new Query(parameters);
        Query.Writer w = streams(q);
        q.all("command").forEach(c -> w.add("command", c));
        return streaming(pod, "/exec/", "/" + container(pod, q.text("container")) + w);
    }

    public Destination attach(Unstructured pod, Map<String, List<String>> parameters) {
        Query q = new Query(parameters);
        return streaming(pod, "/attach/", "/" + container(pod, q.text("container")) + streams(q));
    }

    public Destination portForward(Unstructured pod, Map<String, List<String>> parameters) {
        Query.Writer w = new Query.Writer();
        for (String list : new Query(parameters).all("ports")) {
            for (String port : list.split(",")) {
                w.add("port", port);
            }
        }
        return streaming(pod, "/portForward/", w.toString());
    }

    /** A kubelet's own paths; with a port that is not the kubelet's, what else listens on its node. */
    public Destination node(ProxyTargets.Name name, String target) {
        Destination kubelet = kubelet(Kind.HTTP, Security.KUBELET, name.name(), target);
        ProxyTargets.checkProxyable(kubelet.host());
        return name.port().isEmpty() || name.port().equals("" + kubelet.port())
                ? kubelet
                : ProxyTargets.node(name, kubelet.host(), target);
    }

    private static Query.Writer streams(Query q) {
        return new Query.Writer()
                .flag("input", q.flag("stdin"), "1")
                .flag("output", q.flag("stdout"), "1")
                .flag("error", q.flag("stderr"), "1")
                .flag("tty", q.flag("tty"), "1");
    }

    private Destination streaming(Unstructured pod, String verb, String rest) {
        String node = pod.string("spec", "nodeName");
        if (node.isEmpty()) {
            throw StatusException.badRequest("pod " + pod.name() + " does not have a host assigned");
        }
        return kubelet(Kind.STREAMS, Security.KUBELET, node, verb + pod.namespace() + "/" + pod.name() + rest);
    }

    private Destination kubelet(Kind kind, Security security, String nodeName, String target) {
        Unstructured node =
                nodes.apply(nodeName).orElseThrow(() -> StatusException.notFound(Resources.NODES, nodeName));
        String address = node.objects("status", "addresses").stream()
                .filter(a -> a.string("type").equals("InternalIP"))
                .map(a -> a.string("address"))
                .findFirst()
                .orElseThrow(() -> new StatusException(
                        500,
                        "",
                        "no preferred addresses found; known addresses: "
                                + node.objects("status", "addresses").stream()
                                        .map(a -> a.string("address"))
                                        .toList()));
        ProxyTargets.checkLiteral(address);
        int port = (int) node.integer(KUBELET_PORT, "status", "daemonEndpoints", "kubeletEndpoint", "Port");
        return new Destination(kind, security, address, port == 0 ? KUBELET_PORT : port, target);
    }

    /** The container meant, which must be one of the pod's; the only one where none is named. */
    private static String container(Unstructured pod, String wanted) {
        List<String> names = names(pod, "containers");
        List<String> init = names(pod, "initContainers");
        if (wanted.isEmpty()) {
            if (names.size() == 1) {
                return names.getFirst();
            }
            throw StatusException.badRequest("a container name must be specified for pod " + pod.name()
                    + ", choose one of: [" + String.join(" ", names) + "]"
                    + (init.isEmpty() ? "" : " or one of the init containers: [" + String.join(" ", init) + "]"));
        }
        List<String> all = new ArrayList<>(names);
        all.addAll(init);
        all.addAll(names(pod, "ephemeralContainers"));
        if (!all.contains(wanted)) {
            throw StatusException.badRequest("container " + wanted + " is not valid for pod " + pod.name());
        }
        return wanted;
    }

    private static List<String> names(Unstructured pod, String field) {
        return pod.objects("spec", field).stream().map(c -> c.string("name")).toList();
    }
}
