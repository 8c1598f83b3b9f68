package dev.coracle.runtime.oci;

import java.nio.file.Path;

/**
 * @param stateDir sandboxes and containers live here; one runtime at a time may use it
 * @param nodeName shows in the cgroups' path
 * @param binary the OCI runtime's program, a name or a path; {@code ""}: {@code runc} if it is installed, else
 *     {@code crun}
 */
public record OciRuntimeConfig(Path stateDir, String nodeName, String binary) {
    public OciRuntimeConfig {
        stateDir = stateDir.toAbsolutePath().normalize();
    }

    public OciRuntimeConfig(Path stateDir, String nodeName) {
        this(stateDir, nodeName, "");
    }
}
