package dev.coracle.controllers.deployment;

import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.Patch;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Claims;
import dev.coracle.controllers.kit.ContentHash;
import dev.coracle.controllers.kit.Live;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.controllers.kit.Owned;
import dev.coracle.controllers.kit.Pods;
import dev.coracle.controllers.kit.StatusPatch;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Deployments: one ReplicaSet a template, sized so that neither maxSurge nor maxUnavailable is ever exceeded. {@link
 * Rollout} decides the sizes, {@link DeploymentStatus} the status; this class applies both. Sets are written with the
 * version that was decided upon, so that a stale copy makes a conflict and not a wrong size.
 */
public final class DeploymentController implements Controller, Reconciler {
    private final ControllerContext world;
    private final EventRecorder events;
    private final Informer deployments;
    private final Informer sets;
    private final Informer pods;
    private final Claims claims;
    private final StatusPatch statuses;
    private final Loop loop;

    public DeploymentController(ControllerContext world, EventRecorder events) {
        this.world = world;
        this.events = events;
        this.loop = new Loop(world, "deployment", 2);
        this.deployments = loop.reconciles(Resources.DEPLOYMENTS);
        this.sets = loop.owns(Resources.REPLICA_SETS, "Deployment", Unstructured::resourceVersion);
        this.pods = loop.watches(Resources.PODS, (before, after) -> after == null ? lastOf(before) : List.of());
        this.claims = new Claims(world.client(), Resources.DEPLOYMENTS, sets);
        this.statuses = new StatusPatch(world.client(), Resources.DEPLOYMENTS);
        Owned.index(pods);
        loop.adopts(claims);
        loop.start(this);
    }

    /** A Recreate waits for the last old pod to go, which no ReplicaSet tells of. */
    private List<ObjectKey> lastOf(@Nullable Revision pod) {
        return Optional.ofNullable(pod)
                .flatMap(p -> p.object().controllerOf().flatMap(o -> sets.get(p.namespace(), o.name())))
                .flatMap(s -> s.object().controllerOf().map(o -> new ObjectKey(s.namespace(), o.name())))
                .stream()
                .toList();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Revision revision = deployments.get(key).orElse(null);
        if (revision == null) {
            return Result.DONE;
        }
        Unstructured d = revision.object();
        Rollout rollout = Rollout.of(d, claims.of(d));
        if (d.isDeleting()) {
            return write(d, status(rollout));
        }
        Unstructured current = rollout.current();
        if (current != null && !d.bool("spec", "paused")) {
            rollout = rollout.with(number(rollout, current));
        }
        if (d.bool("spec", "paused") || rollout.isScaling()) {
            resize(d, rollout, rollout.scale());
            if (d.bool("spec", "paused")) {
                cleanUp(rollout);
            }
            return write(d, status(rollout));
        }
        return rollout.isRecreate() ? recreate(d, rollout) : roll(d, rollout);
    }

    private DeploymentStatus status(Rollout rollout) {
        return new DeploymentStatus(rollout, world.environment().clock().now());
    }

    private Result roll(Unstructured d, Rollout rollout) {
        if (rollout.current() == null) {
            return create(d, rollout);
        }
        resize(d, rollout, rollout.roll());
        return finish(d, rollout);
    }

    private Result recreate(Unstructured d, Rollout rollout) {
        List<Rollout.Resize> down = rollout.old().stream()
                .filter(s -> Rollout.size(s) > 0)
                .map(s -> new Rollout.Resize(s, 0))
                .toList();
        resize(d, rollout, down);
        boolean gone = down.isEmpty() && rollout.old().stream().noneMatch(this::hasPods);
        if (gone && rollout.current() == null) {
            return create(d, rollout);
        }
        if (gone && rollout.current() != null) {
            resize(d, rollout, List.of(new Rollout.Resize(rollout.current(), rollout.replicas())));
        }
        return finish(d, rollout);
    }

    /** Pods that are going count: two versions must never run at once. */
    private boolean hasPods(Unstructured set) {
        return set.integer(0, "status", "replicas") > 0
                || Owned.of(pods, set.uid()).stream().anyMatch(p -> !Pods.isTerminal(p.object()));
    }

    private Result finish(Unstructured d, Rollout rollout) {
        DeploymentStatus status = status(rollout);
        if (status.isComplete()) {
            cleanUp(rollout);
        }
        return write(d, status.progress());
    }

    private Result create(Unstructured d, Rollout rollout) {
        String hash = ContentHash.of(d.object("spec", "template"), d.integer(0, "status", "collisionCount"));
        Unstructured set = Unstructured.of("apps/v1", "ReplicaSet", d.namespace(), d.name() + "-" + hash);
        set.set(Json.copy(d.object("spec", "template").map()), "spec", "template");
        set.set(hash, "spec", "template", "metadata", "labels", PodTemplates.HASH);
        set.set(Json.copy(d.object("spec", "selector").map()), "spec", "selector");
        set.set(hash, "spec", "selector", "matchLabels", PodTemplates.HASH);
        set.set(Json.copy(set.object("spec", "template", "metadata", "labels").map()), "metadata", "labels");
        set.set(d.get("spec", "minReadySeconds"), "spec", "minReadySeconds");
        long size = rollout.newSize(0);
        set.set(size, "spec", "replicas");
        String revision = "" + (Revisions.newest(rollout.old()) + 1);
        Revisions.annotations(rollout, revision).forEach((k, v) -> set.set(v, "metadata", "annotations", k));
        set.addOwner(Owned.reference(d));
        try {
            world.client().create(Resources.REPLICA_SETS, d.namespace(), set, WriteOptions.DEFAULT);
        } catch (StatusException e) {
            if (e.isAlreadyExists()) {
                return taken(d, set, rollout);
            }
            if (e.isNotFound() || Live.isTerminating(e)) {
                return Result.DONE;
            }
            String message = "Failed to create new replica set \"" + set.name() + "\": " + e.getMessage();
            events.warning(d, "ReplicaSetCreateError", message);
            write(d, status(rollout).failed(set.name(), String.valueOf(e.getMessage())));
            throw e;
        }
        if (size > 0) {
            events.normal(d, "ScalingReplicaSet", "Scaled up replica set " + set.name() + " from 0 to " + size);
        }
        annotate(d, revision);
        // The informer will tell of the set; the rest is done then.
        return write(d, status(rollout).created(set.name()));
    }

    /** The name is taken: by the set itself, which the copy does not show yet, or by one of another template. */
    private Result taken(Unstructured d, Unstructured set, Rollout rollout) {
        Unstructured there = world.client()
                .get(Resources.REPLICA_SETS, set.namespace(), set.name())
                .object();
        boolean ours =
                there.controllerOf().map(o -> o.uid().equals(d.uid())).orElse(false) && PodTemplates.same(d, there);
        return ours ? Result.DONE : write(d, status(rollout).collided());
    }

    private Unstructured number(Rollout rollout, Unstructured current) {
        Unstructured next = Revisions.numbered(rollout, current);
        Unstructured written = next.equals(current)
                ? current
                : world.client()
                        .update(Resources.REPLICA_SETS, next, WriteOptions.DEFAULT)
                        .object();
        annotate(rollout.deployment(), "" + Revisions.of(written));
        return written;
    }

    private void annotate(Unstructured d, String revision) {
        if (!revision.equals(d.annotations().get(Revisions.ANNOTATION))) {
            Unstructured patch = new Unstructured(new LinkedHashMap<>())
                    .set(revision, "metadata", "annotations", Revisions.ANNOTATION);
            world.client()
                    .patch(Resources.DEPLOYMENTS, d.namespace(), d.name(), Patch.merge(patch), WriteOptions.DEFAULT);
        }
    }

    private void resize(Unstructured d, Rollout rollout, List<Rollout.Resize> resizes) {
        for (Rollout.Resize r : resizes) {
            long before = Rollout.size(r.set());
            Unstructured next = r.set().copy();
            next.set(r.replicas(), "spec", "replicas");
            next.set("" + rollout.replicas(), "metadata", "annotations", Rollout.DESIRED);
            next.set("" + (rollout.replicas() + rollout.surge()), "metadata", "annotations", Rollout.MAXIMUM);
            if (next.equals(r.set())) {
                continue;
            }
            world.client().update(Resources.REPLICA_SETS, next, WriteOptions.DEFAULT);
            if (before != r.replicas()) {
                events.normal(
                        d,
                        "ScalingReplicaSet",
                        "Scaled " + (r.replicas() > before ? "up" : "down") + " replica set " + next.name() + " from "
                                + before + " to " + r.replicas());
            }
        }
    }

    /** Old sets beyond the history limit go, the oldest revisions first. */
    private void cleanUp(Rollout rollout) {
        Unstructured d = rollout.deployment();
        List<Unstructured> idle = new ArrayList<>(
                rollout.old().stream().filter(s -> !s.isDeleting()).toList());
        idle.sort(Comparator.comparingLong(Revisions::of));
        long excess = idle.size() - d.integer(10, "spec", "revisionHistoryLimit");
        for (int i = 0; i < excess; i++) {
            Unstructured set = idle.get(i);
            if (set.integer(0, "status", "replicas") != 0
                    || Rollout.size(set) != 0
                    || set.generation() > set.integer(0, "status", "observedGeneration")) {
                continue;
            }
            Live.delete(world.client(), Resources.REPLICA_SETS, set);
        }
    }

    private Result write(Unstructured d, DeploymentStatus computed) {
        statuses.write(d, computed.toObject());
        Duration again = computed.checkAfter();
        return again == null ? Result.DONE : Result.after(again);
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
