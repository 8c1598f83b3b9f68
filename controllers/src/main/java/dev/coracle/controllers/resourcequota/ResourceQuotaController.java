package dev.coracle.controllers.resourcequota;

import dev.coracle.client.ApiResource;
import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.controllers.kit.StatusPatch;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import dev.coracle.machinery.quota.QuotaScopes;
import dev.coracle.machinery.quota.Usage;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the status of quotas: what is hard, and how much of that is used. It follows the kinds that quotas name; what changes
 * in a namespace is gathered for a moment, so that a wave of pods costs a few counts and not one for each.
 */
public final class ResourceQuotaController implements Controller, Reconciler {
    private static final Duration MOMENT = Duration.ofMillis(100);
    private static final String COUNT = "count/";
    private static final Set<String> OF_PODS = Set.of("pods", "cpu", "memory", "ephemeral-storage");
    private static final Map<String, GroupVersionResource> NAMED = Map.of(
            "configmaps", Resources.CONFIG_MAPS,
            "persistentvolumeclaims", Resources.PERSISTENT_VOLUME_CLAIMS,
            "replicationcontrollers", Resources.REPLICATION_CONTROLLERS,
            "resourcequotas", Resources.RESOURCE_QUOTAS,
            "secrets", Resources.SECRETS,
            "services", Resources.SERVICES);

    private final ControllerContext world;
    private final Informer quotas;
    private final Map<GroupVersionResource, Informer> followed = new ConcurrentHashMap<>();
    private final StatusPatch statuses;
    private final Loop loop;

    public ResourceQuotaController(ControllerContext world) {
        this.world = world;
        this.loop = new Loop(world, "resourcequota", 2);
        this.quotas = loop.reconciles(Resources.RESOURCE_QUOTAS);
        this.statuses = new StatusPatch(world.client(), Resources.RESOURCE_QUOTAS);
        loop.start(this);
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Revision quota = quotas.get(key).orElse(null);
        if (quota == null) {
            return Result.DONE;
        }
        Map<GroupVersionResource, Set<String>> counted = counted(quota.object());
        counted.keySet().forEach(this::follow);
        if (!counted.keySet().stream().allMatch(r -> informer(r).synced())) {
            return Result.after(MOMENT);
        }
        Map<String, Quantity> used = new TreeMap<>();
        counted.forEach((resource, names) -> {
            names.forEach(n -> used.put(n, Quantity.ZERO));
            for (Revision r : informer(resource).list(key.namespace())) {
                if (QuotaScopes.include(quota.object(), resource, r.object())) {
                    Usage.of(resource, r.object()).forEach((n, q) -> used.computeIfPresent(n, (k, sum) -> sum.plus(q)));
                }
            }
        });
        Map<String, Object> amounts = new LinkedHashMap<>();
        used.forEach((name, amount) -> amounts.put(name, amount.toString()));
        Unstructured status = new Unstructured(new LinkedHashMap<>())
                .set(quota.object().object("spec", "hard").map(), "hard")
                .set(amounts, "used");
        statuses.writeUnchanged(quota.object(), status);
        return Result.DONE;
    }

    /** Whose objects are counted for which names. */
    private Map<GroupVersionResource, Set<String>> counted(Unstructured quota) {
        Map<GroupVersionResource, Set<String>> counted = new LinkedHashMap<>();
        for (String name : quota.strings("spec", "hard").keySet()) {
            GroupVersionResource resource = resource(name);
            if (resource != null) {
                counted.computeIfAbsent(resource, r -> new TreeSet<>()).add(name);
            }
        }
        return counted;
    }

    private @Nullable GroupVersionResource resource(String name) {
        if (name.startsWith(COUNT)) {
            return world.client().resources().stream()
                    .filter(r -> r.namespaced()
                            && r.resource().groupResource().equals(name.substring(COUNT.length()))
                            && r.verbs().containsAll(List.of("list", "watch")))
                    .map(ApiResource::resource)
                    .findFirst()
                    .orElse(null);
        }
        if (name.equals("requests.storage") || name.contains(".storageclass.storage.k8s.io/")) {
            return Resources.PERSISTENT_VOLUME_CLAIMS;
        }
        if (name.startsWith("services.")) {
            return Resources.SERVICES;
        }
        boolean pods = OF_PODS.contains(name) || name.startsWith("requests.") || name.startsWith("limits.");
        return pods ? Resources.PODS : NAMED.get(name);
    }

    private Informer informer(GroupVersionResource resource) {
        return java.util.Objects.requireNonNull(followed.get(resource));
    }

    private void follow(GroupVersionResource resource) {
        followed.computeIfAbsent(resource, r -> {
            Informer informer = world.informers().of(r);
            informer.handle((before, after) -> changed(r, before, after));
            return informer;
        });
    }

    private void changed(GroupVersionResource resource, @Nullable Revision before, @Nullable Revision after) {
        boolean same = before != null
                && after != null
                && Usage.of(resource, before.object()).equals(Usage.of(resource, after.object()));
        Revision either = after != null ? after : before;
        if (!same && either != null) {
            quotas.list(either.namespace()).forEach(q -> loop.addAfter(q.key(), MOMENT));
        }
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
