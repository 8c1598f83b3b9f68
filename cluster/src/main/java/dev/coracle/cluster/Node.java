package dev.coracle.cluster;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.metrics.UsageSource;
import dev.coracle.client.Client;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.cluster.pki.KeyPairPem;
import dev.coracle.cluster.pki.Pki;
import dev.coracle.kubelet.Kubelet;
import dev.coracle.kubelet.KubeletConfig;
import dev.coracle.kubelet.stats.UsageSampler;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.network.pod.BridgePodNetwork;
import dev.coracle.network.pod.PodNetworkConfig;
import dev.coracle.runtime.oci.OciImageStore;
import dev.coracle.runtime.oci.OciRuntime;
import dev.coracle.runtime.oci.OciRuntimeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One node: pod network, container runtime and kubelet. */
final class Node {
    private static final String ROLE = "node-role.kubernetes.io/control-plane";

    private final Path dir;
    private final BridgePodNetwork network;
    private final OciRuntime runtime;
    private final Kubelet kubelet;
    private final UsageSampler sampler;
    private final Clock clock;
    private final String name;
    private final boolean controlPlane;
    private final Client admin;

    Node(
            ClusterPaths paths,
            ClusterDescription cluster,
            int index,
            ApiServer api,
            Pki pki,
            OciImageStore images,
            Environment environment)
            throws IOException {
        this.name = cluster.nodes().get(index);
        this.controlPlane = index == 0;
        this.clock = environment.clock();
        this.admin = api.client(UserInfo.component("system:coracle"));
        ClusterNetwork addresses = cluster.network();
        this.dir = paths.node(name);
        Files.createDirectories(dir);
        this.network = new BridgePodNetwork(new PodNetworkConfig(
                cluster.name(),
                cluster.index(),
                index,
                addresses.podCidr(index),
                addresses.nodeIp(index),
                dir.resolve("network")));
        this.runtime = new OciRuntime(new OciRuntimeConfig(dir.resolve("runtime"), name), images, network, environment);
        this.sampler = new UsageSampler(runtime, clock);
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("kubernetes.io/hostname", name);
        labels.put("kubernetes.io/os", "linux");
        labels.put("kubernetes.io/arch", "amd64");
        List<Unstructured> taints = List.of();
        if (index == 0) {
            taints = cluster.workers() == 0
                    ? List.of()
                    : List.of(Unstructured.parse(
                            "{\"key\":\"node-role.kubernetes.io/control-plane\",\"effect\":\"NoSchedule\"}"));
        }
        KeyPairPem serving = pki.server(
                "kubelet-" + name,
                "system:node:" + name,
                List.of(name, "localhost", "127.0.0.1", addresses.nodeIp(index)));
        this.kubelet = new Kubelet(
                new KubeletConfig(
                        name,
                        addresses.nodeIp(index),
                        dir.resolve("kubelet"),
                        addresses.podCidr(index),
                        addresses.dnsServiceIp(),
                        "cluster.local",
                        Runtime.getRuntime().availableProcessors() * 1000L,
                        memory(),
                        110,
                        labels,
                        taints,
                        serving.certificate(),
                        serving.key(),
                        pki.caCertificate(),
                        paths.logs()),
                api.client(UserInfo.component("system:node:" + name)),
                runtime,
                images,
                environment);
    }

    void start() {
        network.start();
        runtime.start();
        kubelet.start();
        if (controlPlane) {
            // No node may give itself a role.
            var role = new Unstructured(new LinkedHashMap<>()).set("", "metadata", "labels", ROLE);
            admin.patch(Resources.NODES, "", name, Patch.merge(role), WriteOptions.DEFAULT);
        }
    }

    /** Ends the kubelet and every container of the node. */
    void stop() {
        kubelet.close();
        runtime.destroyAll();
        runtime.close();
        network.close();
        try {
            Leftovers.unmount(dir);
        } catch (IOException e) {
            System.getLogger("coracle.cluster").log(System.Logger.Level.WARNING, "volumes of " + dir + " stay", e);
        }
    }

    Usage.NodeReading usage() {
        var none = new UsageSource.Usage(0, 0);
        return new Usage.NodeReading(name, clock.now(), sampler.sample(), controlPlane ? process() : none);
    }

    /** This process' own, averaged over its life. */
    private UsageSource.Usage process() {
        try {
            ProcessHandle.Info info = ProcessHandle.current().info();
            long used = info.totalCpuDuration().map(Duration::toNanos).orElse(0L);
            long life = info.startInstant()
                    .map(t -> Duration.between(t, clock.now()).toNanos())
                    .orElse(1L);
            long pages =
                    Long.parseLong(Files.readString(Path.of("/proc/self/statm")).split(" ")[1]);
            return new UsageSource.Usage(Math.round(used * 1e9 / Math.max(1, life)), pages * 4096);
        } catch (IOException e) {
            return new UsageSource.Usage(0, 0);
        }
    }

    /** Of the machine, in bytes. */
    private static long memory() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
            if (line.startsWith("MemTotal:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        throw new IOException("/proc/meminfo has no MemTotal");
    }
}
