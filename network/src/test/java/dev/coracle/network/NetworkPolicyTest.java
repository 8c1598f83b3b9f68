package dev.coracle.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.network.policy.PolicyConfig;
import dev.coracle.network.policy.PolicyEnforcer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** NetworkPolicies among three pods in each of three namespaces, on two nodes: who reaches whom, in every direction. */
class NetworkPolicyTest extends DataPath {
    private static final List<String> NAMES = List.of("x-a", "x-b", "x-c", "y-a", "y-b", "y-c", "z-a", "z-b", "z-c");

    private final Map<String, String> ips = new HashMap<>();
    private PolicyEnforcer enforcer;

    @BeforeEach
    void cluster() throws Exception {
        for (String n : List.of("x", "y", "z")) {
            api.put(
                    Resources.NAMESPACES,
                    Unstructured.of("v1", "Namespace", "", n)
                            .set(n, "metadata", "labels", "kubernetes.io/metadata.name")
                            .set(n.equals("z") ? "red" : "blue", "metadata", "labels", "team"));
        }
        for (String n : NAMES) {
            ips.put(n, pod(n, n.endsWith("c") ? 1 : 0));
            api.put(Resources.PODS, object(n, Map.of("pod", n.substring(2))));
        }
        enforcer = new PolicyEnforcer(
                new PolicyConfig(
                        "nettest",
                        List.of(
                                new PolicyConfig.Node("10.153.0.0/24", List.of(NODE)),
                                new PolicyConfig.Node("10.153.1.0/24", List.of("172.30.91.3"))),
                        "10.187.0.10"),
                api,
                noted());
        enforcer.start();
    }

    @AfterEach
    void close() {
        if (enforcer != null) {
            enforcer.close();
        }
    }

    private Unstructured object(String pod, Map<String, String> labels) {
        Unstructured o = Unstructured.of("v1", "Pod", pod.substring(0, 1), pod.substring(2))
                .set(
                        List.of(Map.of(
                                "name",
                                "c",
                                "ports",
                                List.of(Map.of("name", "web", "containerPort", 8080L, "protocol", "TCP")))),
                        "spec",
                        "containers")
                .set("Running", "status", "phase")
                .set(ips.get(pod), "status", "podIP");
        labels.forEach((k, v) -> o.set(v, "metadata", "labels", k));
        return o;
    }

    private void policy(String namespace, String name, String spec) {
        @SuppressWarnings("unchecked")
        var read = (Map<String, Object>) Yaml.parseAll(spec).getFirst();
        api.put(
                Resources.NETWORK_POLICIES,
                Unstructured.of("networking.k8s.io/v1", "NetworkPolicy", namespace, name)
                        .set(read, "spec"));
    }

    private void drop(String namespace, String name) {
        api.delete(Resources.NETWORK_POLICIES, namespace, name);
    }

    /** {@code FROM TO} of every pair that gets through: whose connection the other's kernel has taken within half a second. */
    private Set<String> reached() {
        StringBuilder script = new StringBuilder();
        for (String from : NAMES) {
            script.append("ip netns exec nettest-").append(from).append(" bash -c '");
            for (String to : NAMES) {
                script.append("(exec 3<>/dev/tcp/%s/8080 && echo %s %s) & ".formatted(ips.get(to), from, to));
            }
            script.append("sleep 0.5; kill $(jobs -p); wait' 2>/dev/null &\n");
        }
        return new TreeSet<>(HostCommand.run(script + "wait\n", List.of("bash"))
                .output()
                .lines()
                .toList());
    }

    private static Set<String> pairs(BiPredicate<String, String> reaches) {
        Set<String> all = new TreeSet<>();
        for (String from : NAMES) {
            for (String to : NAMES) {
                if (reaches.test(from, to)) {
                    all.add(from + " " + to);
                }
            }
        }
        return all;
    }

    /** Who is not named reaches itself all the same, and whoever {@code reaches} says. */
    private void expect(BiPredicate<String, String> reaches) {
        Set<String> wanted = pairs((from, to) -> from.equals(to) || reaches.test(from, to));
        List<Set<String>> last = new ArrayList<>();
        await().atMost(Duration.ofSeconds(40)).untilAsserted(() -> {
            last.add(reached());
            assertThat(last.getLast()).isEqualTo(wanted);
        });
    }

    /** What a random policy comes to {@code PolicyModelPropertyTest} knows; this is that the kernel reads it so. */
    @Test
    void whoReachesWhomUnderEachKindOfPolicy() {
        expect((from, to) -> true);

        // Of several policies each allows what it allows; a selector of both kinds wants both.
        policy("x", "deny", "{podSelector: {}, policyTypes: [Ingress]}");
        policy("x", "from-y", """
                podSelector: {matchLabels: {pod: a}}
                policyTypes: [Ingress]
                ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: 'y'}}}]}]
                """);
        policy("x", "from-bs", """
                podSelector: {matchExpressions: [{key: pod, operator: In, values: [a, b]}]}
                policyTypes: [Ingress]
                ingress:
                - from:
                  - podSelector: {matchLabels: {pod: c}}
                  - {namespaceSelector: {matchLabels: {team: red}}, podSelector: {matchLabels: {pod: b}}}
                """);
        BiPredicate<String, String> bs = (from, to) -> !to.equals("x-c") && (from.equals("x-c") || from.equals("z-b"));
        policy("y", "out", """
                podSelector: {matchLabels: {pod: b}}
                policyTypes: [Egress]
                egress: [{to: [{podSelector: {}}], ports: [{port: 8080}]}]
                """);
        expect((from, to) -> (!from.equals("y-b") || to.startsWith("y"))
                && (!to.startsWith("x") || to.equals("x-a") && from.startsWith("y") || bs.test(from, to)));

        // Pods and namespaces change, one pod ends, and its address is another's.
        api.put(Resources.PODS, object("z-b", Map.of("pod", "none")));
        api.put(Resources.PODS, object("y-c", Map.of("pod", "b")));
        api.put(
                Resources.NAMESPACES,
                Unstructured.of("v1", "Namespace", "", "y").set("red", "metadata", "labels", "team"));
        api.put(Resources.PODS, object("y-a", Map.of("pod", "b")).set("Succeeded", "status", "phase"));
        BiPredicate<String, String> reds =
                (from, to) -> !to.equals("x-c") && (from.equals("x-c") || from.equals("y-b") || from.equals("y-c"));
        expect((from, to) -> (!from.equals("y-b") && !from.equals("y-c") || to.equals("y-b") || to.equals("y-c"))
                && (!to.startsWith("x") || reds.test(from, to)));

        List.of("deny", "from-y", "from-bs").forEach(n -> drop("x", n));
        drop("y", "out");
        expect((from, to) -> true);
        assertThat(rules()).doesNotContain("chain i/", "chain e/", "chain g", "set p/", " : goto");
    }

    private static String rules() {
        return HostCommand.run("nft", "list table ip coracle_nettest/policies").output();
    }

    @Test
    void blocksPortsAndTheirNames() {
        policy("x", "block", """
                podSelector: {matchLabels: {pod: a}}
                policyTypes: [Ingress]
                ingress: [{from: [{ipBlock: {cidr: 10.153.0.0/16, except: [10.153.1.0/24, IP/32]}}]}]
                """.replace("IP", ips.get("y-b")));
        policy("y", "range", """
                podSelector: {matchLabels: {pod: a}}
                ingress: [{from: [{podSelector: {}}], ports: [{port: 8000, endPort: 8100}]}]
                """);
        policy("y", "other-port", """
                podSelector: {matchLabels: {pod: b}}
                ingress: [{ports: [{port: 8081}, {port: 8080, protocol: UDP}]}]
                """);
        policy("z", "named", """
                podSelector: {matchLabels: {pod: a}}
                ingress: [{from: [{namespaceSelector: {matchLabels: {team: red}}}], ports: [{port: web}, {port: other}]}]
                """);
        policy("x", "named-out", """
                podSelector: {matchLabels: {pod: b}}
                policyTypes: [Egress]
                egress: [{to: [{namespaceSelector: {}}], ports: [{port: web}]}]
                """);
        // That pod's port has another name.
        Unstructured renamed = object("z-b", Map.of("pod", "b"));
        var port = Map.of("name", "else", "containerPort", 8080L);
        renamed.set(List.of(Map.of("name", "c", "ports", List.of(port))), "spec", "containers");
        api.put(Resources.PODS, renamed);
        expect((from, to) -> switch (to) {
            case "x-a" -> !from.endsWith("c") && !from.equals("y-b");
            case "y-a" -> from.startsWith("y");
            case "y-b" -> false;
            case "z-a" -> from.startsWith("z");
            case "z-b" -> !from.equals("x-b");
            default -> true;
        });

        // What is no address and no protocol is nothing, in the script too.
        policy("x", "evil", """
                podSelector: {matchLabels: {pod: c}}
                policyTypes: [Ingress]
                ingress:
                - from: [{ipBlock: {cidr: "0.0.0.0/0 accept; flush ruleset #", except: ["1.2.3.4/8 } ;"]}}]
                - from: [{ipBlock: {cidr: "2001:db8::/32"}}]
                - ports: [{port: 80, protocol: "tcp accept #"}]
                """);
        Unstructured evil = object("z-c", Map.of("pod", "c")).set("1.2.3.4 } ; flush ruleset", "status", "podIP");
        api.put(Resources.PODS, evil);
        await().until(() -> rules().contains("x/evil"));
        assertThat(podSays("x-a", ips.get("x-c"), 8080)).isEmpty();
        assertThat(HostCommand.run("nft", "list tables").output()).contains("coracle_nettest/services");
    }

    @Test
    void oneBadPolicyLeavesTheOthersAlone() {
        policy("y", "before", "{podSelector: {}, policyTypes: [Ingress]}");
        // No API server takes these; whatever gets in otherwise, nft says or the reading.
        policy("x", "no { name", "{podSelector: {}, policyTypes: [Ingress]}");
        policy("x", "labels", "{podSelector: {matchLabels: {a: {b: c}}}, policyTypes: [Ingress]}");
        policy("x", "list", "{podSelector: [], ingress: [{from: {}}, 7], policyTypes: {}}");
        policy("x", "text", "{podSelector: x, ingress: 'y', egress: [z]}");
        policy("z", "after", "{podSelector: {}, policyTypes: [Ingress]}");
        await().until(() -> rules().contains("z/after"));
        assertThat(rules()).contains("y/before").doesNotContain("no {");
        assertThat(podSays("x-b", ips.get("z-b"), 8080)).isEmpty();
        assertThat(podSays("z-b", ips.get("y-b"), 8080)).isEmpty();

        drop("x", "no { name");
        drop("y", "before");
        await().until(() -> podSays("x-b", ips.get("y-b"), 8080).equals("y-b"));
    }

    @Test
    void whatSomebodyTakesFromTheTableIsPutBack() {
        policy("x", "from-y", """
                podSelector: {}
                policyTypes: [Ingress]
                ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: 'y'}}}]}]
                """);
        await().until(() -> rules().contains("x/from-y"));
        String set = rules().lines()
                .filter(l -> l.contains("set p/"))
                .findFirst()
                .orElseThrow()
                .strip()
                .split(" ")[1];
        String chain = rules().lines()
                .filter(l -> l.contains("chain i/"))
                .findFirst()
                .orElseThrow()
                .strip()
                .split(" ")[1];
        String whole = rules().replaceAll("[pgi]+/[0-9]+", "");
        for (String theft :
                List.of("flush set T " + set, "flush chain T " + chain, "flush table T", "delete table T")) {
            String before = handles();
            resync.run();
            HostCommand.nft(theft.replace("T", "ip coracle_nettest/policies") + "\n");
            assertThat(handles()).isNotEqualTo(before);
            resync.run();
            await().alias(theft)
                    .until(() -> rules().replaceAll("[pgi]+/[0-9]+", "").equals(whole));
        }
        assertThat(podSays("y-b", ips.get("x-b"), 8080)).isEqualTo("x-b");
        assertThat(podSays("z-b", ips.get("x-b"), 8080)).isEmpty();
    }

    private static String handles() {
        return HostCommand.run("nft", "-a", "list table ip coracle_nettest/policies")
                .output();
    }

    @Test
    void nodesNamesAndConnectionsThatThereAre() throws Exception {
        policy("x", "closed", "{podSelector: {}, policyTypes: [Ingress, Egress]}");
        expect((from, to) -> !from.startsWith("x") && !to.startsWith("x"));
        assertThat(says(ips.get("x-a"), 8080)).isEqualTo("x-a");
        try (var own = new ServerSocket(7001, 5, InetAddress.getByName(NODE));
                var other = new ServerSocket(7002, 5, InetAddress.getByName("172.30.91.3"));
                var dns = new ServerSocket(53, 5, InetAddress.getByName("10.187.0.10"))) {
            for (ServerSocket s : List.of(own, other, dns)) {
                system.environment().tasks().start("server", () -> greet(s));
            }
            assertThat(podSays("x-a", NODE, 7001)).isEqualTo("7001");
            assertThat(podSays("x-a", "172.30.91.3", 7002)).isEmpty();
            assertThat(podSays("x-c", "172.30.91.3", 7002)).isEqualTo("7002");
            assertThat(podSays("x-a", "10.187.0.10", 53)).isEmpty();
            policy("x", "names", """
                    podSelector: {}
                    policyTypes: [Egress]
                    egress:
                    - to: [{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}]
                      ports: [{port: 53, protocol: UDP}, {port: 53}]
                    """);
            api.put(Resources.NAMESPACES, Unstructured.of("v1", "Namespace", "", "kube-system"));
            await().until(() -> podSays("x-a", "10.187.0.10", 53).equals("53"));
        }
    }
}
