package dev.coracle.controllers.sealedsecrets;

import dev.coracle.machinery.object.Unstructured;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Where a sealed value can be opened. */
public enum Scope {
    /** In its namespace, under its name. */
    STRICT,
    /** In its namespace, under any name. */
    NAMESPACE_WIDE,
    /** Anywhere in the cluster. */
    CLUSTER_WIDE;

    private static final String ANNOTATIONS = "sealedsecrets.bitnami.com/";

    /** @throws IllegalArgumentException for what is no scope */
    public static Scope of(String text) {
        return Arrays.stream(values())
                .filter(s -> s.toString().equals(text))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException("must be one of: strict, namespace-wide, cluster-wide"));
    }

    /** What an object's annotations ask for. */
    public static Scope of(Unstructured object) {
        Map<String, String> annotations = object.annotations();
        return "true".equals(annotations.get(CLUSTER_WIDE.annotation()))
                ? CLUSTER_WIDE
                : "true".equals(annotations.get(NAMESPACE_WIDE.annotation())) ? NAMESPACE_WIDE : STRICT;
    }

    /** The annotations, asking for this one and no other. */
    Map<String, String> in(Map<String, String> annotations) {
        Map<String, String> all = new TreeMap<>(annotations);
        all.remove(NAMESPACE_WIDE.annotation());
        all.remove(CLUSTER_WIDE.annotation());
        if (this != STRICT) {
            all.put(annotation(), "true");
        }
        return all;
    }

    /** What a value is bound to: it opens with the very same text only. */
    public String label(String namespace, String name) {
        return switch (this) {
            case STRICT -> namespace + "/" + name;
            case NAMESPACE_WIDE -> namespace;
            case CLUSTER_WIDE -> "";
        };
    }

    private String annotation() {
        return ANNOTATIONS + this;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
