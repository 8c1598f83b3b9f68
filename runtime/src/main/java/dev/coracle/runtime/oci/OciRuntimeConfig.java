package dev.coracle.runtime.oci;

import java.nio.file.Path;
import java.time.Duration;

/**
 * @param stateDir sandboxes and containers live here; one runtime at a time may use it
 * @param nodeName shows in the cgroups' path
 * @param binary the OCI runtime's program, a name or a path; {@code ""}: {@code runc} if it is installed, else
 *     {@code crun}
 * @param supervisor conmon, a name or a path
 * @param patience how long one call of a program may take before it counts as hung and is killed
 */
public record OciRuntimeConfig(Path stateDir, String nodeName, String binary, String supervisor, Duration patience) {
    /** As long as upstream's kubelet waits for its runtime ({@code runtimeRequestTimeout}). */
    static final Duration PATIENCE = Duration.ofMinutes(2);

    public OciRuntimeConfig {
        stateDir = stateDir.toAbsolutePath().normalize();
    }

    public OciRuntimeConfig(Path stateDir, String nodeName) {
        this(stateDir, nodeName, "", "conmon", PATIENCE);
    }
}
