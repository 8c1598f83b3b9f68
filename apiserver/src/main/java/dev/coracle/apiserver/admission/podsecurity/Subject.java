package dev.coracle.apiserver.admission.podsecurity;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** A pod, or what pods are made from. */
record Subject(Map<String, String> annotations, Unstructured spec) {
    static Subject of(Unstructured podOrTemplate) {
        return new Subject(podOrTemplate.annotations(), podOrTemplate.object("spec"));
    }

    /** All kinds. */
    List<Unstructured> containers() {
        List<Unstructured> all = new ArrayList<>(spec.objects("initContainers"));
        all.addAll(spec.objects("containers"));
        all.addAll(spec.objects("ephemeralContainers"));
        return all;
    }

    /** The names of the containers that {@code bad} finds. */
    List<String> those(Predicate<Unstructured> bad) {
        return containers().stream().filter(bad).map(c -> c.string("name")).toList();
    }

    /** Users inside are not the node's users, so that its root is not the node's root. */
    boolean hasUsersOfItsOwn() {
        return Boolean.FALSE.equals(spec.get("hostUsers"));
    }

    boolean isWindows() {
        return spec.string("os", "name").equals("windows");
    }
}
