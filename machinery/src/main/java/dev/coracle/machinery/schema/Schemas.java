package dev.coracle.machinery.schema;

import dev.coracle.machinery.object.GroupVersionKind;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The schemas of the built-in kinds. Reads nothing until asked, then what the question needs; safe for threads. */
public final class Schemas {
    private final Map<String, Definitions> packages = new ConcurrentHashMap<>();
    private final Map<String, String> index = new ConcurrentHashMap<>();

    private Schemas() {}

    /** Keep it: what was read stays with it. */
    public static Schemas builtIn() {
        return new Schemas();
    }

    /** @param apiVersion {@code v1}, {@code apps/v1} */
    public Optional<Schema> of(String apiVersion, String kind) {
        String name = index().get(apiVersion);
        return name == null ? Optional.empty() : named(name + "." + kind);
    }

    public Optional<Schema> of(GroupVersionKind kind) {
        return of(kind.apiVersion(), kind.kind());
    }

    /** @param definition {@code io.k8s.api.apps.v1.Deployment} */
    public Optional<Schema> named(String definition) {
        int dot = definition.lastIndexOf('.');
        Definitions in = in(definition.substring(0, Math.max(dot, 0)));
        return Optional.ofNullable(in.all().get(definition.substring(dot + 1)));
    }

    /** Every definition of a group and version, kinds and parts of kinds; empty for an unknown one. */
    public Collection<Schema> in(String group, String version) {
        String name = index().get(group.isEmpty() ? version : group + "/" + version);
        return name == null ? java.util.List.of() : in(name).all().values();
    }

    private Definitions in(String packageName) {
        Definitions known = packages.get(packageName);
        return known != null ? known : packages.computeIfAbsent(packageName, p -> Definitions.read(p, this));
    }

    private Map<String, String> index() {
        if (index.isEmpty()) {
            Resources.lines("index", line -> index.put(line[0], line[1]));
        }
        return index;
    }
}
