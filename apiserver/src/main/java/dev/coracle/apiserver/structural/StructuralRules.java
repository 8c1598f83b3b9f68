package dev.coracle.apiserver.structural;

import static dev.coracle.apiserver.structural.SchemaRules.list;
import static dev.coracle.apiserver.structural.SchemaRules.map;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.machinery.object.StatusException.Cause;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a schema is structural: every field has a type outside of {@code allOf}, {@code anyOf}, {@code oneOf} and
 * {@code not}, which only narrow what is valid. So one walk finds out what a field is.
 */
final class StructuralRules {
    private enum Level {
        ROOT("at the root"),
        ITEM("for specified array items"),
        FIELD("for specified object fields");

        final String where;

        Level(String where) {
            this.where = where;
        }
    }

    private static final List<Map<String, Object>> INT_OR_STRING =
            List.of(Map.of("type", "integer"), Map.of("type", "string"));
    private static final List<String> UNSUPPORTED =
            List.of("id", "$schema", "$ref", "patternProperties", "dependencies", "additionalItems", "definitions");

    private final Findings findings;

    private StructuralRules(Findings findings) {
        this.findings = findings;
    }

    /** What it says that has no place in a structural schema. */
    static Optional<String> unreadable(@Nullable Object told) {
        if (!(told instanceof Map<?, ?> schema)) {
            return Optional.empty();
        }
        for (String field : UNSUPPORTED) {
            Object value = schema.get(field);
            if (value != null && !value.equals("") && !value.equals(Map.of())) {
                return Optional.of("OpenAPIV3Schema '" + field.replace("$schema", "schema") + "' is not supported");
            }
        }
        if (schema.get("items") instanceof List<?>) {
            return Optional.of("OpenAPIV3Schema 'items' must be a schema, but is an array");
        }
        if (Boolean.FALSE.equals(schema.get("x-kubernetes-preserve-unknown-fields"))) {
            return Optional.of("internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined");
        }
        for (String nested : new String[] {"items", "additionalProperties", "not"}) {
            Optional<String> why = unreadable(schema.get(nested));
            if (why.isPresent()) {
                return why;
            }
        }
        for (String nested : new String[] {"allOf", "anyOf", "oneOf"}) {
            for (Object one : list(schema.get(nested))) {
                Optional<String> why = unreadable(one);
                if (why.isPresent()) {
                    return why;
                }
            }
        }
        for (Object one : map(schema.get("properties")).values()) {
            Optional<String> why = unreadable(one);
            if (why.isPresent()) {
                return why;
            }
        }
        return Optional.empty();
    }

    /** Tells what is wrong in the order of the alphabet, as upstream does. */
    static void check(Findings findings, Map<?, ?> schema, String path) {
        Findings found = new Findings();
        StructuralRules rules = new StructuralRules(found);
        rules.invariants(schema, Level.ROOT, path);
        rules.complete(schema, schema, path, path);
        found.causes().stream()
                .sorted(Comparator.comparing((Cause c) -> c.field() + ": " + c.message()))
                .forEach(findings.causes()::add);
    }

    private void invariants(@Nullable Object told, Level level, String path) {
        if (!(told instanceof Map<?, ?> s) || findings.causes().size() >= Outcome.MOST) {
            return;
        }
        String type = Node.text(s, "type");
        if (type.equals("array") && s.get("items") == null) {
            findings.required(path + ".items", "must be specified");
        }
        invariants(s.get("items"), Level.ITEM, path + ".items");
        Map<?, ?> properties = map(s.get("properties"));
        properties.forEach((k, v) -> invariants(v, Level.FIELD, path + ".properties[" + k + "]"));
        Object additional = s.get("additionalProperties");
        if (additional != null) {
            if (level == Level.ROOT) {
                findings.forbidden(path + ".additionalProperties", "must not be used at the root");
            }
            invariants(additional, Level.FIELD, path + ".additionalProperties");
        }
        boolean intOrString = Node.is(s, "x-kubernetes-int-or-string");
        boolean preserves = Node.is(s, "x-kubernetes-preserve-unknown-fields");
        boolean embedded = Node.is(s, "x-kubernetes-embedded-resource");
        if (intOrString && preserves) {
            findings.invalid(
                    path + ".x-kubernetes-preserve-unknown-fields",
                    true,
                    "must be false if x-kubernetes-int-or-string is true");
        }
        if (intOrString && embedded) {
            findings.invalid(
                    path + ".x-kubernetes-embedded-resource",
                    true,
                    "must be false if x-kubernetes-int-or-string is true");
        }
        values(s, INT_OR_STRING.equals(s.get("anyOf")), isIntOrStringFirst(s), path);
        types(s, type, level, path, embedded, intOrString || preserves);
        boolean metadata = level == Level.ROOT || embedded;
        if (metadata) {
            text(properties, "kind", path);
            text(properties, "apiVersion", path);
        }
        if (properties.get("metadata") instanceof Map<?, ?> m) {
            metadata(m, metadata, level, path + ".properties[metadata]");
        }
        if (embedded && !preserves && properties.isEmpty()) {
            findings.required(
                    path + ".properties",
                    "must not be empty if x-kubernetes-embedded-resource is true without"
                            + " x-kubernetes-preserve-unknown-fields");
        }
    }

    private void types(Map<?, ?> s, String type, Level level, String path, boolean embedded, boolean typeMayBeAbsent) {
        if (embedded && !type.equals("object")) {
            String why = "must be object if x-kubernetes-embedded-resource is true";
            if (type.isEmpty()) {
                findings.required(path + ".type", why);
            } else {
                findings.invalid(path + ".type", type, why);
            }
        } else if (type.isEmpty() && !typeMayBeAbsent) {
            findings.required(path + ".type", "must not be empty " + level.where);
        }
        if (embedded && s.get("additionalProperties") != null) {
            findings.forbidden(
                    path + ".additionalProperties", "must not be used if x-kubernetes-embedded-resource is set");
        }
        if (level == Level.ROOT && !type.isEmpty() && !type.equals("object")) {
            findings.invalid(path + ".type", type, "must be object at the root");
        }
    }

    private void text(Map<?, ?> properties, String name, String path) {
        if (properties.get(name) instanceof Map<?, ?> p && !Node.text(p, "type").equals("string")) {
            findings.invalid(path + ".properties[" + name + "].type", Node.text(p, "type"), "must be string");
        }
    }

    private void metadata(Map<?, ?> metadata, boolean checked, Level level, String path) {
        if (checked && !Node.text(metadata, "type").equals("object")) {
            findings.invalid(path + ".type", Node.text(metadata, "type"), "must be object");
        }
        if (level == Level.ROOT) {
            Map<Object, Object> rest = new LinkedHashMap<>(metadata);
            rest.keySet().removeAll(Set.of("type", "default", "example"));
            if (Set.of("name", "generateName")
                    .containsAll(map(metadata.get("properties")).keySet())) {
                rest.remove("properties");
            }
            rest.values().removeIf(v -> v == null || v.equals("") || v.equals(false) || v.equals(List.of()));
            if (!rest.isEmpty()) {
                findings.forbidden(
                        path,
                        "must not specify anything other than name and generateName, but metadata is implicitly"
                                + " specified");
            }
        }
    }

    // ---- allOf, anyOf, oneOf, not

    private static boolean isIntOrStringFirst(Map<?, ?> s) {
        List<?> all = list(s.get("allOf"));
        return !all.isEmpty() && INT_OR_STRING.equals(map(all.getFirst()).get("anyOf"));
    }

    private void values(Map<?, ?> v, boolean skipAnyOf, boolean skipFirst, String path) {
        if (!skipAnyOf) {
            each(v, "anyOf", path, false);
        }
        each(v, "allOf", path, skipFirst);
        each(v, "oneOf", path, false);
        nested(v.get("not"), false, path + ".not");
        String pattern = Node.text(v, "pattern");
        if (!pattern.isEmpty()) {
            try {
                Pattern.compile(pattern);
            } catch (PatternSyntaxException e) {
                findings.invalid(
                        path + ".pattern",
                        pattern,
                        "must be a valid regular expression, but isn't: error parsing regexp: " + e.getDescription()
                                + ": `" + e.getPattern() + "`");
            }
        }
    }

    private void each(Map<?, ?> v, String junctor, String path, boolean skipFirst) {
        List<?> all = list(v.get(junctor));
        for (int i = 0; i < all.size(); i++) {
            nested(all.get(i), skipFirst && i == 0, path + "." + junctor + "[" + i + "]");
        }
    }

    private void nested(@Nullable Object told, boolean skipAnyOf, String path) {
        if (!(told instanceof Map<?, ?> v) || findings.causes().size() >= Outcome.MOST) {
            return;
        }
        values(v, skipAnyOf, false, path);
        nested(v.get("items"), false, path + ".items");
        Map<?, ?> properties = map(v.get("properties"));
        properties.forEach((k, p) -> nested(p, false, path + ".properties[" + k + "]"));
        absent(v, "type", "must be empty to be structural", path);
        absent(v, "additionalProperties", "must be undefined to be structural", path);
        absent(v, "default", "must be undefined to be structural", path);
        absent(v, "title", "must be empty to be structural", path);
        absent(v, "description", "must be empty to be structural", path);
        absent(v, "nullable", "must be false to be structural", path);
        absent(v, "externalDocs", "must be undefined to be structural", path);
        absent(v, "x-kubernetes-preserve-unknown-fields", "must be false to be structural", path);
        absent(v, "x-kubernetes-embedded-resource", "must be false to be structural", path);
        absent(v, "x-kubernetes-int-or-string", "must be false to be structural", path);
        absent(v, "x-kubernetes-list-map-keys", "must be empty to be structural", path);
        absent(v, "x-kubernetes-list-type", "must be undefined to be structural", path);
        absent(v, "x-kubernetes-map-type", "must be undefined to be structural", path);
        absent(v, "x-kubernetes-validations", "must be empty to be structural", path);
        if (properties.containsKey("metadata")) {
            findings.forbidden(path + ".properties[metadata]", "must not be specified in a nested context");
        }
    }

    private void absent(Map<?, ?> v, String field, String why, String path) {
        Object value = v.get(field);
        boolean undefined = why.contains("undefined");
        boolean zero =
                value == null || !undefined && (value.equals("") || value.equals(false) || value.equals(List.of()));
        if (!zero) {
            findings.forbidden(path + "." + field, why);
        }
    }

    // ---- what is narrowed must be there

    private void complete(Map<?, ?> v, @Nullable Object s, String at, String told) {
        covered(v.get("not"), s, at, told + ".not");
        for (String junctor : new String[] {"allOf", "anyOf", "oneOf"}) {
            List<?> all = list(v.get(junctor));
            for (int i = 0; i < all.size(); i++) {
                covered(all.get(i), s, at, told + "." + junctor + "[" + i + "]");
            }
        }
    }

    private void covered(@Nullable Object narrows, @Nullable Object whole, String at, String told) {
        if (!(narrows instanceof Map<?, ?> v)) {
            return;
        }
        if (!(whole instanceof Map<?, ?> s)) {
            findings.required(at, "because it is defined in " + told);
            return;
        }
        complete(v, s, at, told);
        covered(v.get("items"), s.get("items"), at + ".items", told + ".items");
        map(v.get("properties")).forEach((k, p) -> {
            String field = ".properties[" + k + "]";
            Object there = map(s.get("properties")).get(k);
            if (there == null) {
                findings.required(at + field, "because it is defined in " + told + field);
            } else {
                covered(p, there, at + field, told + field);
            }
        });
    }
}
