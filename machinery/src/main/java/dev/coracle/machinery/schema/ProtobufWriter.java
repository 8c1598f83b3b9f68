package dev.coracle.machinery.schema;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.schema.WireTypes.Field;
import dev.coracle.machinery.schema.WireTypes.Form;
import dev.coracle.machinery.schema.WireTypes.Label;
import dev.coracle.machinery.schema.WireTypes.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
    /** What {@code Status}, {@code PartialObjectMetadata} and {@code APIVersions} say that they are of. */
    private static final Set<String> META = Set.of("v1", "meta.k8s.io/v1", "");

    private static final int MICROSECOND = 1_000;

    private final WireTypes types = new WireTypes();
    private final Schemas schemas;

    /** Keep it: what it has read of the schemas stays with it. */
    public ProtobufWriter(Schemas schemas) {
        this.schemas = schemas;
    }

    /** Whether the kind has a message, as all that are built in have. */
    public boolean knows(String apiVersion, String kind) {
        return type(apiVersion, kind).isPresent();
    }

    /** The object with what says its kind. @throws IllegalArgumentException when the kind has no message */
    public Enclosed write(Map<String, Object> object) {
        String apiVersion = String.valueOf(object.getOrDefault("apiVersion", ""));
        String kind = String.valueOf(object.getOrDefault("kind", ""));
        return enveloped(apiVersion, kind, message(apiVersion, kind, object));
    }

    /** The object alone. @throws IllegalArgumentException when the kind has no message, or the object is of another */
    public byte[] message(String apiVersion, String kind, Map<String, Object> object) {
        return object(
                type(apiVersion, kind)
                        .orElseThrow(() -> new IllegalArgumentException(apiVersion + " " + kind + " has no message")),
                object);
    }

    /** Kinds that users define may have the names of those that are no group's own. */
    private Optional<Message> type(String apiVersion, String kind) {
        return META.contains(apiVersion)
                ? types.of(schemas, apiVersion, kind)
                : schemas.of(apiVersion, kind).map(Schema::name).flatMap(types::message);
    }

    /** A message and what lies around it, in pieces, so that the message need not be copied for everybody who gets it. */
    public record Enclosed(byte[] head, byte[] message, byte[] tail) {
        public int length() {
            return head.length + message.length + tail.length;
        }

        public byte[] joined() {
            return ByteBuffer.allocate(length())
                    .put(head)
                    .put(message)
                    .put(tail)
                    .array();
        }
    }

    /** What says the kind, around an object's message. */
    public Enclosed enveloped(String apiVersion, String kind, byte[] message) {
        byte[] type = wire(out -> {
            out.writeString(1, apiVersion);
            out.writeString(2, kind);
        });
        byte[] head = wire(out -> {
            out.writeRawBytes(ProtobufReader.MAGIC);
            out.writeByteArray(1, type);
            begin(2, message.length, out);
        });
        return new Enclosed(head, message, wire(out -> {
            out.writeString(3, "");
            out.writeString(4, "");
        }));
    }

    /** A list of objects' messages, with what says its kind. */
    public byte[] list(String apiVersion, String kind, Map<String, Object> metadata, List<byte[]> items) {
        byte[] meta = object(types.known(WireTypes.META + "ListMeta"), metadata);
        byte[] list = wire(out -> {
            out.writeByteArray(1, meta);
            for (byte[] item : items) {
                out.writeByteArray(2, item);
            }
        });
        return enveloped(apiVersion, kind, list).joined();
    }

    /** An event of a watch. @param object with what says its kind */
    public Enclosed event(String type, Enclosed object) {
        byte[] raw = wire(out -> begin(1, object.length(), out));
        byte[] head = wire(out -> {
            out.writeString(1, type);
            begin(2, raw.length + object.length(), out);
            out.writeRawBytes(raw);
            out.writeRawBytes(object.head());
        });
        return new Enclosed(head, object.message(), object.tail());
    }

    private static void begin(int field, int length, CodedOutputStream out) throws IOException {
        out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(length);
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
