package dev.coracle.apiserver.proxy;

import dev.coracle.apiserver.proxy.Destination.Kind;
import dev.coracle.apiserver.proxy.Destination.Security;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Where {@code pods/NAME/proxy} and {@code services/NAME/proxy} lead, and {@code nodes/NAME/proxy} with a port. A name
 * may carry scheme and port: {@code NAME}, {@code NAME:PORT}, {@code https:NAME:PORT}.
 */
public final class ProxyTargets {
    /** A name as it stands in the URL, taken apart. */
    public record Name(String scheme, String name, String port) {
        /** @param kind {@code pod}, {@code service} or {@code node}, for who reads that it is wrong */
        public static Name of(String kind, String text) {
            String[] parts = text.split(":", -1);
            Name name = switch (parts.length) {
                case 1 -> new Name("", parts[0], "");
                case 2 -> new Name("", parts[0], parts[1]);
                case 3 -> new Name(parts[0], parts[1], parts[2]);
                default -> new Name("", "", "");
            };
            if (name.name().isEmpty() || !List.of("", "http", "https").contains(name.scheme())) {
                throw StatusException.badRequest("invalid " + kind + " request \"" + text + "\"");
            }
            return name;
        }

        private Security security() {
            return scheme.equals("https") ? Security.UNVERIFIED : Security.PLAIN;
        }
    }

    private final Function<Integer, Integer> choice;

    /** @param choice a random number below the one given */
    public ProxyTargets(Function<Integer, Integer> choice) {
        this.choice = choice;
    }

    /** The pod's address; the first port it declares, where none is named. */
    public Destination pod(Name name, Unstructured pod, String target) {
        String ip = pod.string("status", "podIP");
        checkProxyable(ip);
        List<Unstructured> ports = new ArrayList<>();
        pod.objects("spec", "containers").forEach(c -> ports.addAll(c.objects("ports")));
        long port = name.port().isEmpty()
                ? (ports.isEmpty() ? 80 : ports.getFirst().integer(80, "containerPort"))
                : ports.stream()
                        .filter(p -> p.string("name").equals(name.port()))
                        .map(p -> p.integer(0, "containerPort"))
                        .findFirst()
                        .orElseGet(() -> number(name.port()));
        return new Destination(Kind.HTTP, name.security(), ip, (int) port, target);
    }

    /** Another port of the node's than its kubelet's, which is asked as any server is. */
    static Destination node(Name name, String address, String target) {
        return new Destination(Kind.HTTP, name.security(), address, (int) number(name.port()), target);
    }

    /** One of the Service's ready endpoints. The port is a Service port's name or number; the only one may be left out. */
    public Destination service(Name name, Unstructured service, List<Unstructured> slices, String target) {
        List<Unstructured> ports = service.objects("spec", "ports");
        Unstructured port = ports.stream()
                .filter(p -> name.port().isEmpty()
                        ? ports.size() == 1
                        : p.string("name").equals(name.port()) || name.port().equals("" + p.integer(0, "port")))
                .findFirst()
                .orElseThrow(() -> unavailable(name));
        List<Destination> found = new ArrayList<>();
        for (Unstructured slice : slices) {
            for (Unstructured p : slice.objects("ports")) {
                if (!p.string("name").equals(port.string("name"))) {
                    continue;
                }
                for (Unstructured endpoint : slice.objects("endpoints")) {
                    if (!endpoint.has("conditions", "ready") || endpoint.bool("conditions", "ready")) {
                        endpoint.stringList("addresses")
                                .forEach(a -> found.add(new Destination(
                                        Kind.HTTP, name.security(), a, (int) p.integer(0, "port"), target)));
                    }
                }
            }
        }
        if (found.isEmpty()) {
            throw unavailable(name);
        }
        Destination chosen = found.get(choice.apply(found.size()));
        checkProxyable(chosen.host());
        return chosen;
    }

    /**
     * Nobody is carried to what only this server can reach, such as its loopback or a cloud's metadata at a link-local
     * address, whatever a pod, Node or EndpointSlice says.
     *
     * @throws StatusException 400 for what is no address of one machine in a network
     */
    static void checkProxyable(String address) {
        InetAddress ip = checkLiteral(address);
        if (address.equals("255.255.255.255")
                || ip.isAnyLocalAddress()
                || ip.isLoopbackAddress()
                || ip.isLinkLocalAddress()
                || ip.isMulticastAddress()) {
            throw StatusException.badRequest("address not allowed");
        }
    }

    /** @throws StatusException 400 for a name, which would be asked for in the DNS of the machine */
    static InetAddress checkLiteral(String address) {
        try {
            return InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException e) {
            throw StatusException.badRequest("address not allowed");
        }
    }

    private static StatusException unavailable(Name name) {
        return StatusException.unavailable(
                name.port().isEmpty()
                        ? "no endpoints available for service \"" + name.name() + "\""
                        : "no endpoints available for service \"" + name.name() + ":" + name.port() + "\"");
    }

    private static long number(String port) {
        try {
            int n = Integer.parseInt(port);
            if (n > 0 && n < 65536) {
                return n;
            }
        } catch (NumberFormatException e) {
            // Answered below: neither a name the pod knows nor a number.
        }
        throw StatusException.badRequest("invalid port \"" + port + "\"");
    }
}
