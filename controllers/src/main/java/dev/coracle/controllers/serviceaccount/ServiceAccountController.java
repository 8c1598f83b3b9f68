package dev.coracle.controllers.serviceaccount;

import dev.coracle.client.Informer;
import dev.coracle.client.KeyedWorkQueue;
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

/** In each namespace the service account {@code default} and the ConfigMap {@code kube-root-ca.crt}. */
public final class ServiceAccountController implements Controller, Reconciler {
    private final ControllerContext world;
    private final Informer namespaces;
    private final KeyedWorkQueue<ObjectKey> queue;

    public ServiceAccountController(ControllerContext world) {
        this.world = world;
        this.namespaces = world.informers().of(Resources.NAMESPACES);
        this.queue = new KeyedWorkQueue<>(world.environment(), "serviceaccount", 1, this::reconcile);
        namespaces.handle((before, after) -> {
            if (after != null) {
                queue.add(after.key());
            }
        });
        wake(world.informers().of(Resources.SERVICE_ACCOUNTS));
        wake(world.informers().of(Resources.CONFIG_MAPS));
    }

    /** What someone deletes comes back. */
    private void wake(Informer informer) {
        informer.handle((before, after) -> {
            if (after == null && before != null) {
                queue.add(new ObjectKey("", before.namespace()));
            }
        });
    }

    @Override
    public Result reconcile(ObjectKey key) {
        if (namespaces.get(key).map(Revision::isDeleting).orElse(true)) {
            return Result.DONE;
        }
        ensure(Resources.SERVICE_ACCOUNTS, Unstructured.of("v1", "ServiceAccount", key.name(), "default"));
        ensure(
                Resources.CONFIG_MAPS,
                Unstructured.of("v1", "ConfigMap", key.name(), "kube-root-ca.crt")
                        .set(world.config().caCertificate(), "data", "ca.crt"));
        return Result.DONE;
    }

    private void ensure(GroupVersionResource resource, Unstructured object) {
        try {
            world.client().create(resource, object.namespace(), object, WriteOptions.DEFAULT);
        } catch (StatusException e) {
            if (!e.isAlreadyExists()) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        queue.close();
    }
}
