package dev.coracle.network.policy;

import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import dev.coracle.network.Ipv4;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A NetworkPolicy, read.
 *
 * @param ingress what its pods may receive; null where it is no policy about that
 * @param egress likewise, what they may send
 */
record Policy(
        ObjectKey key,
        Selector pods,
        @Nullable List<Rule> ingress,
        @Nullable List<Rule> egress) {
    /**
     * A selector that is equal to another which is written the same.
     *
     * @param text as JSON
     */
    record Selector(String text) {
        /** @throws IllegalArgumentException when nobody can tell what it selects */
        static Selector of(Unstructured selector) {
            LabelSelector.of(selector);
            return new Selector(new String(selector.json(), java.nio.charset.StandardCharsets.UTF_8));
        }

        Unstructured read() {
            return Unstructured.parse(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }

        LabelSelector labels() {
            return LabelSelector.of(read());
        }
    }

    /** @param peers empty for all @param ports empty for all */
    record Rule(List<Peer> peers, List<Port> ports) {}

    sealed interface Peer {
        /** @param cidr and {@code except} as nft writes them */
        record Block(String cidr, List<String> except) implements Peer {}

        /**
         * @param namespace theirs; {@code ""} where {@code namespaces} selects it
         * @param namespaces null where {@code namespace} says it
         */
        record Pods(String namespace, @Nullable Selector namespaces, Selector pods) implements Peer {}
    }

    /**
     * @param protocol in lower case
     * @param name of a container's port; {@code ""} where there are numbers
     * @param first 0 for all
     */
    record Port(String protocol, String name, long first, long last) {}

    /** Whoever it is. */
    static final Peer.Pods EVERY_POD = new Peer.Pods("", new Selector("{}"), new Selector("{}"));

    private static final int LAST_PORT = 65_535;
    private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "sctp");

    static Policy of(Unstructured policy) {
        List<String> types = policy.stringList("spec", "policyTypes");
        boolean egress = types.isEmpty() ? !policy.objects("spec", "egress").isEmpty() : types.contains("Egress");
        return new Policy(
                new ObjectKey(policy.namespace(), policy.name()),
                Selector.of(policy.object("spec", "podSelector")),
                types.isEmpty() || types.contains("Ingress") ? rules(policy, "ingress", "from") : null,
                egress ? rules(policy, "egress", "to") : null);
    }

    private static List<Rule> rules(Unstructured policy, String direction, String whom) {
        List<Rule> rules = new ArrayList<>();
        for (Unstructured r : policy.objects("spec", direction)) {
            List<Peer> peers = new ArrayList<>();
            for (Unstructured p : r.objects(whom)) {
                peer(policy.namespace(), p, peers);
            }
            List<Port> ports = new ArrayList<>();
            r.objects("ports").forEach(p -> port(p, ports));
            // Of peers that nobody here can be, nobody is let in; none at all means everybody.
            boolean nobody = peers.isEmpty() && !r.objects(whom).isEmpty()
                    || ports.isEmpty() && !r.objects("ports").isEmpty();
            if (!nobody) {
                rules.add(new Rule(peers, ports));
            }
        }
        return rules;
    }

    private static void peer(String namespace, Unstructured p, List<Peer> peers) {
        if (p.has("ipBlock")) {
            String cidr = p.string("ipBlock", "cidr");
            // Of the other family there is nothing here.
            if (Ipv4.isRange(cidr)) {
                peers.add(new Peer.Block(
                        cidr,
                        p.stringList("ipBlock", "except").stream()
                                .filter(Ipv4::isRange)
                                .toList()));
            }
        } else if (p.has("namespaceSelector")) {
            peers.add(new Peer.Pods(
                    "", Selector.of(p.object("namespaceSelector")), Selector.of(p.object("podSelector"))));
        } else {
            peers.add(new Peer.Pods(namespace, null, Selector.of(p.object("podSelector"))));
        }
    }

    private static void port(Unstructured p, List<Port> ports) {
        String protocol = p.stringOr("TCP", "protocol").toLowerCase(Locale.ROOT);
        if (!PROTOCOLS.contains(protocol)) {
            return;
        }
        if (p.get("port") instanceof String name) {
            ports.add(new Port(protocol, name, 0, 0));
        } else {
            long first = p.integer(0, "port");
            long last = Math.max(first, p.integer(0, "endPort"));
            if (first >= 0 && last <= LAST_PORT) {
                ports.add(new Port(protocol, "", first, last));
            }
        }
    }
}
