package dev.coracle.controllers.kit;

import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A short name for what a tree says: it depends on that and not on the order in which it is said. 32-bit FNV-1a, spelt as
 * upstream's {@code SafeEncodeString} does.
 */
public final class ContentHash {
    /** No vowels and nothing that looks like another: no words, no mistakes. */
    private static final String ALPHABET = "bcdfghjklmnpqrstvwxz2456789";

    private ContentHash() {}

    /** @param collisions how often the hash was found to be taken by another tree */
    public static String of(Unstructured tree, long collisions) {
        int hash = 0x811c9dc5;
        String text = sorted(tree.map()) + (collisions > 0 ? "#" + collisions : "");
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
