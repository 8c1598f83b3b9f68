package dev.coracle.machinery.schema;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.schema.WireTypes.Field;
import dev.coracle.machinery.schema.WireTypes.Label;
import dev.coracle.machinery.schema.WireTypes.Message;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads objects of the built-in kinds in Kubernetes' protobuf, media type {@code application/vnd.kubernetes.protobuf}: four
 * bytes {@code k8s\0}, then an {@code Unknown} of which {@code raw} is the object.
 *
 * <p>Go writes every scalar that is no pointer, be it empty or not, and leaves an empty one out of JSON. So does this: the
 * empty string, zero and false are left out, but for the fields that are pointers in Go, where zero is said on purpose
 * ({@code replicas: 0}), and those that JSON always has ({@code restartCount: 0}).
 */
public final class ProtobufReader {
    /** What every object begins with. */
    static final byte[] MAGIC = {'k', '8', 's', 0};

    /** Between them is what the text of a time can say. */
    private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");

    private static final Instant END = Instant.parse("+10000-01-01T00:00:00Z");

    private final WireTypes types = new WireTypes();
    private final Schemas schemas;

    /** Keep it: what it has read of the schemas stays with it. */
    public ProtobufReader(Schemas schemas) {
        this.schemas = schemas;
    }

    /** @throws MalformedJsonException when the bytes are none, or of a kind that is not built in */
    public Map<String, Object> read(byte[] bytes) {
        return read(bytes, "", "");
    }

    /**
     * @param apiVersion and {@code kind}: what the object is if it does not say
     * @throws MalformedJsonException when the bytes are none, or of a kind that is not built in
     */
    public Map<String, Object> read(byte[] bytes, String apiVersion, String kind) {
        if (!isProtobuf(bytes)) {
            throw new MalformedJsonException(
                    "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
        }
        if (bytes.length == 4) {
            throw new MalformedJsonException("empty body");
        }
        try {
            return object(CodedInputStream.newInstance(bytes, 4, bytes.length - 4), apiVersion, kind);
        } catch (InvalidProtocolBufferException e) {
            boolean cut = String.valueOf(e.getMessage()).contains("ended unexpectedly");
            throw new MalformedJsonException(cut ? "unexpected EOF" : "proto: " + e.getMessage());
        } catch (IOException | IllegalArgumentException | DateTimeException e) {
            throw new MalformedJsonException("proto: " + e.getMessage());
        }
    }

    private static boolean isProtobuf(byte[] bytes) {
        return bytes.length >= 4 && Arrays.equals(bytes, 0, 4, MAGIC, 0, 4);
    }

    /** What the bytes say that they are; empty when they do not, or are none. */
    public Optional<GroupVersionKind> kind(byte[] bytes) {
        if (!isProtobuf(bytes)) {
            return Optional.empty();
        }
        try {
            Envelope e = envelope(CodedInputStream.newInstance(bytes, 4, bytes.length - 4));
            return Optional.of(GroupVersionKind.of(e.apiVersion(), e.kind()))
                    .filter(k -> !k.kind().isEmpty());
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private record Envelope(String apiVersion, String kind, byte[] raw) {}

    private Envelope envelope(CodedInputStream in) throws IOException {
        Message unknown = types.known("io.k8s.apimachinery.pkg.runtime.Unknown");
        Map<String, Object> meta = Map.of();
        byte[] raw = {};
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case 1 -> {
                    expect(unknown.field(1), tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                    int limit = in.pushLimit(in.readRawVarint32());
                    meta = message(types.known(unknown.field(1).type()), in, 1);
                    in.popLimit(limit);
                }
                case 2 -> {
                    expect(unknown.field(2), tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                    raw = in.readByteArray();
                }
                default -> in.skipField(tag);
            }
        }
        return new Envelope(
                meta.getOrDefault("apiVersion", "").toString(),
                meta.getOrDefault("kind", "").toString(),
                raw);
    }

    private Map<String, Object> object(CodedInputStream in, String apiVersion, String kind) throws IOException {
        Envelope said = envelope(in);
        String version = said.apiVersion().isEmpty() ? apiVersion : said.apiVersion();
        String named = said.kind().isEmpty() ? kind : said.kind();
        Message type = types.of(schemas, version, named)
                .orElseThrow(() -> new MalformedJsonException(
                        "no kind \"" + named + "\" is registered for version \"" + version + "\""));
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("apiVersion", version);
        object.put("kind", named);
        object.putAll(message(type, CodedInputStream.newInstance(said.raw()), 1));
        if (Json.depth(object) > Json.MAX_DEPTH) {
            throw tooDeep();
        }
        return object;
    }

    private static IllegalArgumentException tooDeep() {
        return new IllegalArgumentException("exceeded max depth of " + Json.MAX_DEPTH);
    }

    private Map<String, Object> message(Message type, CodedInputStream in, int depth) throws IOException {
        if (depth > Json.MAX_DEPTH) {
            throw tooDeep();
        }
        Map<String, Object> into = new LinkedHashMap<>();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            Field field = type.byNumber().get(WireFormat.getTagFieldNumber(tag));
            if (field == null) {
                in.skipField(tag);
            } else {
                field(field, tag, in, into, depth);
            }
        }
        return into;
    }

    @SuppressWarnings("unchecked")
    private void field(Field field, int tag, CodedInputStream in, Map<String, Object> into, int depth)
            throws IOException {
        switch (field.label()) {
            case MAP -> {
                expect(field, tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                var map = (Map<String, @Nullable Object>)
                        into.computeIfAbsent(field.name(), k -> new LinkedHashMap<String, @Nullable Object>());
                entry(field, in, map, depth);
            }
            case LIST -> {
                var list = (List<@Nullable Object>) into.computeIfAbsent(field.name(), k -> new ArrayList<>());
                if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED && numeric(field)) {
                    int limit = in.pushLimit(in.readRawVarint32());
                    while (in.getBytesUntilLimit() > 0) {
                        list.add(scalar(field, in));
                    }
                    in.popLimit(limit);
                } else {
                    list.add(value(field, tag, in, depth));
                }
            }
            case INLINED -> {
                if (value(field, tag, in, depth) instanceof Map<?, ?> inner) {
                    into.putAll((Map<String, Object>) inner);
                }
            }
            case PLAIN, POINTER, ALWAYS -> {
                Object value = value(field, tag, in, depth);
                if (value == null || field.label() == Label.PLAIN && !field.message() && zero(value)) {
                    into.remove(field.name());
                } else {
                    into.put(field.name(), value);
                }
            }
        }
    }

    private static boolean numeric(Field field) {
        return switch (field.type()) {
            case "bool", "int32", "int64", "double" -> true;
            default -> false;
        };
    }

    private static boolean zero(Object value) {
        return value.equals("") || value.equals(0L) || value.equals(false) || value.equals(0.0);
    }

    private void entry(Field field, CodedInputStream in, Map<String, @Nullable Object> into, int depth)
            throws IOException {
        int limit = in.pushLimit(in.readRawVarint32());
        String key = "";
        Object value =
                field.message() ? formed(types.known(field.type()), CodedInputStream.newInstance(new byte[0]), 1) : "";
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case 1 -> {
                    expect(field, tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                    key = in.readString();
                }
                case 2 -> value = value(field, tag, in, depth);
                default -> in.skipField(tag);
            }
        }
        in.popLimit(limit);
        into.put(key, value);
    }

    private @Nullable Object value(Field field, int tag, CodedInputStream in, int depth) throws IOException {
        expect(
                field,
                tag,
                switch (field.type()) {
                    case "bool", "int32", "int64" -> WireFormat.WIRETYPE_VARINT;
                    case "double" -> WireFormat.WIRETYPE_FIXED64;
                    default -> WireFormat.WIRETYPE_LENGTH_DELIMITED;
                });
        if (!field.message()) {
            return scalar(field, in);
        }
        int limit = in.pushLimit(in.readRawVarint32());
        Object value = formed(types.known(field.type()), in, depth + 1);
        in.popLimit(limit);
        return value;
    }

    private static void expect(Field field, int tag, int wireType) {
        if (WireFormat.getTagWireType(tag) != wireType) {
            throw new IllegalArgumentException(
                    "wrong wireType = " + WireFormat.getTagWireType(tag) + " for field " + goName(field.name()));
        }
    }

    private static String goName(String name) {
        return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    private static Object scalar(Field field, CodedInputStream in) throws IOException {
        return switch (field.type()) {
            case "string" -> in.readString();
            case "bytes" -> Base64.getEncoder().encodeToString(in.readByteArray());
            case "bool" -> in.readBool();
            case "int32" -> (long) in.readInt32();
            case "int64" -> in.readInt64();
            case "double" -> number(in.readDouble());
            default -> throw new IllegalArgumentException("unknown type " + field.type());
        };
    }

    /** As JSON has it: whole where it is whole, and finite. */
    private static Object number(double number) {
        if (!Double.isFinite(number)) {
            throw new IllegalArgumentException("unsupported value: " + number);
        }
        Object read = Json.parse(Json.bytes(number));
        return read == null ? number : read;
    }

    private @Nullable Object formed(Message type, CodedInputStream in, int depth) throws IOException {
        boolean empty = in.isAtEnd();
        Map<String, Object> fields = message(type, in, depth);
        return switch (type.form()) {
            case OBJECT -> fields;
            case QUANTITY -> fields.getOrDefault("string", "0");
            case INT_OR_STRING ->
                fields.containsKey("type") ? fields.getOrDefault("strVal", "") : fields.getOrDefault("intVal", 0L);
            case TIME, MICRO_TIME -> empty ? null : time(type, fields);
            case RAW -> {
                Object raw = fields.get(type.field(1).name());
                yield raw == null || raw.equals("")
                        ? null
                        : Json.parse(Base64.getDecoder().decode(raw.toString()));
            }
            case LIST -> fields.getOrDefault(type.field(1).name(), new ArrayList<>());
            case ONE_OR_LIST -> {
                Object list = fields.get(type.field(2).name());
                yield list == null ? fields.get(type.field(1).name()) : list;
            }
            case BOOL_OR_ONE -> {
                Object one = fields.get(type.field(2).name());
                yield one == null ? fields.containsKey(type.field(1).name()) : one;
            }
        };
    }

    /** Zero is left out of what is read, but it is a second like any other. */
    private static String time(Message type, Map<String, Object> fields) {
        Instant time = Instant.ofEpochSecond(number(fields, "seconds"), number(fields, "nanos"));
        if (time.isBefore(FIRST) || !time.isBefore(END)) {
            throw new IllegalArgumentException("year outside of range [0,9999]");
        }
        return type.form() == WireTypes.Form.MICRO_TIME ? Timestamps.formatMicro(time) : Timestamps.format(time);
    }

    private static long number(Map<String, Object> message, String name) {
        return message.get(name) instanceof Long n ? n : 0;
    }
}
