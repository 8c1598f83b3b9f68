package dev.coracle.controllers.endpointslicemirroring;

import dev.coracle.controllers.kit.ContentHash;
import dev.coracle.controllers.kit.Owned;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the slices of one Endpoints object should be: one for each set of ports and family of addresses. A slice that is to
 * go is made into one that is to come where it can be.
 *
 * @param invalid how many addresses are none
 * @param skipped how many are in no slice, those included
 */
record Mirror(
        List<Unstructured> create, List<Unstructured> update, List<Unstructured> delete, int invalid, int skipped) {
    static final String SERVICE = "kubernetes.io/service-name";
    static final String MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
    static final String CONTROLLER = "endpointslicemirroring-controller.k8s.io";
    static final int LARGEST = 1000;

    private static final String SKIP = "endpointslice.kubernetes.io/skip-mirror";
    private static final String LEADER = "control-plane.alpha.kubernetes.io/leader";
    private static final Set<String> NOT_COPIED = Set.of(
            "endpoints.kubernetes.io/last-change-trigger-time", "kubectl.kubernetes.io/last-applied-configuration");

    /** Old clients elect their leaders by an annotation of Endpoints that lead nowhere. */
    static boolean isSkipped(Unstructured endpoints) {
        return "true".equals(endpoints.labels().get(SKIP))
                || endpoints.annotations().containsKey(LEADER);
    }

    /** Which slice an endpoint belongs into. */
    private record Group(String addressType, List<Unstructured> ports) {
        static Group of(Unstructured slice) {
            return new Group(slice.string("addressType"), slice.objects("ports"));
        }
    }

    static Mirror of(Unstructured source, List<Unstructured> existing) {
        Map<Group, Map<Unstructured, Unstructured>> wanted = new LinkedHashMap<>();
        int invalid = 0;
        int skipped = 0;
        for (Subset subset : Subset.repack(source)) {
            int added = 0;
            for (Subset.Address a : subset.addresses()) {
                if (added == LARGEST) {
                    break;
                }
                if (a.family().isEmpty()) {
                    invalid++;
                    continue;
                }
                Unstructured endpoint = a.endpoint();
                wanted.computeIfAbsent(new Group(a.family(), subset.ports()), g -> new LinkedHashMap<>())
                        .put(identity(endpoint), endpoint);
                added++;
            }
            skipped += subset.addresses().size() - added;
        }
        Mirror mirror = new Mirror(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), invalid, skipped);
        mirror.decide(source, wanted, existing);
        return mirror;
    }

    /** Where of two only the conditions differ they are one. */
    private static Unstructured identity(Unstructured endpoint) {
        return endpoint.copy().remove("conditions");
    }

    private void decide(
            Unstructured source, Map<Group, Map<Unstructured, Unstructured>> wanted, List<Unstructured> existing) {
        List<Unstructured> free = new ArrayList<>(existing);
        Map<Group, List<Unstructured>> missing = new LinkedHashMap<>();
        wanted.forEach((group, endpoints) -> {
            List<Unstructured> list = endpoints.values().stream().limit(LARGEST).toList();
            free.stream()
                    .filter(s -> Group.of(s).equals(group))
                    .findFirst()
                    .ifPresentOrElse(
                            s -> {
                                free.remove(s);
                                change(source, s, group, list);
                            },
                            () -> missing.put(group, list));
        });
        Set<String> names =
                new HashSet<>(existing.stream().map(Unstructured::name).toList());
        missing.forEach((group, list) -> free.stream()
                .filter(s -> s.string("addressType").equals(group.addressType()))
                .findFirst()
                .ifPresentOrElse(
                        s -> {
                            free.remove(s);
                            change(source, s, group, list);
                        },
                        () -> create.add(fill(source, made(source, group, names), group, list))));
        delete.addAll(free);
    }

    /** The order of endpoints says nothing. */
    private void change(Unstructured source, Unstructured before, Group group, List<Unstructured> endpoints) {
        boolean same = new HashSet<>(before.objects("endpoints")).equals(new HashSet<>(endpoints));
        Unstructured next = fill(source, before.copy(), group, same ? before.objects("endpoints") : endpoints);
        if (!next.equals(before)) {
            update.add(next);
        }
    }

    /** Named by what it is for: a copy that does not show a slice yet makes its name again, and no second one. */
    private static Unstructured made(Unstructured source, Group group, Set<String> names) {
        Unstructured what = new Unstructured(new LinkedHashMap<>())
                .set(group.addressType(), "addressType")
                .set(group.ports(), "ports");
        int n = 0;
        String name = source.name() + "-" + ContentHash.of(what, n);
        while (!names.add(name)) {
            name = source.name() + "-" + ContentHash.of(what, ++n);
        }
        Unstructured slice = Unstructured.of("discovery.k8s.io/v1", "EndpointSlice", source.namespace(), name);
        slice.set(source.name() + "-", "metadata", "generateName");
        slice.addOwner(Owned.reference(source));
        return slice.set(group.addressType(), "addressType");
    }

    private static Unstructured fill(
            Unstructured source, Unstructured slice, Group group, List<Unstructured> endpoints) {
        slice.remove("metadata", "labels").remove("metadata", "annotations");
        source.labels().forEach((k, v) -> slice.set(v, "metadata", "labels", k));
        slice.set(source.name(), "metadata", "labels", SERVICE);
        slice.set(CONTROLLER, "metadata", "labels", MANAGED_BY);
        source.annotations().forEach((k, v) -> {
            if (!NOT_COPIED.contains(k)) {
                slice.set(v, "metadata", "annotations", k);
            }
        });
        return slice.set(new ArrayList<>(endpoints), "endpoints").set(group.ports(), "ports");
    }
}
