package dev.coracle.kubelet.pod;

import dev.coracle.kubelet.server.PodLookup;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.RuntimeService;
import dev.coracle.runtime.RuntimeService.ContainerStatus;
import dev.coracle.runtime.RuntimeService.PodSandbox;
import java.util.List;
import java.util.Optional;

/** The node's pods as the kubelet's server asks for them: what the workers were told, and what the runtime has. */
public final class RunningPods implements PodLookup {
    private final PodWorkers workers;
    private final RuntimeService runtime;

    public RunningPods(PodWorkers workers, RuntimeService runtime) {
        this.workers = workers;
        this.runtime = runtime;
    }

    @Override
    public List<Unstructured> pods() {
        return workers.pods();
    }

    @Override
    public Optional<Unstructured> pod(String namespace, String name) {
        return workers.pods().stream()
                .filter(p -> p.name().equals(name) && p.namespace().equals(namespace))
                .findFirst();
    }

    @Override
    public Optional<ContainerStatus> container(String podUid, String name, boolean previous) {
        List<ContainerStatus> runs = PodView.of(podUid, runtime).of(name);
        int index = previous ? 1 : 0;
        return runs.size() > index ? Optional.of(runs.get(index)) : Optional.empty();
    }

    @Override
    public Optional<PodSandbox> sandbox(String podUid) {
        return PodView.of(podUid, runtime).readySandbox();
    }
}
