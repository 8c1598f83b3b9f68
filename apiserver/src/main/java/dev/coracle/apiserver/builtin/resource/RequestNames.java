package dev.coracle.apiserver.builtin.resource;

import dev.coracle.machinery.object.Unstructured;
import java.util.HashSet;
import java.util.Set;

/** The requests of a claim, as others name them: {@code gpu}, and {@code gpu/small} for an alternative. */
record RequestNames(Set<String> names) {
    /** @param devices {@code spec.devices} of a claim */
    static RequestNames of(Unstructured devices) {
        Set<String> names = new HashSet<>();
        for (Unstructured request : devices.objects("requests")) {
            names.add(request.string("name"));
            request.objects("firstAvailable")
                    .forEach(sub -> names.add(request.string("name") + "/" + sub.string("name")));
        }
        return new RequestNames(names);
    }

    boolean has(String name) {
        return names.contains(name);
    }
}
