package dev.coracle.apiserver.admission.policy;

import dev.coracle.apiserver.admission.Objects;
import dev.coracle.apiserver.admission.Selector;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The policies with their bindings, by their names; read and compiled again only when one changed. */
final class Policies {
    private static final GroupVersionResource POLICIES = resource("validatingadmissionpolicies");
    private static final GroupVersionResource BINDINGS = resource("validatingadmissionpolicybindings");

    /** @param selector narrows what the policy selects */
    record Binding(Unstructured object, Selector selector) {
        String name() {
            return object.name();
        }
    }

    record Bound(Policy policy, List<Binding> bindings) {}

    private record Read(long policies, long bindings, List<Bound> bound) {}

    private final Objects objects;
    private volatile Read read = new Read(-1, -1, List.of());

    Policies(Objects objects) {
        this.objects = objects;
    }

    private static GroupVersionResource resource(String plural) {
        return new GroupVersionResource("admissionregistration.k8s.io", "v1", plural);
    }

    List<Bound> bound() {
        long policies = objects.version(POLICIES);
        long bindings = objects.version(BINDINGS);
        Read now = read;
        if (now.policies() != policies || now.bindings() != bindings) {
            now = new Read(policies, bindings, load());
            read = now;
        }
        return now.bound();
    }

    private List<Bound> load() {
        List<Unstructured> bindings = byName(BINDINGS);
        List<Bound> all = new ArrayList<>();
        for (Unstructured policy : byName(POLICIES)) {
            List<Binding> own = bindings.stream()
                    .filter(b -> b.string("spec", "policyName").equals(policy.name()))
                    .map(b -> new Binding(b, Selector.ofPolicy(b.object("spec", "matchResources"), true)))
                    .toList();
            if (!own.isEmpty()) {
                all.add(new Bound(Policy.of(policy), own));
            }
        }
        return all;
    }

    private List<Unstructured> byName(GroupVersionResource resource) {
        return objects.list(resource, "").stream()
                .map(Revision::object)
                .sorted(Comparator.comparing(Unstructured::name))
                .toList();
    }
}
