package dev.coracle.controllers.endpointslice;

import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Live;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.controllers.kit.Pods;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
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
    private static final String BY_NODE = "endpoints-node";

    private final ControllerContext world;
    private final EventRecorder events;
    private final Informer nodes;
    private final Informer services;
    private final Informer pods;
    private final Informer slices;
    private final Informer endpoints;
    private final Loop loop;

    /** Services whose zones have their shares, or had them when they were last looked at. */
    private final Set<ObjectKey> sharing = ConcurrentHashMap.newKeySet();

    public EndpointSliceController(ControllerContext world, EventRecorder events) {
        this.world = world;
        this.events = events;
        this.loop = new Loop(world, "endpointslice", 4);
        this.services = loop.reconciles(Resources.SERVICES);
        this.pods = loop.watches(Resources.PODS, (before, after) -> {
            Set<ObjectKey> concerned = new LinkedHashSet<>();
            if (before == null || after == null || !Seen.of(before).equals(Seen.of(after))) {
                concerned.addAll(selecting(before));
                concerned.addAll(selecting(after));
            }
            return concerned;
        });
        this.slices = loop.watches(
                Resources.ENDPOINT_SLICES,
                (before, after) -> Stream.of(serviceOf(before), serviceOf(after))
                        .flatMap(Optional::stream)
                        .toList());
        this.endpoints = loop.watches(
                Resources.ENDPOINTS,
                (before, after) -> after == null && before != null ? List.of(before.key()) : List.of());
        this.nodes = loop.watches(Resources.NODES, this::near);
        services.index(BY_SELECTOR, EndpointSliceController::selectorKeys);
        pods.index(
                BY_LABEL,
                r -> r.labels().entrySet().stream()
                        .map(e -> label(r.namespace(), e.getKey(), e.getValue()))
                        .toList());
        pods.index(BY_NODE, r -> List.of(r.object().string("spec", "nodeName")));
        slices.index(
                BY_SERVICE,
                r -> isOurs(r) ? List.of(r.namespace() + "/" + r.labels().get(Slices.SERVICE)) : List.of());
        loop.start(this);
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
                    Pods.isReady(pod),
                    r.isDeleting());
        }
    }

    /** A node's heartbeats are many; where it is, and whether it counts among its zone's, changes seldom. */
    private Set<ObjectKey> near(@Nullable Revision before, @Nullable Revision after) {
        Zones.Seen past = before == null ? null : Zones.Seen.of(before.object());
        Zones.Seen present = after == null ? null : Zones.Seen.of(after.object());
        Set<ObjectKey> concerned = new LinkedHashSet<>();
        if (Objects.equals(past, present)) {
            return concerned;
        }
        String name =
                after != null ? after.name() : Objects.requireNonNull(before).name();
        if (past == null || present == null || !past.zone().equals(present.zone())) {
            pods.byIndex(BY_NODE, name).forEach(p -> concerned.addAll(selecting(p)));
        }
        services.list().stream()
                .filter(s -> Hints.isAutomatic(s.object()))
                .map(Revision::key)
                .forEach(concerned::add);
        return concerned;
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
    private static Optional<ObjectKey> serviceOf(@Nullable Revision slice) {
        return Optional.ofNullable(slice)
                .filter(EndpointSliceController::isOurs)
                .map(s -> new ObjectKey(s.namespace(), String.valueOf(s.labels().get(Slices.SERVICE))));
    }

    private List<ObjectKey> selecting(@Nullable Revision pod) {
        if (pod == null) {
            return List.of();
        }
        return pod.labels().entrySet().stream()
                .flatMap(e -> services.byIndex(BY_SELECTOR, label(pod.namespace(), e.getKey(), e.getValue())).stream())
                .filter(s -> LabelSelector.ofMap(s.object().strings("spec", "selector"))
                        .matches(pod.labels()))
                .map(Revision::key)
                .toList();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Revision service = services.get(key).orElse(null);
        List<Revision> existing = slices.byIndex(BY_SERVICE, key.toString());
        if (service == null) {
            sharing.remove(key);
            endpoints
                    .get(key)
                    .filter(e -> isManaged(e.object()))
                    .ifPresent(e -> Live.delete(world.client(), Resources.ENDPOINTS, e.object()));
            existing.forEach(s -> Live.delete(world.client(), Resources.ENDPOINT_SLICES, s.object()));
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
            if (!Live.isTerminating(e)) {
                throw e;
            }
        }
        return Result.DONE;
    }

    /** What is new first: nobody should find the Service without endpoints in between. */
    private void apply(Unstructured service, List<Unstructured> chosen, List<Unstructured> existing) {
        Zones zones = Zones.of(nodes.list().stream().map(Revision::object).toList());
        Hints hints = Hints.of(service, chosen, zones);
        Slices.Changes changes = Slices.reconcile(service, chosen, existing, hints);
        for (Unstructured x : changes.create()) {
            world.client().create(Resources.ENDPOINT_SLICES, service.namespace(), x, WriteOptions.DEFAULT);
        }
        changes.update().forEach(x -> world.client().update(Resources.ENDPOINT_SLICES, x, WriteOptions.DEFAULT));
        changes.delete().forEach(x -> Live.delete(world.client(), Resources.ENDPOINT_SLICES, x));
        put(ObjectKey.of(service), LegacyEndpoints.of(service, chosen));
        tell(service, hints.problem());
    }

    private void tell(Unstructured service, @Nullable String problem) {
        ObjectKey key = ObjectKey.of(service);
        if (problem != null && problem.isEmpty()) {
            if (sharing.add(key)) {
                String enabled = "Topology Aware Hints has been enabled, addressType: IPv4";
                events.normal(service, "TopologyAwareHintsEnabled", enabled);
            }
        } else if (sharing.remove(key) || problem != null) {
            String why = problem == null ? "Topology Aware Hints has been disabled" : problem;
            events.warning(service, "TopologyAwareHintsDisabled", why + ", addressType: IPv4");
        }
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
                .filter(p -> !Pods.isTerminal(p))
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

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
