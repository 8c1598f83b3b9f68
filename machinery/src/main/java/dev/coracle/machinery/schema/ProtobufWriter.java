package dev.coracle.machinery.schema;

import com.google.protobuf.CodedOutputStream;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.schema.WireTypes.Field;
import dev.coracle.machinery.schema.WireTypes.Form;
import dev.coracle.machinery.schema.WireTypes.Label;
import dev.coracle.machinery.schema.WireTypes.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes objects of the built-in kinds as {@link ProtobufReader} reads them: the scalars that are no pointers in Go always,
 * be they zero; maps by key; a message only where JSON has one.
 *
 * <p>An object's message does not say its kind. What says it lies around the message, so that one encoding serves the object
 * alone, as an item of a list, and in an event:
 *
 * <pre>
 * k8s\\0 Unknown{ typeMeta{ apiVersion, kind }, raw: message }
 * k8s\\0 Unknown{ typeMeta{ "v1", "PodList" }, raw: PodList{ metadata, items: message, message, … } }
 * WatchEvent{ type: "ADDED", object{ raw: k8s\\0 Unknown{ … } } }
 * </pre>
 */
public final class ProtobufWriter {
    private static final int MICROSECOND = 1_000;

    private final WireTypes types = new WireTypes();
    private final Schemas schemas;

    /** Keep it: what it has read of the schemas stays with it. */
    public ProtobufWriter(Schemas schemas) {
        this.schemas = schemas;
    }

    /** Whether the kind has a message, as all that are built in have. */
    public boolean knows(String apiVersion, String kind) {
        return types.of(schemas, apiVersion, kind).isPresent();
    }

    /** The object with what says its kind. @throws IllegalArgumentException when the kind has no message */
    public byte[] write(Map<String, Object> object) {
        String apiVersion = String.valueOf(object.get("apiVersion"));
        String kind = String.valueOf(object.get("kind"));
        return enveloped(apiVersion, kind, message(apiVersion, kind, object));
    }

    /** The object alone. @throws IllegalArgumentException when the kind has no message, or the object is of another */
    public byte[] message(String apiVersion, String kind, Map<String, Object> object) {
        return object(
                types.of(schemas, apiVersion, kind)
                        .orElseThrow(() -> new IllegalArgumentException(apiVersion + " " + kind + " has no message")),
                object);
    }

    /** What says the kind, around an object's message. */
    public byte[] enveloped(String apiVersion, String kind, byte[] message) {
        byte[] type = wire(out -> {
            out.writeString(1, apiVersion);
            out.writeString(2, kind);
        });
        byte[] unknown = wire(out -> {
            out.writeByteArray(1, type);
            out.writeByteArray(2, message);
            out.writeString(3, "");
            out.writeString(4, "");
        });
        byte[] all = new byte[ProtobufReader.MAGIC.length + unknown.length];
        System.arraycopy(ProtobufReader.MAGIC, 0, all, 0, ProtobufReader.MAGIC.length);
        System.arraycopy(unknown, 0, all, ProtobufReader.MAGIC.length, unknown.length);
        return all;
    }

    /** A list of objects' messages, with what says its kind. */
    public byte[] list(String apiVersion, String kind, Map<String, Object> metadata, List<byte[]> items) {
        byte[] meta = object(types.known(WireTypes.META + "ListMeta"), metadata);
        return enveloped(apiVersion, kind, wire(out -> {
            out.writeByteArray(1, meta);
            for (byte[] item : items) {
                out.writeByteArray(2, item);
            }
        }));
    }

    /** An event of a watch. @param object with what says its kind */
    public byte[] event(String type, byte[] object) {
        byte[] raw = wire(out -> out.writeByteArray(1, object));
        return wire(out -> {
            out.writeString(1, type);
            out.writeByteArray(2, raw);
        });
    }

    private interface Part {
        void write(CodedOutputStream out) throws IOException;
    }

    private static byte[] wire(Part part) {
        var bytes = new ByteArrayOutputStream(64);
        // Small, for there is one for each message within a message; what is larger than it goes past it.
        CodedOutputStream out = CodedOutputStream.newInstance(bytes, 64);
        try {
            part.write(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private byte[] object(Message type, Map<?, ?> object) {
        return wire(out -> {
            for (Field field : type.fields()) {
                try {
                    field(field, object, out);
                } catch (IllegalArgumentException | ClassCastException e) {
                    throw new IllegalArgumentException(field.name() + ": " + e.getMessage(), e);
                }
            }
        });
    }

    private void field(Field field, Map<?, ?> object, CodedOutputStream out) throws IOException {
        if (field.label() == Label.INLINED) {
            out.writeByteArray(field.number(), object(types.known(field.type()), object));
            return;
        }
        Object value = object.get(field.name());
        if (value == null) {
            if (!field.message() && (field.label() == Label.PLAIN || field.label() == Label.ALWAYS)) {
                zero(field, out);
            }
            return;
        }
        switch (field.label()) {
            case LIST -> {
                for (Object element : (List<?>) value) {
                    one(field, field.number(), element, out);
                }
            }
            case MAP -> {
                for (var entry : new TreeMap<>((Map<?, ?>) value).entrySet()) {
                    out.writeByteArray(field.number(), wire(e -> {
                        e.writeString(1, (String) entry.getKey());
                        one(field, 2, entry.getValue(), e);
                    }));
                }
            }
            default -> one(field, field.number(), value, out);
        }
    }

    private static void zero(Field field, CodedOutputStream out) throws IOException {
        switch (field.type()) {
            case "string" -> out.writeString(field.number(), "");
            case "bool" -> out.writeBool(field.number(), false);
            case "int32", "int64" -> out.writeInt64(field.number(), 0);
            case "double" -> out.writeDouble(field.number(), 0);
            // Bytes are nil in Go, and not written.
            default -> {}
        }
    }

    private void one(Field field, int number, @Nullable Object value, CodedOutputStream out) throws IOException {
        if (field.message()) {
            out.writeByteArray(number, formed(types.known(field.type()), value));
            return;
        }
        switch (field.type()) {
            case "string" -> out.writeString(number, value == null ? "" : (String) value);
            case "bytes" -> out.writeByteArray(number, Base64.getDecoder().decode(value == null ? "" : (String) value));
            case "bool" -> out.writeBool(number, value != null && (Boolean) value);
            case "int32", "int64" -> out.writeInt64(number, value == null ? 0 : ((Number) value).longValue());
            case "double" -> out.writeDouble(number, value == null ? 0 : ((Number) value).doubleValue());
            default -> throw new IllegalArgumentException("unknown type " + field.type());
        }
    }

    private byte[] formed(Message type, @Nullable Object value) {
        if (value == null) {
            return type.form() == Form.RAW ? wire(out -> out.writeByteArray(1, Json.bytes(null))) : new byte[0];
        }
        return switch (type.form()) {
            case OBJECT -> object(type, (Map<?, ?>) value);
            case QUANTITY -> wire(out -> out.writeString(1, String.valueOf(value)));
            case INT_OR_STRING ->
                wire(out -> {
                    out.writeInt64(1, value instanceof String ? 1 : 0);
                    out.writeInt64(2, value instanceof Number n ? n.longValue() : 0);
                    out.writeString(3, value instanceof String s ? s : "");
                });
            case TIME, MICRO_TIME -> time(type.form(), (String) value);
            case RAW -> wire(out -> out.writeByteArray(1, Json.bytes(value)));
            case LIST -> object(type, Map.of(type.field(1).name(), value));
            case ONE_OR_LIST ->
                object(type, Map.of(type.field(value instanceof List<?> ? 2 : 1).name(), value));
            case BOOL_OR_ONE ->
                object(
                        type,
                        value instanceof Boolean
                                ? Map.of(type.field(1).name(), value)
                                : Map.of(
                                        type.field(1).name(),
                                        true,
                                        type.field(2).name(),
                                        value));
        };
    }

    private static byte[] time(Form form, String text) {
        Instant time = Timestamps.parse(text).orElseThrow(() -> new IllegalArgumentException("no time: " + text));
        int nanos = form == Form.MICRO_TIME ? time.getNano() / MICROSECOND * MICROSECOND : 0;
        return wire(out -> {
            out.writeInt64(1, time.getEpochSecond());
            out.writeInt32(2, nanos);
        });
    }
}
