package dev.coracle.runtime.oci;

import dev.coracle.runtime.RuntimeService.ContainerListener;
import dev.coracle.runtime.RuntimeService.ContainerState;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Who wants to know of container changes. One that fails does not keep the others from being told. */
final class Listeners {
    private final List<ContainerListener> all = new CopyOnWriteArrayList<>();

    AutoCloseable add(ContainerListener listener) {
        all.add(listener);
        return () -> all.remove(listener);
    }

    void tell(String sandboxId, String containerId, ContainerState state) {
        for (ContainerListener l : all) {
            try {
                l.onChange(sandboxId, containerId, state);
            } catch (RuntimeException e) {
                System.getLogger("coracle.runtime").log(System.Logger.Level.ERROR, "container listener failed", e);
            }
        }
    }
}
