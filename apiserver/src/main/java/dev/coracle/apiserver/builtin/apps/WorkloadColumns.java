package dev.coracle.apiserver.builtin.apps;

import static dev.coracle.apiserver.definition.Columns.selector;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.Column;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.stream.Collectors;

/** What is shown of everything that has a template of pods, with {@code -o wide}. */
public final class WorkloadColumns {
    public static final Column SELECTOR =
            text("Selector", o -> selector(o.object("spec", "selector"))).wide();

    private WorkloadColumns() {}

    /** @param path of the pods' spec */
    public static Column containers(String... path) {
        return text("Containers", o -> joined(o.object(path).objects("containers"), "name"))
                .wide();
    }

    /** @param path of the pods' spec */
    public static Column images(String... path) {
        return text("Images", o -> joined(o.object(path).objects("containers"), "image"))
                .wide();
    }

    private static String joined(List<Unstructured> containers, String field) {
        return containers.stream().map(c -> c.string(field)).collect(Collectors.joining(","));
    }
}
