package dev.coracle.kubelet.pod;

import dev.coracle.client.Informer;
import dev.coracle.kubelet.server.PodLookup;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.RuntimeService;
import dev.coracle.runtime.RuntimeService.ContainerState;
import dev.coracle.runtime.RuntimeService.ContainerStatus;
import dev.coracle.runtime.RuntimeService.PodSandbox;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The node's pods as the kubelet's server asks for them: those bound to it, and what the runtime has of them. */
public final class RunningPods implements PodLookup {
    private static final String BY_UID = "uid";

    private final Informer pods;
    private final RuntimeService runtime;
    private final Path componentLogs;

    /**
     * @param pods of this node only, not started yet
     * @param componentLogs where {@code NAME.log} of each component lies that is shown as a mirror pod
     */
    public RunningPods(Informer pods, RuntimeService runtime, Path componentLogs) {
        this.pods = pods;
        this.runtime = runtime;
        this.componentLogs = componentLogs;
        pods.index(BY_UID, p -> List.of(p.uid()));
    }

    @Override
    public List<Unstructured> pods() {
        return pods.list().stream().map(Revision::object).toList();
    }

    @Override
    public Optional<Unstructured> pod(String namespace, String name) {
        return pods.get(namespace, name).map(Revision::object);
    }

    @Override
    public Optional<ContainerStatus> container(String podUid, String name, boolean previous) {
        Optional<Unstructured> component = pods.byIndex(BY_UID, podUid).stream()
                .map(Revision::object)
                .filter(p -> p.annotations().containsKey(PodWorkers.MIRROR))
                .findFirst();
        if (component.isPresent()) {
            return previous ? Optional.empty() : Optional.of(component(component.get(), name));
        }
        List<ContainerStatus> runs = PodView.of(podUid, runtime).of(name);
        int index = previous ? 1 : 0;
        return runs.size() > index ? Optional.of(runs.get(index)) : Optional.empty();
    }

    private ContainerStatus component(Unstructured pod, String name) {
        long since = Timestamps.parse(pod.string("status", "startTime"))
                .map(t -> t.getEpochSecond() * 1_000_000_000L)
                .orElse(0L);
        return new ContainerStatus(
                IN_PROCESS + name,
                "",
                name,
                0,
                ContainerState.RUNNING,
                since,
                since,
                0,
                0,
                "",
                "",
                "",
                "",
                "",
                componentLogs.resolve(name + ".log").toString(),
                Map.of(),
                Map.of());
    }

    @Override
    public Optional<PodSandbox> sandbox(String podUid) {
        return PodView.of(podUid, runtime).readySandbox();
    }
}
