package dev.coracle.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Of a Service's pods, who gets to which: traffic policies, hints and source ranges. */
class TrafficPolicyTest extends DataPath {
    private static final String OTHER_NODE = "172.30.91.3";
    private static final String ADDRESS = "10.187.0.60";
    private static final int NODE_PORT = 30_995;

    private Unstructured web;
    private String a;
    private String b;

    /** A pod and a client on each of two nodes in two zones. */
    @BeforeEach
    void pods() throws Exception {
        api.put(Resources.NODES, node("one", "east", 0));
        api.put(Resources.NODES, node("two", "west", 1));
        a = pod("a", 0);
        b = pod("b", 1);
        pod("c", 0);
        pod("d", 1);
        web = Objects.service("web", ADDRESS, 80).set("NodePort", "spec", "type");
        web.objects("spec", "ports").getFirst().set(NODE_PORT, "nodePort");
    }

    private static Unstructured node(String name, String zone, int index) {
        return Unstructured.of("v1", "Node", "", name)
                .set(zone, "metadata", "labels", "topology.kubernetes.io/zone")
                .set("10.153." + index + ".0/24", "spec", "podCIDR")
                .set(
                        List.of(Map.of("type", "InternalIP", "address", "172.30.91." + (2 + index))),
                        "status",
                        "addresses");
    }

    /** @param hints of each endpoint the {@code forZones} or {@code forNodes} */
    private Unstructured endpoints(String kind, String... hints) {
        Unstructured slice = Objects.slice("web", 8080, a, b);
        for (int i = 0; i < 2; i++) {
            Unstructured e = slice.objects("endpoints").get(i);
            e.set(i == 0 ? "one" : "two", "nodeName");
            if (hints.length > 0) {
                e.set(List.of(Map.of("name", hints[i])), "hints", kind);
            }
        }
        return slice;
    }

    private static Set<String> seen(String from, String ip, int port) {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 12; i++) {
            seen.add(podSays(from, ip, port));
        }
        return seen;
    }

    private void put(Unstructured service, Unstructured slice) {
        api.put(Resources.ENDPOINT_SLICES, slice);
        api.put(Resources.SERVICES, service);
    }

    private static String rules() {
        return HostCommand.run("nft", "list table ip coracle_nettest/services").output();
    }

    @Test
    void insideItStaysOnTheNodeWhereThatIsThePolicy() throws Exception {
        put(web.copy().set("Local", "spec", "internalTrafficPolicy"), endpoints(""));
        await().until(() -> rules().contains("chain i/default/web/tcp-80"));
        assertThat(seen("c", ADDRESS, 80)).containsExactly("a");
        assertThat(seen("d", ADDRESS, 80)).containsExactly("b");
        assertThat(says(ADDRESS, 80)).isIn("a", "b"); // The host is every node.
        // From outside it is another policy.
        assertThat(seen("c", NODE, NODE_PORT)).containsExactlyInAnyOrder("a", "b");

        // A node without one: nothing, rather than another's.
        api.put(Resources.ENDPOINT_SLICES, onlyOn("one", a));
        await().until(() -> !rules().contains("l/10.153.1.0/"));
        assertThat(podSays("d", ADDRESS, 80)).isEmpty();
        assertThat(podSays("c", ADDRESS, 80)).isEqualTo("a");

        api.put(Resources.SERVICES, web);
        await().until(() -> podSays("d", ADDRESS, 80).equals("a"));
        assertThat(rules()).doesNotContain("chain i/", "chain l/");
    }

    @Test
    void rulesOfEveryKindAreKnownAgainWhenTheTableIsLookedAt() throws Exception {
        Unstructured all = web.copy()
                .set("LoadBalancer", "spec", "type")
                .set("Local", "spec", "externalTrafficPolicy")
                .set("Local", "spec", "internalTrafficPolicy")
                .set("ClientIP", "spec", "sessionAffinity")
                .set(List.of("10.0.0.0/8"), "spec", "loadBalancerSourceRanges")
                .set(List.of(Map.of("ip", "172.30.91.200")), "status", "loadBalancer", "ingress");
        put(all, endpoints("forZones", "west", "east"));
        await().until(() -> rules().contains("chain f/172.30.91.200/"));
        assertThat(rules())
                .contains("chain s/", "chain n/", "chain z/", "chain i/", "chain l/", "chain x/", "chain e/");
        String handle = handle();
        resync.run();
        api.put(Resources.SERVICES, Objects.service("other", "10.187.0.61", 80));
        api.put(Resources.ENDPOINT_SLICES, Objects.slice("other", 8080, a));
        await().until(() -> rules().contains("s/default/other"));
        assertThat(handle()).isEqualTo(handle); // What is made anew has another.

        api.delete(Resources.SERVICES, "default", "web");
        await().until(() -> !rules().contains("default/web"));
    }

    private static String handle() {
        return HostCommand.must("", "nft", "-a", "list table ip coracle_nettest/services")
                .lines()
                .filter(l -> l.contains("chain s/default/web"))
                .findFirst()
                .orElseThrow();
    }

    private static Unstructured onlyOn(String node, String ip) {
        Unstructured slice = Objects.slice("web", 8080, ip);
        slice.objects("endpoints").getFirst().set(node, "nodeName");
        return slice;
    }

    @Test
    void fromOutsideANodePortLeadsToThatNodesPods() throws Exception {
        put(web.copy().set("Local", "spec", "externalTrafficPolicy"), endpoints(""));
        await().until(() -> rules().contains("chain x/default/web/tcp-80"));
        for (int i = 0; i < 6; i++) {
            assertThat(says(NODE, NODE_PORT)).isEqualTo("a");
            assertThat(says(OTHER_NODE, NODE_PORT)).isEqualTo("b");
        }
        assertThat(seen("d", NODE, NODE_PORT)).containsExactly("a"); // On another node, so outside of this.
        assertThat(seen("c", NODE, NODE_PORT)).containsExactlyInAnyOrder("a", "b");
        assertThat(seen("c", ADDRESS, 80)).containsExactlyInAnyOrder("a", "b");

        api.put(Resources.ENDPOINT_SLICES, onlyOn("two", b));
        await().until(() -> !rules().contains("l/10.153.0.0/"));
        assertThat(podSays("d", NODE, NODE_PORT)).isEmpty();
        assertThat(says(OTHER_NODE, NODE_PORT)).isEqualTo("b");
        assertThat(podSays("c", NODE, NODE_PORT)).isEqualTo("b");
    }

    @Test
    void aBalancerLearnsWhichNodesHaveEndpoints() throws Exception {
        Unstructured balanced = web.copy()
                .set("LoadBalancer", "spec", "type")
                .set("Local", "spec", "externalTrafficPolicy")
                .set(30_996, "spec", "healthCheckNodePort");
        put(balanced, onlyOn("two", b));
        await().ignoreExceptions().until(() -> health(OTHER_NODE).statusCode() == 200);
        assertThat(health(OTHER_NODE).body())
                .contains("\"localEndpoints\":1", "\"namespace\":\"default\"", "\"name\":\"web\"");
        assertThat(health(OTHER_NODE).headers().firstValue("X-Load-Balancing-Endpoint-Weight"))
                .hasValue("1");
        assertThat(health(NODE).statusCode()).isEqualTo(503);
        assertThat(health(NODE).body()).contains("\"localEndpoints\":0");
        await().until(() -> says("172.30.91.200", 80).equals("b"));

        api.delete(Resources.SERVICES, "default", "web");
        await().until(() -> says(OTHER_NODE, 30_996).equals("refused"));
    }

    @Test
    void aBalancerLearnsItThoughThePortWasTakenAtFirst() throws Exception {
        Unstructured balanced = web.copy()
                .set("LoadBalancer", "spec", "type")
                .set("Local", "spec", "externalTrafficPolicy")
                .set(30_996, "spec", "healthCheckNodePort");
        try (var taken = new ServerSocket(30_996, 5, InetAddress.getByName(OTHER_NODE))) {
            put(balanced, onlyOn("two", b));
            await().ignoreExceptions().until(() -> health(NODE).statusCode() == 503);
            assertThat(taken.isBound()).isTrue();
            await().until(() -> says("172.30.91.200", 80).equals("b"));
        }
        resync.run();
        await().ignoreExceptions().until(() -> health(OTHER_NODE).statusCode() == 200);
    }

    private static HttpResponse<String> health(String node) throws IOException, InterruptedException {
        try (var client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://" + node + ":30996/healthz"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void hintsKeepTrafficInTheZoneOrOnTheNode() throws Exception {
        put(web, endpoints("forZones", "west", "east"));
        await().until(() -> rules().contains("chain n/default/web/tcp-80"));
        assertThat(seen("c", ADDRESS, 80)).containsExactly("b");
        assertThat(seen("d", ADDRESS, 80)).containsExactly("a");
        assertThat(seen("d", NODE, NODE_PORT)).containsExactly("a");

        api.put(Resources.ENDPOINT_SLICES, endpoints("forNodes", "one", "two"));
        await().until(() -> podSays("c", ADDRESS, 80).equals("a"));
        assertThat(seen("c", ADDRESS, 80)).containsExactly("a");
        assertThat(seen("d", ADDRESS, 80)).containsExactly("b");

        // A zone that no hint is for, and then endpoints of which one has none: hints are nothing.
        api.put(Resources.ENDPOINT_SLICES, endpoints("forZones", "west", "west"));
        await().until(() -> !rules().contains("chain n/"));
        assertThat(seen("c", ADDRESS, 80)).containsExactlyInAnyOrder("a", "b");
        Unstructured half = endpoints("forZones", "east", "west");
        half.objects("endpoints").getFirst().remove("hints");
        api.put(Resources.ENDPOINT_SLICES, half);
        assertThat(seen("d", ADDRESS, 80)).containsExactlyInAnyOrder("a", "b");

        // The node moves to another zone, and the rules go with it.
        api.put(Resources.ENDPOINT_SLICES, endpoints("forZones", "west", "east"));
        await().until(() -> rules().contains("chain n/"));
        api.put(Resources.NODES, node("one", "west", 0));
        api.put(Resources.NODES, node("two", "east", 1));
        await().until(() -> seen("c", ADDRESS, 80).equals(Set.of("a")));
        assertThat(seen("d", ADDRESS, 80)).containsExactly("b");
    }

    @Test
    void aBalancerLetsInWhoIsWithinItsRanges() throws Exception {
        Unstructured balanced = web.copy().set("LoadBalancer", "spec", "type");
        put(balanced, endpoints(""));
        await().until(() -> podSays("c", "172.30.91.200", 80).matches("[ab]"));
        Unstructured closed = balanced.copy()
                .set(List.of("10.153.1.7/24", " 10.153.1.0/25", "2001:db8::/32"), "spec", "loadBalancerSourceRanges")
                .set(List.of(Map.of("ip", "172.30.91.200")), "status", "loadBalancer", "ingress");
        api.put(Resources.SERVICES, closed);
        await().until(() -> rules().contains("chain f/172.30.91.200/"));
        assertThat(podSays("d", "172.30.91.200", 80)).matches("[ab]");
        assertThat(podSays("c", "172.30.91.200", 80)).isEmpty();
        // Its other addresses are as they were.
        assertThat(podSays("c", ADDRESS, 80)).matches("[ab]");
        assertThat(says(NODE, NODE_PORT)).matches("[ab]");

        api.put(Resources.SERVICES, closed.copy().set(List.of("172.30.91.0/24"), "spec", "loadBalancerSourceRanges"));
        await().until(() -> podSays("d", "172.30.91.200", 80).isEmpty());
        assertThat(says("172.30.91.200", 80)).matches("[ab]");

        api.put(Resources.SERVICES, closed.copy().set(List.of("0.0.0.0/0"), "spec", "loadBalancerSourceRanges"));
        await().until(() -> podSays("c", "172.30.91.200", 80).matches("[ab]"));
    }
}
