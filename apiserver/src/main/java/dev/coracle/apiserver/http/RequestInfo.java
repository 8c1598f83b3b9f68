package dev.coracle.apiserver.http;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.authorization.Attributes;
import dev.coracle.apiserver.flowcontrol.Asked;
import dev.coracle.machinery.object.GroupVersionResource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a request asks for, as its method, path and query alone say it: enough to authorize it before anything of its body
 * is read. See upstream's {@code RequestInfo}.
 *
 * <p>{@code GET /api/v1/namespaces/shop/pods/web/log} is to {@code get} the {@code log} of the pod {@code web} in
 * {@code shop}.
 *
 * @param verb of a resource request: get, list, watch, create, update, patch, delete, deletecollection, or {@code ""} for a
 *     method that means nothing; else the method in lower case
 * @param resource {@code ""} for what is no resource request
 * @param namespace as the path has it; for a Namespace its own name, as upstream
 * @param parts the path from the resource on
 * @param nested whether the path names a namespace before the resource
 */
record RequestInfo(
        String verb,
        String group,
        String version,
        String resource,
        String subresource,
        String namespace,
        String name,
        String path,
        String fieldSelector,
        List<String> parts,
        boolean nested) {
    private static final Set<String> OF_NAMESPACES = Set.of("status", "finalize");
    private static final Set<String> STREAMED = Set.of("attach", "exec", "proxy", "log", "portforward");

    static RequestInfo of(String method, String path, Map<String, List<String>> query) {
        List<String> all =
                Arrays.stream(path.split("/")).filter(s -> !s.isEmpty()).toList();
        boolean core = all.size() > 2 && all.getFirst().equals("api");
        boolean group = all.size() > 3 && all.getFirst().equals("apis");
        if (!core && !group) {
            return new RequestInfo(method.toLowerCase(Locale.ROOT), "", "", "", "", "", "", path, "", List.of(), false);
        }
        List<String> parts = all.subList(core ? 2 : 3, all.size());
        String namespace = "";
        boolean nested = false;
        if (parts.getFirst().equals("namespaces") && parts.size() > 1) {
            namespace = parts.get(1);
            if (parts.size() > 2 && !OF_NAMESPACES.contains(parts.get(2))) {
                parts = parts.subList(2, parts.size());
                nested = true;
            }
        }
        String name = parts.size() > 1 ? parts.get(1) : "";
        String verb = verb(method, name, query);
        return new RequestInfo(
                verb,
                core ? "" : all.get(1),
                all.get(core ? 1 : 2),
                parts.getFirst(),
                parts.size() > 2 ? parts.get(2) : "",
                namespace,
                name,
                path,
                first(query, "fieldSelector"),
                parts,
                nested);
    }

    private static String verb(String method, String name, Map<String, List<String>> query) {
        return switch (method) {
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> name.isEmpty() ? "deletecollection" : "delete";
            case "GET", "HEAD" -> {
                String watch = first(query, "watch").toLowerCase(Locale.ROOT);
                boolean watched = query.containsKey("watch") && !watch.equals("false") && !watch.equals("0");
                yield !name.isEmpty() ? "get" : watched ? "watch" : "list";
            }
            default -> "";
        };
    }

    private static String first(Map<String, List<String>> query, String name) {
        List<String> values = query.get(name);
        return values == null || values.isEmpty() ? "" : values.getFirst();
    }

    boolean isResource() {
        return !resource.isEmpty();
    }

    GroupVersionResource groupVersionResource() {
        return new GroupVersionResource(group, version, resource);
    }

    /** Whether the path says in which namespace the object lies; a Namespace itself lies in none. */
    boolean isNamespaced() {
        return !namespace.isEmpty() && !isOfNamespaces();
    }

    /** Where the object lies; {@code ""} for what lies in no namespace. */
    String container() {
        return isOfNamespaces() ? "" : namespace;
    }

    /** {@code /namespaces/a/namespaces/b} is not of the Namespace: it asks for one that lies in another. */
    private boolean isOfNamespaces() {
        return group.isEmpty() && resource.equals("namespaces") && !nested;
    }

    /** Whether it changes something, and so counts among the writers. */
    boolean isMutating() {
        return !verb.equals("get") && !verb.equals("list") && !verb.equals("watch");
    }

    /** Whether it goes on for as long as its client likes. */
    boolean isLongRunning() {
        return isResource() && (verb.equals("watch") || STREAMED.contains(subresource));
    }

    /** For priority and fairness. */
    Asked asked(UserInfo user) {
        return new Asked(
                user, verb, group, subresource.isEmpty() ? resource : resource + "/" + subresource, namespace, path);
    }

    Attributes attributes() {
        if (verb.equals("list") || verb.equals("watch")) {
            return Attributes.ofCollection(verb, groupVersionResource(), namespace, fieldSelector);
        }
        return isResource()
                ? new Attributes(verb, group, resource, subresource, namespace, name, "")
                : new Attributes(verb, "", "", "", "", "", path);
    }
}
