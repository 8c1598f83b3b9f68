package dev.coracle.controllers.namespace;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Informer;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** Deletes everything in a namespace that is being deleted, then lets it go. */
public final class NamespaceController implements Controller, Reconciler {
    private static final List<GroupVersionResource> CONTENT = List.of(
            Resources.DEPLOYMENTS,
            Resources.REPLICA_SETS,
            Resources.STATEFUL_SETS,
            Resources.DAEMON_SETS,
            Resources.CRON_JOBS,
            Resources.JOBS,
            Resources.PODS,
            Resources.SERVICES,
            Resources.ENDPOINTS,
            Resources.ENDPOINT_SLICES,
            Resources.INGRESSES,
            Resources.CONFIG_MAPS,
            Resources.SECRETS,
            Resources.PERSISTENT_VOLUME_CLAIMS,
            Resources.SERVICE_ACCOUNTS,
            Resources.ROLES,
            Resources.ROLE_BINDINGS,
            Resources.LEASES,
            Resources.RESOURCE_QUOTAS,
            Resources.EVENTS);

    private final ControllerContext world;
    private final Informer namespaces;
    private final KeyedWorkQueue<ObjectKey> queue;

    public NamespaceController(ControllerContext world) {
        this.world = world;
        this.namespaces = world.informers().of(Resources.NAMESPACES);
        this.queue = new KeyedWorkQueue<>(world.environment(), "namespace", 2, this::reconcile);
        namespaces.handle((before, after) -> {
            if (after != null && after.isDeleting()) {
                queue.add(Objects.requireNonNull(after).key());
            }
        });
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Revision namespace = namespaces.get(key).orElse(null);
        if (namespace == null || !namespace.isDeleting()) {
            return Result.DONE;
        }
        boolean empty = true;
        for (GroupVersionResource resource : CONTENT) {
            for (Revision r :
                    world.client().list(resource, key.name(), ListOptions.ALL).items()) {
                empty = false;
                if (!r.isDeleting()) {
                    delete(r);
                }
            }
        }
        if (!empty) {
            // Pods take their grace period; nothing else tells when the last of all kinds is gone.
            return Result.after(Duration.ofMillis(250));
        }
        Unstructured next = namespace.object().copy();
        next.set(List.of(), "spec", "finalizers");
        world.client().update(Resources.NAMESPACES, next, WriteOptions.DEFAULT);
        return Result.DONE;
    }

    private void delete(Revision r) {
        try {
            world.client().delete(r.resource(), r.namespace(), r.name(), DeleteOptions.of(r.uid()));
        } catch (StatusException e) {
            if (!e.isNotFound() && !e.isConflict()) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        queue.close();
    }
}
