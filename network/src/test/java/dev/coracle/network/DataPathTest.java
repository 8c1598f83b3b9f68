package dev.coracle.network;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.RuntimeService.PortMapping;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.PortUnreachableException;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What Services and pods' own addresses lead to. */
class DataPathTest extends DataPath {
    @Test
    void aServiceLeadsToItsReadyPodsFromEverywhere() throws Exception {
        String a = pod("a", 0);
        String b = pod("b", 1);
        Unstructured web = Objects.service("web", "10.187.0.50", 80);
        web.set("LoadBalancer", "spec", "type");
        web.objects("spec", "ports").getFirst().set(30_991, "nodePort");
        api.put(Resources.SERVICES, web);
        assertThat(says("10.187.0.50", 80)).isEqualTo("refused");

        api.put(Resources.ENDPOINT_SLICES, Objects.slice("web", 8080, a, b));
        await().until(() -> !says("10.187.0.50", 80).equals("refused"));
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 40; i++) {
            seen.add(says("10.187.0.50", 80));
        }
        assertThat(seen).containsExactlyInAnyOrder("a", "b");
        assertThat(says(NODE, 30_991)).isIn("a", "b");
        assertThat(says("127.0.0.1", 30_991)).isIn("a", "b");
        assertThat(podSays("a", NODE, 30_991)).isIn("a", "b");
        await().until(() ->
                api.get(Resources.SERVICES, "default", "web").object().has("status"));
        await().until(() -> says("172.30.91.200", 80).matches("[ab]"));
        assertThat(says("10.187.0.50", 81)).isEqualTo("refused");

        // Neighbours on one bridge, pods of two nodes, and a pod that meets itself.
        api.put(Resources.ENDPOINT_SLICES, Objects.slice("web", 8080, a));
        await().until(() -> podSays("b", "10.187.0.50", 80).equals("a"));
        for (int i = 0; i < 5; i++) {
            assertThat(podSays("a", "10.187.0.50", 80)).isEqualTo("a");
        }
        pod("c", 0);
        assertThat(podSays("c", "10.187.0.50", 80)).isEqualTo("a");
        assertThat(podSays("c", b, 8080)).isEqualTo("b");

        // A terminating pod serves only where there is no other.
        api.put(Resources.ENDPOINT_SLICES, Objects.endpoint(Objects.slice("web", 8080, b), a, false, true));
        await().until(() -> podSays("c", "10.187.0.50", 80).equals("b"));
        api.put(Resources.ENDPOINT_SLICES, Objects.endpoint(Objects.slice("web", 8080), a, false, true));
        await().until(() -> says("10.187.0.50", 80).equals("a"));

        api.delete(Resources.SERVICES, "default", "web");
        await().until(() -> says("10.187.0.50", 80).equals("refused"));
        assertThat(says("127.0.0.1", 30_991)).isEqualTo("refused");
        assertThat(HostCommand.run("ip", "-br", "addr").output()).doesNotContain("172.30.91.200");
    }

    @Test
    void aClientStaysWithItsPodUntilItsTimeIsOver() throws Exception {
        String a = pod("a", 0);
        String b = pod("b", 1);
        Unstructured web = Objects.service("web", "10.187.0.51", 80).set("ClientIP", "spec", "sessionAffinity");
        api.put(
                Resources.SERVICES,
                web.copy().set(3600, "spec", "sessionAffinityConfig", "clientIP", "timeoutSeconds"));
        api.put(Resources.ENDPOINT_SLICES, Objects.slice("web", 8080, a, b));
        await().until(() -> !says("10.187.0.51", 80).equals("refused"));
        String mine = says("10.187.0.51", 80);
        String others = podSays("a", "10.187.0.51", 80);
        for (int i = 0; i < 12; i++) {
            assertThat(says("10.187.0.51", 80)).isEqualTo(mine);
            assertThat(podSays("a", "10.187.0.51", 80)).isEqualTo(others);
        }
        // Another pod comes: who has one keeps it.
        String c = pod("c", 0);
        api.put(Resources.ENDPOINT_SLICES, Objects.slice("web", 8080, a, b, c));
        await().until(() -> HostCommand.run("nft", "list", "ruleset").output().contains(c + "-8080"));
        for (int i = 0; i < 6; i++) {
            assertThat(says("10.187.0.51", 80)).isEqualTo(mine);
        }
        // After a second without it, it may be any.
        api.put(Resources.SERVICES, web.copy().set(1, "spec", "sessionAffinityConfig", "clientIP", "timeoutSeconds"));
        await().until(() -> HostCommand.run("nft", "list", "ruleset").output().contains("a1/default/web"));
        Set<String> seen = new HashSet<>();
        await().pollInterval(Duration.ofMillis(1300))
                .atMost(Duration.ofSeconds(60))
                .until(() -> {
                    seen.add(says("10.187.0.51", 80));
                    return seen.size() > 1;
                });
        api.delete(Resources.SERVICES, "default", "web");
        await().until(() -> says("10.187.0.51", 80).equals("refused"));
        assertThat(HostCommand.run("nft", "list", "ruleset").output()).doesNotContain("default/web");
    }

    @Test
    void oneServiceThatTheKernelRefusesLeavesTheOthersAlone() throws Exception {
        String a = pod("a", 0);
        api.put(Resources.SERVICES, Objects.service("first", "10.187.0.51", 80));
        api.put(Resources.ENDPOINT_SLICES, Objects.slice("first", 8080, a));
        Unstructured bad = Objects.service("bad", "10.187.0.52", 80);
        bad.objects("spec", "ports").getFirst().set(70_000, "nodePort");
        api.put(Resources.ENDPOINT_SLICES, Objects.slice("bad", 8080, a));
        api.put(Resources.SERVICES, bad);
        api.put(Resources.SERVICES, Objects.service("last", "10.187.0.53", 80));
        api.put(Resources.ENDPOINT_SLICES, Objects.slice("last", 8080, a));
        await().until(() -> says("10.187.0.53", 80).equals("a"));
        assertThat(says("10.187.0.51", 80)).isEqualTo("a");
        assertThat(says("10.187.0.52", 80)).isEqualTo("refused");

        // All at once, too; somebody has flushed the table.
        HostCommand.nft("delete table ip coracle_nettest/services\n");
        assertThat(says("10.187.0.53", 80)).isEqualTo("refused");
        resync.run();
        await().until(() -> says("10.187.0.53", 80).equals("a"));
        assertThat(says("10.187.0.51", 80)).isEqualTo("a");

        bad.objects("spec", "ports").getFirst().set(30_992, "nodePort");
        api.put(Resources.SERVICES, bad);
        await().until(() -> says("10.187.0.52", 80).equals("a"));
        assertThat(says(NODE, 30_992)).isEqualTo("a");

        // Only emptied.
        HostCommand.nft("flush map ip coracle_nettest/services services\n");
        assertThat(says("10.187.0.51", 80)).isEqualTo("refused");
        resync.run();
        await().until(() -> says("10.187.0.51", 80).equals("a"));
    }

    @Test
    void aServiceDeletedWhileSomebodyTakesTheTableGivesBackWhatItHad() throws Exception {
        String a = pod("a", 0);
        api.put(
                Resources.NODES,
                Unstructured.of("v1", "Node", "", "one")
                        .set("10.153.0.0/24", "spec", "podCIDR")
                        .set(List.of(Map.of("type", "InternalIP", "address", NODE)), "status", "addresses"));
        Unstructured web = Objects.service("web", "10.187.0.56", 80)
                .set("LoadBalancer", "spec", "type")
                .set("Local", "spec", "externalTrafficPolicy")
                .set(30_996, "spec", "healthCheckNodePort");
        api.put(Resources.ENDPOINT_SLICES, Objects.slice("web", 8080, a));
        api.put(Resources.SERVICES, web);
        await().ignoreExceptions().until(() -> says("172.30.91.200", 80).equals("a"));
        await().until(() -> listening().contains(":30996"));

        HostCommand.nft("delete table ip coracle_nettest/services\n");
        api.delete(Resources.SERVICES, "default", "web");
        await().until(() -> HostCommand.run("nft", "list tables").output().contains("coracle_nettest/services"));
        await().until(() -> !HostCommand.run("ip", "-br", "addr").output().contains("172.30.91.200"));
        await().until(() -> !listening().contains(":30996"));
    }

    private static String listening() {
        return HostCommand.run("ss", "-ltn").output();
    }

    @Test
    void whatSomebodyTakesFromTheTableIsPutBack() throws Exception {
        String a = pod("a", 0);
        String b = pod("b", 1);
        api.put(Resources.SERVICES, Objects.service("web", "10.187.0.57", 80));
        api.put(Resources.ENDPOINT_SLICES, Objects.slice("web", 8080, a, b));
        await().until(() -> says("10.187.0.57", 80).matches("[ab]"));
        for (String theft :
                List.of("flush set T hairpin", "flush chain T s/default/web/tcp-80", "flush chain T output")) {
            String whole = HostCommand.run("nft", "list table ip coracle_nettest/services")
                    .output();
            HostCommand.nft(theft.replace("T", "ip coracle_nettest/services") + "\n");
            resync.run();
            await().alias(theft)
                    .until(() -> HostCommand.run("nft", "list table ip coracle_nettest/services")
                            .output()
                            .equals(whole));
        }
    }

    @Test
    void whereThereIsNobodyThatIsSaidAtOnceWhoeverElseListens() throws Exception {
        String a = pod("a", 0);
        String b = pod("b", 1);
        pod("c", 0);
        Unstructured web = Objects.service("web", "10.187.0.58", 8080)
                .set("LoadBalancer", "spec", "type")
                .set(List.of(a), "spec", "externalIPs");
        web.objects("spec", "ports").getFirst().set(30_993, "nodePort");
        api.put(Resources.SERVICES, web);
        await().until(() -> HostCommand.run("ip", "-br", "addr").output().contains("172.30.91.200"));
        await().until(() -> HostCommand.run("nft", "list", "set", "ip", "coracle_nettest/services", "empty")
                .output()
                .contains("172.30.91.200"));
        try (var atBalancer = new ServerSocket(8080, 5, InetAddress.getByName("172.30.91.200"));
                var atNode = new ServerSocket(30_993, 5, InetAddress.getByName(NODE))) {
            for (ServerSocket s : List.of(atBalancer, atNode)) {
                system.environment().tasks().start("server", () -> greet(s));
            }
            for (String ip : List.of("172.30.91.200", a)) {
                assertThat(says(ip, 8080)).as(ip).isEqualTo("refused");
                assertThat(podSays("c", ip, 8080)).as(ip).contains("refused");
            }
            assertThat(says(NODE, 30_993)).isEqualTo("refused");

            api.put(Resources.ENDPOINT_SLICES, Objects.slice("web", 8080, b));
            await().until(() -> says(a, 8080).equals("b"));
            assertThat(podSays("c", a, 8080)).isEqualTo("b");
            assertThat(says("172.30.91.200", 8080)).isEqualTo("b");
            assertThat(says(NODE, 30_993)).isEqualTo("b");
        }
    }

    /** A datagram has no connection that could end: the kernel must forget where it sent those before. */
    @Test
    void datagramsOfOneClientGoToThePodThatIsThere() throws Exception {
        Unstructured names = Objects.service("names", "10.187.0.59", 7003);
        names.set("NodePort", "spec", "type");
        names.objects("spec", "ports").getFirst().set("UDP", "protocol").set(30_994, "nodePort");
        try (var first = new DatagramSocket(7003, InetAddress.getByName(NODE));
                var second = new DatagramSocket(7003, InetAddress.getByName("172.30.91.3"));
                var inside = new DatagramSocket();
                var outside = new DatagramSocket()) {
            system.environment().tasks().start("first", () -> reply(first, "first"));
            system.environment().tasks().start("second", () -> reply(second, "second"));
            inside.connect(InetAddress.getByName("10.187.0.59"), 7003);
            outside.connect(InetAddress.getByName("172.30.91.3"), 30_994);
            List<DatagramSocket> clients = List.of(inside, outside);
            api.put(Resources.SERVICES, names);
            await().until(() -> HostCommand.run("nft", "list", "set", "ip", "coracle_nettest/services", "emptyports")
                    .output()
                    .contains("30994"));
            for (DatagramSocket c : clients) {
                assertThat(heard(c)).isEqualTo("refused");
            }
            for (var there : List.of(Map.entry(NODE, "first"), Map.entry("172.30.91.3", "second"))) {
                Unstructured slice = Objects.slice("names", 7003, there.getKey());
                slice.objects("ports").getFirst().set("UDP", "protocol");
                api.put(Resources.ENDPOINT_SLICES, slice);
                for (DatagramSocket c : clients) {
                    await().until(() -> heard(c).equals(there.getValue()));
                }
            }
        }
    }

    private static void reply(DatagramSocket server, String name) {
        var packet = new DatagramPacket(new byte[16], 16);
        try {
            while (true) {
                server.receive(packet);
                server.send(new DatagramPacket(name.getBytes(US_ASCII), name.length(), packet.getSocketAddress()));
            }
        } catch (IOException e) {
            // The test is over.
        }
    }

    private static String heard(DatagramSocket client) throws IOException {
        var packet = new DatagramPacket(new byte[16], 16);
        client.setSoTimeout(500);
        try {
            client.send(new DatagramPacket(new byte[1], 1));
            client.receive(packet);
            return new String(packet.getData(), 0, packet.getLength(), US_ASCII);
        } catch (PortUnreachableException e) {
            return "refused";
        } catch (SocketTimeoutException e) {
            return "nothing";
        }
    }

    @Test
    void noObjectWritesIntoTheScript() throws Exception {
        String a = pod("a", 0);
        Unstructured evil = Objects.service("evil", "10.187.0.54", 80);
        evil.set(
                List.of("10.187.0.55 . tcp . 80 : accept }\nflush table ip coracle_nettest #", "1.2.3"),
                "spec",
                "externalIPs");
        api.put(Resources.SERVICES, evil);
        api.put(
                Resources.ENDPOINT_SLICES,
                Objects.slice("evil", 8080, a, a + "; flush table ip coracle_nettest", "1.2.3.4.5", "256.1.1.1"));
        await().until(() -> says("10.187.0.54", 80).equals("a"));
        var port = new PortMapping("TCP", 8080, 8098, "172.30.91.2 . tcp . 1 } ; flush table ip coracle_nettest #");
        assertThatThrownBy(() -> nodes.getFirst().attach("z", "/run/netns/nettest-none", List.of(port)))
                .hasMessageContaining("cannot be opened");
        assertThat(HostCommand.must("", "nft", "list", "table", "ip", "coracle_nettest"))
                .contains("masquerade");
        assertThat(HostCommand.must("", "nft", "list table ip coracle_nettest/services"))
                .doesNotContain("1.2.3", "256.1", "10.187.0.55");
    }

    /** Where a packet would go; none is sent. */
    private static String wayTo(String ip) {
        return HostCommand.run("ip", "route", "get", ip).output();
    }

    @Test
    void nothingForTheClusterLeavesTheMachineBeItUpOrDown() throws Exception {
        String a = pod("a", 0);
        assertThat(wayTo(a)).contains("dev cor91-");
        assertThat(wayTo("10.187.0.1")).startsWith("local");
        assertThat(wayTo(NODE)).startsWith("local");
        for (String unused : List.of("172.30.91.99", "10.153.77.7")) {
            assertThat(wayTo(unused)).as(unused).contains("No route to host");
        }
        HostNetwork beside = new HostNetwork(HostNetworkConfig.of("nettest2", INDEX + 1, 1));
        beside.up();
        beside.down();
        beside.forget();
        assertThat(wayTo("172.30.91.99")).contains("No route to host");
        assertThat(says(a, 8080)).isEqualTo("a");

        remove("a");
        host.down();
        for (String address : List.of(NODE, "172.30.91.200", a, "10.187.0.1", "10.187.0.10")) {
            assertThat(wayTo(address)).as(address).contains("No route to host");
        }
        assertThat(wayTo("172.30.90.1")).doesNotContain("No route to host");
        host.up();
        assertThat(wayTo("10.187.0.1")).startsWith("local");
    }

    /** As Docker does it, but for this test's pods alone; other clusters of the machine go on. */
    private static final String DROPPING = """
            table ip filter {
              chain FORWARD {
                type filter hook forward priority 0; policy drop;
                ip saddr != 10.153.0.0/16 ip daddr != 10.153.0.0/16 accept
              }
            }
            """;

    @Test
    void podsReachEachOtherBesideAFirewallThatDropsWhatIsForwarded() throws Exception {
        assumeTrue(
                !HostCommand.run("nft", "list", "table", "ip", "filter").ok(),
                "this machine has such a firewall of its own");
        String b = pod("b", 1);
        pod("c", 0);
        HostCommand.nft(DROPPING);
        try {
            assertThat(podSays("c", b, 8080)).isEmpty();
            host.permitForwarding();
            host.permitForwarding();
            assertThat(podSays("c", b, 8080)).isEqualTo("b");
            String rules = HostCommand.must("", "nft", "list", "table", "ip", "filter");
            assertThat(rules.split("coracle_nettest", -1)).hasSize(3);

            remove("b");
            remove("c");
            host.down();
            assertThat(HostCommand.must("", "nft", "list", "table", "ip", "filter"))
                    .doesNotContain("coracle_nettest")
                    .contains("policy drop");
        } finally {
            HostCommand.nft("delete table ip filter\n");
        }
    }

    @Test
    void theHostItselfCanBeBehindAServiceOrOnAServiceAddress() throws Exception {
        pod("a", 0);
        try (var apiServer = new ServerSocket(6443, 5, InetAddress.getByName(NODE));
                var dns = new ServerSocket(53, 5, InetAddress.getByName("10.187.0.10"))) {
            for (ServerSocket server : List.of(apiServer, dns)) {
                system.environment().tasks().start("server", () -> greet(server));
            }
            api.put(Resources.SERVICES, Objects.service("kubernetes", "10.187.0.1", 443));
            api.put(Resources.ENDPOINT_SLICES, Objects.slice("kubernetes", 6443, NODE));
            await().until(() -> says("10.187.0.1", 443).equals("6443"));
            assertThat(podSays("a", "10.187.0.1", 443)).isEqualTo("6443");
            assertThat(says("10.187.0.10", 53)).isEqualTo("53");
            assertThat(podSays("a", "10.187.0.10", 53)).isEqualTo("53");
        }
    }

    @Test
    void addressesOutliveARestartAndHostPortsLead() throws Exception {
        String a = pod("a", 0, new PortMapping("TCP", 8080, 8099, ""));
        assertThat(says(NODE, 8099)).isEqualTo("a");
        assertThat(says("172.30.91.3", 8099)).isEqualTo("refused");

        nodes.set(0, network(0));
        assertThat(nodes.getFirst().attach("a", "/run/netns/nettest-a", List.of()))
                .containsExactly(a);
        String b = pod("b", 0);
        assertThat(b).isNotEqualTo(a);

        remove("a");
        assertThat(says(NODE, 8099)).isEqualTo("refused");
        assertThatThrownBy(() -> nodes.getFirst().attach("z", "/run/netns/nettest-none", List.of()))
                .isInstanceOf(IllegalStateException.class);
        // The address of the failed attempt is free again, but not the first to be given.
        assertThat(state.resolve("0").toFile().list()).containsExactlyInAnyOrder("last", b);

        // Its namespace vanished while nobody looked, as after a restart of the machine.
        pods.remove("b").destroyForcibly();
        HostCommand.run("ip", "netns", "pids", "nettest-b")
                .output()
                .lines()
                .forEach(p -> ProcessHandle.of(Long.parseLong(p.strip())).ifPresent(ProcessHandle::destroyForcibly));
        HostCommand.run("ip", "netns", "del", "nettest-b");
        await().until(() -> network(0) != null && state.resolve("0").toFile().list().length == 1);
    }

    @Test
    void aHostPortIsNotTakenFromWhoHasIt() throws Exception {
        pod("a", 0, new PortMapping("TCP", 8080, 8098, ""));
        assertThat(says(NODE, 8098)).isEqualTo("a");
        HostCommand.must("", "ip", "netns", "add", "nettest-b");
        List<PortMapping> same = List.of(new PortMapping("TCP", 8080, 8098, ""));
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> nodes.getFirst().attach("b", "/run/netns/nettest-b", same))
                    .hasMessageContaining("File exists");
            assertThat(says(NODE, 8098)).isEqualTo("a");
        }
        HostCommand.must("", "ip", "netns", "del", "nettest-b");
        remove("a");
        pod("b", 0, same.getFirst());
        assertThat(says(NODE, 8098)).isEqualTo("b");
    }
}
