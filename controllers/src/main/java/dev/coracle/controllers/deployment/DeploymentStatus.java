package dev.coracle.controllers.deployment;

import dev.coracle.controllers.kit.Conditions;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Computes {@code status} from what the sets report; as {@code deployment/progress.go} does. */
final class DeploymentStatus {
    private static final String EXCEEDED = "ProgressDeadlineExceeded";
    private static final String COMPLETE = "NewReplicaSetAvailable";

    private final Rollout rollout;
    private final Unstructured deployment;
    private final Instant now;
    private final Unstructured status;
    private final List<Unstructured> conditions;

    DeploymentStatus(Rollout rollout, Instant now) {
        this.rollout = rollout;
        this.deployment = rollout.deployment();
        this.now = now;
        this.status = counts(rollout);
        this.conditions = Conditions.of(deployment);
        pause();
        boolean enough = status.integer(0, "availableReplicas") >= rollout.replicas() - rollout.unavailable();
        set(
                "Available",
                enough ? "True" : "False",
                enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
                enough ? "Deployment has minimum availability." : "Deployment does not have minimum availability.");
    }

    private static Unstructured counts(Rollout rollout) {
        long available = sum(rollout, s -> s.integer(0, "status", "availableReplicas"));
        Unstructured current = rollout.current();
        Unstructured d = rollout.deployment();
        Unstructured status = new Unstructured(new LinkedHashMap<>());
        status.set(d.generation(), "observedGeneration");
        count(status, "replicas", sum(rollout, s -> s.integer(0, "status", "replicas")));
        count(status, "updatedReplicas", current == null ? 0 : current.integer(0, "status", "replicas"));
        count(status, "readyReplicas", sum(rollout, s -> s.integer(0, "status", "readyReplicas")));
        count(status, "availableReplicas", available);
        count(status, "unavailableReplicas", Math.max(0, rollout.total() - available));
        status.set(sum(rollout, s -> s.integer(0, "status", "terminatingReplicas")), "terminatingReplicas");
        status.set(d.get("status", "collisionCount"), "collisionCount");
        return status;
    }

    /** Zero is absent, as upstream's {@code omitempty} has it. */
    private static void count(Unstructured status, String field, long n) {
        if (n != 0) {
            status.set(n, field);
        }
    }

    private static long sum(Rollout rollout, ToLongFunction<Unstructured> field) {
        return rollout.all().stream().mapToLong(field).sum();
    }

    private boolean hasDeadline() {
        // The largest int stands for none.
        return deployment.integer(600, "spec", "progressDeadlineSeconds") != Integer.MAX_VALUE;
    }

    private Duration deadline() {
        return Duration.ofSeconds(deployment.integer(600, "spec", "progressDeadlineSeconds"));
    }

    /** A paused Deployment's deadline stands still: it is counted anew when resumed. */
    private void pause() {
        String reason = find("Progressing").map(c -> c.string("reason")).orElse("");
        if (!hasDeadline() || reason.equals(EXCEEDED)) {
            return;
        }
        boolean paused = deployment.bool("spec", "paused");
        if (paused && !reason.equals("DeploymentPaused")) {
            set("Progressing", "Unknown", "DeploymentPaused", "Deployment is paused");
        } else if (!paused && reason.equals("DeploymentPaused")) {
            set("Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed");
        }
    }

    /** Tells of a set that was just made. */
    DeploymentStatus created(String set) {
        if (hasDeadline()) {
            set("Progressing", "True", "NewReplicaSetCreated", "Created new replica set \"" + set + "\"");
        }
        return this;
    }

    DeploymentStatus failed(String set, String error) {
        if (hasDeadline()) {
            set(
                    "Progressing",
                    "False",
                    "ReplicaSetCreateError",
                    "Failed to create new replica set \"" + set + "\": " + error);
        }
        return this;
    }

    DeploymentStatus collided() {
        status.set(deployment.integer(0, "status", "collisionCount") + 1, "collisionCount");
        return this;
    }

    /** Judges whether the rollout is complete, moves, or has taken too long. */
    DeploymentStatus progress() {
        failures();
        if (!hasDeadline()) {
            conditions.removeIf(c -> c.string("type").equals("Progressing"));
            return this;
        }
        Unstructured current = rollout.current();
        String what =
                current == null ? "Deployment \"" + deployment.name() + "\"" : "ReplicaSet \"" + current.name() + "\"";
        Optional<Unstructured> before = find("Progressing");
        boolean wasComplete = status.integer(0, "replicas") == status.integer(0, "updatedReplicas")
                && before.map(c -> c.string("reason").equals(COMPLETE)).orElse(false);
        if (wasComplete) {
            return this;
        }
        if (isComplete()) {
            set("Progressing", "True", COMPLETE, what + " has successfully progressed.");
        } else if (moves()) {
            // Even where nothing but the time changes: the deadline counts from the last movement.
            renew(what + " is progressing.");
        } else if (isLate(before)) {
            set("Progressing", "False", EXCEEDED, what + " has timed out progressing.");
        } else if (before.isEmpty() && current != null) {
            set("Progressing", "True", "FoundNewReplicaSet", "Found new replica set \"" + current.name() + "\"");
        }
        return this;
    }

    private void failures() {
        conditions.removeIf(c -> c.string("type").equals("ReplicaFailure"));
        Unstructured current = rollout.current();
        List<Unstructured> sets = current == null ? rollout.old() : List.of(current);
        sets.stream()
                .flatMap(s -> s.objects("status", "conditions").stream())
                .filter(c -> c.string("type").equals("ReplicaFailure"))
                .findFirst()
                .ifPresent(c -> {
                    Unstructured copy = c.copy();
                    copy.set(c.string("lastTransitionTime"), "lastUpdateTime");
                    conditions.add(copy);
                });
    }

    boolean isComplete() {
        long wanted = rollout.replicas();
        return status.integer(0, "updatedReplicas") == wanted
                && status.integer(0, "replicas") == wanted
                && status.integer(0, "availableReplicas") == wanted;
    }

    private boolean moves() {
        long olds = status.integer(0, "replicas") - status.integer(0, "updatedReplicas");
        return grew("updatedReplicas")
                || grew("readyReplicas")
                || grew("availableReplicas")
                || olds
                        < deployment.integer(0, "status", "replicas")
                                - deployment.integer(0, "status", "updatedReplicas");
    }

    private boolean grew(String field) {
        return status.integer(0, field) > deployment.integer(0, "status", field);
    }

    private boolean isLate(Optional<Unstructured> before) {
        return before.map(c -> switch (c.string("reason")) {
                    case COMPLETE -> false;
                    case EXCEEDED -> true;
                    default ->
                        c.time("lastUpdateTime").orElse(now).plus(deadline()).isBefore(now);
                })
                .orElse(false);
    }

    /** When to look again for a rollout that does not move; null when there is none. */
    @Nullable
    Duration checkAfter() {
        Optional<Unstructured> c = find("Progressing");
        if (!hasDeadline() || c.isEmpty() || isComplete() || deployment.bool("spec", "paused")) {
            return null;
        }
        if (List.of(COMPLETE, EXCEEDED).contains(c.get().string("reason"))) {
            return null;
        }
        Instant due =
                c.get().time("lastUpdateTime").orElse(now).plus(deadline()).plusSeconds(1);
        return due.isAfter(now) ? Duration.between(now, due) : Duration.ofSeconds(1);
    }

    Unstructured toObject() {
        return status.copy().set(conditions, "conditions");
    }

    private Optional<Unstructured> find(String type) {
        return Conditions.find(conditions, type);
    }

    private void renew(String message) {
        Optional<Unstructured> before = find("Progressing");
        set("Progressing", "True", "ReplicaSetUpdated", message);
        find("Progressing").ifPresent(c -> c.set(now, "lastUpdateTime").set(message, "message"));
        before.filter(c -> c.string("status").equals("True"))
                .ifPresent(b -> find("Progressing")
                        .ifPresent(c -> c.set(b.string("lastTransitionTime"), "lastTransitionTime")));
    }

    /** Nothing when status and reason stay; the transition time changes with the status alone. */
    private void set(String type, String value, String reason, String message) {
        Optional<Unstructured> before = find(type);
        boolean sameStatus = before.map(c -> c.string("status").equals(value)).orElse(false);
        if (sameStatus && before.get().string("reason").equals(reason)) {
            return;
        }
        conditions.removeIf(c -> c.string("type").equals(type));
        before.ifPresent(conditions::add);
        Conditions.set(conditions, type, value, reason, message, now).set(now, "lastUpdateTime");
    }
}
