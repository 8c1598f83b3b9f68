package dev.coracle.apiserver.openapi;

import dev.coracle.machinery.json.Json;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The version 2 document in protobuf, as gnostic's {@code openapi.v2.Document} has it: what kubectl asks for when the version
 * 3 documents do not have a kind. Of it are written the information and the definitions, which are what clients read; paths
 * are in the JSON document alone.
 */
final class ProtobufDocument {
    private ProtobufDocument() {}

    static byte[] of(byte[] json) {
        Map<String, Object> document = Json.parseObject(json);
        Message out = new Message();
        out.text(1, "2.0");
        if (document.get("info") instanceof Map<?, ?> info) {
            out.message(2, new Message().text(1, info.get("title")).text(2, info.get("version")));
        }
        out.message(8, new Message());
        if (document.get("definitions") instanceof Map<?, ?> definitions) {
            out.message(9, named(definitions));
        }
        return out.bytes();
    }

    /** A map of schemas, as a list of names and values. */
    private static Message named(Map<?, ?> schemas) {
        Message out = new Message();
        schemas.forEach((name, schema) -> {
            if (schema instanceof Map<?, ?> s) {
                out.message(1, new Message().text(1, name).message(2, schema(s)));
            }
        });
        return out;
    }

    private static Message schema(Map<?, ?> s) {
        Message out = new Message()
                .text(1, s.get("$ref"))
                .text(2, s.get("format"))
                .text(3, s.get("title"))
                .text(4, s.get("description"));
        if (s.containsKey("default")) {
            out.message(5, any(s.get("default")));
        }
        if (s.get("required") instanceof List<?> required) {
            required.forEach(r -> out.text(19, r));
        }
        if (s.get("enum") instanceof List<?> values) {
            values.forEach(v -> out.message(20, any(v)));
        }
        if (s.get("additionalProperties") instanceof Map<?, ?> more) {
            out.message(21, new Message().message(1, schema(more)));
        } else if (s.get("additionalProperties") instanceof Boolean b) {
            out.message(21, new Message().number(2, b ? 1 : 0));
        }
        if (s.containsKey("type")) {
            out.message(22, new Message().text(1, s.get("type")));
        }
        if (s.get("items") instanceof Map<?, ?> items) {
            out.message(23, new Message().message(1, schema(items)));
        }
        if (s.get("properties") instanceof Map<?, ?> properties) {
            out.message(25, named(properties));
        }
        s.forEach((key, value) -> {
            if (String.valueOf(key).startsWith("x-")) {
                out.message(31, new Message().text(1, key).message(2, any(value)));
            }
        });
        return out;
    }

    /** Any value, as YAML; JSON is. */
    private static Message any(@Nullable Object value) {
        return new Message().text(2, Json.string(value) + "\n");
    }

    /** A message that is being written; what is absent is not. */
    private static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message text(int field, @Nullable Object text) {
            return text == null ? this : part(field, String.valueOf(text).getBytes(StandardCharsets.UTF_8));
        }

        Message message(int field, Message message) {
            return part(field, message.bytes());
        }

        Message number(int field, long number) {
            varint((long) field << 3);
            varint(number);
            return this;
        }

        private Message part(int field, byte[] bytes) {
            varint((long) field << 3 | 2);
            varint(bytes.length);
            out.writeBytes(bytes);
            return this;
        }

        private void varint(long value) {
            long rest = value;
            while ((rest & ~0x7fL) != 0) {
                out.write((int) (rest & 0x7f | 0x80));
                rest >>>= 7;
            }
            out.write((int) rest);
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
