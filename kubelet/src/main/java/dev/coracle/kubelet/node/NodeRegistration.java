package dev.coracle.kubelet.node;

import dev.coracle.client.Client;
import dev.coracle.client.WriteOptions;
import dev.coracle.kubelet.KubeletConfig;
import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.ImageService;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes the Node object, or takes over the one of an earlier run, and keeps its status true. */
public final class NodeRegistration {
    /** Upstream reports no more than this many images. */
    private static final int MOST_IMAGES = 50;

    private final KubeletConfig config;
    private final Client client;
    private final ImageService images;
    private final Clock clock;
    private final Machine machine;

    public NodeRegistration(KubeletConfig config, Client client, ImageService images, Clock clock) {
        this.config = config;
        this.client = client;
        this.images = images;
        this.clock = clock;
        this.machine = new Machine(config.stateDir());
    }

    /** Registers the node or, if it is known, brings its labels up to date. Taints that somebody lifted stay lifted. */
    public Unstructured register() {
        Unstructured node = Unstructured.of("v1", "Node", "", config.nodeName());
        config.labels().forEach((k, v) -> node.set(v, "metadata", "labels", k));
        node.set(config.podCidr(), "spec", "podCIDR").set(List.of(config.podCidr()), "spec", "podCIDRs");
        if (!config.taints().isEmpty()) {
            node.set(config.taints(), "spec", "taints");
        }
        node.set(status(node), "status");
        try {
            return client.create(Resources.NODES, "", node, WriteOptions.DEFAULT)
                    .object();
        } catch (StatusException e) {
            if (e.code() != 409) {
                throw e;
            }
        }
        return retrying(() -> {
            Unstructured now =
                    client.get(Resources.NODES, "", config.nodeName()).object().copy();
            config.labels().forEach((k, v) -> now.set(v, "metadata", "labels", k));
            return client.update(Resources.NODES, now, WriteOptions.DEFAULT).object();
        });
    }

    /** Writes the status if it differs from what the server has in more than the heartbeat's times. */
    public void refresh(boolean always) {
        retrying(() -> {
            Unstructured now =
                    client.get(Resources.NODES, "", config.nodeName()).object();
            Unstructured next = now.copy().set(status(now), "status");
            if (!always && withoutTimes(now).equals(withoutTimes(next))) {
                return now;
            }
            return client.update(Resources.NODES, next, WriteOptions.STATUS).object();
        });
    }

    private interface Attempt {
        Unstructured run();
    }

    /** Others write the node too (taints, addresses of volumes): a conflict is no failure. */
    private static Unstructured retrying(Attempt attempt) {
        while (true) {
            try {
                return attempt.run();
            } catch (StatusException e) {
                if (!e.isConflict()) {
                    throw e;
                }
            }
        }
    }

    private static Unstructured withoutTimes(Unstructured node) {
        Unstructured status = node.object("status").copy();
        status.objects("conditions").forEach(c -> c.remove("lastHeartbeatTime"));
        return status;
    }

    private Unstructured status(Unstructured node) {
        Unstructured s = node.object("status").copy();
        Map<String, Object> capacity = new LinkedHashMap<>();
        // What others advertise ("example.com/dongle") is theirs to take away.
        s.strings("capacity").forEach((name, amount) -> {
            if (name.contains("/")) {
                capacity.put(name, amount);
            }
        });
        capacity.put("cpu", config.cpuMillis() % 1000 == 0 ? "" + config.cpuMillis() / 1000 : config.cpuMillis() + "m");
        capacity.put("ephemeral-storage", machine.diskBytes() / 1024 + "Ki");
        capacity.put("hugepages-1Gi", "0");
        capacity.put("hugepages-2Mi", "0");
        capacity.put("memory", config.memoryBytes() / 1024 + "Ki");
        capacity.put("pods", "" + config.maxPods());
        s.set(capacity, "capacity").set(new LinkedHashMap<>(capacity), "allocatable");
        s.set(List.of(address("InternalIP", config.nodeIp()), address("Hostname", config.nodeName())), "addresses");
        s.set((long) KubeletConfig.SERVER_PORT, "daemonEndpoints", "kubeletEndpoint", "Port");
        s.set(machine.info(), "nodeInfo");
        s.set(
                images.listImages().stream()
                        .sorted((a, b) -> Long.compare(b.size(), a.size()))
                        .limit(MOST_IMAGES)
                        .map(i -> {
                            List<String> names = new java.util.ArrayList<>(i.repoDigests());
                            names.addAll(i.repoTags());
                            return new Unstructured(new LinkedHashMap<>())
                                    .set(names, "names")
                                    .set(i.size(), "sizeBytes");
                        })
                        .toList(),
                "images");
        s.set(new NodeConditions(machine, clock).of(s.objects("conditions")), "conditions");
        return s;
    }

    private static Map<String, Object> address(String type, String address) {
        Map<String, Object> a = new LinkedHashMap<>();
        a.put("type", type);
        a.put("address", address);
        return a;
    }
}
