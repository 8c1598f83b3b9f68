package dev.coracle.cluster;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.cluster.pki.KeyPairPem;
import dev.coracle.cluster.pki.Pki;
import dev.coracle.kubelet.Kubelet;
import dev.coracle.kubelet.KubeletConfig;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.network.pod.BridgePodNetwork;
import dev.coracle.network.pod.PodNetworkConfig;
import dev.coracle.runtime.oci.OciImageStore;
import dev.coracle.runtime.oci.OciRuntime;
import dev.coracle.runtime.oci.OciRuntimeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One node: pod network, container runtime and kubelet. */
final class Node {
    private final Path dir;
    private final BridgePodNetwork network;
    private final OciRuntime runtime;
    private final Kubelet kubelet;

    Node(
            ClusterPaths paths,
            ClusterDescription cluster,
            int index,
            ApiServer api,
            Pki pki,
            OciImageStore images,
            Environment environment)
            throws IOException {
        String name = cluster.nodes().get(index);
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
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("kubernetes.io/hostname", name);
        labels.put("kubernetes.io/os", "linux");
        labels.put("kubernetes.io/arch", "amd64");
        List<Unstructured> taints = List.of();
        if (index == 0) {
            labels.put("node-role.kubernetes.io/control-plane", "");
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
