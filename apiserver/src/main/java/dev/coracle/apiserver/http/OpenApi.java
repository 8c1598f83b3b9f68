package dev.coracle.apiserver.http;

import dev.coracle.apiserver.definition.ResourceDefinition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** OpenAPI v3 documents: the paths and their parameters; objects are open until the schema is generated. */
final class OpenApi {
    private final Iterable<ResourceDefinition> definitions;

    OpenApi(Iterable<ResourceDefinition> definitions) {
        this.definitions = definitions;
    }

    Map<String, Object> index() {
        Map<String, Object> paths = new LinkedHashMap<>();
        for (ResourceDefinition d : definitions) {
            String at = d.resource().prefix().substring(1);
            paths.put(at, Map.of("serverRelativeURL", "/openapi/v3/" + at + "?hash=1"));
        }
        return new LinkedHashMap<>(Map.of("paths", paths));
    }

    /** @param at {@code api/v1} or {@code apis/apps/v1} */
    Map<String, Object> document(String at) {
        Map<String, Object> paths = new LinkedHashMap<>();
        Map<String, Object> schemas = new LinkedHashMap<>();
        for (ResourceDefinition d : definitions) {
            if (!d.resource().prefix().substring(1).equals(at)) {
                continue;
            }
            Map<String, Object> gvk = new LinkedHashMap<>();
            gvk.put("group", d.kind().group());
            gvk.put("version", d.kind().version());
            gvk.put("kind", d.kind().kind());
            Map<String, Object> schema = new LinkedHashMap<>();
            schema.put("type", "object");
            schema.put("x-kubernetes-preserve-unknown-fields", true);
            schema.put("x-kubernetes-group-version-kind", List.of(gvk));
            schemas.put(
                    "dev.coracle." + d.kind().apiVersion().replace('/', '.') + "."
                            + d.kind().kind(),
                    schema);
            String base = d.resource().prefix() + (d.namespaced() ? "/namespaces/{namespace}/" : "/") + d.plural();
            paths.put(base, Map.of("post", operation(gvk, "post")));
            paths.put(base + "/{name}", Map.of("patch", operation(gvk, "patch"), "put", operation(gvk, "put")));
        }
        Map<String, Object> doc = new LinkedHashMap<>();
        doc.put("openapi", "3.0.0");
        doc.put("info", Map.of("title", "Kubernetes", "version", "v1.36.0"));
        doc.put("paths", paths);
        doc.put("components", Map.of("schemas", schemas));
        return doc;
    }

    private static Map<String, Object> operation(Map<String, Object> gvk, String action) {
        List<Object> parameters = new ArrayList<>();
        for (String p : List.of("dryRun", "fieldManager", "fieldValidation")) {
            parameters.add(Map.of("name", p, "in", "query", "schema", Map.of("type", "string")));
        }
        Map<String, Object> op = new LinkedHashMap<>();
        op.put("x-kubernetes-action", action);
        op.put("x-kubernetes-group-version-kind", gvk);
        op.put("parameters", parameters);
        op.put("responses", Map.of("200", Map.of("description", "OK")));
        return op;
    }
}
