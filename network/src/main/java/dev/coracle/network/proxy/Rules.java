package dev.coracle.network.proxy;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
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

    /** @param set {@code services} or {@code nodeports} (maps) or {@code hairpin} (a set) */
    record Element(String set, String key) {}

    record Datagram(String address, String endpoint) {}

    private record Endpoint(String ip, long port) {}

    /** Whatever else an object holds must not get into a script that the kernel's tables are changed by. */
    private static final Pattern IPV4 = Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}");

    private static final long DAY = 86_400;
    private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "sctp");

    /** @param service null when it was deleted */
    static Rules of(@Nullable Unstructured service, List<Unstructured> slices, List<String> reservedIps) {
        if (service == null
                || service.string("spec", "type").equals("ExternalName")
                // Headless ones, too.
                || !IPV4.matcher(service.string("spec", "clusterIP")).matches()
                || reservedIps.contains(service.string("spec", "clusterIP"))) {
            return NONE;
        }
        var rules = new Rules(new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>(), new ArrayList<>());
        for (Unstructured port : service.objects("spec", "ports")) {
            List<Endpoint> endpoints = endpoints(port, slices);
            if (!endpoints.isEmpty() && PROTOCOLS.contains(protocol(port))) {
                rules.add(service, port, endpoints);
            }
        }
        return rules;
    }

    private void add(Unstructured service, Unstructured port, List<Endpoint> endpoints) {
        String protocol = protocol(port);
        long number = port.integer(0, "port");
        String name = service.namespace() + "/" + service.name() + "/" + protocol + "-" + number;
        String chain = "s/" + name;
        boolean sticky = service.string("spec", "sessionAffinity").equals("ClientIP") && endpoints.size() > 1;
        if (sticky) {
            long seconds = service.integer(DAY / 8, "spec", "sessionAffinityConfig", "clientIP", "timeoutSeconds");
            chains.put(chain, sticky(name, protocol, endpoints, Math.clamp(seconds, 1, DAY)));
        } else {
            chains.put(chain, List.of(balanced(protocol, endpoints)));
        }
        for (String ip : addresses(service)) {
            elements.put(new Element("services", ip + " . " + protocol + " . " + number), "goto " + chain);
            if (protocol.equals("udp")) {
                endpoints.forEach(e -> datagram.add(new Datagram(ip, e.ip())));
            }
        }
        long nodePort = port.integer(0, "nodePort");
        if (nodePort > 0) {
            elements.put(new Element("nodeports", protocol + " . " + nodePort), "goto " + chain);
        }
        for (Endpoint e : endpoints) {
            elements.put(new Element("hairpin", e.ip() + " . " + e.ip()), "");
        }
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

    private static List<String> addresses(Unstructured service) {
        List<String> ips = new ArrayList<>();
        ips.add(service.string("spec", "clusterIP"));
        ips.addAll(service.stringList("spec", "externalIPs"));
        if (service.string("spec", "type").equals("LoadBalancer")) {
            for (Unstructured ingress : service.objects("status", "loadBalancer", "ingress")) {
                // ipMode Proxy asks that traffic from inside goes the way through the balancer, too.
                if (!ingress.string("ip").isEmpty() && !ingress.string("ipMode").equals("Proxy")) {
                    ips.add(ingress.string("ip"));
                }
            }
        }
        return ips.stream().filter(ip -> IPV4.matcher(ip).matches()).distinct().toList();
    }

    /** The ready ones; when there is none, those that still serve while they terminate (KEP-1669). */
    private static List<Endpoint> endpoints(Unstructured port, List<Unstructured> slices) {
        var ready = new LinkedHashMap<String, Endpoint>();
        var leaving = new LinkedHashMap<String, Endpoint>();
        for (Unstructured slice : slices) {
            long target = targetPort(port, slice);
            if (target <= 0 || !slice.stringOr("IPv4", "addressType").equals("IPv4")) {
                continue;
            }
            for (Unstructured e : slice.objects("endpoints")) {
                for (String ip : e.stringList("addresses")) {
                    var endpoint = new Endpoint(ip, target);
                    if (!IPV4.matcher(ip).matches()) {
                        continue;
                    }
                    if (condition(e, "ready", true)) {
                        ready.put(ip + ":" + target, endpoint);
                    } else if (condition(e, "serving", false) && condition(e, "terminating", false)) {
                        leaving.put(ip + ":" + target, endpoint);
                    }
                }
            }
        }
        var chosen = ready.isEmpty() ? leaving : ready;
        return new TreeSet<>(chosen.keySet())
                .stream()
                        .map(key -> java.util.Objects.requireNonNull(chosen.get(key)))
                        .toList();
    }

    private static long targetPort(Unstructured port, Unstructured slice) {
        for (Unstructured p : slice.objects("ports")) {
            if (p.string("name").equals(port.string("name"))
                    && p.stringOr("TCP", "protocol").equals(port.stringOr("TCP", "protocol"))) {
                return p.integer(0, "port");
            }
        }
        return 0;
    }

    private static boolean condition(Unstructured endpoint, String name, boolean absent) {
        return endpoint.has("conditions", name) ? endpoint.bool("conditions", name) : absent;
    }
}
