package dev.coracle.kubelet;

import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a kubelet is told of its node; the part of upstream's {@code KubeletConfiguration} and flags that Coracle has.
 *
 * @param nodeIp where the node is reached, and where the kubelet serves on {@link #SERVER_PORT}
 * @param stateDir pods' files and logs; survives the process
 * @param clusterDns the DNS Service's address
 * @param clusterDomain {@code cluster.local}
 * @param cpuMillis what the node has, in thousandths of a core
 * @param memoryBytes what the node has
 * @param labels set on the Node when it registers, beside what others have set
 * @param taints set on the Node when it is first registered
 * @param servingCertificate PEM, with its chain
 * @param servingKey PEM, PKCS#8
 * @param clientCa PEM; who calls the kubelet must show a certificate of it
 * @param componentLogs where the logs of the components lie that are shown as mirror pods, {@code NAME.log}
 */
public record KubeletConfig(
        String nodeName,
        String nodeIp,
        Path stateDir,
        String podCidr,
        String clusterDns,
        String clusterDomain,
        long cpuMillis,
        long memoryBytes,
        int maxPods,
        Map<String, String> labels,
        List<Unstructured> taints,
        String servingCertificate,
        String servingKey,
        String clientCa,
        Path componentLogs) {
    /** As upstream's. */
    public static final int SERVER_PORT = 10250;
}
