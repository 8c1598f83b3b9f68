package dev.coracle.kubelet.probe;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;

/** Asks a container once. Blocks, at most as long as the probe's timeout. */
@FunctionalInterface
public interface Prober {
    Answer ask(Question question);

    /**
     * @param handler holds {@code exec}, {@code httpGet} or {@code tcpSocket}: a probe or a lifecycle hook
     * @param ports the container's, by which a port's name is found
     */
    record Question(String containerId, String podIp, Unstructured handler, List<Unstructured> ports) {}

    /** @param output what a user is shown of a failure */
    record Answer(boolean success, String output) {}
}
