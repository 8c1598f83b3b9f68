package dev.coracle.network.proxy;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.network.Ipv4;
import dev.coracle.network.proxy.Backends.Endpoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one Service needs in the kernel.
 *
 * @param sets definition of each set of its own by name
 * @param chains rules of each chain by name; a chain comes after those that it leads to
 * @param elements what to put into the sets and maps of the table
 * @param datagram the UDP destinations, for which connection tracking must be told when one disappears
 */
record Rules(
        Map<String, String> sets,
        Map<String, List<String>> chains,
        Map<Element, String> elements,
        List<Datagram> datagram) {
    static final Rules NONE = new Rules(Map.of(), Map.of(), Map.of(), List.of());

    /** @param set {@code services} or {@code nodeports} (maps), {@code hairpin}, {@code empty} or {@code emptyports} (sets) */
    record Element(String set, String key) {}

    /** @param flows as conntrack selects them: those that went where this leads */
    record Datagram(List<String> flows) {
        static Datagram to(String address, String endpoint) {
            return new Datagram(List.of("--orig-dst", address, "--reply-src", endpoint));
        }
    }

    boolean isEmpty() {
        return elements.isEmpty() && datagram.isEmpty();
    }

    private static final long DAY = 86_400;
    private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "sctp");

    /**
     * @param service null when it was deleted
     * @param nodes for what depends on where a packet comes from or goes to
     */
    static Rules of(
            @Nullable Unstructured service,
            List<Unstructured> slices,
            List<ProxiedNode> nodes,
            List<String> reservedIps) {
        if (service == null
                || service.string("spec", "type").equals("ExternalName")
                // Headless ones, too.
                || !Ipv4.isAddress(service.string("spec", "clusterIP"))
                || reservedIps.contains(service.string("spec", "clusterIP"))) {
            return NONE;
        }
        var rules = new Rules(new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>(), new ArrayList<>());
        for (Unstructured port : service.objects("spec", "ports")) {
            Backends backends = Backends.of(port, slices);
            if (PROTOCOLS.contains(protocol(port))) {
                PortRules one = rules.new PortRules(service, port, backends, nodes);
                if (backends.cluster().isEmpty()) {
                    one.refuse();
                } else {
                    one.add();
                }
            }
        }
        return rules;
    }

    /**
     * Of one port. Its chains, of which only the first is always there:
     *
     * <pre>
     * s/PORT        to any endpoint
     * z/RANGE/PORT  to those that hints choose for pods of the node with that range; n/PORT leads to these
     * l/RANGE/PORT  to those on that node; i/PORT (internalTrafficPolicy) and x/PORT (externalTrafficPolicy) lead to these
     * f/PORT        for who is within loadBalancerSourceRanges
     * </pre>
     *
     * What comes from the host itself is from no node: it is who is outside, for all nodes share the host's network.
     */
    private final class PortRules {
        private final Unstructured service;
        private final Unstructured port;
        private final Backends backends;
        private final List<ProxiedNode> nodes;
        private final String protocol;
        private final String name;
        private final long sticky;

        PortRules(Unstructured service, Unstructured port, Backends backends, List<ProxiedNode> nodes) {
            this.service = service;
            this.port = port;
            this.backends = backends;
            this.nodes = nodes;
            this.protocol = protocol(port);
            this.name = service.namespace() + "/" + service.name() + "/" + protocol + "-" + port.integer(0, "port");
            long seconds = service.integer(DAY / 8, "spec", "sessionAffinityConfig", "clientIP", "timeoutSeconds");
            this.sticky =
                    service.string("spec", "sessionAffinity").equals("ClientIP") ? Math.clamp(seconds, 1, DAY) : 0;
        }

        /** Who calls learns at once that there is nobody, whoever else has that address and port. */
        void refuse() {
            String number = protocol + " . " + port.integer(0, "port");
            Set<String> elsewhere = new LinkedHashSet<>(externalIps());
            elsewhere.addAll(balancerIps());
            elsewhere.forEach(ip -> elements.put(new Element("empty", ip + " . " + number), ""));
            long nodePort = port.integer(0, "nodePort");
            if (nodePort > 0) {
                elements.put(new Element("emptyports", protocol + " . " + nodePort), "");
            }
            if (protocol.equals("udp")) {
                // Those that nobody answered went on as they were.
                elsewhere.add(service.string("spec", "clusterIP"));
                elsewhere.forEach(ip -> datagram.add(Datagram.to(ip, ip)));
                if (nodePort > 0) {
                    datagram.add(new Datagram(List.of("--orig-port-dst", "" + nodePort)));
                }
            }
        }

        void add() {
            String cluster = cluster();
            String external = external(cluster);
            String number = protocol + " . " + port.integer(0, "port");
            elements.put(
                    new Element("services", service.string("spec", "clusterIP") + " . " + number),
                    "goto " + internal(cluster));
            for (String ip : externalIps()) {
                elements.putIfAbsent(new Element("services", ip + " . " + number), "goto " + cluster);
            }
            for (String ip : balancerIps()) {
                elements.putIfAbsent(new Element("services", ip + " . " + number), "goto " + fromRanges(ip, cluster));
            }
            long nodePort = port.integer(0, "nodePort");
            if (nodePort > 0) {
                elements.put(new Element("nodeports", protocol + " . " + nodePort), "goto " + external);
            }
            for (Endpoint e : backends.cluster()) {
                elements.put(new Element("hairpin", e.ip() + " . " + e.ip()), "");
                if (protocol.equals("udp")) {
                    datagram.add(Datagram.to(service.string("spec", "clusterIP"), e.ip()));
                    externalIps().forEach(ip -> datagram.add(Datagram.to(ip, e.ip())));
                    balancerIps().forEach(ip -> datagram.add(Datagram.to(ip, e.ip())));
                    if (nodePort > 0) {
                        datagram.add(new Datagram(List.of("--orig-port-dst", "" + nodePort, "--reply-src", e.ip())));
                    }
                }
            }
        }

        private String cluster() {
            List<Endpoint> all = backends.cluster();
            String any = "s/" + name;
            chains.put(any, balance(all));
            List<String> near = new ArrayList<>();
            for (ProxiedNode node : nodes) {
                List<Endpoint> chosen = backends.near(node);
                if (!chosen.equals(all)) {
                    String chain = "z/" + node.range() + "/" + name;
                    chains.put(chain, balance(chosen));
                    near.add(node.podCidr() + " : goto " + chain);
                }
            }
            if (near.isEmpty()) {
                return any;
            }
            chains.put("n/" + name, List.of(bySource(near), "goto " + any));
            return "n/" + name;
        }

        private String internal(String cluster) {
            if (!service.string("spec", "internalTrafficPolicy").equals("Local")) {
                return cluster;
            }
            List<String> verdicts =
                    nodes.stream().map(n -> n.podCidr() + " : " + local(n)).toList();
            List<String> rules = new ArrayList<>();
            if (!verdicts.isEmpty()) {
                rules.add(bySource(verdicts));
            }
            rules.add("goto s/" + name);
            chains.put("i/" + name, rules);
            return "i/" + name;
        }

        /** A balancer knows which nodes have endpoints, so this is of node ports alone. */
        private String external(String cluster) {
            if (!service.string("spec", "externalTrafficPolicy").equals("Local")) {
                return cluster;
            }
            List<String> rules = new ArrayList<>();
            for (ProxiedNode n : nodes) {
                // Who is on the node itself is not outside.
                rules.add("ip daddr " + n.ip() + " ip saddr " + n.podCidr() + " goto " + cluster);
                rules.add("ip daddr " + n.ip() + " " + local(n));
            }
            rules.add("goto " + cluster);
            chains.put("x/" + name, rules);
            return "x/" + name;
        }

        private String local(ProxiedNode node) {
            List<Endpoint> there = backends.local(node);
            if (there.isEmpty()) {
                return "drop";
            }
            String chain = "l/" + node.range() + "/" + name;
            chains.put(chain, balance(there));
            return "goto " + chain;
        }

        private String fromRanges(String balancer, String cluster) {
            if (!service.has("spec", "loadBalancerSourceRanges")) {
                return cluster;
            }
            Set<Cidr> allowed = new LinkedHashSet<>();
            for (String range : service.stringList("spec", "loadBalancerSourceRanges")) {
                Cidr.parse(range.strip()).ifPresent(allowed::add);
            }
            // The host, which calls itself by the balancer's own address, is let in where a node is.
            if (nodes.stream().anyMatch(n -> allowed.stream().anyMatch(r -> r.contains(n.ip())))) {
                allowed.add(new Cidr(balancer, Integer.SIZE));
            }
            List<String> apart =
                    Cidr.apart(allowed).stream().map(Cidr::toString).toList();
            if (allowed.stream().anyMatch(r -> r.bits() == 0)) {
                return cluster;
            }
            String chain = "f/" + balancer + "/" + name;
            chains.put(
                    chain,
                    apart.isEmpty()
                            ? List.of("drop")
                            : List.of("ip saddr != { " + String.join(", ", apart) + " } drop", "goto " + cluster));
            return chain;
        }

        private String bySource(List<String> verdicts) {
            return "ip saddr vmap { " + String.join(", ", verdicts) + " }";
        }

        private List<String> balance(List<Endpoint> endpoints) {
            return sticky > 0 && endpoints.size() > 1
                    ? sticky(name, protocol, endpoints, sticky)
                    : List.of(balanced(protocol, endpoints));
        }

        private List<String> externalIps() {
            return addresses(service.stringList("spec", "externalIPs"));
        }

        private List<String> balancerIps() {
            if (!service.string("spec", "type").equals("LoadBalancer")) {
                return List.of();
            }
            return addresses(service.objects("status", "loadBalancer", "ingress").stream()
                    // ipMode Proxy asks that traffic from inside goes the way through the balancer, too.
                    .filter(i -> !i.string("ipMode").equals("Proxy"))
                    .map(i -> i.string("ip"))
                    .toList());
        }
    }

    private static List<String> addresses(List<String> given) {
        return given.stream().filter(ip -> Ipv4.isAddress(ip)).distinct().toList();
    }

    private static String protocol(Unstructured port) {
        return port.stringOr("TCP", "protocol").toLowerCase(Locale.ROOT);
    }

    private static String balanced(String protocol, List<Endpoint> endpoints) {
        if (endpoints.size() == 1) {
            return dnat(protocol, endpoints.getFirst());
        }
        StringBuilder rule = new StringBuilder("meta l4proto " + protocol + " dnat to numgen random mod ")
                .append(endpoints.size())
                .append(" map { ");
        for (int i = 0; i < endpoints.size(); i++) {
            Endpoint e = endpoints.get(i);
            rule.append(i == 0 ? "" : ", ")
                    .append(i)
                    .append(" : ")
                    .append(e.ip())
                    .append(" . ")
                    .append(e.port());
        }
        return rule.append(" }").toString();
    }

    /**
     * Who was sent to an endpoint is in its set, until so many seconds have passed without a new connection; who is in none
     * is sent anywhere. As upstream's proxy in its nftables mode.
     */
    private List<String> sticky(String name, String protocol, List<Endpoint> endpoints, long seconds) {
        List<String> rules = new ArrayList<>();
        StringBuilder any = new StringBuilder("numgen random mod " + endpoints.size() + " vmap { ");
        for (int i = 0; i < endpoints.size(); i++) {
            Endpoint e = endpoints.get(i);
            String one = name + "/" + e.ip() + "-" + e.port();
            // With the time in its name, since a set's time cannot be changed.
            String set = "a" + seconds + "/" + one;
            sets.put(set, "{ type ipv4_addr; flags dynamic,timeout; timeout " + seconds + "s; size 65535; }");
            chains.put("e/" + one, List.of("update @" + set + " { ip saddr }", dnat(protocol, e)));
            rules.add("ip saddr @" + set + " goto e/" + one);
            any.append(i == 0 ? "" : ", ").append(i).append(" : goto e/").append(one);
        }
        rules.add(any.append(" }").toString());
        return rules;
    }

    private static String dnat(String protocol, Endpoint e) {
        return "meta l4proto " + protocol + " dnat to " + e.ip() + ":" + e.port();
    }
}
