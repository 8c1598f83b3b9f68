package dev.coracle.controllers.serviceaccount;

import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** In each namespace the service account {@code default} and the ConfigMap {@code kube-root-ca.crt}. */
public final class ServiceAccountController implements Controller, Reconciler {
    private static final String ROOT_CA = "kube-root-ca.crt";
    private static final String DESCRIPTION = "Contains a CA bundle that can be used to verify the kube-apiserver when"
            + " using internal endpoints such as the internal service IP or kubernetes.default.svc."
            + " No other usage is guaranteed across distributions of Kubernetes clusters.";

    private final ControllerContext world;
    private final Informer namespaces;
    private final Informer accounts;
    private final Informer maps;
    private final Loop loop;

    public ServiceAccountController(ControllerContext world) {
        this.world = world;
        this.loop = new Loop(world, "serviceaccount", 1);
        this.namespaces = loop.reconciles(Resources.NAMESPACES);
        this.accounts = loop.watches(Resources.SERVICE_ACCOUNTS, (before, after) -> lost(before, "default"));
        this.maps = loop.watches(Resources.CONFIG_MAPS, (before, after) -> lost(before, ROOT_CA));
        loop.start(this);
    }

    /** What someone deletes or changes comes back. */
    private static List<ObjectKey> lost(@Nullable Revision before, String name) {
        return before != null && before.name().equals(name)
                ? List.of(new ObjectKey("", before.namespace()))
                : List.of();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        if (namespaces.get(key).map(Revision::isDeleting).orElse(true)) {
            return Result.DONE;
        }
        if (accounts.get(key.name(), "default").isEmpty()) {
            create(Resources.SERVICE_ACCOUNTS, Unstructured.of("v1", "ServiceAccount", key.name(), "default"));
        }
        String certificate = world.config().caCertificate();
        Unstructured map = maps.get(key.name(), ROOT_CA).map(Revision::object).orElse(null);
        if (map == null) {
            create(
                    Resources.CONFIG_MAPS,
                    Unstructured.of("v1", "ConfigMap", key.name(), ROOT_CA)
                            .set(DESCRIPTION, "metadata", "annotations", "kubernetes.io/description")
                            .set(certificate, "data", "ca.crt"));
        } else if (!map.strings("data").equals(Map.of("ca.crt", certificate))) {
            Unstructured next = map.copy().remove("data").set(certificate, "data", "ca.crt");
            world.client().update(Resources.CONFIG_MAPS, next, WriteOptions.DEFAULT);
        }
        return Result.DONE;
    }

    private void create(GroupVersionResource resource, Unstructured object) {
        try {
            world.client().create(resource, object.namespace(), object, WriteOptions.DEFAULT);
        } catch (StatusException e) {
            // Already there, or the namespace is going: the copy will show it.
            if (!e.isAlreadyExists() && !e.isNotFound() && e.code() != 403) {
                throw e;
            }
        }
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
