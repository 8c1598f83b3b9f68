package dev.coracle.cli.kubectl.apply;

import dev.coracle.cli.kubectl.print.JsonText;
import dev.coracle.machinery.object.Unstructured;
import java.util.LinkedHashMap;
import java.util.Optional;

/** The annotation that tells what was applied last. */
public final class LastApplied {
    public static final String ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration";

    private LastApplied() {}

    /** A copy of {@code object} that says of itself what it is, in kubectl's own spelling. */
    public static Unstructured marked(Unstructured object) {
        Unstructured bare = object.copy();
        var annotations = new LinkedHashMap<String, Object>(bare.annotations());
        annotations.remove(ANNOTATION);
        bare.set(annotations, "metadata", "annotations");
        String text = JsonText.compact(bare.map()) + "\n";
        return bare.set(text, "metadata", "annotations", ANNOTATION);
    }

    /** What was applied last, if that is known. */
    public static Optional<Unstructured> of(Unstructured live) {
        String text = live.string("metadata", "annotations", ANNOTATION);
        return text.isEmpty() ? Optional.empty() : Optional.of(Unstructured.parse(text));
    }
}
