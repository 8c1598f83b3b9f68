package dev.coracle.apiserver.structural;

import dev.coracle.apiserver.definition.Findings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What may stand in a definition's schema, in the words of {@code k8s.io/apiextensions-apiserver}'s validation.
 * Whether it is structural is for {@link StructuralRules}, whether its defaults are valid for {@link DefaultRules},
 * whether its expressions are for {@link RuleRules}.
 */
public final class SchemaRules {
    private static final Set<String> TYPES =
            Set.of("array", "boolean", "integer", "null", "number", "object", "string");
    private static final List<String> AT_ROOT_WITH_STATUS = List.of(
            "description",
            "type",
            "format",
            "title",
            "maximum",
            "exclusiveMaximum",
            "minimum",
            "exclusiveMinimum",
            "maxLength",
            "minLength",
            "pattern",
            "maxItems",
            "minItems",
            "uniqueItems",
            "multipleOf",
            "required",
            "items",
            "properties",
            "externalDocs",
            "example",
            "x-kubernetes-preserve-unknown-fields",
            "x-kubernetes-validations");

    /**
     * What holds for everything below a place.
     *
     * @param noDefaults why there may be none; null if there may
     * @param metadata whether this is within metadata, apiVersion or kind
     */
    private record Below(@Nullable String noDefaults, boolean metadata) {
        static final Below ROOT = new Below(null, false);

        Below withoutDefaults(String why) {
            return new Below(why, metadata);
        }

        Below withinMetadata() {
            return new Below(noDefaults, true);
        }
    }

    private final Findings findings;

    private SchemaRules(Findings findings) {
        this.findings = findings;
    }

    /**
     * @param jsonSchemaProps a version's {@code openAPIV3Schema}
     * @param path where it lies: {@code spec.versions[0].schema.openAPIV3Schema}; upstream says {@code
     *     spec.validation.openAPIV3Schema} where all versions have the same
     */
    public static void check(Findings findings, Map<String, Object> jsonSchemaProps, String path) {
        Findings found = new Findings();
        if (Node.is(jsonSchemaProps, "nullable")) {
            found.forbidden(path + ".nullable", "nullable cannot be true at the root");
        }
        boolean readable = StructuralRules.unreadable(jsonSchemaProps).isEmpty();
        int before = found.causes().size();
        if (readable) {
            StructuralRules.check(found, jsonSchemaProps, path);
            if (found.causes().size() == before) {
                DefaultRules.check(found, jsonSchemaProps, path);
            }
        }
        boolean sound = readable && found.causes().size() == before;
        new SchemaRules(found).schema(jsonSchemaProps, path, Below.ROOT, true);
        if (found.causes().isEmpty()) {
            StructuralRules.unreadable(jsonSchemaProps).ifPresent(why -> found.invalid(path, "", why));
        }
        if (sound && found.causes().isEmpty()) {
            RuleRules.check(found, jsonSchemaProps, path);
        }
        findings.causes().addAll(found.causes());
    }

    /** With a status subresource the root may say little, so that what is said of the status is all in one place. */
    public static void checkWithStatus(Findings findings, Map<String, Object> jsonSchemaProps, String path) {
        for (Map.Entry<String, Object> e : jsonSchemaProps.entrySet()) {
            Object value = e.getValue();
            boolean zero = value == null || value.equals("") || value.equals(false);
            if (!zero && e.getKey().equals("type") && !value.equals("object")) {
                findings.invalid(
                        path + ".type",
                        value,
                        "only \"object\" is allowed as the type at the root of the schema if the status subresource is"
                                + " enabled");
                return;
            }
            if (!zero && !AT_ROOT_WITH_STATUS.contains(e.getKey())) {
                findings.invalid(
                        path,
                        jsonSchemaProps,
                        "only [Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum"
                                + " MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items"
                                + " Properties ExternalDocs Example XPreserveUnknownFields XValidations] fields are"
                                + " allowed at the root of the schema if the status subresource is enabled");
                return;
            }
        }
    }

    private void schema(@Nullable Object told, String path, Below below, boolean root) {
        if (!(told instanceof Map<?, ?> schema) || findings.causes().size() >= Outcome.MOST) {
            return;
        }
        fields(schema, path, below);
        if (Node.is(schema, "uniqueItems")) {
            findings.forbidden(
                    path + ".uniqueItems",
                    "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
        }
        Map<?, ?> properties = map(schema.get("properties"));
        Object additional = schema.get("additionalProperties");
        if (additional != null) {
            if (!properties.isEmpty() && !Boolean.TRUE.equals(additional)) {
                findings.forbidden(
                        path + ".additionalProperties", "additionalProperties and properties are mutual exclusive");
            }
            Below within = below.metadata
                    ? below.withoutDefaults("inside additionalProperties applying to object metadata")
                    : below;
            schema(additional, path + ".additionalProperties", within, false);
        }
        properties.forEach((k, v) -> {
            String name = (String) k;
            Below within = below;
            if ((root || Node.is(schema, "x-kubernetes-embedded-resource")) && EmbeddedObject.isMeta(name)) {
                within = below.withinMetadata();
                if (root) {
                    within = within.withoutDefaults("in top-level " + name);
                }
            }
            schema(v, path + ".properties[" + name + "]", within, false);
        });
        schema(schema.get("not"), path + ".not", below, false);
        for (String junctor : new String[] {"allOf", "oneOf", "anyOf"}) {
            List<?> all = list(schema.get(junctor));
            for (int i = 0; i < all.size(); i++) {
                schema(all.get(i), path + "." + junctor + "[" + i + "]", below, false);
            }
        }
        map(schema.get("definitions")).forEach((k, v) -> schema(v, path + ".definitions[" + k + "]", below, false));
        schema(schema.get("items"), path + ".items", below, false);
        map(schema.get("dependencies")).forEach((k, v) -> schema(v, path + ".dependencies[" + k + "]", below, false));
        extensions(schema, path);
        RuleRules.form(findings, schema, path);
    }

    /** What a schema cannot say here at all. */
    private void fields(Map<?, ?> schema, String path, Below below) {
        String type = Node.text(schema, "type");
        if (!type.isEmpty() && !TYPES.contains(type)) {
            findings.notSupported(path + ".type", type, TYPES.stream().sorted().toArray(String[]::new));
        }
        if (schema.get("default") != null && below.noDefaults != null) {
            findings.forbidden(path + ".default", "must not be set " + below.noDefaults);
        }
        if (!Node.text(schema, "id").isEmpty()) {
            findings.forbidden(path + ".id", "id is not supported");
        }
        if (schema.get("additionalItems") != null) {
            findings.forbidden(path + ".additionalItems", "additionalItems is not supported");
        }
        if (!map(schema.get("patternProperties")).isEmpty()) {
            findings.forbidden(path + ".patternProperties", "patternProperties is not supported");
        }
        if (!map(schema.get("definitions")).isEmpty()) {
            findings.forbidden(path + ".definitions", "definitions is not supported");
        }
        if (schema.get("dependencies") != null) {
            findings.forbidden(path + ".dependencies", "dependencies is not supported");
        }
        if (schema.get("$ref") != null) {
            findings.forbidden(path + ".$ref", "$ref is not supported");
        }
        if (type.equals("null")) {
            findings.forbidden(path + ".type", "type cannot be set to null, use nullable as an alternative");
        }
        if (!list(schema.get("items")).isEmpty()) {
            findings.forbidden(path + ".items", "items must be a schema object and not an array");
        }
        if (below.metadata && Node.is(schema, "x-kubernetes-embedded-resource")) {
            findings.forbidden(path + ".x-kubernetes-embedded-resource", "must not be used inside of resource meta");
        }
    }

    // ---- x-kubernetes

    private void extensions(Map<?, ?> schema, String path) {
        if (Boolean.FALSE.equals(schema.get("x-kubernetes-preserve-unknown-fields"))) {
            findings.invalid(path + ".x-kubernetes-preserve-unknown-fields", false, "must be true or undefined");
        }
        if (schema.get("x-kubernetes-map-type") instanceof String mapType) {
            typed(schema, path, "object", "x-kubernetes-map-type");
            if (!Set.of("atomic", "granular").contains(mapType)) {
                findings.notSupported(path + ".x-kubernetes-map-type", mapType, "atomic", "granular");
            }
        }
        String listType = schema.get("x-kubernetes-list-type") instanceof String s ? s : null;
        if (listType != null) {
            if (typed(schema, path, "array", "x-kubernetes-list-type") && listType.equals("set")) {
                set(schema.get("items"), path + ".items");
            }
            if (!Set.of("atomic", "set", "map").contains(listType)) {
                findings.notSupported(path + ".x-kubernetes-list-type", listType, "atomic", "set", "map");
            }
        }
        List<String> keys = Node.texts(schema.get("x-kubernetes-list-map-keys"));
        if (!keys.isEmpty() && !"map".equals(listType)) {
            String why = "must be map if x-kubernetes-list-map-keys is non-empty";
            if (listType == null) {
                findings.required(path + ".x-kubernetes-list-type", why);
            } else {
                findings.invalid(path + ".x-kubernetes-list-type", listType, why);
            }
        }
        if ("map".equals(listType)) {
            listMap(schema, keys, path);
        }
        if ("map".equals(listType) || "set".equals(listType)) {
            if (Node.is(map(schema.get("items")), "nullable")) {
                findings.forbidden(
                        path + ".items.nullable", "cannot be nullable when x-kubernetes-list-type is " + listType);
            }
        }
        if ("map".equals(listType)) {
            keyed(map(schema.get("items")), keys, path + ".items");
        }
    }

    private boolean typed(Map<?, ?> schema, String path, String wanted, String because) {
        String type = Node.text(schema, "type");
        if (type.equals(wanted)) {
            return true;
        }
        String why = "must be " + wanted + " if " + because + " is specified";
        if (type.isEmpty()) {
            findings.required(path + ".type", why);
        } else {
            findings.invalid(path + ".type", type, why);
        }
        return false;
    }

    /** The elements of a set are compared whole, so they must be owned whole. */
    private void set(@Nullable Object items, String path) {
        Map<?, ?> element = map(items);
        String why = "must be atomic as item of a list with x-kubernetes-list-type=set";
        Object listType = element.get("x-kubernetes-list-type");
        switch (Node.text(element, "type")) {
            case "array" -> {
                if (listType != null && !listType.equals("atomic")) {
                    findings.invalid(path + ".x-kubernetes-list-type", listType, why);
                }
            }
            case "object" -> {
                if (!"atomic".equals(element.get("x-kubernetes-map-type"))) {
                    findings.invalid(path + ".x-kubernetes-map-type", listType == null ? "null" : listType, why);
                }
            }
            default -> {}
        }
    }

    private void listMap(Map<?, ?> schema, List<String> keys, String path) {
        if (keys.isEmpty()) {
            findings.required(
                    path + ".x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map");
        }
        Object items = schema.get("items");
        if (items == null) {
            findings.required(path + ".items", "must have a schema if x-kubernetes-list-type is map");
            return;
        }
        if (!(items instanceof Map<?, ?> element)) {
            findings.invalid(path + ".items", items, "must only have a single schema if x-kubernetes-list-type is map");
            return;
        }
        String type = Node.text(element, "type");
        if (!type.equals("object")) {
            findings.invalid(
                    path + ".items.type", type, "must be object if parent array's x-kubernetes-list-type is map");
            return;
        }
        Set<String> seen = new HashSet<>();
        for (String key : keys) {
            Object property = map(element.get("properties")).get(key);
            if (!(property instanceof Map<?, ?> p)) {
                findings.invalid(
                        path + ".x-kubernetes-list-map-keys", keys, "entries must all be names of item properties");
            } else if (Set.of("array", "object").contains(Node.text(p, "type"))) {
                findings.invalid(
                        path + ".items.properties[" + key + "].type",
                        type,
                        "must be a scalar type if parent array's x-kubernetes-list-type is map");
            }
            if (!seen.add(key)) {
                findings.invalid(path + ".x-kubernetes-list-map-keys", keys, "must not contain duplicate entries");
            }
        }
    }

    /** What tells elements apart must be there. */
    private void keyed(Map<?, ?> element, List<String> keys, String path) {
        List<String> required = Node.texts(element.get("required"));
        for (String key : keys) {
            if (!(map(element.get("properties")).get(key) instanceof Map<?, ?> property)) {
                continue;
            }
            String at = path + ".properties[" + key + "]";
            if (!required.contains(key) && property.get("default") == null) {
                findings.required(
                        at + ".default",
                        "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required"
                                + " property");
            }
            if (Node.is(property, "nullable")) {
                findings.forbidden(
                        at + ".nullable", "this property is in x-kubernetes-list-map-keys, so it cannot be nullable");
            }
        }
    }

    static Map<?, ?> map(@Nullable Object value) {
        return value instanceof Map<?, ?> m ? m : Map.of();
    }

    static List<?> list(@Nullable Object value) {
        return value instanceof List<?> l ? l : new ArrayList<>();
    }
}
