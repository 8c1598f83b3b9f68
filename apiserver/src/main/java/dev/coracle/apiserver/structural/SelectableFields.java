package dev.coracle.apiserver.structural;

import dev.coracle.apiserver.definition.Findings;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Rules for the fields by which a kind's objects can be selected: scalars that the schema knows, by path. */
public final class SelectableFields {
    private static final int MOST = 8;
    private static final Set<String> TYPES = Set.of("string", "boolean", "integer");

    private SelectableFields() {}

    /**
     * @param jsonSchemaProps the schema that the paths lead through
     * @param path where the list lies
     */
    public static void check(
            Findings findings, Map<String, Object> jsonSchemaProps, List<String> jsonPaths, String path) {
        Node root = Node.of(jsonSchemaProps);
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < jsonPaths.size(); i++) {
            String jsonPath = jsonPaths.get(i);
            String at = path + "[" + i + "].jsonPath";
            if (jsonPath.isEmpty()) {
                findings.required(at, "");
                continue;
            }
            Found found = find(root, jsonPath);
            if (!found.error.isEmpty()) {
                findings.invalid(at, jsonPath, "is an invalid path: " + found.error);
                continue;
            }
            if (jsonPath.startsWith(".metadata.") || jsonPath.equals(".metadata")) {
                findings.invalid(at, jsonPath, "must not point to fields in metadata");
            }
            if (!TYPES.contains(found.type)) {
                findings.invalid(
                        at,
                        jsonPath,
                        "must point to a field of type string, boolean or integer. Enum string fields and strings with"
                                + " formats are allowed.");
            }
            if (!seen.add(jsonPath)) {
                findings.duplicate(at, jsonPath);
            }
        }
        if (seen.size() > MOST) {
            findings.tooMany(path, seen.size(), MOST);
        }
    }

    /**
     * Where a path leads.
     *
     * @param error why it leads nowhere; empty if it leads somewhere
     */
    private record Found(String type, String error) {
        static Found not(String error) {
            return new Found("", error);
        }
    }

    private static Found find(Node root, String jsonPath) {
        // The delimiters are words of their own.
        String[] words = jsonPath.split("(?=[.\\[\\]])|(?<=[.\\[\\]])");
        Node at = root;
        for (int i = 0; i < words.length; i += 2) {
            if (words[i].equals("[")) {
                return Found.not("array notation is not allowed");
            }
            if (!words[i].equals(".")) {
                return Found.not("expected [ or . but got: " + words[i]);
            }
            if (i + 1 == words.length) {
                return Found.not("unexpected end of JSON path");
            }
            Node next = at.properties.isEmpty() ? at.additional : at.properties.get(words[i + 1]);
            if (next == null) {
                return Found.not("does not refer to a valid field");
            }
            at = next;
        }
        return new Found(at.type, "");
    }
}
