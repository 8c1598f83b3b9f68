package dev.coracle.controllers.volume;

import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Patch;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * Claims of a class whose provisioner is ours get a directory, on the node that the scheduler chose for their first pod,
 * and are bound to it.
 */
public final class VolumeController implements Controller, Reconciler {
    /** The provisioner that StorageClass {@code standard} names. */
    public static final String PROVISIONER = "coracle.dev/local";

    private static final String SELECTED_NODE = "volume.kubernetes.io/selected-node";

    private final ControllerContext world;
    private final EventRecorder events;
    private final Informer claims;
    private final Informer classes;
    private final KeyedWorkQueue<ObjectKey> queue;

    public VolumeController(ControllerContext world, EventRecorder events) {
        this.world = world;
        this.events = events;
        this.claims = world.informers().of(Resources.PERSISTENT_VOLUME_CLAIMS);
        this.classes = world.informers().of(Resources.STORAGE_CLASSES);
        this.queue = new KeyedWorkQueue<>(world.environment(), "persistentvolume", 1, this::reconcile);
        claims.handle((before, after) -> {
            if (after != null) {
                queue.add(after.key());
            }
        });
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Revision claim = claims.get(key).orElse(null);
        if (claim == null
                || claim.isDeleting()
                || claim.object().string("status", "phase").equals("Bound")) {
            return Result.DONE;
        }
        Unstructured c = claim.object();
        Unstructured storage = classes.get("", c.string("spec", "storageClassName"))
                .map(Revision::object)
                .orElse(null);
        if (storage == null || !storage.string("provisioner").equals(PROVISIONER)) {
            return Result.DONE;
        }
        String node = c.annotations().getOrDefault(SELECTED_NODE, "");
        if (node.isEmpty()) {
            events.normal(c, "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
            return Result.DONE;
        }
        String volume = "pvc-" + claim.uid();
        provision(c, storage, volume, node);
        Unstructured spec = new Unstructured(new LinkedHashMap<>()).set(volume, "spec", "volumeName");
        spec.set("yes", "metadata", "annotations", "pv.kubernetes.io/bind-completed");
        world.client()
                .patch(
                        Resources.PERSISTENT_VOLUME_CLAIMS,
                        key.namespace(),
                        key.name(),
                        Patch.merge(spec),
                        WriteOptions.DEFAULT);
        Unstructured status = new Unstructured(new LinkedHashMap<>())
                .set("Bound", "status", "phase")
                .set(c.stringList("spec", "accessModes"), "status", "accessModes")
                .set(c.get("spec", "resources", "requests", "storage"), "status", "capacity", "storage");
        world.client()
                .patch(
                        Resources.PERSISTENT_VOLUME_CLAIMS,
                        key.namespace(),
                        key.name(),
                        Patch.merge(status),
                        WriteOptions.STATUS);
        return Result.DONE;
    }

    private void provision(Unstructured claim, Unstructured storage, String name, String node) {
        Unstructured v = Unstructured.of("v1", "PersistentVolume", "", name);
        v.set(PROVISIONER, "metadata", "annotations", "pv.kubernetes.io/provisioned-by");
        v.set(claim.get("spec", "resources", "requests", "storage"), "spec", "capacity", "storage");
        v.set(claim.stringList("spec", "accessModes"), "spec", "accessModes");
        v.set(storage.stringOr("Delete", "reclaimPolicy"), "spec", "persistentVolumeReclaimPolicy");
        v.set(storage.name(), "spec", "storageClassName");
        v.set("Filesystem", "spec", "volumeMode");
        v.set(world.config().volumes().resolve(name).toString(), "spec", "hostPath", "path");
        v.set("DirectoryOrCreate", "spec", "hostPath", "type");
        v.set(
                Unstructured.of("v1", "PersistentVolumeClaim", claim.namespace(), claim.name())
                        .remove("metadata")
                        .set(claim.namespace(), "namespace")
                        .set(claim.name(), "name")
                        .set(claim.uid(), "uid"),
                "spec",
                "claimRef");
        v.set(
                List.of(Unstructured.parse(
                        "{\"matchExpressions\":[{\"key\":\"kubernetes.io/hostname\",\"operator\":\"In\","
                                + "\"values\":[\"" + node + "\"]}]}")),
                "spec",
                "nodeAffinity",
                "required",
                "nodeSelectorTerms");
        v.set("Bound", "status", "phase");
        try {
            world.client().create(Resources.PERSISTENT_VOLUMES, "", v, WriteOptions.DEFAULT);
            events.normal(claim, "ProvisioningSucceeded", "Successfully provisioned volume " + name);
        } catch (StatusException e) {
            if (!e.isAlreadyExists()) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        queue.close();
    }
}
