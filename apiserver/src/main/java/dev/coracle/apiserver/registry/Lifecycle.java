package dev.coracle.apiserver.registry;

import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.apiserver.definition.Strategy;
import dev.coracle.client.DeleteOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.StatusException.Cause;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the server decides about an object, whatever the client sent: identity, generation, and who may write which part
 * of it. What differs from kind to kind a definition's {@link Strategy} says.
 */
final class Lifecycle {
    private static final int MAX_BASE = 58;

    private final Environment environment;

    Lifecycle(Environment environment) {
        this.environment = environment;
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
        begin(d, o);
    }

    /** Without what only comes later. */
    static void begin(ResourceDefinition d, Unstructured o) {
        o.remove("metadata", "deletionTimestamp").remove("metadata", "deletionGracePeriodSeconds");
        o.remove("metadata", "generation").remove("metadata", "selfLink");
        if (d.strategy().generations()) {
            o.set(1L, "metadata", "generation");
        }
        if (d.hasStatus() && !d.strategy().bringsStatus()) {
            o.remove("status");
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
        if (unconditional && d.strategy().versionedUpdates()) {
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
        if (context.ephemeral()) {
            partAlone(next, old, "spec", "ephemeralContainers");
            return;
        }
        if (context.resize()) {
            resourcesAlone(next, old);
            return;
        }
        if (context.approval()) {
            Object metadata = next.get("metadata");
            partAlone(next, old, "status", "conditions");
            next.set(metadata, "metadata");
            return;
        }
        if (d.hasStatus()) {
            next.set(Json.copyOrNull(old.get("status")), "status");
        }
        if (d.resource().equals(Resources.NAMESPACES) && !context.subresource().equals("finalize")) {
            next.set(Json.copyOrNull(old.get("spec", "finalizers")), "spec", "finalizers");
        }
        d.strategy().updated().accept(next, old);
    }

    /** All but the status and what of the metadata clients may write is as it was. */
    private static void statusAlone(ResourceDefinition d, Unstructured next, Unstructured old) {
        Object status = next.get("status");
        Map<String, Object> metadata = next.object("metadata").map();
        Map<String, Object> rest = Json.copy(old.map());
        rest.put("metadata", metadata);
        next.map().clear();
        next.map().putAll(rest);
        next.set(status, "status");
        for (List<String> kept : d.strategy().statusResets()) {
            String[] path = kept.toArray(String[]::new);
            next.set(Json.copyOrNull(old.get(path)), path);
        }
        d.strategy().statusUpdated().accept(next, old);
    }

    /** What containers ask for and how they take a change of it; other containers are left for validation to refuse. */
    private static void resourcesAlone(Unstructured next, Unstructured old) {
        List<String> lists = List.of("containers", "initContainers");
        for (String list : lists) {
            if (!names(next, list).equals(names(old, list))) {
                return;
            }
        }
        Unstructured sent = next.copy();
        partAlone(next, old, "spec", "resources");
        for (String list : lists) {
            List<Unstructured> containers = next.objects("spec", list);
            for (int i = 0; i < containers.size(); i++) {
                Unstructured from = sent.objects("spec", list).get(i);
                containers.get(i).set(from.get("resources"), "resources");
                containers.get(i).set(from.get("resizePolicy"), "resizePolicy");
            }
        }
    }

    private static List<String> names(Unstructured pod, String list) {
        return pod.objects("spec", list).stream().map(c -> c.string("name")).toList();
    }

    private static void partAlone(Unstructured next, Unstructured old, String... path) {
        Object part = next.get(path);
        Map<String, Object> rest = Json.copy(old.map());
        next.map().clear();
        next.map().putAll(rest);
        next.set(part, path);
    }

    /** A new generation where the desired state changed. */
    static void generation(ResourceDefinition d, Unstructured next, Unstructured old) {
        if (d.strategy().generations() && d.strategy().desires().test(next, old)) {
            next.set(old.generation() + 1, "metadata", "generation");
        }
    }

    // ---- deletion

    /** {@code old} with the mark of deletion; equal to it when there is nothing new to mark. */
    Unstructured deleting(ResourceDefinition d, Unstructured old, DeleteOptions options) {
        Unstructured next = old.copy();
        long grace = d.strategy().grace().applyAsLong(old, options);
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
            case "" -> d.strategy().orphans() && !old.finalizers().contains("foregroundDeletion") ? "orphan" : "";
            default -> "";
        };
        if (!finalizer.isEmpty() && !old.isDeleting() && !old.finalizers().contains(finalizer)) {
            next.add(finalizer, "metadata", "finalizers");
        }
        d.strategy().deleting().accept(next);
        return next;
    }

    /** Whether nothing holds an object that is being deleted. */
    static boolean released(ResourceDefinition d, Unstructured o) {
        return o.finalizers().isEmpty() && !d.strategy().held().test(o);
    }
}
