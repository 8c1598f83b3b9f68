package dev.coracle.controllers.replicaset;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Patch;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Claims;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.Owned;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** As many active pods as {@code spec.replicas}; {@link Expectations} keep a stale copy from making too many. */
public final class ReplicaSetController implements Controller, Reconciler {
    /** At most so many pods are created or deleted at once. */
    private static final int BURST = 500;

    private final Family family;
    private final ControllerContext world;
    private final EventRecorder events;
    private final Informer sets;
    private final Informer pods;
    private final Claims claims;
    private final KeyedWorkQueue<ObjectKey> queue;
    private final Expectations expectations = new Expectations();

    /** Creating or deleting failed. */
    private record Failure(String reason, StatusException cause) {}

    /** Of ReplicaSets. */
    public ReplicaSetController(ControllerContext world, EventRecorder events) {
        this(Family.REPLICA_SETS, world, events);
    }

    public ReplicaSetController(Family family, ControllerContext world, EventRecorder events) {
        this.family = family;
        this.world = world;
        this.events = events;
        this.sets = world.informers().of(family.resource());
        this.pods = world.informers().of(Resources.PODS);
        this.claims = new Claims(world.client(), family.resource(), pods, family.selector());
        this.queue =
                new KeyedWorkQueue<>(world.environment(), family.kind().toLowerCase(Locale.ROOT), 4, this::reconcile);
        Owned.index(sets);
        sets.handle((before, after) -> {
            if (before != null && (after == null || !after.uid().equals(before.uid()))) {
                expectations.forget(before.key());
            }
            queue.add((after != null ? after : Objects.requireNonNull(before)).key());
        });
        Owned.wake(pods, family.kind(), ReplicaSetController::counted, queue::add);
        claims.wakeForOrphans(sets, queue::add);
    }

    /** What of a pod the status counts, or may part it from its set. A look at a large set is too dear for less. */
    static List<Object> counted(Unstructured pod) {
        return List.of(
                pod.labels(),
                pod.ownerReferences(),
                pod.isDeleting(),
                pod.string("status", "phase"),
                pod.objects("status", "conditions").stream()
                        .filter(c -> c.string("type").equals("Ready"))
                        .toList());
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Revision set = sets.get(key).orElse(null);
        if (set == null) {
            return Result.DONE;
        }
        if (!pods.synced()) {
            return Result.after(Duration.ofMillis(100));
        }
        Instant now = world.environment().clock().now();
        boolean settled = settled(key, now);
        List<Unstructured> owned = claims.of(set.object());
        List<Unstructured> active = owned.stream().filter(Owned::isActive).toList();
        Failure failure = null;
        if (settled && !set.isDeleting()) {
            int missing = (int) set.object().integer(1, "spec", "replicas") - active.size();
            if (missing > 0) {
                failure = create(set, Math.min(missing, BURST), now);
            } else if (missing < 0) {
                List<Unstructured> victims = Victims.order(active, related(set, active));
                failure = delete(set, victims.subList(0, Math.min(-missing, BURST)), now);
            }
        }
        Duration again = status(set, owned, active, failure, now);
        if (failure != null) {
            throw failure.cause();
        }
        if (!settled && (again == null || again.compareTo(Expectations.LONG) > 0)) {
            return Result.after(Expectations.LONG);
        }
        return again == null ? Result.DONE : Result.after(again);
    }

    private boolean settled(ObjectKey key, Instant now) {
        return expectations.settled(
                key,
                name -> pods.get(key.namespace(), name).isPresent(),
                name -> pods.get(key.namespace(), name)
                        .map(p -> !p.isDeleting())
                        .orElse(false),
                name -> exists(key.namespace(), name),
                now);
    }

    private boolean exists(String namespace, String name) {
        try {
            world.client().get(Resources.PODS, namespace, name);
            return true;
        } catch (StatusException e) {
            if (e.isNotFound()) {
                return false;
            }
            throw e;
        }
    }

    /** Active pods of all sets of the same Deployment. */
    private List<Unstructured> related(Revision set, List<Unstructured> own) {
        return set.object()
                .controllerOf()
                .map(o -> Owned.of(sets, o.uid()).stream()
                        .flatMap(s -> Owned.of(pods, s.uid()).stream())
                        .map(Revision::object)
                        .filter(Owned::isActive)
                        .toList())
                .orElse(own);
    }

    private @Nullable Failure create(Revision set, int count, Instant now) {
        Unstructured template = set.object().object("spec", "template");
        for (int i = 0; i < count; i++) {
            Unstructured pod = template.copy().set("v1", "apiVersion").set("Pod", "kind");
            pod.set(set.name() + "-", "metadata", "generateName");
            pod.remove("metadata", "creationTimestamp").remove("metadata", "name");
            pod.addOwner(Owned.reference(set.object()));
            try {
                Revision made = world.client().create(Resources.PODS, set.namespace(), pod, WriteOptions.DEFAULT);
                expectations.created(set.key(), made.name(), now);
                events.normal(set.object(), "SuccessfulCreate", "Created pod: " + made.name());
            } catch (StatusException e) {
                if (Owned.isTerminating(e)) {
                    // The set goes with its namespace; trying again would only make noise.
                    return null;
                }
                if (e.isAlreadyExists()) {
                    i--;
                    continue;
                }
                events.warning(set.object(), "FailedCreate", "Error creating: " + e.getMessage());
                return new Failure("FailedCreate", e);
            }
        }
        return null;
    }

    private @Nullable Failure delete(Revision set, List<Unstructured> victims, Instant now) {
        for (Unstructured pod : victims) {
            expectations.deleted(set.key(), pod.name(), now);
            try {
                world.client().delete(Resources.PODS, pod.namespace(), pod.name(), DeleteOptions.of(pod.uid()));
                events.normal(set.object(), "SuccessfulDelete", "Deleted pod: " + pod.name());
            } catch (StatusException e) {
                expectations.notDeleted(set.key(), pod.name());
                if (!e.isNotFound()) {
                    events.warning(set.object(), "FailedDelete", "Error deleting: " + e.getMessage());
                    return new Failure("FailedDelete", e);
                }
            }
        }
        return null;
    }

    /** Writes the status; says when a ready pod will have been so for long enough. */
    private @Nullable Duration status(
            Revision set, List<Unstructured> owned, List<Unstructured> active, @Nullable Failure failure, Instant now) {
        long minReady = set.object().integer(0, "spec", "minReadySeconds");
        Map<String, String> labels = set.object().strings("spec", "template", "metadata", "labels");
        List<Unstructured> ready = active.stream().filter(Owned::isReady).toList();
        Unstructured status = new Unstructured(new LinkedHashMap<>());
        status.set(active.size(), "replicas");
        count(
                status,
                "fullyLabeledReplicas",
                active.stream()
                        .filter(p -> p.labels().entrySet().containsAll(labels.entrySet()))
                        .count());
        count(status, "readyReplicas", ready.size());
        long available =
                ready.stream().filter(p -> Owned.isAvailable(p, minReady, now)).count();
        count(status, "availableReplicas", available);
        if (family.countsTerminating()) {
            status.set(
                    owned.stream()
                            .filter(Unstructured::isDeleting)
                            .filter(p -> !List.of("Succeeded", "Failed").contains(p.string("status", "phase")))
                            .count(),
                    "terminatingReplicas");
        }
        status.set(set.object().generation(), "observedGeneration");
        List<Unstructured> conditions = conditions(set.object(), failure, now);
        status.set(conditions.isEmpty() ? null : conditions, "conditions");
        if (!status.equals(set.object().object("status"))) {
            Map<String, Object> fields = status.copy().map();
            set.object().object("status").map().keySet().forEach(k -> fields.putIfAbsent(k, null));
            world.client()
                    .patch(
                            family.resource(),
                            set.namespace(),
                            set.name(),
                            Patch.merge(
                                    new Unstructured(new LinkedHashMap<>()).set(new Unstructured(fields), "status")),
                            WriteOptions.STATUS);
        }
        return ready.stream()
                .filter(p -> !Owned.isAvailable(p, minReady, now))
                .map(p -> Owned.untilAvailable(p, minReady, now))
                .min(Duration::compareTo)
                .orElse(null);
    }

    private static void count(Unstructured status, String field, long n) {
        if (n != 0) {
            status.set(n, field);
        }
    }

    private static List<Unstructured> conditions(Unstructured set, @Nullable Failure failure, Instant now) {
        List<Unstructured> conditions = set.copy().objects("status", "conditions");
        boolean failed = conditions.stream().anyMatch(c -> c.string("type").equals("ReplicaFailure"));
        if (failure == null || !failed) {
            conditions.removeIf(c -> c.string("type").equals("ReplicaFailure"));
            if (failure != null) {
                conditions.add(new Unstructured(new LinkedHashMap<>())
                        .set("ReplicaFailure", "type")
                        .set("True", "status")
                        .set(Timestamps.format(now), "lastTransitionTime")
                        .set(failure.reason(), "reason")
                        .set(failure.cause().getMessage(), "message"));
            }
        }
        return conditions;
    }

    @Override
    public void close() {
        queue.close();
    }
}
