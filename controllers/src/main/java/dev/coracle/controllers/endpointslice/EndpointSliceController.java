package dev.coracle.controllers.endpointslice;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Informer;
import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.Owned;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * For each Service with a selector, the EndpointSlices and the Endpoints object that name its pods.
 *
 * <p>Who concerns whom is found by index: pods are filed under each of their labels, Services under the first label of
 * their selector. A pod's change costs its labels, a Service's change its pods.
 */
public final class EndpointSliceController implements Controller, Reconciler {
    private static final String BY_LABEL = "endpoints-label";
    private static final String BY_SELECTOR = "endpoints-selector";
    private static final String BY_SERVICE = "endpoints-service";

    private final ControllerContext world;
    private final Informer services;
    private final Informer pods;
    private final Informer slices;
    private final Informer endpoints;
    private final KeyedWorkQueue<ObjectKey> queue;

    public EndpointSliceController(ControllerContext world) {
        this.world = world;
        this.services = world.informers().of(Resources.SERVICES);
        this.pods = world.informers().of(Resources.PODS);
        this.slices = world.informers().of(Resources.ENDPOINT_SLICES);
        this.endpoints = world.informers().of(Resources.ENDPOINTS);
        this.queue = new KeyedWorkQueue<>(world.environment(), "endpointslice", 4, this::reconcile);
        services.index(BY_SELECTOR, EndpointSliceController::selectorKeys);
        pods.index(
                BY_LABEL,
                r -> r.labels().entrySet().stream()
                        .map(e -> label(r.namespace(), e.getKey(), e.getValue()))
                        .toList());
        slices.index(
                BY_SERVICE,
                r -> isOurs(r) ? List.of(r.namespace() + "/" + r.labels().get(Slices.SERVICE)) : List.of());
        services.handle((before, after) -> queue.add((after != null ? after : Objects.requireNonNull(before)).key()));
        pods.handle((before, after) -> {
            if (before == null || after == null || !Seen.of(before).equals(Seen.of(after))) {
                wake(before);
                wake(after);
            }
        });
        slices.handle((before, after) -> wakeService(before, after));
        endpoints.handle((before, after) -> {
            if (after == null && before != null) {
                queue.add(before.key());
            }
        });
    }

    /** What endpoints are made of; other changes of a pod concern nobody here. */
    private record Seen(
            Map<String, String> labels, String ip, String node, String phase, boolean ready, boolean deleting) {
        static Seen of(Revision r) {
            Unstructured pod = r.object();
            return new Seen(
                    r.labels(),
                    pod.string("status", "podIP"),
                    pod.string("spec", "nodeName"),
                    pod.string("status", "phase"),
                    Owned.isReady(pod),
                    r.isDeleting());
        }
    }

    private static String label(String namespace, String key, String value) {
        return namespace + "/" + key + "=" + value;
    }

    private static List<String> selectorKeys(Revision service) {
        Map<String, String> selector = new TreeMap<>(service.object().strings("spec", "selector"));
        return selector.entrySet().stream()
                .limit(1)
                .map(e -> label(service.namespace(), e.getKey(), e.getValue()))
                .toList();
    }

    private static boolean isOurs(Revision slice) {
        return Slices.CONTROLLER.equals(slice.labels().get(Slices.MANAGED_BY))
                && slice.labels().containsKey(Slices.SERVICE);
    }

    /** Someone else's hand in our slice is undone. */
    private void wakeService(@Nullable Revision before, @Nullable Revision after) {
        for (Revision r : new Revision[] {before, after}) {
            if (r != null && isOurs(r)) {
                queue.add(new ObjectKey(r.namespace(), String.valueOf(r.labels().get(Slices.SERVICE))));
            }
        }
    }

    private void wake(@Nullable Revision pod) {
        if (pod == null) {
            return;
        }
        pod.labels().forEach((k, v) -> {
            for (Revision service : services.byIndex(BY_SELECTOR, label(pod.namespace(), k, v))) {
                if (LabelSelector.ofMap(service.object().strings("spec", "selector"))
                        .matches(pod.labels())) {
                    queue.add(service.key());
                }
            }
        });
    }

    @Override
    public Result reconcile(ObjectKey key) {
        if (!services.synced() || !pods.synced() || !slices.synced() || !endpoints.synced()) {
            return Result.after(Duration.ofMillis(100));
        }
        Revision service = services.get(key).orElse(null);
        List<Revision> existing = slices.byIndex(BY_SERVICE, key.toString());
        if (service == null) {
            endpoints
                    .get(key)
                    .filter(e -> isManaged(e.object()))
                    .ifPresent(e -> delete(Resources.ENDPOINTS, e.object()));
            existing.forEach(s -> delete(Resources.ENDPOINT_SLICES, s.object()));
            return Result.DONE;
        }
        Unstructured s = service.object();
        Map<String, String> selector = s.strings("spec", "selector");
        if (service.isDeleting()
                || selector.isEmpty()
                || s.string("spec", "type").equals("ExternalName")) {
            return Result.DONE;
        }
        List<Unstructured> chosen = chosen(service, LabelSelector.ofMap(selector));
        try {
            apply(s, chosen, existing.stream().map(Revision::object).toList());
        } catch (StatusException e) {
            if (!Owned.isTerminating(e)) {
                throw e;
            }
        }
        return Result.DONE;
    }

    /** What is new first: nobody should find the Service without endpoints in between. */
    private void apply(Unstructured service, List<Unstructured> chosen, List<Unstructured> existing) {
        Slices.Changes changes = Slices.reconcile(service, chosen, existing);
        for (Unstructured x : changes.create()) {
            world.client().create(Resources.ENDPOINT_SLICES, service.namespace(), x, WriteOptions.DEFAULT);
        }
        changes.update().forEach(x -> world.client().update(Resources.ENDPOINT_SLICES, x, WriteOptions.DEFAULT));
        changes.delete().forEach(x -> delete(Resources.ENDPOINT_SLICES, x));
        put(ObjectKey.of(service), LegacyEndpoints.of(service, chosen));
    }

    private static boolean isManaged(Unstructured endpoints) {
        return endpoints.labels().containsKey("endpoints.kubernetes.io/managed-by");
    }

    private List<Unstructured> chosen(Revision service, LabelSelector labels) {
        return selectorKeys(service).stream()
                .flatMap(k -> pods.byIndex(BY_LABEL, k).stream())
                .filter(p -> labels.matches(p.labels()))
                .map(Revision::object)
                .filter(p -> !p.string("status", "podIP").isEmpty())
                .filter(p -> !List.of("Succeeded", "Failed").contains(p.string("status", "phase")))
                .sorted(Comparator.comparing(Unstructured::name))
                .toList();
    }

    private void put(ObjectKey key, Unstructured wanted) {
        Unstructured now = endpoints.get(key).map(Revision::object).orElse(null);
        if (now == null) {
            world.client().create(Resources.ENDPOINTS, key.namespace(), wanted, WriteOptions.DEFAULT);
            return;
        }
        Unstructured next = now.copy();
        next.set(wanted.get("subsets"), "subsets");
        next.set(wanted.get("metadata", "labels"), "metadata", "labels");
        String capacity = "endpoints.kubernetes.io/over-capacity";
        if (wanted.has("metadata", "annotations") || now.has("metadata", "annotations", capacity)) {
            next.set(wanted.get("metadata", "annotations", capacity), "metadata", "annotations", capacity);
        }
        if (!next.equals(now)) {
            world.client().update(Resources.ENDPOINTS, next, WriteOptions.DEFAULT);
        }
    }

    private void delete(GroupVersionResource resource, Unstructured object) {
        try {
            world.client().delete(resource, object.namespace(), object.name(), DeleteOptions.of(object.uid()));
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
