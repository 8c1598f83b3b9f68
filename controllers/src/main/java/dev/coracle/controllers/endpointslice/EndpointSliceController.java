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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** For each Service with a selector, one EndpointSlice and one Endpoints object that name its pods. */
public final class EndpointSliceController implements Controller, Reconciler {
    private final ControllerContext world;
    private final Informer services;
    private final Informer pods;
    private final Informer slices;
    private final KeyedWorkQueue<ObjectKey> queue;

    public EndpointSliceController(ControllerContext world) {
        this.world = world;
        this.services = world.informers().of(Resources.SERVICES);
        this.pods = world.informers().of(Resources.PODS);
        this.slices = world.informers().of(Resources.ENDPOINT_SLICES);
        this.queue = new KeyedWorkQueue<>(world.environment(), "endpointslice", 4, this::reconcile);
        services.handle((before, after) -> queue.add((after != null ? after : Objects.requireNonNull(before)).key()));
        pods.handle((before, after) -> {
            wake(before);
            wake(after);
        });
    }

    private void wake(@Nullable Revision pod) {
        if (pod == null) {
            return;
        }
        for (Revision service : services.list(pod.namespace())) {
            Map<String, String> selector = service.object().strings("spec", "selector");
            if (!selector.isEmpty() && LabelSelector.ofMap(selector).matches(pod.labels())) {
                queue.add(service.key());
            }
        }
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Revision service = services.get(key).orElse(null);
        if (service == null) {
            delete(Resources.ENDPOINTS, key.namespace(), key.name());
            for (Revision slice : slices.list(key.namespace())) {
                if (key.name().equals(slice.labels().get("kubernetes.io/service-name"))) {
                    delete(Resources.ENDPOINT_SLICES, key.namespace(), slice.name());
                }
            }
            return Result.DONE;
        }
        Unstructured s = service.object();
        Map<String, String> selector = s.strings("spec", "selector");
        if (selector.isEmpty() || s.string("spec", "type").equals("ExternalName")) {
            return Result.DONE;
        }
        LabelSelector labels = LabelSelector.ofMap(selector);
        List<Unstructured> chosen = pods.list(key.namespace()).stream()
                .filter(p -> labels.matches(p.labels()))
                .map(Revision::object)
                .filter(p -> !p.string("status", "podIP").isEmpty())
                .filter(p -> !List.of("Succeeded", "Failed").contains(p.string("status", "phase")))
                .sorted(Comparator.comparing(Unstructured::name))
                .toList();
        put(Resources.ENDPOINT_SLICES, slice(s, chosen));
        put(Resources.ENDPOINTS, endpoints(s, chosen));
        return Result.DONE;
    }

    private static List<Unstructured> ports(Unstructured service, @Nullable Unstructured pod) {
        List<Unstructured> ports = new ArrayList<>();
        for (Unstructured p : service.objects("spec", "ports")) {
            long number = p.integer(0, "targetPort");
            if (p.get("targetPort") instanceof String name && pod != null) {
                number = pod.objects("spec", "containers").stream()
                        .flatMap(c -> c.objects("ports").stream())
                        .filter(c -> c.string("name").equals(name))
                        .mapToLong(c -> c.integer(0, "containerPort"))
                        .findFirst()
                        .orElse(0);
            }
            if (number > 0) {
                ports.add(new Unstructured(new LinkedHashMap<>())
                        .set(p.string("name"), "name")
                        .set(number, "port")
                        .set(p.string("protocol"), "protocol"));
            }
        }
        return ports;
    }

    private static Unstructured slice(Unstructured service, List<Unstructured> pods) {
        Unstructured slice = Unstructured.of(
                "discovery.k8s.io/v1", "EndpointSlice", service.namespace(), service.name() + "-endpoints");
        slice.set(service.labels(), "metadata", "labels");
        slice.set(service.name(), "metadata", "labels", "kubernetes.io/service-name");
        slice.set("endpointslice-controller.k8s.io", "metadata", "labels", "endpointslice.kubernetes.io/managed-by");
        if (service.string("spec", "clusterIP").equals("None")) {
            slice.set("", "metadata", "labels", "service.kubernetes.io/headless");
        }
        slice.addOwner(Owned.reference(service));
        slice.set("IPv4", "addressType");
        List<Unstructured> endpoints = new ArrayList<>();
        for (Unstructured pod : pods) {
            boolean ready = Owned.isReady(pod);
            boolean all = service.bool("spec", "publishNotReadyAddresses");
            endpoints.add(new Unstructured(new LinkedHashMap<>())
                    .set(List.of(pod.string("status", "podIP")), "addresses")
                    .set(all || ready && !pod.isDeleting(), "conditions", "ready")
                    .set(ready, "conditions", "serving")
                    .set(pod.isDeleting(), "conditions", "terminating")
                    .set(hostname(pod), "hostname")
                    .set(pod.string("spec", "nodeName"), "nodeName")
                    .set(target(pod), "targetRef"));
        }
        slice.set(endpoints, "endpoints");
        return slice.set(ports(service, pods.isEmpty() ? null : pods.getFirst()), "ports");
    }

    private static @Nullable String hostname(Unstructured pod) {
        return pod.has("spec", "hostname") ? pod.string("spec", "hostname") : null;
    }

    private static Unstructured target(Unstructured pod) {
        return new Unstructured(new LinkedHashMap<>())
                .set("Pod", "kind")
                .set(pod.namespace(), "namespace")
                .set(pod.name(), "name")
                .set(pod.uid(), "uid");
    }

    private static Unstructured endpoints(Unstructured service, List<Unstructured> pods) {
        Unstructured e = Unstructured.of("v1", "Endpoints", service.namespace(), service.name());
        e.set(service.labels(), "metadata", "labels");
        e.set("endpoints-controller", "metadata", "labels", "endpoints.kubernetes.io/managed-by");
        List<Unstructured> ready = new ArrayList<>();
        List<Unstructured> notReady = new ArrayList<>();
        for (Unstructured pod : pods) {
            if (pod.isDeleting()) {
                continue;
            }
            Unstructured address = new Unstructured(new LinkedHashMap<>())
                    .set(pod.string("status", "podIP"), "ip")
                    .set(pod.string("spec", "nodeName"), "nodeName")
                    .set(target(pod), "targetRef");
            (Owned.isReady(pod) || service.bool("spec", "publishNotReadyAddresses") ? ready : notReady).add(address);
        }
        if (ready.isEmpty() && notReady.isEmpty()) {
            return e;
        }
        Unstructured subset = new Unstructured(new LinkedHashMap<>());
        subset.set(ready.isEmpty() ? null : ready, "addresses");
        subset.set(notReady.isEmpty() ? null : notReady, "notReadyAddresses");
        subset.set(ports(service, pods.getFirst()), "ports");
        return e.set(List.of(subset), "subsets");
    }

    /** Creates or replaces, unless it is as it should be. */
    private void put(GroupVersionResource resource, Unstructured wanted) {
        Revision now;
        try {
            now = world.client().get(resource, wanted.namespace(), wanted.name());
        } catch (StatusException e) {
            if (!e.isNotFound()) {
                throw e;
            }
            world.client().create(resource, wanted.namespace(), wanted, WriteOptions.DEFAULT);
            return;
        }
        Unstructured next = now.object().copy();
        wanted.map().forEach((k, v) -> {
            if (!k.equals("metadata")) {
                next.map().put(k, v);
            }
        });
        if (!wanted.has("subsets")) {
            next.remove("subsets");
        }
        next.set(wanted.get("metadata", "labels"), "metadata", "labels");
        if (!next.equals(now.object())) {
            world.client().update(resource, next, WriteOptions.DEFAULT);
        }
    }

    private void delete(GroupVersionResource resource, String namespace, String name) {
        try {
            world.client().delete(resource, namespace, name, DeleteOptions.DEFAULT);
        } catch (StatusException e) {
            if (!e.isNotFound()) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        queue.close();
    }
}
