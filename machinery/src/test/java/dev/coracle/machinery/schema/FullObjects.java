package dev.coracle.machinery.schema;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Makes objects of which every field is set, to a value that is not its zero. */
final class FullObjects {
    private final Random random;
    private final Deque<String> within = new ArrayDeque<>();

    FullObjects(Random random) {
        this.random = random;
    }

    /** A definition's, without {@code apiVersion} and {@code kind} where those say the definition. */
    Map<String, Object> object(Schema schema) {
        within.push(schema.name());
        Map<String, Object> object = new LinkedHashMap<>();
        for (Property p : schema.properties().values()) {
            boolean type = (schema.properties().containsKey("metadata")
                            || schema.simpleName().equals("DeleteOptions"))
                    && List.of("apiVersion", "kind").contains(p.name());
            // The artifact with the messages is older than the one with the definitions.
            boolean newer = p.name().equals("stubPKCS10Request");
            if (!type && !newer && !endless(innermost(p.schema()).name())) {
                object.put(p.name(), value(p.schema(), p.name()));
            }
        }
        within.pop();
        return object;
    }

    /** Definitions of schemas lie within each other without end. */
    private boolean endless(String definition) {
        return within.stream().filter(definition::equals).count() > 1;
    }

    private static Schema innermost(Schema schema) {
        return switch (schema.kind()) {
            case LIST, MAP -> innermost(schema.element());
            default -> schema;
        };
    }

    /** @param name of the property that it belongs to */
    private Object value(Schema schema, String name) {
        return switch (schema.kind()) {
            case OBJECT -> object(schema);
            case MAP -> {
                Map<String, Object> map = new LinkedHashMap<>();
                for (int i = random.nextInt(3); i >= 0; i--) {
                    map.put("key" + i, value(schema.element(), name));
                }
                yield map;
            }
            case LIST -> {
                List<Object> list = new ArrayList<>();
                for (int i = random.nextInt(2); i >= 0; i--) {
                    list.add(value(schema.element(), name));
                }
                yield list;
            }
            case STRING -> text();
            case BYTES -> Base64.getEncoder().encodeToString(text().getBytes(java.nio.charset.StandardCharsets.UTF_8));
            case INT32 -> (long) random.nextInt() | 1;
            case INT64 -> random.nextLong() | 1;
            case DOUBLE -> random.nextInt(1000) + 0.5;
            case BOOL -> true;
            case TIME -> "20%02d-02-03T04:05:06Z".formatted(random.nextInt(100));
            case MICRO_TIME -> "19%02d-02-03T04:05:06.%06dZ".formatted(random.nextInt(100), random.nextInt(1_000_000));
            case DURATION -> "1h30m0s";
            case QUANTITY -> random.nextInt(1, 1000) + "Mi";
            case INT_OR_STRING -> random.nextBoolean() ? (Object) random.nextLong(1, 65536) : "25%";
            case RAW -> json();
            case ANY -> any(name);
        };
    }

    /** Those of a definition's schema that have a form of their own, or any JSON. */
    private Object any(String name) {
        Map<String, Object> schema = Map.of("type", text());
        return switch (name) {
            case "items" -> random.nextBoolean() ? schema : List.of(schema, schema);
            case "additionalItems", "additionalProperties" ->
                List.of(true, false, schema).get(random.nextInt(3));
            // Messages without a field.
            case "spec", "status" -> Map.of();
            case "dependencies" -> random.nextBoolean() ? schema : List.of(text());
            default -> json();
        };
    }

    private Object json() {
        return Map.of("a", text(), "b", List.of(1L, 2.5, true), "c", Map.of());
    }

    private String text() {
        return "text-ä€-" + Long.toString(random.nextLong(), 36);
    }
}
