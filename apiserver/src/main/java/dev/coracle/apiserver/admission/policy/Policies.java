package dev.coracle.apiserver.admission.policy;

import dev.coracle.apiserver.admission.Objects;
import dev.coracle.apiserver.admission.Selector;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/** The policies with their bindings, by their names; read and compiled again only when one changed. */
final class Policies<R> {
    /** @param selector narrows what the policy selects */
    record Binding(Unstructured object, Selector selector) {
        String name() {
            return object.name();
        }
    }

    record Bound<R>(Policy<R> policy, List<Binding> bindings) {}

    private record Read<R>(long policies, long bindings, List<Bound<R>> bound) {}

    private final Objects objects;
    private final GroupVersionResource policies;
    private final GroupVersionResource bindings;
    private final Function<Unstructured, Policy<R>> reader;
    private volatile Read<R> read = new Read<>(-1, -1, List.of());

    /** @param kind the plural of the policies, without its end: {@code validatingadmission} */
    Policies(Objects objects, String kind, Function<Unstructured, Policy<R>> reader) {
        this.objects = objects;
        this.policies = resource(kind + "policies");
        this.bindings = resource(kind + "policybindings");
        this.reader = reader;
    }

    private static GroupVersionResource resource(String plural) {
        return new GroupVersionResource("admissionregistration.k8s.io", "v1", plural);
    }

    List<Bound<R>> bound() {
        long version = objects.version(policies);
        long versionOfBindings = objects.version(bindings);
        Read<R> now = read;
        if (now.policies() != version || now.bindings() != versionOfBindings) {
            now = new Read<>(version, versionOfBindings, load());
            read = now;
        }
        return now.bound();
    }

    private List<Bound<R>> load() {
        List<Unstructured> all = byName(bindings);
        List<Bound<R>> bound = new ArrayList<>();
        for (Unstructured policy : byName(policies)) {
            List<Binding> own = all.stream()
                    .filter(b -> b.string("spec", "policyName").equals(policy.name()))
                    .map(b -> new Binding(b, Selector.ofPolicy(b.object("spec", "matchResources"), true)))
                    .toList();
            if (!own.isEmpty()) {
                bound.add(new Bound<>(reader.apply(policy), own));
            }
        }
        return bound;
    }

    private List<Unstructured> byName(GroupVersionResource resource) {
        return objects.list(resource, "").stream()
                .map(Revision::object)
                .sorted(Comparator.comparing(Unstructured::name))
                .toList();
    }
}
