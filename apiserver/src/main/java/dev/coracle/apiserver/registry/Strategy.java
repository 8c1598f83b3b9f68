package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.client.DeleteOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.StatusException.Cause;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the server decides about an object, whatever the client sent: identity, generation, and who may write which part
 * of it. Upstream keeps these rules in a {@code strategy.go} for each kind; what the kinds share is here.
 */
final class Strategy {
    /** The kinds whose controllers report the generation they acted upon. */
    private static final Set<String> GENERATIONS = Set.of(
            "pods",
            "deployments",
            "replicasets",
            "statefulsets",
            "daemonsets",
            "jobs",
            "cronjobs",
            "ingresses",
            "ingressclasses",
            "priorityclasses",
            "endpointslices",
            "poddisruptionbudgets");

    /** Kinds with a status that clients may send when they create: other kinds begin without one. */
    private static final Set<String> BRING_STATUS = Set.of("nodes", "persistentvolumes");

    /** Kinds where a writer must say what version it has seen. */
    private static final Set<String> VERSIONED_UPDATES = Set.of("leases", "poddisruptionbudgets");

    /** Upstream's {@code --event-ttl}. */
    private static final Duration EVENTS = Duration.ofHours(1);

    private static final int MAX_BASE = 58;

    private final Environment environment;

    Strategy(Environment environment) {
        this.environment = environment;
    }

    /** How long an object is kept after its last write; {@link Duration#ZERO} for as long as nobody deletes it. */
    static Duration life(ResourceDefinition d) {
        return d.plural().equals("events") ? EVENTS : Duration.ZERO;
    }

    // ---- creation

    /** A new identity. */
    void create(ResourceDefinition d, Unstructured o) {
        String base = o.string("metadata", "generateName");
        if (o.name().isEmpty() && !base.isEmpty()) {
            String cut = base.length() > MAX_BASE ? base.substring(0, MAX_BASE) : base;
            o.set(cut + environment.entropy().suffix(5), "metadata", "name");
        }
        o.set(environment.entropy().uuid().toString(), "metadata", "uid");
        o.set(environment.clock().now(), "metadata", "creationTimestamp");
        o.remove("metadata", "deletionTimestamp").remove("metadata", "deletionGracePeriodSeconds");
        o.remove("metadata", "generation").remove("metadata", "selfLink");
        if (GENERATIONS.contains(d.plural())) {
            o.set(1L, "metadata", "generation");
        }
        if (d.hasStatus() && !BRING_STATUS.contains(d.plural())) {
            o.remove("status");
        }
        // Only now: one that has lost it again has nothing left inside.
        if (d.resource().equals(Resources.NAMESPACES)
                && !o.stringList("spec", "finalizers").contains("kubernetes")) {
            o.add("kubernetes", "spec", "finalizers");
        }
    }

    /** After admission: what follows from the whole object. */
    static void complete(ResourceDefinition d, Unstructured o) {
        switch (d.plural()) {
            case "pods" -> o.set("Pending", "status", "phase").set(QosClass.of(o), "status", "qosClass");
            case "jobs" -> Jobs.select(o);
            default -> {}
        }
    }

    // ---- update

    /** Refuses what cannot be meant for this object. {@code next} is as the client sent it. */
    static void identify(ResourceDefinition d, Unstructured next, Unstructured old, WriteContext context) {
        if (!next.name().equals(old.name())) {
            throw StatusException.badRequest("the name of the object (" + next.name()
                    + ") does not match the name on the URL (" + old.name() + ")");
        }
        if (!next.namespace().isEmpty() && !next.namespace().equals(old.namespace())) {
            throw StatusException.badRequest(
                    "the namespace of the provided object does not match the namespace sent on the request");
        }
        String version = next.resourceVersion();
        boolean unconditional = version.isEmpty() || version.equals("0");
        if (!unconditional && !version.equals(old.resourceVersion())) {
            throw StatusException.modified(d.resource(), old.name());
        }
        if (!next.uid().isEmpty() && !next.uid().equals(old.uid())) {
            throw StatusException.conflict(
                    d.resource(),
                    old.name(),
                    "Precondition failed: UID in precondition: " + next.uid() + ", UID in object meta: " + old.uid());
        }
        List<Cause> causes = new ArrayList<>();
        if (unconditional && VERSIONED_UPDATES.contains(d.plural())) {
            causes.add(new Cause(
                    "FieldValueInvalid",
                    "Invalid value: 0x0: must be specified for an update",
                    "metadata.resourceVersion"));
        }
        for (String fixed : List.of("creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")) {
            Object value = next.get("metadata", fixed);
            boolean given = value != null && context.subresource().isEmpty();
            if (given && !sameTime(value, old.get("metadata", fixed))) {
                causes.add(new Cause(
                        "FieldValueInvalid",
                        "Invalid value: " + Json.string(value) + ": field is immutable",
                        "metadata." + fixed));
            }
        }
        if (!causes.isEmpty()) {
            throw StatusException.invalid(d.kind(), old.name(), causes);
        }
    }

    /** Whether both are the same: of times, the same instant, however it is written. */
    private static boolean sameTime(@Nullable Object a, @Nullable Object b) {
        if (a instanceof String x && b instanceof String y) {
            var time = Timestamps.parse(x);
            return x.equals(y) || time.isPresent() && time.equals(Timestamps.parse(y));
        }
        return Objects.equals(a, b);
    }

    /** Puts back what this write may not touch. */
    static void update(ResourceDefinition d, Unstructured next, Unstructured old, WriteContext context) {
        for (String kept : List.of(
                "uid",
                "creationTimestamp",
                "namespace",
                "deletionTimestamp",
                "deletionGracePeriodSeconds",
                "generateName",
                "generation")) {
            next.set(old.get("metadata", kept), "metadata", kept);
        }
        next.remove("metadata", "selfLink");
        if (context.status()) {
            statusAlone(d, next, old);
            return;
        }
        if (d.hasStatus()) {
            next.set(Json.copyOrNull(old.get("status")), "status");
        }
        if (d.resource().equals(Resources.NAMESPACES) && !context.subresource().equals("finalize")) {
            next.set(Json.copyOrNull(old.get("spec", "finalizers")), "spec", "finalizers");
        }
        if (d.resource().equals(Resources.SERVICES)) {
            ServiceFields.keep(next, old);
        }
    }

    private static void statusAlone(ResourceDefinition d, Unstructured next, Unstructured old) {
        Object status = next.get("status");
        Object annotations = next.get("metadata", "annotations");
        Map<String, Object> rest = Json.copy(old.map());
        next.map().clear();
        next.map().putAll(rest);
        next.set(status, "status");
        if (d.resource().equals(Resources.PODS) && !next.has("status", "qosClass")) {
            // It follows from the spec for good; kubelets may leave it out.
            next.set(old.get("status", "qosClass"), "status", "qosClass");
        }
        if (d.resource().equals(Resources.NODES)) {
            // The kubelet reports both in one write.
            next.set(annotations, "metadata", "annotations");
        }
    }

    /** A new generation where the desired state changed. */
    static void generation(ResourceDefinition d, Unstructured next, Unstructured old) {
        boolean changed = d.plural().equals("endpointslices")
                ? !without(next).equals(without(old))
                : !Objects.equals(next.get("spec"), old.get("spec"));
        if (changed && GENERATIONS.contains(d.plural())) {
            next.set(old.generation() + 1, "metadata", "generation");
        }
    }

    private static Map<String, Object> without(Unstructured slice) {
        Map<String, Object> rest = new java.util.LinkedHashMap<>(slice.map());
        rest.put("metadata", slice.labels());
        return rest;
    }

    // ---- deletion

    /** {@code old} with the mark of deletion; equal to it when there is nothing new to mark. */
    Unstructured deleting(ResourceDefinition d, Unstructured old, DeleteOptions options) {
        Unstructured next = old.copy();
        long grace = d.resource().equals(Resources.PODS) ? grace(old, options) : 0;
        if (!old.isDeleting() || grace < old.integer(0, "metadata", "deletionGracePeriodSeconds")) {
            next.set(Timestamps.format(environment.clock().now().plusSeconds(grace)), "metadata", "deletionTimestamp");
            next.set(grace, "metadata", "deletionGracePeriodSeconds");
        }
        if (!old.isDeleting() && old.generation() > 0) {
            next.set(old.generation() + 1, "metadata", "generation");
        }
        String finalizer = switch (options.propagation()) {
            case "Foreground" -> "foregroundDeletion";
            case "Orphan" -> "orphan";
            default -> "";
        };
        if (!finalizer.isEmpty() && !old.isDeleting() && !old.finalizers().contains(finalizer)) {
            next.add(finalizer, "metadata", "finalizers");
        }
        if (d.resource().equals(Resources.NAMESPACES)) {
            next.set("Terminating", "status", "phase");
        }
        return next;
    }

    /** A pod that no kubelet holds needs no time to end. */
    private static long grace(Unstructured pod, DeleteOptions options) {
        if (pod.string("spec", "nodeName").isEmpty()) {
            return 0;
        }
        if (options.gracePeriodSeconds() >= 0) {
            return options.gracePeriodSeconds();
        }
        boolean ended = Set.of("Succeeded", "Failed").contains(pod.string("status", "phase"));
        return ended ? 0 : pod.integer(30, "spec", "terminationGracePeriodSeconds");
    }

    /** Whether nothing holds an object that is being deleted. */
    static boolean released(ResourceDefinition d, Unstructured o) {
        if (!o.finalizers().isEmpty()) {
            return false;
        }
        return switch (d.plural()) {
            case "pods" -> o.integer(0, "metadata", "deletionGracePeriodSeconds") == 0;
            case "namespaces" -> o.stringList("spec", "finalizers").isEmpty();
            default -> true;
        };
    }
}
