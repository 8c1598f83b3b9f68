package dev.coracle.kubelet.pod;

import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Reconciler.Result;
import dev.coracle.kubelet.container.Sandboxes;
import dev.coracle.kubelet.volume.Volumes;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.RuntimeService.PodSandbox;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The workers of a node's pods, and the queue that gives each of them one sync at a time. */
public final class PodWorkers implements AutoCloseable {
    /** On pods that show what runs elsewhere than in this node's containers. */
    static final String MIRROR = "kubernetes.io/config.mirror";

    private static final Pattern UID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]*");

    /** A sync mostly waits for the runtime; many pods may do so at once. */
    private static final int SYNCS_AT_ONCE = 64;

    private final PodContext context;
    private final Map<String, PodWorker> workers = new ConcurrentHashMap<>();
    private final KeyedWorkQueue<String> queue;

    public PodWorkers(PodContext context) {
        this.context = context;
        this.queue = new KeyedWorkQueue<>(context.environment(), "pod", SYNCS_AT_ONCE, this::sync);
        queue.hold();
    }

    /** Begins to work. To be called when all pods were told, so that none takes what another has from before. */
    public void start() {
        queue.release();
    }

    private PodWorker worker(String uid) {
        return workers.computeIfAbsent(uid, u -> new PodWorker(context, u, () -> queue.add(u)));
    }

    private Result sync(String uid) {
        PodWorker worker = workers.get(uid);
        if (worker == null) {
            return Result.DONE;
        }
        Result result = worker.sync();
        if (worker.isGone()) {
            workers.remove(uid);
        }
        return result;
    }

    /** A pod of this node has come, changed or gone. Hands over and returns. */
    public void onChange(@Nullable Revision before, @Nullable Revision after) {
        if (before != null && (after == null || !after.uid().equals(before.uid())) && isOurs(before)) {
            worker(before.uid()).offer(null);
            queue.add(before.uid());
        }
        if (after != null && isOurs(after)) {
            if (before == null && !Specs.isTerminal(after.object())) {
                announce(after.object());
            }
            worker(after.uid()).offer(after);
            queue.add(after.uid());
        }
    }

    private void announce(Unstructured pod) {
        if (pod.has("status", "startTime")) {
            context.admission().readmit(worker(pod.uid()).promised(pod));
        } else if (!pod.isDeleting()) {
            context.admission().expect(pod);
        }
    }

    /** Mirror pods show what runs elsewhere than in containers. */
    private static boolean isOurs(Revision pod) {
        return !pod.object().annotations().containsKey(MIRROR);
    }

    /** A container has changed its state. Hands over and returns. */
    public void containerChanged(String sandboxId, String containerId) {
        context.runtime()
                .containerStatus(containerId)
                .map(c -> c.labels().getOrDefault(Sandboxes.POD_UID, ""))
                .filter(workers::containsKey)
                .ifPresent(queue::add);
    }

    /** An object that pods take their environment or volumes from has changed. */
    public void objectChanged(GroupVersionResource resource, String namespace, String name) {
        workers.forEach((uid, worker) -> {
            Revision pod = worker.desired();
            if (pod != null
                    && (namespace.isEmpty() || pod.namespace().equals(namespace))
                    && mentions(pod.object(), resource, name)) {
                worker.refreshVolumes();
                queue.add(uid);
            }
        });
    }

    private static boolean mentions(Unstructured pod, GroupVersionResource resource, String name) {
        List<Unstructured> volumes = pod.objects("spec", "volumes");
        if (resource.equals(Resources.PERSISTENT_VOLUME_CLAIMS)) {
            return volumes.stream()
                    .anyMatch(
                            v -> v.string("persistentVolumeClaim", "claimName").equals(name)
                                    || v.has("ephemeral") && name.equals(pod.name() + "-" + v.string("name")));
        }
        boolean config = resource.equals(Resources.CONFIG_MAPS);
        boolean mounted = volumes.stream()
                .anyMatch(v -> v.string("configMap", "name").equals(name) && config
                        || v.string("secret", "secretName").equals(name) && !config
                        || v.has("projected"));
        return mounted
                || Specs.all(pod).stream()
                        .anyMatch(c -> c.objects("envFrom").stream()
                                        .anyMatch(e -> e.string(config ? "configMapRef" : "secretRef", "name")
                                                .equals(name))
                                || c.objects("env").stream()
                                        .anyMatch(e -> e.string(
                                                        "valueFrom",
                                                        config ? "configMapKeyRef" : "secretKeyRef",
                                                        "name")
                                                .equals(name)));
    }

    /**
     * Ends and removes what is left of pods that are no more: sandboxes, files, mounts, logs. To be called when all pods
     * were told, and every now and then, since what failed to go before is nobody's else.
     */
    public void removeOrphans() {
        // First what there is, then whose it may be: a pod that comes in between is no orphan.
        Set<String> found =
                context.runtime().listPodSandbox().stream().map(PodSandbox::uid).collect(Collectors.toSet());
        found.addAll(context.volumes().uids());
        // A uid has no "_".
        Volumes.names(context.node().logs()).forEach(log -> found.add(log.substring(log.lastIndexOf('_') + 1)));
        found.removeAll(workers.keySet());
        // What is no uid is no pod's, and as a path it might be anything.
        found.removeIf(uid -> !UID.matcher(uid).matches());
        for (String uid : found) {
            worker(uid).offer(null);
            queue.add(uid);
        }
    }

    /** Ends all syncs and probes. Containers run on. */
    @Override
    public void close() {
        queue.close();
        workers.values().forEach(PodWorker::close);
        workers.clear();
    }
}
