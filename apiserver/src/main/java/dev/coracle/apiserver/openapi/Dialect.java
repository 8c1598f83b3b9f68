package dev.coracle.apiserver.openapi;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where OpenAPI 2 and 3 write the same thing differently. */
enum Dialect {
    V2("#/definitions/"),
    V3("#/components/schemas/");

    static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    private static final List<String> MEDIA_TYPES = List.of("application/json", "application/yaml");
    static final List<String> PATCH_TYPES = List.of(
            "application/apply-patch+yaml",
            "application/json-patch+json",
            "application/merge-patch+json",
            "application/strategic-merge-patch+json");

    private final String prefix;

    Dialect(String prefix) {
        this.prefix = prefix;
    }

    /** Two entries in this order, so that a document is the same, and has the same hash, in every process. */
    static Map<String, Object> ordered(String first, Object value, String second, Object other) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(first, value);
        map.put(second, other);
        return map;
    }

    /** A schema that is the named definition. */
    Map<String, Object> reference(String definition) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$ref", prefix + definition);
        return schema;
    }

    /** The named definition, where more is to be said beside it: version 3 ignores what stands beside a reference. */
    Map<String, Object> extensible(String definition) {
        if (this == V2) {
            return reference(definition);
        }
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("allOf", List.of(reference(definition)));
        return schema;
    }

    /** A string that may also be written as {@code other}. */
    Map<String, Object> stringOr(String other) {
        Map<String, Object> schema = new LinkedHashMap<>();
        if (this == V2) {
            schema.put("type", "string");
        } else {
            schema.put("oneOf", List.of(Map.of("type", other), Map.of("type", "string")));
        }
        return schema;
    }

    Map<String, Object> parameter(String name, String in, String type, String description) {
        Map<String, Object> p = new LinkedHashMap<>();
        p.put("name", name);
        p.put("in", in);
        p.put("description", description);
        if (in.equals("path")) {
            p.put("required", true);
        }
        if (this == V2) {
            p.put("type", type);
            p.put("uniqueItems", true);
        } else {
            p.put("schema", ordered("type", type, "uniqueItems", true));
        }
        return p;
    }

    /** Lets an operation take a body of these media types. */
    void body(
            Map<String, Object> operation,
            List<Object> parameters,
            List<String> types,
            boolean required,
            String schema) {
        if (this == V2) {
            Map<String, Object> p = new LinkedHashMap<>();
            p.put("name", "body");
            p.put("in", "body");
            if (required) {
                p.put("required", true);
            }
            p.put("schema", reference(schema));
            parameters.add(p);
            operation.put("consumes", types);
            operation.put("produces", MEDIA_TYPES);
            return;
        }
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("content", content(types, schema));
        if (required) {
            body.put("required", true);
        }
        operation.put("requestBody", body);
    }

    /** @param schema empty where the answer is text or a stream */
    Map<String, Object> response(String description, String schema) {
        Map<String, Object> response = new LinkedHashMap<>();
        response.put("description", description);
        if (this == V2) {
            response.put("schema", schema.isEmpty() ? Map.of("type", "string") : reference(schema));
        } else if (schema.isEmpty()) {
            response.put("content", Map.of("*/*", Map.of("schema", Map.of("type", "string"))));
        } else {
            response.put("content", content(MEDIA_TYPES, schema));
        }
        return response;
    }

    private Map<String, Object> content(List<String> mediaTypes, String schema) {
        Map<String, Object> content = new LinkedHashMap<>();
        mediaTypes.forEach(type -> content.put(type, Map.of("schema", reference(schema))));
        return content;
    }
}
