package dev.coracle.controllers.namespace;

import dev.coracle.client.ApiResource;
import dev.coracle.client.Discovered;
import dev.coracle.client.Informer;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Live;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.machinery.env.Together;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * Deletes everything in a namespace that is being deleted, then lets it go. Pods go first and the rest when they are gone,
 * so that nothing that protects a pod (a NetworkPolicy, a Secret) ends before it (KEP-5080).
 */
public final class NamespaceController implements Controller, Reconciler {
    private static final WriteOptions FINALIZE = new WriteOptions("finalize", "coracle", false, false);

    private static final int AT_ONCE = 16;
    private static final Duration SHORTEST = Duration.ofMillis(250);
    private static final Duration LONGEST = Duration.ofSeconds(2);

    private final ControllerContext world;
    private final Informer namespaces;
    private final Loop loop;

    public NamespaceController(ControllerContext world) {
        this.world = world;
        this.loop = new Loop(world, "namespace", 2);
        this.namespaces = loop.watches(
                Resources.NAMESPACES,
                (before, after) -> after != null && after.isDeleting() ? List.of(after.key()) : List.of());
        loop.start(this);
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Revision namespace = namespaces.get(key).orElse(null);
        if (namespace == null || !namespace.isDeleting()) {
            return Result.DONE;
        }
        Discovered discovered = world.client().discover();
        Remains remains = new Remains(discovered.failed());
        for (GroupVersionResource resource : contents(discovered)) {
            try {
                remains.add(resource, emptied(resource, key.name()));
            } catch (StatusException e) {
                // The others go all the same: upstream's way, so that one server that is away keeps as little as
                // possible.
                remains.fail(String.valueOf(e.getMessage()));
            }
            if (resource.equals(Resources.PODS) && !remains.isEmpty()) {
                break;
            }
        }
        Unstructured next =
                remains.tell(namespace.object(), world.environment().clock().now());
        if (!next.equals(namespace.object())) {
            next = world.client()
                    .update(Resources.NAMESPACES, next, WriteOptions.STATUS)
                    .object()
                    .copy();
        }
        if (!remains.isEmpty()) {
            // Pods take their grace period; nothing else tells when the last of all kinds is gone.
            return Result.after(pause(namespace.object()));
        }
        if (remains.isUncertain()) {
            throw StatusException.unavailable("it is not known what else is in namespace " + key.name());
        }
        List<String> finalizers = next.stringList("spec", "finalizers");
        finalizers.remove("kubernetes");
        next.set(finalizers, "spec", "finalizers");
        world.client().update(Resources.NAMESPACES, next, FINALIZE);
        return Result.DONE;
    }

    /** Short while pods end, longer for what holds itself back for minutes or for good. */
    private Duration pause(Unstructured namespace) {
        Instant now = world.environment().clock().now();
        Duration part = Timestamps.parse(namespace.string("metadata", "deletionTimestamp"))
                .map(since -> Duration.between(since, now).dividedBy(20))
                .orElse(SHORTEST);
        return part.compareTo(SHORTEST) < 0 ? SHORTEST : part.compareTo(LONGEST) > 0 ? LONGEST : part;
    }

    /** Everything that lies in namespaces at this moment, pods first and what is said about the others last. */
    private static List<GroupVersionResource> contents(Discovered discovered) {
        return discovered.resources().stream()
                .filter(r -> r.namespaced() && r.verbs().containsAll(List.of("list", "delete")))
                .map(ApiResource::resource)
                .sorted(Comparator.comparingInt(
                        r -> r.equals(Resources.PODS) ? 0 : r.resource().equals("events") ? 2 : 1))
                .toList();
    }

    /** Deletes what is there. @return what is left of it for now */
    private List<Revision> emptied(GroupVersionResource resource, String namespace) {
        List<Revision> there = content(resource, namespace).stream()
                .filter(r -> !r.isDeleting())
                .toList();
        Together.run(
                world.environment().tasks(),
                AT_ONCE,
                there.size(),
                i -> Live.delete(world.client(), resource, there.get(i).object()));
        return content(resource, namespace);
    }

    /** Nothing where the server does not know the resource. */
    private List<Revision> content(GroupVersionResource resource, String namespace) {
        try {
            return world.client().list(resource, namespace, ListOptions.ALL).items();
        } catch (StatusException e) {
            if (e.isNotFound()) {
                return List.of();
            }
            throw e;
        }
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
