package dev.coracle.apiserver.admission;

import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** How upstream settles that two classes are marked as the default: the newer, then the first by name. */
final class Newest {
    private Newest() {}

    static Optional<Unstructured> marked(Collection<Revision> classes, String annotation) {
        return classes.stream()
                .map(Revision::object)
                .filter(c -> "true".equals(c.annotations().get(annotation)))
                .min(Comparator.comparing((Unstructured c) -> c.string("metadata", "creationTimestamp"))
                        .reversed()
                        .thenComparing(Unstructured::name));
    }
}
