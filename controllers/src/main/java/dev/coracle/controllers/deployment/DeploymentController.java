package dev.coracle.controllers.deployment;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Patch;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.Owned;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.CRC32;

/** Deployments: one ReplicaSet a template, scaled so that neither maxSurge nor maxUnavailable is ever exceeded. */
public final class DeploymentController implements Controller, Reconciler {
    private static final String REVISION = "deployment.kubernetes.io/revision";
    private static final String HASH = "pod-template-hash";

    private final ControllerContext world;
    private final EventRecorder events;
    private final Informer deployments;
    private final Informer sets;
    private final Informer pods;
    private final KeyedWorkQueue<ObjectKey> queue;

    public DeploymentController(ControllerContext world, EventRecorder events) {
        this.world = world;
        this.events = events;
        this.deployments = world.informers().of(Resources.DEPLOYMENTS);
        this.sets = world.informers().of(Resources.REPLICA_SETS);
        this.pods = world.informers().of(Resources.PODS);
        this.queue = new KeyedWorkQueue<>(world.environment(), "deployment", 2, this::reconcile);
        Owned.index(sets);
        Owned.index(pods);
        deployments.handle(
                (before, after) -> queue.add((after != null ? after : Objects.requireNonNull(before)).key()));
        Owned.wake(sets, "Deployment", queue::add);
        // A Recreate waits for the last old pod to go, which no ReplicaSet tells of.
        pods.handle((before, after) -> {
            if (after == null && before != null) {
                before.object()
                        .controllerOf()
                        .flatMap(o -> sets.get(before.namespace(), o.name()))
                        .flatMap(s -> s.object().controllerOf())
                        .ifPresent(o -> queue.add(new ObjectKey(before.namespace(), o.name())));
            }
        });
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Revision revision = deployments.get(key).orElse(null);
        if (revision == null || revision.isDeleting()) {
            return Result.DONE;
        }
        Unstructured d = revision.object();
        List<Unstructured> owned = new ArrayList<>(
                Owned.of(sets, d.uid()).stream().map(Revision::object).toList());
        owned.sort(Comparator.comparing(s -> s.string("metadata", "creationTimestamp")));
        Optional<Unstructured> current =
                owned.stream().filter(s -> sameTemplate(d, s)).findFirst();
        List<Unstructured> old = owned.stream()
                .filter(s -> current.isEmpty() || !s.uid().equals(current.get().uid()))
                .toList();
        if (d.bool("spec", "paused")) {
            status(d, owned, current.orElse(null));
            return Result.DONE;
        }
        if (current.isEmpty()) {
            if (!isRecreate(d) || old.stream().allMatch(this::isEmpty)) {
                create(d, old);
                return Result.DONE;
            }
        } else {
            number(d, current.get(), old);
        }
        if (isRecreate(d)) {
            recreate(d, current, old);
        } else {
            current.ifPresent(c -> roll(d, c, old));
        }
        cleanUp(d, old);
        return status(d, owned, current.orElse(null));
    }

    private static boolean isRecreate(Unstructured d) {
        return d.string("spec", "strategy", "type").equals("Recreate");
    }

    private boolean isEmpty(Unstructured set) {
        return set.integer(0, "spec", "replicas") == 0
                && Owned.of(pods, set.uid()).isEmpty();
    }

    private static boolean sameTemplate(Unstructured d, Unstructured set) {
        Unstructured template = set.object("spec", "template").copy();
        template.object("metadata", "labels").map().remove(HASH);
        return template.equals(d.object("spec", "template"));
    }

    /** A stable hash of the template, in the alphabet of upstream's safe encoding. */
    static String hash(Unstructured template, long collisions) {
        CRC32 crc = new CRC32();
        crc.update(Json.bytes(template.map()));
        if (collisions > 0) {
            crc.update((int) collisions);
        }
        String alphabet = "bcdfghjklmnpqrstvwxz2456789";
        StringBuilder s = new StringBuilder();
        for (char c : Long.toString(crc.getValue()).toCharArray()) {
            s.append(alphabet.charAt(c % alphabet.length()));
        }
        return s.toString();
    }

    private void create(Unstructured d, List<Unstructured> old) {
        String hash = hash(d.object("spec", "template"), d.integer(0, "status", "collisionCount"));
        Unstructured set = Unstructured.of("apps/v1", "ReplicaSet", d.namespace(), d.name() + "-" + hash);
        set.set(Json.copy(d.object("spec", "template").map()), "spec", "template");
        set.set(hash, "spec", "template", "metadata", "labels", HASH);
        set.set(Json.copy(d.object("spec", "selector").map()), "spec", "selector");
        set.set(hash, "spec", "selector", "matchLabels", HASH);
        set.set(Json.copy(set.object("spec", "template", "metadata", "labels").map()), "metadata", "labels");
        if (d.has("spec", "minReadySeconds")) {
            set.set(d.integer(0, "spec", "minReadySeconds"), "spec", "minReadySeconds");
        }
        d.annotations().forEach((k, v) -> {
            if (!k.equals("kubectl.kubernetes.io/last-applied-configuration")) {
                set.set(v, "metadata", "annotations", k);
            }
        });
        set.set("" + (newest(old) + 1), "metadata", "annotations", REVISION);
        set.addOwner(Owned.reference(d));
        long wanted = d.integer(1, "spec", "replicas");
        long total =
                old.stream().mapToLong(s -> s.integer(0, "spec", "replicas")).sum();
        long now = isRecreate(d) ? wanted : Math.min(wanted, Math.max(0, wanted + surge(d) - total));
        set.set(now, "spec", "replicas");
        world.client().create(Resources.REPLICA_SETS, d.namespace(), set, WriteOptions.DEFAULT);
        annotate(d, "" + (newest(old) + 1));
        if (now > 0) {
            events.normal(d, "ScalingReplicaSet", "Scaled up replica set " + set.name() + " from 0 to " + now);
        }
    }

    private static long newest(List<Unstructured> sets) {
        return sets.stream().mapToLong(DeploymentController::revision).max().orElse(0);
    }

    private static long revision(Unstructured set) {
        try {
            return Long.parseLong(set.annotations().getOrDefault(REVISION, "0"));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** A set that is current again, after a rollback, becomes the newest revision. */
    private void number(Unstructured d, Unstructured current, List<Unstructured> old) {
        long wanted = Math.max(revision(current), newest(old) + (newest(old) >= revision(current) ? 1 : 0));
        if (revision(current) != wanted) {
            Unstructured patch =
                    new Unstructured(new LinkedHashMap<>()).set("" + wanted, "metadata", "annotations", REVISION);
            world.client()
                    .patch(
                            Resources.REPLICA_SETS,
                            d.namespace(),
                            current.name(),
                            Patch.merge(patch),
                            WriteOptions.DEFAULT);
        }
        annotate(d, "" + wanted);
    }

    private void annotate(Unstructured d, String revision) {
        if (!revision.equals(d.annotations().get(REVISION))) {
            Unstructured patch =
                    new Unstructured(new LinkedHashMap<>()).set(revision, "metadata", "annotations", REVISION);
            world.client()
                    .patch(Resources.DEPLOYMENTS, d.namespace(), d.name(), Patch.merge(patch), WriteOptions.DEFAULT);
        }
    }

    private void recreate(Unstructured d, Optional<Unstructured> current, List<Unstructured> old) {
        for (Unstructured set : old) {
            scale(d, set, 0);
        }
        if (old.stream().allMatch(this::isEmpty)) {
            current.ifPresent(c -> scale(d, c, d.integer(1, "spec", "replicas")));
        }
    }

    private void roll(Unstructured d, Unstructured current, List<Unstructured> old) {
        long wanted = d.integer(1, "spec", "replicas");
        long now = current.integer(0, "spec", "replicas");
        long oldTotal =
                old.stream().mapToLong(s -> s.integer(0, "spec", "replicas")).sum();
        if (now > wanted) {
            scale(d, current, wanted);
            return;
        }
        long room = wanted + surge(d) - now - oldTotal;
        if (now < wanted && room > 0) {
            scale(d, current, Math.min(wanted, now + room));
            return;
        }
        // What may go: all beyond the least that must be available, the new set's unavailable ones counted as needed.
        long least = wanted - unavailable(d, wanted);
        long newUnavailable = now - current.integer(0, "status", "availableReplicas");
        long spare = now + oldTotal - least - newUnavailable;
        for (Unstructured set : old) {
            long replicas = set.integer(0, "spec", "replicas");
            long broken = replicas - set.integer(0, "status", "availableReplicas");
            long down = Math.min(Math.min(replicas, Math.max(0, broken)), Math.max(0, spare));
            long healthy = old.stream()
                            .mapToLong(s -> s.integer(0, "status", "availableReplicas"))
                            .sum()
                    + current.integer(0, "status", "availableReplicas");
            down = Math.max(down, Math.min(replicas, Math.min(Math.max(0, healthy - least), Math.max(0, spare))));
            if (down > 0) {
                scale(d, set, replicas - down);
                return;
            }
        }
    }

    private static long surge(Unstructured d) {
        long wanted = d.integer(1, "spec", "replicas");
        long surge = share(d.get("spec", "strategy", "rollingUpdate", "maxSurge"), wanted, true);
        // With neither a surge nor unavailability nothing could ever move.
        return surge;
    }

    private static long unavailable(Unstructured d, long wanted) {
        long n = share(d.get("spec", "strategy", "rollingUpdate", "maxUnavailable"), wanted, false);
        return surge(d) == 0 && n == 0 ? 1 : Math.min(n, wanted);
    }

    /** A number, or a percentage of {@code of}. */
    static long share(@org.jspecify.annotations.Nullable Object value, long of, boolean up) {
        if (value instanceof Number n) {
            return n.longValue();
        }
        if (value instanceof String s && s.endsWith("%")) {
            double exact = Long.parseLong(s.substring(0, s.length() - 1)) * of / 100.0;
            return (long) (up ? Math.ceil(exact) : Math.floor(exact));
        }
        return 0;
    }

    private void scale(Unstructured d, Unstructured set, long replicas) {
        long before = set.integer(0, "spec", "replicas");
        if (before == replicas) {
            return;
        }
        Unstructured patch = new Unstructured(new LinkedHashMap<>())
                .set(replicas, "spec", "replicas")
                .set(set.resourceVersion(), "metadata", "resourceVersion");
        world.client()
                .patch(Resources.REPLICA_SETS, set.namespace(), set.name(), Patch.merge(patch), WriteOptions.DEFAULT);
        events.normal(
                d,
                "ScalingReplicaSet",
                "Scaled " + (replicas > before ? "up" : "down") + " replica set " + set.name() + " from " + before
                        + " to " + replicas);
    }

    private void cleanUp(Unstructured d, List<Unstructured> old) {
        List<Unstructured> idle = new ArrayList<>(old.stream()
                .filter(s -> s.integer(0, "spec", "replicas") == 0 && s.integer(0, "status", "replicas") == 0)
                .toList());
        idle.sort(Comparator.comparingLong(DeploymentController::revision));
        long limit = d.integer(10, "spec", "revisionHistoryLimit");
        for (int i = 0; i < idle.size() - limit; i++) {
            world.client()
                    .delete(
                            Resources.REPLICA_SETS,
                            d.namespace(),
                            idle.get(i).name(),
                            DeleteOptions.of(idle.get(i).uid()));
        }
    }

    private Result status(
            Unstructured d, List<Unstructured> sets, @org.jspecify.annotations.Nullable Unstructured current) {
        long replicas = sum(sets, "replicas");
        long available = sum(sets, "availableReplicas");
        long updated = current == null ? 0 : current.integer(0, "status", "replicas");
        long wanted = d.integer(1, "spec", "replicas");
        Unstructured status = new Unstructured(new LinkedHashMap<>());
        status.set(d.generation(), "observedGeneration");
        status.set(replicas, "replicas").set(updated, "updatedReplicas");
        status.set(sum(sets, "readyReplicas"), "readyReplicas").set(available, "availableReplicas");
        status.set(Math.max(0, wanted - available), "unavailableReplicas");
        boolean enough = available >= wanted - unavailable(d, wanted);
        boolean complete = updated == wanted && replicas == wanted && available == wanted;
        Instant now = world.environment().clock().now();
        String set = current == null ? "" : current.name();
        boolean moved = updated != d.integer(0, "status", "updatedReplicas")
                || available > d.integer(0, "status", "availableReplicas")
                || replicas < d.integer(0, "status", "replicas");
        Optional<Unstructured> before = condition(d, "Progressing");
        long deadline = d.integer(600, "spec", "progressDeadlineSeconds");
        Instant since = before.flatMap(c -> c.time("lastUpdateTime")).orElse(now);
        boolean late = !complete
                && !moved
                && before.isPresent()
                && since.plusSeconds(deadline).isBefore(now);
        Unstructured progressing = complete
                ? progress("True", "NewReplicaSetAvailable", "ReplicaSet \"" + set + "\" has successfully progressed.")
                : late
                        ? progress(
                                "False",
                                "ProgressDeadlineExceeded",
                                "ReplicaSet \"" + set + "\" has timed out progressing.")
                        : progress("True", "ReplicaSetUpdated", "ReplicaSet \"" + set + "\" is progressing.");
        Unstructured availability = enough
                ? condition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
                : condition(
                        "Available",
                        "False",
                        "MinimumReplicasUnavailable",
                        "Deployment does not have minimum availability.");
        status.set(
                List.of(
                        times(availability, condition(d, "Available"), now, false),
                        times(progressing, before, now, moved)),
                "conditions");
        if (d.has("status", "collisionCount")) {
            status.set(d.get("status", "collisionCount"), "collisionCount");
        }
        if (!status.map().equals(d.object("status").map())) {
            world.client()
                    .patch(
                            Resources.DEPLOYMENTS,
                            d.namespace(),
                            d.name(),
                            Patch.merge(new Unstructured(new LinkedHashMap<>()).set(status, "status")),
                            WriteOptions.STATUS);
        }
        return complete || late ? Result.DONE : Result.after(Duration.ofSeconds(deadline + 1));
    }

    private static Optional<Unstructured> condition(Unstructured d, String type) {
        return d.objects("status", "conditions").stream()
                .filter(c -> c.string("type").equals(type))
                .findFirst();
    }

    private static Unstructured progress(String status, String reason, String message) {
        return condition("Progressing", status, reason, message);
    }

    private static Unstructured condition(String type, String status, String reason, String message) {
        return new Unstructured(new LinkedHashMap<>())
                .set(type, "type")
                .set(status, "status")
                .set(reason, "reason")
                .set(message, "message");
    }

    private static Unstructured times(Unstructured c, Optional<Unstructured> before, Instant now, boolean moved) {
        boolean sameStatus = before.isPresent() && before.get().string("status").equals(c.string("status"));
        boolean same = sameStatus && before.get().string("reason").equals(c.string("reason")) && !moved;
        String time = Timestamps.format(now);
        c.set(same ? before.get().string("lastUpdateTime") : time, "lastUpdateTime");
        c.set(sameStatus ? before.get().string("lastTransitionTime") : time, "lastTransitionTime");
        return c;
    }

    private static long sum(List<Unstructured> sets, String field) {
        return sets.stream().mapToLong(s -> s.integer(0, "status", field)).sum();
    }

    @Override
    public void close() {
        queue.close();
    }
}
