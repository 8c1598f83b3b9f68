package dev.coracle.machinery.schema;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** How messages lie on the wire, from the generated {@code .wire} files; their format: the generator's {@code Writing}. */
final class WireTypes {
    static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    /** What a message is in JSON. */
    enum Form {
        /** An object with a field for each of its own. */
        OBJECT,
        /** A string, its first field. */
        QUANTITY,
        /** A number or a string, as its first field says. */
        INT_OR_STRING,
        TIME,
        MICRO_TIME,
        /** Any JSON, whose text is its first field. */
        RAW,
        /** A list, its first field. */
        LIST,
        /** Its first field, or the list that is its second. */
        ONE_OR_LIST,
        /** A boolean, its first field, or its second. */
        BOOL_OR_ONE;

        private static Form of(String name) {
            return switch (name.substring(name.lastIndexOf('.') + 1)) {
                case "Quantity" -> QUANTITY;
                case "IntOrString" -> INT_OR_STRING;
                case "Time" -> TIME;
                case "MicroTime" -> MICRO_TIME;
                case "RawExtension", "FieldsV1", "JSON" -> RAW;
                case "ExtraValue", "Verbs" -> LIST;
                case "JSONSchemaPropsOrArray", "JSONSchemaPropsOrStringArray" -> ONE_OR_LIST;
                case "JSONSchemaPropsOrBool" -> BOOL_OR_ONE;
                default -> OBJECT;
            };
        }
    }

    /** @param fields in the order of their numbers, which is that of the wire */
    record Message(String name, Form form, List<Field> fields, Map<Integer, Field> byNumber) {
        Message(String name) {
            this(name, Form.of(name), new ArrayList<>(), new HashMap<>());
        }

        private void add(Field field) {
            fields.add(field);
            fields.sort(Comparator.comparingInt(Field::number));
            byNumber.put(field.number(), field);
        }

        /** @throws IllegalArgumentException when there is none of the number */
        Field field(int number) {
            Field f = byNumber.get(number);
            if (f == null) {
                throw new IllegalArgumentException(name + " has no field " + number);
            }
            return f;
        }
    }

    /** How often a field is there, and where. */
    enum Label {
        /** A message, or a scalar of which zero means nothing. */
        PLAIN,
        /** A scalar that is missing or has a value, be it zero. */
        POINTER,
        /** A scalar that JSON always has. */
        ALWAYS,
        LIST,
        MAP,
        /** A message whose fields JSON has in its place. */
        INLINED
    }

    /** @param type {@code string}, {@code bytes}, {@code bool}, {@code int32}, {@code int64}, {@code double}, or a message */
    record Field(int number, String name, String type, boolean message, Label label) {}

    private final Map<String, Message> messages = new ConcurrentHashMap<>();
    private final Set<String> packages = ConcurrentHashMap.newKeySet();

    Optional<Message> message(String name) {
        Message known = messages.get(name);
        if (known == null) {
            int dot = name.lastIndexOf('.');
            if (dot > 0 && !packages.contains(name.substring(0, dot))) {
                read(name.substring(0, dot));
                known = messages.get(name);
            }
        }
        return Optional.ofNullable(known);
    }

    /** The message of a kind, or of one of the kinds that belong to every group. */
    Optional<Message> of(Schemas schemas, String apiVersion, String kind) {
        return schemas.of(apiVersion, kind)
                .map(Schema::name)
                .or(() -> Optional.of(META + kind))
                .flatMap(this::message);
    }

    /** Of a field, or a kind that is known to have one. */
    Message known(String name) {
        return message(name).orElseThrow(() -> new IllegalStateException("no message " + name));
    }

    private void read(String packageName) {
        Map<String, Message> all = new HashMap<>();
        Message[] open = new Message[1];
        Resources.lines(packageName + ".wire", words -> {
            if (words[0].isEmpty()) {
                open[0].add(field(words));
            } else {
                open[0] = new Message(words[0]);
                all.put(words[0], open[0]);
            }
        });
        messages.putAll(all);
        packages.add(packageName);
    }

    private static Field field(String[] words) {
        boolean map = words[3].startsWith("map:");
        String type = map ? words[3].substring("map:".length()) : words[3];
        Label label = map
                ? Label.MAP
                : switch (words.length > 4 ? words[4] : "") {
                    case "[]" -> Label.LIST;
                    case "~" -> Label.INLINED;
                    case "*" -> Label.POINTER;
                    case "!" -> Label.ALWAYS;
                    default -> Label.PLAIN;
                };
        return new Field(Integer.parseInt(words[1]), words[2], type.intern(), type.contains("."), label);
    }
}
