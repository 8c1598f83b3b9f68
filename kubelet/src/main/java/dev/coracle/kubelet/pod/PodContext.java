package dev.coracle.kubelet.pod;

import dev.coracle.client.Client;
import dev.coracle.client.EventRecorder;
import dev.coracle.kubelet.admission.Admission;
import dev.coracle.kubelet.container.ContainerConfigs;
import dev.coracle.kubelet.container.NodeSettings;
import dev.coracle.kubelet.container.Sandboxes;
import dev.coracle.kubelet.probe.Prober;
import dev.coracle.kubelet.volume.Volumes;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.ImageService;
import dev.coracle.runtime.RuntimeService;
import java.util.List;
import java.util.function.Function;

/**
 * What all pod workers of a node work with.
 *
 * @param services the Services of a namespace, and the API server's
 */
public record PodContext(
        NodeSettings node,
        Client client,
        RuntimeService runtime,
        ImageService images,
        Environment environment,
        EventRecorder events,
        Volumes volumes,
        Prober prober,
        Function<String, List<Unstructured>> services,
        ContainerConfigs configs,
        Sandboxes sandboxes,
        Admission admission) {}
