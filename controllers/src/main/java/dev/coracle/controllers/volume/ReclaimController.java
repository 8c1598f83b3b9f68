package dev.coracle.controllers.volume;

import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Live;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Volumes' phases, and what becomes of a volume whose claim is gone: {@code Delete} removes ours with the directory,
 * {@code Retain} leaves it {@code Released} for a person to look at.
 */
public final class ReclaimController implements Controller, Reconciler {
    private final ControllerContext world;
    private final EventRecorder events;
    private final Directories directories;
    private final Informer claims;
    private final Informer volumes;
    private final Loop loop;

    public ReclaimController(ControllerContext world, EventRecorder events) {
        this.world = world;
        this.events = events;
        this.directories = new Directories(world.config().volumes());
        this.loop = new Loop(world, "reclaim", 1);
        this.volumes = loop.reconciles(Resources.PERSISTENT_VOLUMES);
        this.claims = loop.watches(
                Resources.PERSISTENT_VOLUME_CLAIMS,
                (before, after) -> after == null && before != null ? List.of(volume(before)) : List.of());
        loop.start(this);
    }

    private static ObjectKey volume(Revision claim) {
        String name = claim.object().string("spec", "volumeName");
        return new ObjectKey("", name.isEmpty() ? "pvc-" + claim.uid() : name);
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Revision revision = volumes.get(key).orElse(null);
        if (revision == null) {
            return Result.DONE;
        }
        Unstructured v = revision.object();
        boolean held = v.finalizers().contains(Protection.VOLUME);
        if (v.isDeleting()) {
            if (held && !v.string("status", "phase").equals("Bound")) {
                Unstructured next = v.copy();
                Protection.drop(next, Protection.VOLUME);
                world.client().update(Resources.PERSISTENT_VOLUMES, next, WriteOptions.DEFAULT);
            } else if (held && isAbandoned(v)) {
                phase(v, "Released");
            }
            return Result.DONE;
        }
        if (!held) {
            Unstructured next = v.copy().add(Protection.VOLUME, "metadata", "finalizers");
            v = world.client()
                    .update(Resources.PERSISTENT_VOLUMES, next, WriteOptions.DEFAULT)
                    .object();
        }
        if (v.string("spec", "claimRef", "uid").isEmpty()) {
            phase(v, "Available");
        } else if (isAbandoned(v)) {
            Unstructured released = phase(v, "Released");
            if (v.string("spec", "persistentVolumeReclaimPolicy").equals("Delete")) {
                delete(released);
            }
        }
        return Result.DONE;
    }

    /** Whether the claim that had the volume is no more; the server is asked, since data hangs on it. */
    private boolean isAbandoned(Unstructured v) {
        String uid = v.string("spec", "claimRef", "uid");
        String namespace = v.string("spec", "claimRef", "namespace");
        String name = v.string("spec", "claimRef", "name");
        if (uid.isEmpty()
                || claims.get(namespace, name).filter(c -> c.uid().equals(uid)).isPresent()) {
            return false;
        }
        return Live.find(world.client(), Resources.PERSISTENT_VOLUME_CLAIMS, namespace, name)
                .filter(c -> c.uid().equals(uid))
                .isEmpty();
    }

    private Unstructured phase(Unstructured v, String phase) {
        if (v.string("status", "phase").equals(phase)) {
            return v;
        }
        return world.client()
                .update(Resources.PERSISTENT_VOLUMES, v.copy().set(phase, "status", "phase"), WriteOptions.STATUS)
                .object();
    }

    private void delete(Unstructured v) {
        if (!VolumeController.PROVISIONER.equals(v.annotations().get("pv.kubernetes.io/provisioned-by"))) {
            return;
        }
        try {
            directories.delete(v.string("spec", "hostPath", "path"));
        } catch (IOException e) {
            events.warning(v, "VolumeFailedDelete", String.valueOf(e.getMessage()));
            throw new UncheckedIOException(e);
        }
        Live.delete(world.client(), Resources.PERSISTENT_VOLUMES, v);
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
