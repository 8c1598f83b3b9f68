package dev.coracle.apiserver.http;

import dev.coracle.apiserver.aggregation.Aggregation;
import dev.coracle.apiserver.authorization.Reviews;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.apiserver.metrics.Metrics;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/** The documents that tell clients what is served. */
final class Discovery {
    private static final List<String> VERBS =
            List.of("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch");

    private final Supplier<? extends Iterable<ResourceDefinition>> definitions;

    private final boolean metrics;
    private final Aggregation aggregation;

    /**
     * @param metrics whether the resource metrics API is served
     * @param aggregation knows what other servers answer for
     */
    Discovery(Supplier<? extends Iterable<ResourceDefinition>> definitions, boolean metrics, Aggregation aggregation) {
        this.definitions = definitions;
        this.metrics = metrics;
        this.aggregation = aggregation;
    }

    /** @param address where this server is reached, as the client that asks reached it */
    Map<String, Object> versions(String address) {
        return new Unstructured(new LinkedHashMap<>())
                .set("APIVersions", "kind")
                .set(List.of("v1"), "versions")
                .set(
                        List.of(new LinkedHashMap<>(Map.of("clientCIDR", "0.0.0.0/0", "serverAddress", address))),
                        "serverAddressByClientCIDRs")
                .map();
    }

    Map<String, Object> groups() {
        List<Object> groups = new ArrayList<>();
        served().forEach((name, versions) -> groups.add(group(name, versions)));
        return Unstructured.of("v1", "APIGroupList").set(groups, "groups").map();
    }

    /** The {@code APIGroup} of this name. */
    Optional<Map<String, Object>> group(String name) {
        List<String> versions = served().get(name);
        if (versions == null) {
            return Optional.empty();
        }
        Map<String, Object> group = Unstructured.of("v1", "APIGroup").map();
        group.putAll(group(name, versions));
        return Optional.of(group);
    }

    /** Every path that is no object's. */
    List<String> paths() {
        Set<String> paths = new TreeSet<>(List.of(
                "/.well-known/openid-configuration",
                "/api",
                "/api/v1",
                "/apis",
                "/apis/",
                "/openapi/v2",
                "/openapi/v3",
                "/openapi/v3/",
                "/openid/v1/jwks",
                "/version"));
        Health.paths().forEach(paths::add);
        served().forEach((name, versions) -> {
            paths.add("/apis/" + name);
            versions.forEach(v -> paths.add("/apis/" + name + "/" + v));
        });
        return List.copyOf(paths);
    }

    /** The versions of each named group, of groups and versions those first that clients should prefer. */
    Map<String, List<String>> served() {
        Set<String> own = new LinkedHashSet<>();
        definitions.get().forEach(d -> own.add(d.kind().apiVersion()));
        Reviews.ALL.forEach(r -> own.add(r.kind().apiVersion()));
        if (metrics) {
            own.add(Metrics.GROUP + "/" + Metrics.VERSION);
        }
        Map<String, List<String>> served = aggregation.ordered(own);
        served.remove("");
        return served;
    }

    /** Whether what is told of it is what is served now; else it is what was served last. */
    boolean isCurrent(String group, String version) {
        return aggregation.isCurrent(group, version);
    }

    private static Map<String, Object> group(String name, List<String> versions) {
        List<Map<String, Object>> list = new ArrayList<>();
        for (String v : versions) {
            Map<String, Object> version = new LinkedHashMap<>();
            version.put("groupVersion", name + "/" + v);
            version.put("version", v);
            list.add(version);
        }
        Map<String, Object> g = new LinkedHashMap<>();
        g.put("name", name);
        g.put("versions", list);
        g.put("preferredVersion", list.getFirst());
        return g;
    }

    /** The {@code APIResourceList} of {@code v1} or {@code apps/v1}; no resources where the version is unknown. */
    Map<String, Object> resources(String groupVersion) {
        List<Object> list = new ArrayList<>();
        int slash = groupVersion.indexOf('/');
        if (slash > 0 && aggregation.isRemote(groupVersion.substring(0, slash), groupVersion.substring(slash + 1))) {
            aggregation
                    .resources(groupVersion.substring(0, slash), groupVersion.substring(slash + 1))
                    .forEach(r -> list.add(r.map()));
            return list(groupVersion, list);
        }
        for (ResourceDefinition d : definitions.get()) {
            if (!d.kind().apiVersion().equals(groupVersion)) {
                continue;
            }
            Map<String, Object> r = new LinkedHashMap<>();
            r.put("name", d.plural());
            r.put("singularName", d.singular());
            r.put("namespaced", d.namespaced());
            r.put("kind", d.kind().kind());
            r.put("verbs", VERBS);
            if (!d.shortNames().isEmpty()) {
                r.put("shortNames", d.shortNames());
            }
            if (!d.categories().isEmpty()) {
                r.put("categories", d.categories());
            }
            list.add(r);
            for (String sub : d.subresources()) {
                list.add(subresource(d, sub));
            }
            if (d.resource().equals(Resources.SERVICE_ACCOUNTS)) {
                list.add(token());
            }
        }
        for (Reviews.Resource r : Reviews.ALL) {
            if (r.kind().apiVersion().equals(groupVersion)) {
                Map<String, Object> m = new LinkedHashMap<>();
                m.put("name", r.plural());
                m.put("singularName", r.kind().kind().toLowerCase(java.util.Locale.ROOT));
                m.put("namespaced", r.namespaced());
                m.put("kind", r.kind().kind());
                m.put("verbs", List.of("create"));
                list.add(m);
            }
        }
        if (groupVersion.equals("v1")) {
            list.add(ComponentRoutes.resource());
        }
        if (metrics && groupVersion.equals(Metrics.GROUP + "/" + Metrics.VERSION)) {
            list.addAll(MetricsRoutes.resources());
        }
        return list(groupVersion, list);
    }

    private static Map<String, Object> list(String groupVersion, List<Object> list) {
        return Unstructured.of("v1", "APIResourceList")
                .set(groupVersion, "groupVersion")
                .set(list, "resources")
                .map();
    }

    private static Map<String, Object> token() {
        Map<String, Object> r = new LinkedHashMap<>();
        r.put("name", "serviceaccounts/token");
        r.put("singularName", "");
        r.put("namespaced", true);
        r.put("group", "authentication.k8s.io");
        r.put("version", "v1");
        r.put("kind", "TokenRequest");
        r.put("verbs", List.of("create"));
        return r;
    }

    private static Map<String, Object> subresource(ResourceDefinition d, String sub) {
        Map<String, Object> r = new LinkedHashMap<>();
        r.put("name", d.plural() + "/" + sub);
        r.put("singularName", "");
        r.put("namespaced", d.namespaced());
        switch (sub) {
            case "scale" -> {
                r.put("group", "autoscaling");
                r.put("version", "v1");
                r.put("kind", "Scale");
            }
            case "binding" -> r.put("kind", "Binding");
            case "eviction" -> {
                r.put("group", "policy");
                r.put("version", "v1");
                r.put("kind", "Eviction");
            }
            default -> r.put("kind", d.kind().kind());
        }
        r.put(
                "verbs",
                switch (sub) {
                    case "status", "scale", "approval", "ephemeralcontainers", "resize" ->
                        List.of("get", "patch", "update");
                    case "log" -> List.of("get");
                    case "exec", "attach", "portforward" -> List.of("create", "get");
                    default -> List.of("create");
                });
        return r;
    }
}
