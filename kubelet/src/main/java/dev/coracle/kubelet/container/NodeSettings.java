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
 */
public record NodeSettings(
        String name, String ip, Path pods, Path logs, String dnsServiceIp, String domain, long milliCpu, long memory) {
    public ResourceFields resourceFields() {
        return new ResourceFields(milliCpu, memory);
    }
}
