package dev.coracle.network.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Random clusters that change: after every change a packet must fare through the kernel's rules, which here are read from the
 * scripts, as it does in a plain reading of the policies.
 */
class PolicyModelPropertyTest {
    private static final int CLUSTERS = 150;
    private static final int CHANGES = 40;
    private static final int PACKETS = 25;
    private static final List<String> NAMESPACES = List.of("x", "y", "z");
    private static final List<String> VALUES = List.of("a", "b", "c");
    private static final List<String> PROTOCOLS = List.of("TCP", "UDP");

    private final Map<String, Map<String, String>> namespaces = new TreeMap<>();
    private final Map<ObjectKey, Unstructured> pods = new TreeMap<>(java.util.Comparator.comparing(Object::toString));
    private final Map<ObjectKey, Unstructured> policies =
            new TreeMap<>(java.util.Comparator.comparing(Object::toString));

    @Test
    void packetsFareAsThePoliciesSay() {
        long allowed = 0;
        long refused = 0;
        for (int seed = 0; seed < CLUSTERS; seed++) {
            Random random = new Random(seed);
            namespaces.clear();
            pods.clear();
            policies.clear();
            var table = new KernelTable(new PolicyConfig("test", List.of(), "10.96.0.10"));
            var model = new PolicyModel(table);
            var kernel = new Kernel();
            for (String n : NAMESPACES) {
                namespaces.put(n, labels(random));
                model.namespace(n, namespaces.get(n));
            }
            for (int change = 0; change < CHANGES; change++) {
                change(random, model);
                if (random.nextInt(20) == 0) {
                    table.reset();
                }
                kernel.take(table.script());
                table.done();
                for (int i = 0; i < PACKETS && pods.size() > 1; i++) {
                    List<Unstructured> all = List.copyOf(pods.values());
                    Unstructured from = all.get(random.nextInt(all.size()));
                    Unstructured to = all.get(random.nextInt(all.size()));
                    String protocol = PROTOCOLS.get(random.nextInt(2));
                    long port = 79 + random.nextInt(5);
                    boolean wanted = from == to
                            || lets("Egress", from, to, protocol, port) && lets("Ingress", to, from, protocol, port);
                    assertThat(kernel.lets(ip(from), ip(to), protocol.toLowerCase(java.util.Locale.ROOT), port))
                            .as(
                                    "seed %d, change %d: %s to %s, %s %d, policies %s",
                                    seed, change, from, to, protocol, port, policies)
                            .isEqualTo(wanted);
                    if (wanted) {
                        allowed++;
                    } else {
                        refused++;
                    }
                }
            }
            // Nothing stays of what has gone.
            List.copyOf(policies.keySet()).forEach(p -> model.policy(p, null));
            kernel.take(table.script());
            table.done();
            assertThat(kernel.chains).isEmpty();
            assertThat(kernel.sets).containsOnlyKeys("self", "egress", "ingress");
            assertThat(kernel.sets.values()).allMatch(Map::isEmpty);
        }
        assertThat(allowed).isGreaterThan(10_000);
        assertThat(refused).isGreaterThan(10_000);
    }

    private static String ip(Unstructured pod) {
        return pod.string("status", "podIP");
    }

    private void change(Random random, PolicyModel model) {
        String namespace = NAMESPACES.get(random.nextInt(3));
        switch (random.nextInt(8)) {
            case 0 -> {
                Map<String, String> labels = labels(random);
                namespaces.put(namespace, labels);
                model.namespace(namespace, labels);
            }
            case 1, 2, 3 -> {
                int number = random.nextInt(4);
                ObjectKey key = new ObjectKey(namespace, "p" + number);
                Unstructured pod = pod(random, key, number);
                if (random.nextInt(5) == 0) {
                    pod.set("Succeeded", "status", "phase");
                }
                Optional<PolicyPod> facts = PolicyPod.of(pod);
                if (facts.isPresent()) {
                    pods.put(key, pod);
                } else {
                    pods.remove(key);
                }
                model.pod(key, facts);
            }
            default -> {
                ObjectKey key = new ObjectKey(namespace, "policy" + random.nextInt(3));
                if (random.nextInt(4) == 0) {
                    policies.remove(key);
                    model.policy(key, null);
                } else {
                    Unstructured policy = policy(random, key);
                    policies.put(key, policy);
                    model.policy(key, Policy.of(policy));
                }
            }
        }
    }

    private static Map<String, String> labels(Random random) {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String key : List.of("k", "l")) {
            if (random.nextInt(3) > 0) {
                labels.put(key, VALUES.get(random.nextInt(3)));
            }
        }
        return labels;
    }

    private static Unstructured pod(Random random, ObjectKey key, int number) {
        var ports = List.of(
                Map.of("name", "web", "containerPort", 80L + random.nextInt(2), "protocol", "TCP"),
                Map.of("name", "dns", "containerPort", 81L + random.nextInt(2), "protocol", "UDP"));
        return Unstructured.of("v1", "Pod", key.namespace(), key.name())
                .set(new LinkedHashMap<String, Object>(labels(random)), "metadata", "labels")
                .set(List.of(Map.of("name", "c", "ports", ports)), "spec", "containers")
                .set("Running", "status", "phase")
                .set("10.1." + NAMESPACES.indexOf(key.namespace()) + "." + number, "status", "podIP");
    }

    private static Map<String, Object> selector(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> Map.of();
            case 1 -> Map.of("matchLabels", Map.of("k", VALUES.get(random.nextInt(3))));
            case 2 -> Map.of("matchExpressions", List.of(Map.of("key", "l", "operator", "Exists")));
            default ->
                Map.of(
                        "matchLabels",
                        Map.of("l", VALUES.get(random.nextInt(3))),
                        "matchExpressions",
                        List.of(Map.of(
                                "key", "k", "operator", "NotIn", "values", List.of(VALUES.get(random.nextInt(3))))));
        };
    }

    private static Unstructured policy(Random random, ObjectKey key) {
        List<Object> types = new ArrayList<>();
        if (random.nextInt(3) > 0) {
            types.add("Ingress");
        }
        if (types.isEmpty() || random.nextBoolean()) {
            types.add("Egress");
        }
        return Unstructured.of("networking.k8s.io/v1", "NetworkPolicy", key.namespace(), key.name())
                .set(selector(random), "spec", "podSelector")
                .set(types, "spec", "policyTypes")
                .set(rules(random, "from"), "spec", "ingress")
                .set(rules(random, "to"), "spec", "egress");
    }

    private static List<Object> rules(Random random, String whom) {
        List<Object> rules = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            Map<String, Object> rule = new LinkedHashMap<>();
            List<Object> peers = new ArrayList<>();
            for (int j = random.nextInt(3); j > 0; j--) {
                peers.add(peer(random));
            }
            List<Object> ports = new ArrayList<>();
            for (int j = random.nextInt(3); j > 0; j--) {
                ports.add(port(random));
            }
            if (!peers.isEmpty()) {
                rule.put(whom, peers);
            }
            if (!ports.isEmpty()) {
                rule.put("ports", ports);
            }
            rules.add(rule);
        }
        return rules;
    }

    private static Map<String, Object> peer(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> Map.of("podSelector", selector(random));
            case 1 -> Map.of("namespaceSelector", selector(random));
            case 2 -> Map.of("namespaceSelector", selector(random), "podSelector", selector(random));
            default ->
                Map.of(
                        "ipBlock",
                        Map.of(
                                "cidr",
                                "10.1." + random.nextInt(2) + ".0/23",
                                "except",
                                List.of("10.1.0." + random.nextInt(4) + "/32")));
        };
    }

    private static Map<String, Object> port(Random random) {
        Map<String, Object> port = new LinkedHashMap<>();
        port.put("protocol", PROTOCOLS.get(random.nextInt(2)));
        switch (random.nextInt(4)) {
            case 0 -> port.put("port", random.nextBoolean() ? "web" : "dns");
            case 1 -> port.put("port", 79L + random.nextInt(4));
            case 2 -> {
                port.put("port", 79L);
                port.put("endPort", 80L + random.nextInt(3));
            }
            default -> {}
        }
        return port;
    }

    /** A plain reading: what isolates {@code pod}, and whether one of it lets {@code other} be at the other end. */
    private boolean lets(String type, Unstructured pod, Unstructured other, String protocol, long port) {
        List<Unstructured> isolating = policies.values().stream()
                .filter(p -> p.namespace().equals(pod.namespace())
                        && p.stringList("spec", "policyTypes").contains(type)
                        && matches(p.object("spec", "podSelector"), pod.labels()))
                .toList();
        boolean in = type.equals("Ingress");
        Unstructured receiver = in ? pod : other;
        return isolating.isEmpty()
                || isolating.stream()
                        .anyMatch(p -> p.objects("spec", in ? "ingress" : "egress").stream()
                                .anyMatch(r -> (r.objects(in ? "from" : "to").isEmpty()
                                                || r.objects(in ? "from" : "to").stream()
                                                        .anyMatch(peer -> is(peer, other, p.namespace())))
                                        && (r.objects("ports").isEmpty()
                                                || r.objects("ports").stream()
                                                        .anyMatch(want -> is(want, receiver, protocol, port)))));
    }

    private boolean is(Unstructured peer, Unstructured pod, String namespace) {
        if (peer.has("ipBlock")) {
            return within(ip(pod), peer.string("ipBlock", "cidr"))
                    && peer.stringList("ipBlock", "except").stream().noneMatch(e -> within(ip(pod), e));
        }
        Map<String, String> labels = namespaces.get(pod.namespace());
        boolean there = peer.has("namespaceSelector")
                ? labels != null && matches(peer.object("namespaceSelector"), labels)
                : pod.namespace().equals(namespace);
        return there && matches(peer.object("podSelector"), pod.labels());
    }

    private static boolean is(Unstructured want, Unstructured receiver, String protocol, long port) {
        if (!want.string("protocol").equals(protocol)) {
            return false;
        }
        if (want.get("port") instanceof String name) {
            return receiver.objects("spec", "containers").getFirst().objects("ports").stream()
                    .anyMatch(p -> p.string("name").equals(name)
                            && p.string("protocol").equals(protocol)
                            && p.integer(0, "containerPort") == port);
        }
        long first = want.integer(0, "port");
        return first == 0 || port >= first && port <= Math.max(first, want.integer(0, "endPort"));
    }

    private static boolean matches(Unstructured selector, Map<String, String> labels) {
        return LabelSelector.of(selector).matches(labels);
    }

    private static boolean within(String ip, String cidr) {
        int slash = cidr.indexOf('/');
        int shift = 32 - Integer.parseInt(cidr.substring(slash + 1));
        return number(ip) >> shift == number(cidr.substring(0, slash)) >> shift;
    }

    private static long number(String ip) {
        long n = 0;
        for (String part : ip.split("\\.")) {
            n = n << 8 | Long.parseLong(part);
        }
        return n;
    }

    /** As much of nft as the scripts use, and as strict: what is deleted must be there, what is pointed to must be, too. */
    private static final class Kernel {
        private final Map<String, Map<String, String>> sets = new HashMap<>();
        private final Map<String, List<String>> chains = new HashMap<>();

        void take(String script) {
            for (String line : script.lines().toList()) {
                if (line.startsWith("delete table")) {
                    sets.clear();
                    chains.clear();
                    List.of("self", "egress", "ingress").forEach(s -> sets.put(s, new HashMap<>()));
                } else if (line.matches("(add|delete|flush) (set|chain|rule|element) .*")) {
                    String[] words = line.split(" ", 6);
                    run(words[0] + " " + words[1], words[4], words.length > 5 ? words[5] : "");
                }
            }
            chains.values()
                    .forEach(rules -> rules.stream()
                            .filter(r -> r.startsWith("jump "))
                            .forEach(r -> assertThat(chains).containsKey(r.substring("jump ".length()))));
            chains.values()
                    .forEach(rules -> rules.forEach(r -> {
                        for (String word : r.split(" ")) {
                            assertThat(!word.startsWith("@") || sets.containsKey(word.substring(1)))
                                    .as(r)
                                    .isTrue();
                        }
                    }));
        }

        private void run(String verb, String name, String rest) {
            switch (verb) {
                case "add set" -> assertThat(sets.put(name, new HashMap<>())).isNull();
                case "delete set" -> assertThat(sets.remove(name)).as(name).isNotNull();
                case "add chain" ->
                    assertThat(chains.put(name, new ArrayList<>())).isNull();
                case "flush chain" -> chains.get(name).clear();
                case "delete chain" -> assertThat(chains.remove(name)).isEmpty();
                case "add rule" -> chains.get(name).add(rest);
                case "add element", "delete element" -> {
                    for (String e : rest.substring(2, rest.length() - 2).split(", ")) {
                        String[] parts = e.split(" : goto ");
                        if (verb.startsWith("add")) {
                            assertThat(sets.get(name).put(parts[0], parts.length > 1 ? parts[1] : ""))
                                    .as(e)
                                    .isNull();
                        } else {
                            assertThat(sets.get(name).remove(parts[0])).as(e).isNotNull();
                        }
                    }
                }
                default -> throw new AssertionError(verb);
            }
        }

        boolean lets(String from, String to, String protocol, long port) {
            if (sets.get("self").containsKey(from + " . " + to)) {
                return true;
            }
            String out = sets.get("egress").get(from);
            String in = sets.get("ingress").get(to);
            return (out == null || verdict(out, from, to, protocol, port).equals("accept"))
                    && (in == null || verdict(in, from, to, protocol, port).equals("accept"));
        }

        private String verdict(String chain, String from, String to, String protocol, long port) {
            for (String rule : chains.get(chain)) {
                String v = rule.startsWith("jump ")
                        ? verdict(rule.substring("jump ".length()), from, to, protocol, port)
                        : rule.equals("drop") || matches(rule, from, to, protocol, port)
                                ? rule.substring(rule.lastIndexOf(' ') + 1)
                                : "";
                if (!v.isEmpty()) {
                    return v;
                }
            }
            return "";
        }

        private boolean matches(String rule, String from, String to, String protocol, long port) {
            String left = rule;
            while (!left.equals("accept")) {
                String[] w = left.split(" ");
                int taken;
                boolean holds;
                if (left.startsWith("ip daddr . th dport ")) {
                    holds = sets.get(w[5].substring(1)).containsKey(to + " . " + port);
                    taken = 6;
                } else if (left.startsWith("ip ")) {
                    String ip = w[1].equals("saddr") ? from : to;
                    boolean not = w[2].equals("!=");
                    String what = not ? w[3] : w[2];
                    holds = not
                            != (what.startsWith("@")
                                    ? sets.get(what.substring(1)).containsKey(ip)
                                    : within(ip, what));
                    taken = not ? 4 : 3;
                } else if (left.startsWith("meta l4proto ")) {
                    holds = w[2].equals(protocol);
                    taken = 3;
                } else {
                    String[] range = w[2].split("-");
                    holds = w[0].equals(protocol)
                            && port >= Long.parseLong(range[0])
                            && port <= Long.parseLong(range[range.length - 1]);
                    taken = 3;
                }
                if (!holds) {
                    return false;
                }
                left = String.join(" ", java.util.Arrays.copyOfRange(w, taken, w.length));
            }
            return true;
        }
    }
}
