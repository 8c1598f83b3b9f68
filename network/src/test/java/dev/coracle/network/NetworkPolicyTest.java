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
                system.environment());
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

    /** {@code FROM TO} of every pair that gets through: whose connection the other's kernel has taken within a second. */
    private Set<String> reached() {
        StringBuilder script = new StringBuilder();
        for (String from : NAMES) {
            script.append("ip netns exec nettest-").append(from).append(" bash -c '");
            for (String to : NAMES) {
                script.append("(exec 3<>/dev/tcp/%s/8080 && echo %s %s) & ".formatted(ips.get(to), from, to));
            }
            script.append("sleep 1; kill $(jobs -p); wait' 2>/dev/null &\n");
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

    @Test
    void whoReachesWhomUnderEachKindOfPolicy() {
        expect((from, to) -> true);

        policy("x", "deny", "{podSelector: {}, policyTypes: [Ingress]}");
        expect((from, to) -> !to.startsWith("x"));

        policy("x", "from-y", """
                podSelector: {matchLabels: {pod: a}}
                policyTypes: [Ingress]
                ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: y}}}]}]
                """);
        expect((from, to) -> !to.startsWith("x") || to.equals("x-a") && from.startsWith("y"));

        // Of two policies each allows what it allows; a selector of both kinds wants both.
        policy("x", "from-bs", """
                podSelector: {matchExpressions: [{key: pod, operator: In, values: [a, b]}]}
                policyTypes: [Ingress]
                ingress:
                - from:
                  - podSelector: {matchLabels: {pod: c}}
                  - {namespaceSelector: {matchLabels: {team: red}}, podSelector: {matchLabels: {pod: b}}}
                """);
        BiPredicate<String, String> bs = (from, to) -> !to.equals("x-c") && (from.equals("x-c") || from.equals("z-b"));
        expect((from, to) -> !to.startsWith("x") || to.equals("x-a") && from.startsWith("y") || bs.test(from, to));

        drop("x", "deny");
        expect((from, to) -> !to.equals("x-a") && !to.equals("x-b")
                || to.equals("x-a") && from.startsWith("y")
                || bs.test(from, to));
        drop("x", "from-y");
        drop("x", "from-bs");

        policy("y", "out", """
                podSelector: {matchLabels: {pod: b}}
                policyTypes: [Egress]
                egress: [{to: [{podSelector: {}}], ports: [{port: 8080}]}]
                """);
        expect((from, to) -> !from.equals("y-b") || to.startsWith("y"));
        policy("z", "closed", "{podSelector: {}, policyTypes: [Ingress, Egress]}");
        expect((from, to) ->
                (!from.equals("y-b") || to.startsWith("y")) && !from.startsWith("z") && !to.startsWith("z"));

        // All may be allowed again.
        policy("z", "open", "{podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{}], egress: [{}]}");
        expect((from, to) -> !from.equals("y-b") || to.startsWith("y"));
        drop("z", "closed");
        drop("z", "open");
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
        expect((from, to) -> !to.equals("x-a") || !from.endsWith("c") && !from.equals("y-b"));
        drop("x", "block");

        policy("x", "port", """
                podSelector: {matchLabels: {pod: a}}
                policyTypes: [Ingress]
                ingress: [{ports: [{port: 8081}, {port: 8080, protocol: UDP}]}]
                """);
        expect((from, to) -> !to.equals("x-a"));
        policy("x", "port", """
                podSelector: {matchLabels: {pod: a}}
                policyTypes: [Ingress]
                ingress: [{from: [{podSelector: {}}], ports: [{port: 8000, endPort: 8100}]}]
                """);
        expect((from, to) -> !to.equals("x-a") || from.startsWith("x"));
        policy("x", "port", """
                podSelector: {matchLabels: {pod: a}}
                policyTypes: [Ingress]
                ingress: [{from: [{namespaceSelector: {matchLabels: {team: red}}}], ports: [{port: web}, {port: other}]}]
                """);
        expect((from, to) -> !to.equals("x-a") || from.startsWith("z"));
        policy("x", "named-out", """
                podSelector: {matchLabels: {pod: b}}
                policyTypes: [Egress]
                egress: [{to: [{namespaceSelector: {}}], ports: [{port: web}]}]
                """);
        // That pod's port gets another name.
        Unstructured renamed = object("z-a", Map.of("pod", "a"));
        var port = Map.of("name", "else", "containerPort", 8080L);
        renamed.set(List.of(Map.of("name", "c", "ports", List.of(port))), "spec", "containers");
        api.put(Resources.PODS, renamed);
        expect((from, to) -> (!to.equals("x-a") || from.startsWith("z")) && !(from.equals("x-b") && to.equals("z-a")));
    }

    @Test
    void theRulesFollowPodsAndNamespaces() throws Exception {
        policy("x", "from-red", """
                podSelector: {matchLabels: {pod: a}}
                ingress: [{from: [{namespaceSelector: {matchLabels: {team: red}}, podSelector: {matchLabels: {pod: a}}}]}]
                """);
        expect((from, to) -> !to.equals("x-a") || from.equals("z-a"));
        api.put(Resources.PODS, object("z-b", Map.of("pod", "a")));
        api.put(Resources.PODS, object("z-a", Map.of("pod", "none")));
        api.put(Resources.PODS, object("x-b", Map.of("pod", "a")));
        expect((from, to) -> !to.equals("x-a") && !to.equals("x-b") || from.equals("z-b"));
        api.put(
                Resources.NAMESPACES,
                Unstructured.of("v1", "Namespace", "", "y").set("red", "metadata", "labels", "team"));
        api.delete(Resources.NAMESPACES, "", "z");
        expect((from, to) -> !to.equals("x-a") && !to.equals("x-b") || from.equals("y-a"));
        // One that has ended gives its address to another.
        Unstructured ended = object("y-a", Map.of("pod", "a")).set("Succeeded", "status", "phase");
        api.put(Resources.PODS, ended);
        expect((from, to) -> !to.equals("x-a") && !to.equals("x-b"));

        // Whoever empties the table has a minute.
        HostCommand.nft("flush table ip coracle_nettest/policies\n");
        assertThat(says(ips.get("x-a"), 8080)).isEqualTo("x-a"); // From its node, as ever.
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

    @Test
    void noObjectWritesIntoTheScript() {
        policy("x", "evil", """
                podSelector: {matchLabels: {pod: a}}
                policyTypes: [Ingress]
                ingress:
                - from: [{ipBlock: {cidr: "0.0.0.0/0 accept; flush ruleset #", except: ["1.2.3.4/8 } ;"]}}]
                - from: [{ipBlock: {cidr: "2001:db8::/32"}}]
                - ports: [{port: 80, protocol: "tcp accept #"}]
                """);
        Unstructured evil = object("x-b", Map.of("pod", "a")).set("1.2.3.4 } ; flush ruleset", "status", "podIP");
        api.put(Resources.PODS, evil);
        expect((from, to) -> !to.equals("x-a"));
        assertThat(HostCommand.run("nft", "list tables").output()).contains("coracle_nettest/services");
    }
}
