package dev.coracle.machinery.schema;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.schema.WireTypes.Field;
import dev.coracle.machinery.schema.WireTypes.Message;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads objects of the built-in kinds in Kubernetes' protobuf, media type {@code application/vnd.kubernetes.protobuf}: four
 * bytes {@code k8s\0}, then an {@code Unknown} of which {@code raw} is the object.
 *
 * <p>Go writes every field that is no pointer, be it empty or not, and reads an empty one as if it was absent. So does this:
 * the empty string, zero and false are left out, but for the fields that are pointers in Go, where zero is said on purpose
 * ({@code replicas: 0}).
 */
public final class ProtobufReader {
    private static final byte[] MAGIC = {'k', '8', 's', 0};
    private static final String UNKNOWN = "io.k8s.apimachinery.pkg.runtime.Unknown";

    /** Scalars that are pointers in the Go types: their zero is a value. */
    private static final Set<String> POINTERS = Set.of(
            "activeDeadlineSeconds",
            "allowPrivilegeEscalation",
            "allowVolumeExpansion",
            "automountServiceAccountToken",
            "averageUtilization",
            "backoffLimit",
            "backoffLimitPerIndex",
            "blockOwnerDeletion",
            "completions",
            "controller",
            "defaultMode",
            "deletionGracePeriodSeconds",
            "enableServiceLinks",
            "expirationSeconds",
            "failedJobsHistoryLimit",
            "fsGroup",
            "gracePeriodSeconds",
            "hostUsers",
            "immutable",
            "leaseDurationSeconds",
            "leaseTransitions",
            "maxFailedIndexes",
            "minReplicas",
            "mode",
            "optional",
            "orphanDependents",
            "partition",
            "priority",
            "privileged",
            "progressDeadlineSeconds",
            "publishNotReadyAddresses",
            "readOnlyRootFilesystem",
            "replicas",
            "parallelism",
            "revisionHistoryLimit",
            "runAsGroup",
            "runAsNonRoot",
            "runAsUser",
            "seconds",
            "setHostnameAsFQDN",
            "shareProcessNamespace",
            "stabilizationWindowSeconds",
            "startingDeadlineSeconds",
            "storageClassName",
            "successfulJobsHistoryLimit",
            "suspend",
            "terminationGracePeriodSeconds",
            "tolerationSeconds",
            "ttlSecondsAfterFinished");

    private final WireTypes types = new WireTypes();
    private final Schemas schemas;

    /** Keep it: what it has read of the schemas stays with it. */
    public ProtobufReader(Schemas schemas) {
        this.schemas = schemas;
    }

    /** @throws MalformedJsonException when the bytes are none, or of a kind that is not built in */
    public Map<String, Object> read(byte[] bytes) {
        if (bytes.length < 4 || !Arrays.equals(bytes, 0, 4, MAGIC, 0, 4)) {
            throw new MalformedJsonException(
                    "provided data does not appear to be a protobuf message, expected prefix" + " [107 56 115 0]");
        }
        try {
            return object(bytes);
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new MalformedJsonException("proto: " + e.getMessage());
        }
    }

    private Map<String, Object> object(byte[] bytes) {
        String apiVersion = "";
        String kind = "";
        byte[] raw = {};
        for (var in = new Bytes(bytes, 4, bytes.length); in.more(); ) {
            int tag = in.tag();
            switch (tag >>> 3) {
                case 1 -> {
                    Map<String, Object> meta = message(message("io.k8s.apimachinery.pkg.runtime.TypeMeta"), in.part());
                    apiVersion = String.valueOf(meta.getOrDefault("apiVersion", ""));
                    kind = String.valueOf(meta.getOrDefault("kind", ""));
                }
                case 2 -> raw = in.part().copy();
                default -> in.skip(tag);
            }
        }
        String version = apiVersion;
        String named = kind;
        Schema schema = schemas.of(apiVersion, kind)
                .or(() -> schemas.named("io.k8s.apimachinery.pkg.apis.meta.v1." + named))
                .orElseThrow(() -> new MalformedJsonException(
                        "no kind \"" + named + "\" is registered for version \"" + version + "\""));
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("apiVersion", apiVersion);
        object.put("kind", kind);
        object.putAll(message(message(schema.name()), new Bytes(raw, 0, raw.length)));
        return object;
    }

    private Message message(String name) {
        return types.message(name)
                .orElseThrow(() -> new IllegalArgumentException("no message " + name + " in " + UNKNOWN));
    }

    private Map<String, Object> message(Message type, Bytes in) {
        Map<String, Object> into = new LinkedHashMap<>();
        while (in.more()) {
            int tag = in.tag();
            Field field = type.fields().get(tag >>> 3);
            if (field == null) {
                in.skip(tag);
            } else {
                field(field, tag, in, into);
            }
        }
        return into;
    }

    @SuppressWarnings("unchecked")
    private void field(Field field, int tag, Bytes in, Map<String, Object> into) {
        if (field.type().startsWith("map:")) {
            var map =
                    (Map<String, Object>) into.computeIfAbsent(field.name(), k -> new LinkedHashMap<String, Object>());
            entry(field.type().substring(4), in.part(), map);
        } else if (field.repeated()) {
            var list = (List<@Nullable Object>) into.computeIfAbsent(field.name(), k -> new ArrayList<>());
            if ((tag & 7) == 2 && packed(field.type())) {
                for (Bytes part = in.part(); part.more(); ) {
                    list.add(scalar(field.type(), 0, part));
                }
            } else {
                list.add(value(field.type(), tag, in));
            }
        } else {
            Object value = value(field.type(), tag, in);
            if (field.inlined() && value instanceof Map<?, ?> inner) {
                into.putAll((Map<String, Object>) inner);
            } else if (value != null && !(empty(value) && !POINTERS.contains(field.name()))) {
                into.put(field.name(), value);
            }
        }
    }

    private static boolean packed(String type) {
        return List.of("int32", "int64", "uint32", "uint64", "bool").contains(type);
    }

    private static boolean empty(Object value) {
        return value.equals("") || value.equals(0L) || value.equals(false) || value.equals(0.0);
    }

    private void entry(String type, Bytes in, Map<String, Object> into) {
        String key = "";
        Object value = packed(type) ? 0L : type.contains(".") ? new LinkedHashMap<String, Object>() : "";
        while (in.more()) {
            int tag = in.tag();
            switch (tag >>> 3) {
                case 1 -> key = in.part().text();
                case 2 -> {
                    Object read = value(type, tag, in);
                    value = read == null ? value : read;
                }
                default -> in.skip(tag);
            }
        }
        into.put(key, value);
    }

    private @Nullable Object value(String type, int tag, Bytes in) {
        return type.contains(".") ? special(type, in.part()) : scalar(type, tag, in);
    }

    private static Object scalar(String type, int tag, Bytes in) {
        return switch (type) {
            case "string" -> in.part().text();
            case "bytes" -> Base64.getEncoder().encodeToString(in.part().copy());
            case "bool" -> in.varint() != 0;
            case "int32", "int64", "uint32", "uint64" -> in.varint();
            case "double" -> Double.longBitsToDouble(in.fixed(8));
            default -> throw new IllegalArgumentException("wire type " + (tag & 7) + " of " + type);
        };
    }

    /** Messages whose JSON is no object of their fields. */
    private @Nullable Object special(String type, Bytes in) {
        String name = type.substring(type.lastIndexOf('.') + 1);
        Message message = message(type);
        return switch (name) {
            case "Quantity" -> message(message, in).getOrDefault("string", "0");
            case "IntOrString" -> {
                Map<String, Object> m = message(message, in);
                yield m.containsKey("type") ? m.getOrDefault("strVal", "") : m.getOrDefault("intVal", 0L);
            }
            case "Time", "MicroTime", "Timestamp" -> in.more() ? time(in, name.equals("MicroTime")) : null;
            case "Duration" -> GoText.duration(Duration.ofNanos(number(message(message, in), "duration")));
            case "RawExtension", "FieldsV1", "JSON" -> {
                Object raw = message(message, in).get("raw");
                yield raw == null ? null : Json.parse(Base64.getDecoder().decode(raw.toString()));
            }
            case "ExtraValue", "Verbs", "PatchTypes" ->
                message(message, in).getOrDefault("items", new ArrayList<Object>());
            default -> message(message, in);
        };
    }

    private static long number(Map<String, Object> message, String name) {
        return message.get(name) instanceof Long n ? n : 0;
    }

    private static String time(Bytes in, boolean micro) {
        long seconds = 0;
        long nanos = 0;
        while (in.more()) {
            int tag = in.tag();
            switch (tag >>> 3) {
                case 1 -> seconds = in.varint();
                case 2 -> nanos = in.varint();
                default -> in.skip(tag);
            }
        }
        Instant time = Instant.ofEpochSecond(seconds, nanos);
        return micro ? Timestamps.formatMicro(time) : Timestamps.format(time);
    }

    /** A stretch of bytes, read from front to end. */
    private static final class Bytes {
        private final byte[] all;
        private final int end;
        private int at;

        Bytes(byte[] all, int from, int end) {
            this.all = all;
            this.at = from;
            this.end = end;
        }

        boolean more() {
            return at < end;
        }

        long varint() {
            long value = 0;
            for (int shift = 0; shift < 70; shift += 7) {
                byte b = next();
                value |= (long) (b & 0x7f) << shift;
                if (b >= 0) {
                    return value;
                }
            }
            throw new IllegalArgumentException("integer overflow");
        }

        private byte next() {
            if (at >= end) {
                throw new IllegalArgumentException("unexpected EOF");
            }
            return all[at++];
        }

        int tag() {
            int tag = (int) varint();
            if (tag >>> 3 == 0) {
                throw new IllegalArgumentException("illegal tag 0 (wire type " + (tag & 7) + ")");
            }
            return tag;
        }

        long fixed(int length) {
            long value = 0;
            for (int i = 0; i < length; i++) {
                value |= (next() & 0xffL) << 8 * i;
            }
            return value;
        }

        Bytes part() {
            long length = varint();
            if (length < 0 || length > end - at) {
                throw new IllegalArgumentException("unexpected EOF");
            }
            Bytes part = new Bytes(all, at, at + (int) length);
            at += (int) length;
            return part;
        }

        void skip(int tag) {
            switch (tag & 7) {
                case 0 -> varint();
                case 1 -> fixed(8);
                case 2 -> part();
                case 5 -> fixed(4);
                default -> throw new IllegalArgumentException("illegal wireType " + (tag & 7));
            }
        }

        byte[] copy() {
            return Arrays.copyOfRange(all, at, end);
        }

        String text() {
            return new String(all, at, end - at, StandardCharsets.UTF_8);
        }
    }
}
