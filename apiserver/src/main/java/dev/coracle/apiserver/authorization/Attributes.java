package dev.coracle.apiserver.authorization;

import dev.coracle.machinery.object.GroupVersionResource;
import java.util.HashMap;
import java.util.Map;

/**
 * What is asked for; {@code ""} where a part does not apply. Path is set for non-resource requests alone.
 *
 * @param fields what the field selector of a list or watch holds every object to
 */
public record Attributes(
        String verb,
        String group,
        String resource,
        String subresource,
        String namespace,
        String name,
        String path,
        Map<String, String> fields) {
    public Attributes(
            String verb,
            String group,
            String resource,
            String subresource,
            String namespace,
            String name,
            String path) {
        this(verb, group, resource, subresource, namespace, name, path, Map.of());
    }

    /**
     * Of a list or watch. One that selects a single name is about that object, so that rules for certain names hold for
     * it too.
     */
    public static Attributes ofCollection(String verb, GroupVersionResource r, String namespace, String fieldSelector) {
        Map<String, String> fields = new HashMap<>();
        for (String term : fieldSelector.split(",")) {
            int eq = term.indexOf('=');
            if (eq > 0 && !term.contains("!=")) {
                fields.putIfAbsent(
                        term.substring(0, eq).trim(),
                        term.substring(term.startsWith("==", eq) ? eq + 2 : eq + 1)
                                .trim());
            }
        }
        String name = fields.getOrDefault("metadata.name", "");
        return new Attributes(verb, r.group(), r.resource(), "", namespace, name, "", Map.copyOf(fields));
    }
}
