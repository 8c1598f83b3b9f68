package dev.coracle.apiserver.admission;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import dev.coracle.machinery.quota.QuotaScopes;
import dev.coracle.machinery.quota.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Holds a namespace within its quotas. Upstream reserves by compare-and-swap on the quota's status; here there is one
 * API server over a store, so it counts what is stored and writes under one lock a namespace, and nothing has to be
 * given back when a write fails.
 */
final class ResourceQuota {
    private static final Set<String> COMPUTE =
            Set.of("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory");

    private final Objects objects;

    /** One lock for each namespace that ever had a quota; few, and small. */
    private final Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();

    ResourceQuota(Objects objects) {
        this.objects = objects;
    }

    <T> T around(AdmissionRequest request, Supplier<T> write) {
        boolean counts = request.operation() == AdmissionRequest.Operation.CREATE
                || request.operation() == AdmissionRequest.Operation.UPDATE;
        if (!counts
                || !request.subresource().isEmpty() && !request.resizesPod()
                || request.namespace().isEmpty()
                || request.resource().equals(Resources.EVENTS)
                || objects.list(Resources.RESOURCE_QUOTAS, request.namespace()).isEmpty()) {
            return write.get();
        }
        ReentrantLock lock = locks.computeIfAbsent(request.namespace(), n -> new ReentrantLock());
        lock.lock();
        try {
            for (Revision quota : objects.list(Resources.RESOURCE_QUOTAS, request.namespace())) {
                check(request, quota.object());
            }
            return write.get();
        } finally {
            lock.unlock();
        }
    }

    private void check(AdmissionRequest request, Unstructured quota) {
        GroupVersionResource resource = request.resource();
        if (!QuotaScopes.include(quota, resource, request.object())) {
            return;
        }
        Map<String, String> hard = quota.strings("spec", "hard");
        Map<String, Quantity> wanted = Usage.of(resource, request.object());
        wanted.keySet().retainAll(hard.keySet());
        if (resource.equals(Resources.PODS) && request.operation() == AdmissionRequest.Operation.CREATE) {
            demandCompute(request, quota, hard);
        }
        if (wanted.isEmpty()) {
            return;
        }
        // An update asks for the difference alone.
        if (!request.oldObject().map().isEmpty() && QuotaScopes.include(quota, resource, request.oldObject())) {
            Usage.of(resource, request.oldObject()).forEach((r, q) -> wanted.computeIfPresent(r, (k, w) -> w.minus(q)));
        }
        wanted.values().removeIf(q -> q.signum() <= 0);
        if (wanted.isEmpty()) {
            return;
        }
        Map<String, Quantity> used = used(quota, resource, request.namespace());
        Map<String, Quantity> over = new TreeMap<>();
        wanted.forEach((r, q) -> {
            Quantity sum = used.getOrDefault(r, Quantity.ZERO).plus(q);
            if (sum.compareTo(Quantity.of(hard.get(r))) > 0) {
                over.put(r, q);
            }
        });
        if (!over.isEmpty()) {
            throw exceeded(request, quota, over, used, hard);
        }
    }

    private Map<String, Quantity> used(Unstructured quota, GroupVersionResource resource, String namespace) {
        Map<String, Quantity> used = new TreeMap<>();
        for (Revision r : objects.list(resource, namespace)) {
            if (QuotaScopes.include(quota, resource, r.object())) {
                Usage.of(resource, r.object()).forEach((k, q) -> used.merge(k, q, Quantity::plus));
            }
        }
        return used;
    }

    private static StatusException exceeded(
            AdmissionRequest request,
            Unstructured quota,
            Map<String, Quantity> over,
            Map<String, Quantity> used,
            Map<String, String> hard) {
        List<String> requested = new ArrayList<>();
        List<String> have = new ArrayList<>();
        List<String> limited = new ArrayList<>();
        over.forEach((r, q) -> {
            requested.add(r + "=" + q);
            have.add(r + "=" + used.getOrDefault(r, Quantity.ZERO));
            limited.add(r + "=" + Quantity.of(hard.get(r)));
        });
        return StatusException.forbidden(
                request.resource(),
                request.name(),
                "exceeded quota: " + quota.name() + ", requested: " + String.join(",", requested) + ", used: "
                        + String.join(",", have) + ", limited: " + String.join(",", limited));
    }

    /** Where cpu or memory are limited, a container that does not say how much it takes cannot be counted. */
    private static void demandCompute(AdmissionRequest request, Unstructured quota, Map<String, String> hard) {
        Map<String, List<String>> missing = new TreeMap<>();
        List<Unstructured> containers = new ArrayList<>(request.object().objects("spec", "initContainers"));
        containers.addAll(request.object().objects("spec", "containers"));
        for (String r : hard.keySet()) {
            if (COMPUTE.contains(r)) {
                String side = r.startsWith("limits.") ? "limits" : "requests";
                String plain = r.substring(r.indexOf('.') + 1);
                for (Unstructured c : containers) {
                    if (!c.has("resources", side, plain)) {
                        missing.computeIfAbsent(r, k -> new ArrayList<>()).add(c.string("name"));
                    }
                }
            }
        }
        if (!missing.isEmpty()) {
            List<String> parts = new ArrayList<>();
            missing.forEach((r, names) -> parts.add(r + " for: " + String.join(",", names)));
            throw StatusException.forbidden(
                    request.resource(),
                    request.name(),
                    "failed quota: " + quota.name() + ": must specify " + String.join("; ", parts));
        }
    }
}
