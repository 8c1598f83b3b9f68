package dev.coracle.controllers.deployment;

import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Telling pod templates apart. */
final class PodTemplates {
    static final String HASH = "pod-template-hash";

    /** No vowels and nothing that looks like another: no words, no mistakes. */
    private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

    private PodTemplates() {}

    /** Whether the set was made from the Deployment's template as it is. */
    static boolean same(Unstructured deployment, Unstructured set) {
        Unstructured template = set.object("spec", "template").copy();
        template.remove("metadata", "labels", HASH);
        return template.equals(deployment.object("spec", "template"));
    }

    /**
     * A hash that depends on what the template says and not on the order in which it says it: 32-bit FNV-1a.
     *
     * @param collisions how often the hash was found to be taken by another template
     */
    static String hash(Unstructured template, long collisions) {
        int hash = 0x811c9dc5;
        String text = sorted(template.map()) + (collisions > 0 ? "#" + collisions : "");
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x01000193;
        }
        StringBuilder s = new StringBuilder();
        for (char c : Integer.toUnsignedString(hash).toCharArray()) {
            s.append(ALPHABET.charAt(c % ALPHABET.length()));
        }
        return s.toString();
    }

    private static @Nullable Object sorted(@Nullable Object tree) {
        return switch (tree) {
            case Map<?, ?> map -> {
                Map<String, String> sorted = new TreeMap<>();
                map.forEach((k, v) -> sorted.put(String.valueOf(k), String.valueOf(sorted(v))));
                yield sorted;
            }
            case List<?> list ->
                list.stream().map(e -> String.valueOf(sorted(e))).toList();
            case null -> null;
            default -> tree;
        };
    }
}
