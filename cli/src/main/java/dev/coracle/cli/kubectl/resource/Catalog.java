package dev.coracle.cli.kubectl.resource;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What the server serves, asked for once, when first needed. */
public final class Catalog {
    private final Session session;
    private @Nullable List<ApiResource> resources;

    public Catalog(Session session) {
        this.session = session;
    }

    /** In discovery's order: the core group first, a group's preferred version before its others. */
    public List<ApiResource> all() {
        List<ApiResource> known = resources;
        if (known == null) {
            known = new ArrayList<>();
            for (String version : session.get("/api", Map.of()).stringList("versions")) {
                add(known, "", version, "/api/" + version);
            }
            for (Unstructured group : session.get("/apis", Map.of()).objects("groups")) {
                String preferred = group.string("preferredVersion", "version");
                List<String> versions = new ArrayList<>();
                versions.add(preferred);
                group.objects("versions").forEach(v -> versions.add(v.string("version")));
                for (String v : versions.stream().distinct().toList()) {
                    add(known, group.string("name"), v, "/apis/" + group.string("name") + "/" + v);
                }
            }
            resources = known;
        }
        return known;
    }

    private void add(List<ApiResource> all, String group, String version, String path) {
        Unstructured list;
        try {
            list = session.get(path, Map.of());
        } catch (StatusException e) {
            // An extension's server that is down must not hide the others.
            session.err()
                    .println("couldn't get resource list for " + path.substring(path.indexOf('/', 1) + 1) + ": "
                            + e.getMessage());
            return;
        }
        for (Unstructured r : list.objects("resources")) {
            String name = r.string("name");
            if (name.contains("/")) {
                continue;
            }
            all.add(new ApiResource(
                    new GroupVersionResource(r.stringOr(group, "group"), r.stringOr(version, "version"), name),
                    r.kind(),
                    r.string("singularName"),
                    r.stringList("shortNames"),
                    r.stringList("categories"),
                    r.stringList("verbs"),
                    r.bool("namespaced")));
        }
    }

    /** @param text {@code pods}, {@code pod}, {@code po}, {@code deployments.apps}, {@code deployments.v1.apps} */
    public ApiResource find(String text) {
        return lookup(text)
                .orElseThrow(() -> new Failure(
                        "the server doesn't have a resource type \"" + text.replaceFirst("\\..*", "") + "\""));
    }

    private Optional<ApiResource> lookup(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        int dot = lower.indexOf('.');
        String name = dot < 0 ? lower : lower.substring(0, dot);
        String suffix = dot < 0 ? "" : lower.substring(dot + 1);
        Predicate<ApiResource> in = r -> suffix.isEmpty()
                || r.resource().group().equals(suffix)
                || (r.resource().version() + "." + r.resource().group()).equals(suffix)
                || r.resource().group().startsWith(suffix + ".");
        return first(in.and(
                        r -> r.resource().resource().equals(name) || singular(r).equals(name)))
                .or(() -> first(in.and(r -> r.shortNames().contains(name))));
    }

    private static String singular(ApiResource r) {
        return r.singular().isEmpty() ? r.kind().toLowerCase(Locale.ROOT) : r.singular();
    }

    private Optional<ApiResource> first(Predicate<ApiResource> wanted) {
        return all().stream().filter(wanted).findFirst();
    }

    public Optional<ApiResource> of(GroupVersionKind kind) {
        return first(r -> r.groupVersionKind().equals(kind));
    }

    /** Each resource once, in the version that the server prefers of those that have it. */
    public List<ApiResource> preferred() {
        Map<String, ApiResource> once = new LinkedHashMap<>();
        all().forEach(r -> once.putIfAbsent(r.resource().groupResource(), r));
        return List.copyOf(once.values());
    }

    /** What {@code kubectl get all} shows; empty where there is no such category. */
    public List<ApiResource> category(String name) {
        return preferred().stream().filter(r -> r.categories().contains(name)).toList();
    }
}
