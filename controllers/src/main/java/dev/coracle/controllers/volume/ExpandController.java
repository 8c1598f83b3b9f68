package dev.coracle.controllers.volume;

import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Conditions;
import dev.coracle.controllers.kit.Live;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.controllers.kit.StatusPatch;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Claims that ask for more than they have. No volume is grown by upstream's own controller any more: it says that another
 * has to, and for volumes of ours that is done here too. A directory is as large as its disk, so to grow one is to say so.
 */
public final class ExpandController implements Controller, Reconciler {
    private static final String BY_CLASS = "growing-class";
    private static final Set<String> UNDER_WAY = Set.of("Resizing", "FileSystemResizePending");

    private final ControllerContext world;
    private final EventRecorder events;
    private final EventRecorder resizer;
    private final Informer claims;
    private final Informer classes;
    private final StatusPatch statuses;
    private final Loop loop;

    /** @param resizer tells in the name of the one who grows our volumes */
    public ExpandController(ControllerContext world, EventRecorder events, EventRecorder resizer) {
        this.world = world;
        this.events = events;
        this.resizer = resizer;
        this.loop = new Loop(world, "volume_expand", 1);
        this.claims = loop.watches(
                Resources.PERSISTENT_VOLUME_CLAIMS,
                (before, after) -> after != null && isShort(after) && (before == null || differ(before, after))
                        ? List.of(after.key())
                        : List.of());
        this.classes = loop.watches(Resources.STORAGE_CLASSES, this::concerned);
        this.statuses = new StatusPatch(world.client(), Resources.PERSISTENT_VOLUME_CLAIMS);
        claims.index(BY_CLASS, c -> isShort(c) ? List.of(c.object().string("spec", "storageClassName")) : List.of());
        loop.start(this);
    }

    /** Bound, and with less than it asks for. */
    private static boolean isShort(Revision claim) {
        Unstructured c = claim.object();
        return c.string("status", "phase").equals("Bound")
                && Volumes.request(c).compareTo(Quantity.of(c.get("status", "capacity", "storage"))) > 0;
    }

    private static boolean differ(Revision before, Revision after) {
        return !isShort(before) || Volumes.request(before.object()).compareTo(Volumes.request(after.object())) != 0;
    }

    /** A class that was changed may allow now what it did not. */
    private List<ObjectKey> concerned(@Nullable Revision before, @Nullable Revision after) {
        return after == null || before != null && allows(before) == allows(after)
                ? List.of()
                : claims.byIndex(BY_CLASS, after.name()).stream()
                        .map(Revision::key)
                        .toList();
    }

    private static boolean allows(Revision storage) {
        return storage.object().bool("allowVolumeExpansion");
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Unstructured claim = claims.get(key)
                .filter(ExpandController::isShort)
                .map(Revision::object)
                .orElse(null);
        if (claim == null) {
            return Result.DONE;
        }
        Unstructured volume = Live.find(
                        world.client(), Resources.PERSISTENT_VOLUMES, "", claim.string("spec", "volumeName"))
                .map(Revision::object)
                .orElse(null);
        if (volume == null || !volume.string("spec", "claimRef", "uid").equals(claim.uid())) {
            // Lost, or another's: who binds says so.
            return Result.DONE;
        }
        events.normal(claim, "ExternalExpanding", "waiting for an external controller to expand this PVC");
        if (!VolumeController.PROVISIONER.equals(volume.annotations().get("pv.kubernetes.io/provisioned-by"))) {
            return Result.DONE;
        }
        if (classes.get("", claim.string("spec", "storageClassName"))
                .filter(ExpandController::allows)
                .isEmpty()) {
            resizer.warning(
                    claim,
                    "VolumeResizeFailed",
                    "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must"
                            + " support resize");
            return Result.DONE;
        }
        grow(claim, volume);
        return Result.DONE;
    }

    /** The volume first: who is interrupted finds the claim still short. */
    private void grow(Unstructured claim, Unstructured volume) {
        resizer.normal(claim, "Resizing", "External resizer is resizing volume " + volume.name());
        Instant now = world.environment().clock().now();
        List<Unstructured> conditions = Conditions.of(claim);
        Conditions.set(conditions, "Resizing", "True", "", "", now);
        statuses.write(claim, claim.object("status").copy().set(conditions, "conditions"));
        Quantity request = Volumes.request(claim);
        if (Quantity.of(volume.get("spec", "capacity", "storage")).compareTo(request) < 0) {
            Unstructured next = volume.copy().set(request.toString(), "spec", "capacity", "storage");
            world.client().update(Resources.PERSISTENT_VOLUMES, next, WriteOptions.DEFAULT);
        }
        Unstructured grown = Live.find(
                        world.client(), Resources.PERSISTENT_VOLUME_CLAIMS, claim.namespace(), claim.name())
                .map(Revision::object)
                .filter(c -> c.uid().equals(claim.uid()))
                .orElse(null);
        if (grown == null) {
            return;
        }
        List<Unstructured> left = grown.objects("status", "conditions").stream()
                .filter(c -> !UNDER_WAY.contains(c.string("type")))
                .toList();
        statuses.write(
                grown,
                grown.object("status")
                        .copy()
                        .set(request.toString(), "capacity", "storage")
                        .set(request.toString(), "allocatedResources", "storage")
                        .set(left.isEmpty() ? null : left, "conditions"));
        resizer.normal(claim, "VolumeResizeSuccessful", "Resize volume succeeded");
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
