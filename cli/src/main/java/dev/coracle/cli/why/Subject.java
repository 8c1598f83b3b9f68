package dev.coracle.cli.why;

import dev.coracle.machinery.object.Unstructured;
import java.util.Locale;

/** @param namespace {@code ""} for what lies in none */
public record Subject(String kind, String namespace, String name) {
    static Subject of(Unstructured object) {
        return new Subject(object.kind(), object.namespace(), object.name());
    }

    /** {@code pod/web}, as commands take it. */
    String path() {
        return kind.toLowerCase(Locale.ROOT) + "/" + name;
    }

    /** {@code -n shop }, where the name alone does not say it. */
    String flag() {
        return namespace.isEmpty() ? "" : "-n " + namespace + " ";
    }

    @Override
    public String toString() {
        return path() + (namespace.isEmpty() ? "" : " in " + namespace);
    }
}
