package dev.coracle.runtime;

import java.util.List;

/** Gives sandboxes their network, as a CNI plugin does; made by the {@code network} module, called by the runtime. */
public interface PodNetwork {
    /**
     * Brings up interface and addresses in a fresh network namespace. Idempotent per sandbox.
     *
     * @param namespacePath a path that setns can open
     * @return the pod's addresses, the primary first
     */
    List<String> attach(String sandboxId, String namespacePath, List<RuntimeService.PortMapping> portMappings);

    /** Frees addresses and rules; the namespace may be gone already. Idempotent. */
    void detach(String sandboxId);
}
