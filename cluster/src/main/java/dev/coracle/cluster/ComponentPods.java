package dev.coracle.cluster;

import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Informers;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Reconciler.Result;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a mirror pod of each {@link Component} on the nodes where other clusters run it, as a kubelet does for its static
 * pods: deleting one ends nothing, and it comes back.
 */
final class ComponentPods implements AutoCloseable {
    private final Client client;
    private final Instant started;
    private final Map<ObjectKey, Placed> components = new LinkedHashMap<>();
    private final KeyedWorkQueue<ObjectKey> queue;

    /** A component on a node. */
    private record Placed(Component component, String node, String ip) {}

    /** @param nodes each with its address, the control plane's first */
    ComponentPods(Client client, Informers informers, Environment environment, SequencedMap<String, String> nodes) {
        this.client = client;
        this.started = environment.clock().now();
        String first = nodes.firstEntry().getKey();
        nodes.forEach((node, ip) -> Component.ALL.stream()
                .filter(c -> c.everywhere() || node.equals(first))
                .forEach(c ->
                        components.put(new ObjectKey(c.namespace(), c.pod() + "-" + node), new Placed(c, node, ip))));
        this.queue = new KeyedWorkQueue<>(environment, "component", 2, this::sync);
        informers.of(Resources.PODS).handle(this::onChange);
        informers.of(Resources.NODES).handle(this::onNode);
    }

    void start() {
        components.keySet().forEach(queue::add);
    }

    private void onChange(@Nullable Revision before, @Nullable Revision after) {
        Revision any = after == null ? before : after;
        if (any == null) {
            return;
        }
        ObjectKey key = new ObjectKey(any.namespace(), any.name());
        boolean goes = after == null
                || !after.object().string("metadata", "deletionTimestamp").isEmpty();
        if (goes && components.containsKey(key)) {
            queue.add(key);
        }
    }

    /** While a node was gone, its pods were said not to be ready; a kubelet that is back says what they are. */
    private void onNode(@Nullable Revision before, @Nullable Revision after) {
        if (before != null && after != null && !isReady(before) && isReady(after)) {
            components.forEach((key, placed) -> {
                if (placed.node().equals(after.name())) {
                    queue.add(key);
                }
            });
        }
    }

    private static boolean isReady(Revision node) {
        return node.object().objects("status", "conditions").stream()
                .anyMatch(c ->
                        c.string("type").equals("Ready") && c.string("status").equals("True"));
    }

    private Result sync(ObjectKey key) {
        Placed placed = components.get(key);
        if (placed == null) {
            return Result.DONE;
        }
        Optional<Revision> known = find(key);
        if (known.isPresent()
                && !known.get().object().string("metadata", "deletionTimestamp").isEmpty()) {
            client.delete(Resources.PODS, key.namespace(), key.name(), DeleteOptions.NOW);
            known = Optional.empty();
        }
        Unstructured pod = known.map(Revision::object).orElseGet(() -> create(placed));
        // The class follows from the containers, and stays.
        Unstructured status = status(placed).set(pod.string("status", "qosClass"), "qosClass");
        client.update(Resources.PODS, pod.copy().set(status.map(), "status"), WriteOptions.STATUS.as("kubelet"));
        return Result.DONE;
    }

    private Optional<Revision> find(ObjectKey key) {
        try {
            return Optional.of(client.get(Resources.PODS, key.namespace(), key.name()));
        } catch (StatusException e) {
            if (e.isNotFound()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private Unstructured create(Placed placed) {
        Component component = placed.component();
        String node = placed.node();
        Unstructured owner = client.get(Resources.NODES, "", node).object();
        Map<String, Object> reference = new LinkedHashMap<>();
        reference.put("apiVersion", "v1");
        reference.put("kind", "Node");
        reference.put("name", node);
        reference.put("uid", owner.uid());
        reference.put("controller", true);
        Unstructured pod = Unstructured.of("v1", "Pod", component.namespace(), component.pod() + "-" + node)
                .set(component.labels(), "metadata", "labels")
                .set(
                        Map.of("kubernetes.io/config.mirror", component.name(), "kubernetes.io/config.source", "file"),
                        "metadata",
                        "annotations")
                .set(List.of(reference), "metadata", "ownerReferences")
                .set(node, "spec", "nodeName")
                .set(true, "spec", "hostNetwork")
                .set(List.of(Map.of("operator", "Exists", "effect", "NoExecute")), "spec", "tolerations")
                .set(List.of(Map.of("name", component.name(), "image", image())), "spec", "containers");
        return client.create(Resources.PODS, component.namespace(), pod, WriteOptions.DEFAULT.as("kubelet"))
                .object();
    }

    private static String image() {
        return "coracle:0.1.0";
    }

    private Unstructured status(Placed placed) {
        Component component = placed.component();
        String ip = placed.ip();
        String since = Timestamps.format(started);
        Unstructured status = new Unstructured(new LinkedHashMap<>());
        for (String type :
                List.of("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")) {
            status.add(
                    new Unstructured(
                            new LinkedHashMap<>(Map.of("type", type, "status", "True", "lastTransitionTime", since))),
                    "conditions");
        }
        Map<String, Object> container = new LinkedHashMap<>();
        container.put("name", component.name());
        container.put("image", image());
        container.put("imageID", "");
        container.put("containerID", "coracle://" + component.name());
        container.put("ready", true);
        container.put("started", true);
        container.put("restartCount", 0L);
        container.put("state", Map.of("running", Map.of("startedAt", since)));
        return status.set("Running", "phase")
                .set(since, "startTime")
                .set(ip, "hostIP")
                .set(List.of(Map.of("ip", ip)), "hostIPs")
                .set(ip, "podIP")
                .set(List.of(Map.of("ip", ip)), "podIPs")
                .set(List.of(container), "containerStatuses");
    }

    @Override
    public void close() {
        queue.close();
    }
}
