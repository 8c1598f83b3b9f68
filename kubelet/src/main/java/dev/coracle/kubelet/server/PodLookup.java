package dev.coracle.kubelet.server;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.RuntimeService.ContainerStatus;
import dev.coracle.runtime.RuntimeService.PodSandbox;
import java.util.List;
import java.util.Optional;

/** What the server must know of the node's pods. Called on tasks; must not change what it returned. */
public interface PodLookup {
    /** Begins the id of a "container" that is a component within this process: it has a log, and nothing else. */
    String IN_PROCESS = "in-process/";

    /** Every pod bound to this node. */
    List<Unstructured> pods();

    Optional<Unstructured> pod(String namespace, String name);

    /** The newest run of a container, or with {@code previous} the one before it. */
    Optional<ContainerStatus> container(String podUid, String name, boolean previous);

    /** The pod's sandbox that is ready. */
    Optional<PodSandbox> sandbox(String podUid);
}
