package dev.coracle.apiserver.aggregation;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Version 2 OpenAPI documents of several servers in one. */
final class RemoteSchemas {
    private static final String REF = "#/definitions/";

    private RemoteSchemas() {}

    /** Of a document the paths of one group and version, and the definitions that these need. */
    static Unstructured of(Remote remote, Unstructured document) {
        Map<String, Object> paths = new LinkedHashMap<>();
        document.object("paths").map().forEach((path, item) -> {
            if (path.equals(remote.path()) || path.startsWith(remote.path() + "/")) {
                paths.put(path, item);
            }
        });
        Map<String, Object> definitions = new LinkedHashMap<>();
        Deque<Object> open = new ArrayDeque<>(List.of(paths));
        while (!open.isEmpty()) {
            references(open.remove(), name -> {
                Object found = document.get("definitions", name);
                if (found != null && definitions.putIfAbsent(name, found) == null) {
                    open.add(found);
                }
                return name;
            });
        }
        return new Unstructured(new LinkedHashMap<>()).set(paths, "paths").set(definitions, "definitions");
    }

    /** Adds a part to the whole. Where both mean different things by one name, the part's gets another. */
    static void add(Map<String, Object> paths, Map<String, Object> definitions, Unstructured part) {
        Map<String, String> renamed = new LinkedHashMap<>();
        Map<String, Object> own = part.object("definitions").map();
        own.forEach((name, schema) -> {
            Object known = definitions.get(name);
            if (known != null && !known.equals(schema)) {
                String free = name;
                for (int i = 2; definitions.containsKey(free) || own.containsKey(free); i++) {
                    free = name + "_v" + i;
                }
                renamed.put(name, free);
            }
        });
        UnaryOperator<String> rename = name -> renamed.getOrDefault(name, name);
        own.forEach((name, schema) -> definitions.putIfAbsent(rename.apply(name), references(schema, rename)));
        part.object("paths").map().forEach((path, item) -> paths.putIfAbsent(path, references(item, rename)));
    }

    /** The same tree, whose references to definitions go where {@code to} says. */
    private static Object references(Object tree, UnaryOperator<String> to) {
        if (tree instanceof List<?> list) {
            return list.stream().map(e -> e == null ? "" : references(e, to)).toList();
        }
        if (!(tree instanceof Map<?, ?> map)) {
            return tree;
        }
        Map<String, Object> copy = new LinkedHashMap<>();
        map.forEach((key, value) -> {
            if ("$ref".equals(key) && value instanceof String ref && ref.startsWith(REF)) {
                copy.put("$ref", REF + to.apply(ref.substring(REF.length())));
            } else if (value != null) {
                copy.put(String.valueOf(key), references(value, to));
            }
        });
        return copy;
    }
}
