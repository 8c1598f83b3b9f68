package dev.coracle.apiserver.authorization;

import dev.coracle.client.PodReferences;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which node has to do with which object: {@code node ← pod ← secret, configmap, claim, account} and
 * {@code claim ← volume}; and {@code node ← attachment}. Kept by their events, so that a question costs two look-ups; it holds as much
 * as the pods that are on nodes name, and forgets a pod's part with the pod.
 *
 * <p>For example, after pod {@code web} on node {@code n1}, which mounts the claim {@code data}, and volume {@code pv-1},
 * which is that claim's: {@code n1} may read {@code data}, {@code pv-1} and {@code web}. Secrets that volumes name are
 * left out: no volume that this kubelet mounts uses one.
 */
public final class NodeGraph {
    private record Vertex(GroupVersionResource resource, String namespace, String name) {}

    /**
     * @param added how many ephemeral containers it has
     * @param devices its ResourceClaims; with {@code added} the only parts by which a bound pod can come to name more
     */
    private record Pod(String uid, String node, int added, Set<String> devices, Set<Vertex> named) {}

    private final Map<ObjectKey, Pod> pods = new HashMap<>();
    /** How many pods of each node name an object. */
    private final Map<Vertex, Map<String, Integer>> nodes = new HashMap<>();
    /** The node of each attachment. */
    private final Map<String, String> attachments = new HashMap<>();

    /** The claim of each volume. */
    private final Map<String, Vertex> claims = new HashMap<>();

    synchronized boolean reaches(String node, GroupVersionResource resource, String namespace, String name) {
        if (resource.equals(Resources.PODS)) {
            Pod pod = pods.get(new ObjectKey(namespace, name));
            return pod != null && pod.node().equals(node);
        }
        Vertex asked = resource.equals(Resources.PERSISTENT_VOLUMES)
                ? claims.get(name)
                : new Vertex(resource, namespace, name);
        return asked != null && nodes.getOrDefault(asked, Map.of()).containsKey(node);
    }

    /** @param pod as it is now; null: it is gone */
    public synchronized void pod(ObjectKey key, @Nullable Revision pod) {
        String node = pod == null ? "" : pod.object().string("spec", "nodeName");
        Pod known = pods.get(key);
        int added = pod == null
                ? 0
                : pod.object().objects("spec", "ephemeralContainers").size();
        Set<String> devices = pod == null ? Set.of() : PodReferences.resourceClaims(pod.object());
        if (known != null
                && pod != null
                && known.uid().equals(pod.uid())
                && known.node().equals(node)
                && known.added() == added
                && known.devices().equals(devices)) {
            return;
        }
        if (known != null) {
            pods.remove(key);
            known.named()
                    .forEach(v -> nodes.computeIfPresent(v, (x, count) -> {
                        count.merge(known.node(), -1, Integer::sum);
                        count.remove(known.node(), 0);
                        return count.isEmpty() ? null : count;
                    }));
        }
        if (pod != null && !node.isEmpty()) {
            Pod now = new Pod(pod.uid(), node, added, devices, named(pod.object()));
            pods.put(key, now);
            now.named()
                    .forEach(v -> nodes.computeIfAbsent(v, x -> new HashMap<>()).merge(node, 1, Integer::sum));
        }
    }

    synchronized boolean attaches(String node, String attachment) {
        return node.equals(attachments.get(attachment));
    }

    /** @param attachment as it is now; null: it is gone */
    public synchronized void attachment(String name, @Nullable Revision attachment) {
        if (attachment == null) {
            attachments.remove(name);
        } else {
            attachments.put(name, attachment.object().string("spec", "nodeName"));
        }
    }

    /** @param volume as it is now; null: it is gone */
    public synchronized void volume(String name, @Nullable Revision volume) {
        Unstructured claim = volume == null ? null : volume.object().object("spec", "claimRef");
        if (claim == null || claim.string("name").isEmpty()) {
            claims.remove(name);
        } else {
            claims.put(
                    name,
                    new Vertex(Resources.PERSISTENT_VOLUME_CLAIMS, claim.string("namespace"), claim.string("name")));
        }
    }

    private static Set<Vertex> named(Unstructured pod) {
        Set<Vertex> named = new HashSet<>();
        PodReferences references = PodReferences.of(pod);
        // A node makes mirror pods itself: they must give it nothing.
        if (!references.mirror()) {
            references.secrets().forEach(n -> named.add(new Vertex(Resources.SECRETS, pod.namespace(), n)));
            references.configMaps().forEach(n -> named.add(new Vertex(Resources.CONFIG_MAPS, pod.namespace(), n)));
            references
                    .claims()
                    .forEach(n -> named.add(new Vertex(Resources.PERSISTENT_VOLUME_CLAIMS, pod.namespace(), n)));
            references
                    .resourceClaims()
                    .forEach(n -> named.add(new Vertex(Resources.RESOURCE_CLAIMS, pod.namespace(), n)));
            references.account().ifPresent(n -> named.add(new Vertex(Resources.SERVICE_ACCOUNTS, pod.namespace(), n)));
        }
        return named;
    }
}
