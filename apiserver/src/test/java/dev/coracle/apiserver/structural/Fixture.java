package dev.coracle.apiserver.structural;

import dev.coracle.apiserver.definition.Findings;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Schemas and objects as YAML, and what is found as the lines that a client sees. */
final class Fixture {
    private Fixture() {}

    @SuppressWarnings("unchecked")
    static Map<String, Object> yaml(String text) {
        return (Map<String, Object>) (Object) Yaml.parseAll(text).getFirst();
    }

    /** A schema whose {@code spec} has these properties. */
    static StructuralSchema spec(String properties) {
        return StructuralSchema.parse(specMap(properties));
    }

    static Map<String, Object> specMap(String properties) {
        Map<String, Object> spec = new LinkedHashMap<>(Map.of("type", "object", "properties", yaml(properties)));
        return new LinkedHashMap<>(Map.of("type", "object", "properties", new LinkedHashMap<>(Map.of("spec", spec))));
    }

    /** An object with this {@code spec}. */
    static Unstructured object(String spec) {
        return Unstructured.of("example.com/v1", "CronTab", "default", "one").set(yaml(spec), "spec");
    }

    static List<String> pruned(StructuralSchema schema, Unstructured o) {
        List<String> unknown = new ArrayList<>();
        schema.prune(o.map(), unknown::add);
        return unknown;
    }

    static List<String> found(StructuralSchema schema, Unstructured o, @Nullable Unstructured old) {
        Findings findings = new Findings();
        schema.check(findings, o, old);
        return lines(findings);
    }

    static List<String> lines(Findings findings) {
        return findings.causes().stream()
                .map(c -> c.field().isEmpty() ? c.message() : c.field() + ": " + c.message())
                .toList();
    }

    /** What is wrong with a {@code spec} under these properties. */
    static List<String> found(String properties, String spec) {
        return found(spec(properties), object(spec), null);
    }
}
