package dev.coracle.cli.lab;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Set;

/**
 * What a student does at one go.
 *
 * @param lab the folder's name, {@code lab-02-pods-deployments}
 * @param namespaces its own: they come when it starts and go when it is reset; what names none lies in the first
 * @param objects applied when it starts, in the first namespace unless they name another of them
 * @param breakages of which some are chosen when it starts; empty for all but one
 */
record Exercise(
        String name,
        String lab,
        String title,
        List<String> namespaces,
        List<Unstructured> objects,
        List<Check> checks,
        List<String> hints,
        List<Breakage> breakages) {
    static final Set<String> FIELDS =
            Set.of("exercise", "title", "namespaces", "start", "changes", "checks", "hints", "breakages");

    String namespace() {
        return namespaces.getFirst();
    }
}
