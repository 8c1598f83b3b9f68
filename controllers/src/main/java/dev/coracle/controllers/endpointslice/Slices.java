package dev.coracle.controllers.endpointslice;

import dev.coracle.controllers.kit.Owned;
import dev.coracle.controllers.kit.Pods;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Decides what a Service's EndpointSlices should be. An endpoint stays in the slice it is in, so that a change of one pod
 * changes one slice; new ones fill slices that have room. Endpoints whose ports differ are in different slices.
 */
final class Slices {
    static final String SERVICE = "kubernetes.io/service-name";
    static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
    static final String CONTROLLER = "endpointslice-controller.k8s.io";
    static final int LARGEST = 100;

    /** What is to be done; the updated ones carry the version they were decided upon. */
    record Changes(List<Unstructured> create, List<Unstructured> update, List<Unstructured> delete) {}

    private final Unstructured service;
    private final Hints hints;
    private final Set<String> names = new TreeSet<>();
    private final Changes changes = new Changes(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());

    private Slices(Unstructured service, Hints hints) {
        this.service = service;
        this.hints = hints;
    }

    static Changes reconcile(Unstructured service, List<Unstructured> pods, List<Unstructured> existing, Hints hints) {
        return new Slices(service, hints).decide(pods, existing);
    }

    private Changes decide(List<Unstructured> pods, List<Unstructured> existing) {
        existing.forEach(s -> names.add(s.name()));
        Map<List<Unstructured>, Map<String, Unstructured>> wanted = new LinkedHashMap<>();
        for (Unstructured pod : pods) {
            wanted.computeIfAbsent(EndpointPorts.of(service, pod), p -> new LinkedHashMap<>())
                    .put(pod.uid(), endpoint(pod));
        }
        if (wanted.isEmpty()) {
            // One slice that says there is nothing, so that a reader knows we have looked.
            wanted.put(List.of(), new LinkedHashMap<>());
        }
        List<Unstructured> free = new ArrayList<>(existing);
        wanted.forEach((ports, endpoints) -> group(ports, endpoints, free));
        changes.delete().addAll(free);
        return changes;
    }

    /** One group of equal ports. Slices that are used are taken out of {@code free}. */
    private void group(List<Unstructured> ports, Map<String, Unstructured> endpoints, List<Unstructured> free) {
        List<Unstructured> mine = new ArrayList<>(
                free.stream().filter(s -> s.objects("ports").equals(ports)).toList());
        if (mine.isEmpty()) {
            free.stream()
                    .filter(s -> s.objects("endpoints").isEmpty())
                    .findFirst()
                    .ifPresent(mine::add);
        }
        free.removeAll(mine);
        Map<String, Unstructured> rest = new LinkedHashMap<>(endpoints);
        List<List<Unstructured>> kept = new ArrayList<>();
        for (Unstructured slice : mine) {
            List<Unstructured> stay = new ArrayList<>();
            for (Unstructured e : slice.objects("endpoints")) {
                Unstructured now = rest.remove(e.string("targetRef", "uid"));
                if (now != null) {
                    stay.add(now);
                }
            }
            kept.add(stay);
        }
        List<Unstructured> fresh = new ArrayList<>(rest.values());
        for (List<Unstructured> stay : kept) {
            List<Unstructured> fitting = fresh.subList(0, Math.min(fresh.size(), LARGEST - stay.size()));
            stay.addAll(fitting);
            fitting.clear();
        }
        keep(ports, endpoints.isEmpty(), mine, kept);
        while (!fresh.isEmpty() || mine.isEmpty()) {
            List<Unstructured> part = fresh.subList(0, Math.min(fresh.size(), LARGEST));
            Unstructured made = slice(name(ports), ports, part);
            changes.create().add(made);
            mine.add(made);
            part.clear();
        }
    }

    private void keep(List<Unstructured> ports, boolean none, List<Unstructured> mine, List<List<Unstructured>> kept) {
        for (int i = 0; i < mine.size(); i++) {
            Unstructured before = mine.get(i);
            if (kept.get(i).isEmpty() && !(none && i == 0)) {
                changes.delete().add(before);
                continue;
            }
            Unstructured after = slice(before.name(), ports, kept.get(i));
            Unstructured next = before.copy();
            next.set(after.get("metadata", "labels"), "metadata", "labels");
            next.set(after.get("endpoints"), "endpoints");
            next.set(after.get("ports"), "ports");
            if (!next.equals(before)) {
                changes.update().add(next);
            }
        }
    }

    /** Decided by what the slice is for: a copy that does not show a slice yet makes its name again, and no second one. */
    private String name(List<Unstructured> ports) {
        for (int n = 0; ; n++) {
            int hash = 0x811c9dc5;
            for (byte b : (ports + "#" + n).getBytes(StandardCharsets.UTF_8)) {
                hash = (hash ^ (b & 0xff)) * 0x01000193;
            }
            String alphabet = "bcdfghjklmnpqrstvwxz2456789";
            StringBuilder suffix = new StringBuilder();
            for (int i = 0; i < 5; i++) {
                suffix.append(alphabet.charAt(Integer.remainderUnsigned(hash, alphabet.length())));
                hash = Integer.divideUnsigned(hash, alphabet.length());
            }
            String name = service.name() + "-" + suffix;
            if (names.add(name)) {
                return name;
            }
        }
    }

    private Unstructured slice(String name, List<Unstructured> ports, List<Unstructured> endpoints) {
        Unstructured slice = Unstructured.of("discovery.k8s.io/v1", "EndpointSlice", service.namespace(), name);
        slice.set(name.equals(service.name()) ? null : service.name() + "-", "metadata", "generateName");
        service.labels().forEach((k, v) -> slice.set(v, "metadata", "labels", k));
        slice.set(service.name(), "metadata", "labels", SERVICE);
        slice.set(CONTROLLER, "metadata", "labels", MANAGED_BY);
        if (isHeadless(service)) {
            slice.set("", "metadata", "labels", "service.kubernetes.io/headless");
        }
        slice.addOwner(Owned.reference(service));
        return slice.set("IPv4", "addressType")
                .set(new ArrayList<>(endpoints), "endpoints")
                .set(ports, "ports");
    }

    static boolean isHeadless(Unstructured service) {
        return service.string("spec", "clusterIP").equals("None");
    }

    private Unstructured endpoint(Unstructured pod) {
        boolean serving = Pods.isReady(pod);
        boolean ready = isReady(service, pod);
        String hostname = hostname(service, pod);
        return new Unstructured(new LinkedHashMap<>())
                .set(List.of(pod.string("status", "podIP")), "addresses")
                .set(ready, "conditions", "ready")
                .set(serving, "conditions", "serving")
                .set(pod.isDeleting(), "conditions", "terminating")
                .set(hostname.isEmpty() ? null : hostname, "hostname")
                .set(pod.get("spec", "nodeName"), "nodeName")
                .set(hints.zone(pod), "zone")
                .set(ready ? hints.of(pod) : null, "hints")
                .set(target(pod), "targetRef");
    }

    static boolean isReady(Unstructured service, Unstructured pod) {
        return service.bool("spec", "publishNotReadyAddresses") || Pods.isReady(pod) && !pod.isDeleting();
    }

    /** A pod's own name under the Service's, where the pod asks for it by its subdomain. */
    static String hostname(Unstructured service, Unstructured pod) {
        return pod.string("spec", "subdomain").equals(service.name()) ? pod.string("spec", "hostname") : "";
    }

    static Unstructured target(Unstructured pod) {
        return new Unstructured(new LinkedHashMap<>())
                .set("Pod", "kind")
                .set(pod.namespace(), "namespace")
                .set(pod.name(), "name")
                .set(pod.uid(), "uid");
    }
}
