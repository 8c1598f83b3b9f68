package dev.coracle.apiserver.openapi;

import dev.coracle.apiserver.authorization.Reviews;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.GroupVersionKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What may be asked where. */
final class Paths {
    /**
     * Where an operation is.
     *
     * @param of the resource's kind, which names the operation
     * @param scope {@code Namespaced}, {@code ForAllNamespaces} or empty
     * @param sub the subresource as part of a name, {@code Status}; empty for the resource itself
     */
    private record Place(String path, String of, String scope, String sub) {
        Place below(String subresource) {
            return new Place(path + "/" + subresource, of, scope, title(subresource));
        }
    }

    private final Dialect dialect;
    private final Components components;
    private final Map<String, Map<String, Object>> paths = new TreeMap<>();

    Paths(Dialect dialect, Components components) {
        this.dialect = dialect;
        this.components = components;
    }

    Map<String, Map<String, Object>> all() {
        return paths;
    }

    void add(ResourceDefinition d) {
        GroupVersionKind kind = d.kind();
        d.schema().ifPresent(s -> components.custom(kind, s));
        String one = components.kind(kind);
        String many = components.kind(new GroupVersionKind(kind.group(), kind.version(), kind.kind() + "List"));
        String options = components.meta("DeleteOptions");
        String status = components.meta("Status");
        String base = d.resource().prefix() + (d.namespaced() ? "/namespaces/{namespace}/" : "/") + d.plural();
        Place all = new Place(base, kind.kind(), d.namespaced() ? "Namespaced" : "", "");
        operation(all, "get", "list", kind, "", many);
        operation(all, "post", "post", kind, one, one);
        operation(all, "delete", "deletecollection", kind, options, status);
        if (d.namespaced()) {
            String everywhere = d.resource().prefix() + "/" + d.plural();
            operation(new Place(everywhere, kind.kind(), "ForAllNamespaces", ""), "get", "list", kind, "", many);
        }
        Place item = new Place(base + "/{name}", kind.kind(), all.scope(), "");
        operation(item, "get", "get", kind, "", one);
        operation(item, "put", "put", kind, one, one);
        operation(item, "patch", "patch", kind, components.patch(), one);
        operation(item, "delete", "delete", kind, options, status);
        d.subresources().forEach(sub -> subresource(d, item.below(sub), sub));
        if (d.plural().equals("serviceaccounts")) {
            var token = new GroupVersionKind("authentication.k8s.io", "v1", "TokenRequest");
            String schema = components.kind(token);
            operation(item.below("token"), "post", "post", token, schema, schema);
        }
    }

    void add(Reviews.Resource review) {
        GroupVersionKind kind = review.kind();
        String schema = components.kind(kind);
        String path = "/apis/" + kind.apiVersion() + (review.namespaced() ? "/namespaces/{namespace}/" : "/")
                + review.plural();
        Place place = new Place(path, kind.kind(), review.namespaced() ? "Namespaced" : "", "");
        operation(place, "post", "post", kind, schema, schema);
    }

    /** Of a cluster-wide kind that is only looked at. */
    void addRead(String path, GroupVersionKind kind) {
        String many = components.kind(new GroupVersionKind(kind.group(), kind.version(), kind.kind() + "List"));
        Place all = new Place(path, kind.kind(), "", "");
        operation(all, "get", "list", kind, "", many);
        operation(new Place(path + "/{name}", kind.kind(), "", ""), "get", "get", kind, "", components.kind(kind));
    }

    private void subresource(ResourceDefinition d, Place at, String sub) {
        GroupVersionKind kind = switch (sub) {
            case "scale" -> new GroupVersionKind("autoscaling", "v1", "Scale");
            case "binding" -> new GroupVersionKind("", "v1", "Binding");
            case "eviction" -> new GroupVersionKind("policy", "v1", "Eviction");
            default -> d.kind();
        };
        String schema = components.kind(kind);
        switch (sub) {
            case "log" -> operation(at, "get", "get", kind, "", "");
            case "exec", "attach", "portforward", "proxy" -> {
                operation(at, "get", "connect", kind, "", "");
                operation(at, "post", "connect", kind, "", "");
            }
            case "binding", "eviction" -> operation(at, "post", "post", kind, schema, schema);
            case "finalize" -> operation(at, "put", "put", kind, schema, schema);
            default -> {
                operation(at, "get", "get", kind, "", schema);
                operation(at, "put", "put", kind, schema, schema);
                operation(at, "patch", "patch", kind, components.patch(), schema);
            }
        }
    }

    /**
     * @param action as {@code x-kubernetes-action} has it
     * @param kind of what is sent and answered
     * @param takes the definition of the body, may be empty
     * @param gives that of the answer; empty for text
     */
    private void operation(Place at, String method, String action, GroupVersionKind kind, String takes, String gives) {
        Map<String, Object> operation = new LinkedHashMap<>();
        operation.put("description", Wording.of(action, at.of(), at.sub()));
        operation.put("operationId", id(method, action, at));
        operation.put("tags", List.of(tag(at.path())));
        List<Object> parameters = new ArrayList<>();
        Wording.parameters(action)
                .forEach((name, p) -> parameters.add(dialect.parameter(name, "query", p.type(), p.description())));
        if (!takes.isEmpty()) {
            List<String> types = action.equals("patch") ? components.patchTypes(kind) : List.of("*/*");
            dialect.body(operation, parameters, types, !action.startsWith("delete"), takes);
        }
        if (!parameters.isEmpty()) {
            operation.put("parameters", parameters);
        }
        Map<String, Object> responses = new LinkedHashMap<>();
        responses.put("200", dialect.response("OK", gives));
        if (List.of("post", "put", "patch").contains(action)) {
            responses.put("201", dialect.response("Created", gives));
        }
        responses.put("401", Map.of("description", "Unauthorized"));
        operation.put("responses", responses);
        operation.put("x-kubernetes-action", action);
        operation.put("x-kubernetes-group-version-kind", Components.tree(kind));
        paths.computeIfAbsent(at.path(), this::pathItem).put(method, operation);
    }

    private Map<String, Object> pathItem(String path) {
        List<Object> parameters = new ArrayList<>();
        if (path.contains("{name}")) {
            parameters.add(dialect.parameter("name", "path", "string", "name of the object"));
        }
        if (path.contains("{namespace}")) {
            parameters.add(dialect.parameter(
                    "namespace", "path", "string", "object name and auth scope, such as for teams and projects"));
        }
        Map<String, Object> item = new TreeMap<>();
        if (!parameters.isEmpty()) {
            item.put("parameters", parameters);
        }
        return item;
    }

    /** {@code patchAppsV1NamespacedDeploymentStatus}. */
    private static String id(String method, String action, Place at) {
        String verb = switch (action) {
            case "post" -> "create";
            case "put" -> "replace";
            case "get" -> "read";
            case "deletecollection" -> "deleteCollection";
            case "connect" -> "connect" + title(method);
            default -> action;
        };
        String[] tag = tag(at.path()).split("_");
        boolean all = at.scope().equals("ForAllNamespaces");
        return verb + title(tag[0]) + title(tag[1]) + (all ? at.of() + at.scope() : at.scope() + at.of() + at.sub());
    }

    /** {@code apps_v1}, {@code rbacAuthorization_v1}. */
    private static String tag(String path) {
        String[] parts = path.split("/");
        if (path.startsWith("/api/")) {
            return "core_" + parts[2];
        }
        StringBuilder group = new StringBuilder();
        for (String word : parts[2].replace(".k8s.io", "").split("[.-]")) {
            group.append(group.isEmpty() ? word : title(word));
        }
        return group + "_" + parts[3];
    }

    private static String title(String word) {
        return Character.toUpperCase(word.charAt(0)) + word.substring(1);
    }
}
