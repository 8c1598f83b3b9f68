package dev.coracle.kubelet.container;

import dev.coracle.kubelet.field.ResourceFields;
import java.nio.file.Path;

/**
 * What pods take from their node.
 *
 * @param pods where their files lie
 * @param logs where their logs lie
 * @param milliCpu what the node has to give
 * @param memory bytes
 * @param podPidsLimit how many processes and threads a pod may have, as upstream's setting of that name
 */
public record NodeSettings(
        String name,
        String ip,
        Path pods,
        Path logs,
        String dnsServiceIp,
        String domain,
        long milliCpu,
        long memory,
        long podPidsLimit) {
    /**
     * Upstream's default is none, and one pod that forks without end then takes all others along. More than a JVM with
     * many threads needs, and eight pods of it still fit into the kernel's smallest usual {@code pid_max}.
     */
    public static final long POD_PIDS_LIMIT = 4096;

    public NodeSettings(
            String name,
            String ip,
            Path pods,
            Path logs,
            String dnsServiceIp,
            String domain,
            long milliCpu,
            long memory) {
        this(name, ip, pods, logs, dnsServiceIp, domain, milliCpu, memory, POD_PIDS_LIMIT);
    }

    public ResourceFields resourceFields() {
        return new ResourceFields(milliCpu, memory);
    }
}
