package dev.coracle.kubelet.pod;

import dev.coracle.kubelet.container.Sandboxes;
import dev.coracle.runtime.RuntimeService;
import dev.coracle.runtime.RuntimeService.ContainerState;
import dev.coracle.runtime.RuntimeService.ContainerStatus;
import dev.coracle.runtime.RuntimeService.PodSandbox;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What the runtime knows of one pod at one moment: sandboxes and container runs, the newest first. */
record PodView(List<PodSandbox> sandboxes, List<ContainerStatus> runs) {
    static PodView of(String uid, RuntimeService runtime) {
        List<PodSandbox> sandboxes = new ArrayList<>(runtime.listPodSandbox());
        sandboxes.removeIf(s -> !s.uid().equals(uid));
        sandboxes.sort(Comparator.comparingInt(PodSandbox::attempt).reversed());
        List<ContainerStatus> runs = new ArrayList<>(runtime.listContainers());
        runs.removeIf(c -> !uid.equals(c.labels().get(Sandboxes.POD_UID)));
        runs.sort(Comparator.comparingInt(ContainerStatus::attempt)
                .thenComparingLong(ContainerStatus::createdAtNanos)
                .reversed());
        return new PodView(sandboxes, runs);
    }

    Optional<PodSandbox> readySandbox() {
        return sandboxes.stream().filter(PodSandbox::ready).findFirst();
    }

    List<ContainerStatus> of(String container) {
        return runs.stream().filter(r -> r.name().equals(container)).toList();
    }

    Optional<ContainerStatus> latest(String container) {
        return runs.stream().filter(r -> r.name().equals(container)).findFirst();
    }

    Optional<ContainerStatus> latestIn(String sandboxId, String container) {
        return runs.stream()
                .filter(r -> r.name().equals(container) && r.sandboxId().equals(sandboxId))
                .findFirst();
    }

    boolean anyRunning() {
        return runs.stream().anyMatch(r -> r.state() == ContainerState.RUNNING);
    }
}
