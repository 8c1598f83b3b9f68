package dev.coracle.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.env.Timers;
import dev.coracle.network.pod.BridgePodNetwork;
import dev.coracle.network.pod.PodNetworkConfig;
import dev.coracle.network.proxy.ServiceProxy;
import dev.coracle.network.proxy.ServiceProxyConfig;
import dev.coracle.runtime.RuntimeService.PortMapping;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Packets through the real kernel: pods are network namespaces with a server that says its name. */
abstract class DataPath {
    static final int INDEX = 91;
    static final String NODE = "172.30.91.2";

    @TempDir
    Path state;

    final SystemEnvironment system = new SystemEnvironment((name, t) -> t.printStackTrace());
    final HostNetwork host = new HostNetwork(HostNetworkConfig.of("nettest", INDEX, 2));
    final FakeApi api = new FakeApi();
    final List<BridgePodNetwork> nodes = new ArrayList<>();
    final Map<String, Process> pods = new HashMap<>();
    ServiceProxy proxy;
    Runnable resync = () -> {};

    @BeforeEach
    void up() throws Exception {
        assumeTrue(
                HostCommand.run("nft", "list", "tables").ok()
                        && HostCommand.run("ip", "netns", "list").ok(),
                "needs root, nft and ip: the kernel's data path is not tested");
        host.down();
        host.up();
        host.up();
        for (int i = 0; i < 2; i++) {
            nodes.add(network(i));
        }
        proxy = new ServiceProxy(
                new ServiceProxyConfig("nettest", INDEX, List.of(NODE, "172.30.91.3"), "10.187.0.0/16", List.of()),
                api,
                api,
                noted());
        proxy.start();
        assertThat(proxy.awaitProgrammed(Duration.ofSeconds(10))).isTrue();
    }

    /** Ours, but what is to be done every so often is done when the test wants it. */
    Environment noted() {
        Environment real = system.environment();
        var timers = new Timers() {
            @Override
            public Timer schedule(Duration delay, Runnable task) {
                return real.timers().schedule(delay, task);
            }

            @Override
            public Timer every(Duration period, Runnable task) {
                resync = task;
                return () -> {};
            }
        };
        return new Environment(real.clock(), timers, real.tasks(), real.entropy());
    }

    BridgePodNetwork network(int node) {
        var network = new BridgePodNetwork(new PodNetworkConfig(
                "nettest",
                INDEX,
                node,
                "10.153." + node + ".0/24",
                "172.30.91." + (2 + node),
                state.resolve("" + node)));
        network.start();
        return network;
    }

    @AfterEach
    void down() throws Exception {
        if (proxy != null) {
            proxy.close();
        }
        pods.keySet().stream().toList().forEach(this::remove);
        host.down();
        host.forget();
        system.close();
        if (proxy != null) {
            assertThat(routes()).doesNotContain("172.30.91.", "10.153.", "10.187.");
            assertThat(HostCommand.run("nft", "list", "tables").output()).doesNotContain("coracle_nettest");
            assertThat(HostCommand.run("ip", "-br", "addr").output()).doesNotContain("172.30.91.", "cor91");
        }
    }

    /** Starts a pod whose server, on port 8080, answers any connection with the pod's name. */
    String pod(String name, int node, PortMapping... ports) throws IOException {
        HostCommand.must("", "ip", "netns", "add", "nettest-" + name);
        String ip = nodes.get(node)
                .attach(name, "/run/netns/nettest-" + name, List.of(ports))
                .getFirst();
        pods.put(
                name,
                new ProcessBuilder(
                                "ip",
                                "netns",
                                "exec",
                                "nettest-" + name,
                                "busybox",
                                "nc",
                                "-ll",
                                "-p",
                                "8080",
                                "-e",
                                "echo",
                                name)
                        .start());
        await().until(() -> says(ip, 8080).equals(name));
        return ip;
    }

    void remove(String name) {
        Process server = pods.remove(name);
        server.descendants().forEach(ProcessHandle::destroyForcibly);
        server.destroyForcibly();
        nodes.forEach(n -> n.detach(name));
        HostCommand.run("ip", "netns", "del", "nettest-" + name);
    }

    static String says(String ip, int port) throws IOException {
        try (Socket s = new Socket()) {
            s.connect(new InetSocketAddress(ip, port), 1000);
            s.setSoTimeout(1000);
            return new String(s.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (ConnectException e) {
            return "refused";
        }
    }

    static String podSays(String from, String ip, int port) {
        return HostCommand.run(
                        "",
                        List.of(
                                "ip",
                                "netns",
                                "exec",
                                "nettest-" + from,
                                "timeout",
                                "2",
                                "busybox",
                                "nc",
                                ip,
                                "" + port))
                .output()
                .strip();
    }

    private static String routes() {
        return HostCommand.run("ip", "route", "show", "table", "all").output();
    }

    /** Tells who connects its port. */
    static void greet(ServerSocket server) {
        while (true) {
            try (Socket s = server.accept()) {
                s.getOutputStream()
                        .write(Integer.toString(server.getLocalPort()).getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                return;
            }
        }
    }
}
