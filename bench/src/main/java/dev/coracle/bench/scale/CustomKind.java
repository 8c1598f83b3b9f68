package dev.coracle.bench.scale;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Definitions of some size, and objects of 1 KiB. */
final class CustomKind {
    static final int FIELDS = 20;
    /** How many fields a schema of some 30 KB has. */
    static final int MANY_FIELDS = 150;
    /** What each text field has, so that an object has 1 KiB in all. */
    private static final String TEXT = "x".repeat(40);

    private CustomKind() {}

    static GroupVersionResource resource(String plural) {
        return new GroupVersionResource(group(plural), "v1", plural);
    }

    /** Each has a group of its own, as kinds of different makers have. */
    private static String group(String plural) {
        return plural + ".bench.example.com";
    }

    /** @param rules how many CEL rules there are */
    static Unstructured definition(String plural, int fields, int rules) {
        return Unstructured.of("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", plural + "." + group(plural))
                .set(group(plural), "spec", "group")
                .set("Namespaced", "spec", "scope")
                .set(plural, "spec", "names", "plural")
                .set("Kind" + plural, "spec", "names", "kind")
                .set(
                        List.of(Map.of(
                                "name",
                                "v1",
                                "served",
                                true,
                                "storage",
                                true,
                                "schema",
                                Map.of("openAPIV3Schema", schema(fields, rules)))),
                        "spec",
                        "versions");
    }

    static Map<String, Object> schema(int fields, int rules) {
        Map<String, Object> properties = new LinkedHashMap<>();
        for (int i = 0; i < fields; i++) {
            properties.put(
                    "field" + i,
                    Map.of(
                            "type",
                            "string",
                            "maxLength",
                            100L,
                            "description",
                            "What field " + i + " is for is told at some length, as descriptions of definitions that"
                                    + " are generated from Go's comments do."));
        }
        Map<String, Object> spec = new LinkedHashMap<>(Map.of("type", "object", "properties", properties));
        List<Object> all = new ArrayList<>();
        for (int i = 0; i < rules; i++) {
            int other = (i + 1) % fields;
            all.add(Map.of("rule", "self.field" + i % fields + ".size() <= 100 && self.field" + other + " != ''"));
        }
        if (!all.isEmpty()) {
            spec.put("x-kubernetes-validations", all);
        }
        return Map.of("type", "object", "properties", Map.of("spec", spec));
    }

    static Unstructured object(String plural, String name) {
        return filled(Unstructured.of(group(plural) + "/v1", "Kind" + plural, HollowCluster.NAMESPACE, name), "spec");
    }

    static Unstructured configMap(String name) {
        return filled(Unstructured.of("v1", "ConfigMap", HollowCluster.NAMESPACE, name), "data");
    }

    static GroupVersionResource configMaps() {
        return Resources.CONFIG_MAPS;
    }

    private static Unstructured filled(Unstructured o, String below) {
        for (int i = 0; i < FIELDS; i++) {
            o.set(TEXT, below, "field" + i);
        }
        return o;
    }
}
