package dev.coracle.apiserver.http;

import dev.coracle.apiserver.http.Representation.Format;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.schema.ProtobufWriter;
import dev.coracle.machinery.schema.ProtobufWriter.Enclosed;
import dev.coracle.machinery.schema.Schemas;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Objects as they are sent. What belongs to a revision is made once, and lies with it for all who ask. */
final class Encodings {
    private final ProtobufWriter protobuf;

    Encodings(Schemas schemas) {
        this.protobuf = new ProtobufWriter(schemas);
    }

    /** Whether there is protobuf of a kind. */
    boolean messages(GroupVersionKind kind) {
        return protobuf.knows(kind.apiVersion(), kind.kind());
    }

    byte[] bytes(Format format, Map<String, Object> tree) {
        return switch (format) {
            case JSON -> Json.bytes(tree);
            case YAML -> Yaml.string(tree).getBytes(StandardCharsets.UTF_8);
            case PROTOBUF -> protobuf.write(tree).joined();
        };
    }

    byte[] bytes(Format format, Revision r) {
        return switch (format) {
            case JSON -> r.json();
            case YAML -> bytes(format, r.object().map());
            case PROTOBUF -> enveloped(r).joined();
        };
    }

    private byte[] message(Revision r) {
        return r.encoded(o -> protobuf.message(o.apiVersion(), o.kind(), o.map()));
    }

    private Enclosed enveloped(Revision r) {
        Unstructured o = r.object();
        return protobuf.enveloped(o.apiVersion(), o.kind(), message(r));
    }

    /** @param kind of the items */
    byte[] list(Format format, GroupVersionKind kind, Map<String, Object> metadata, List<Revision> items) {
        return switch (format) {
            case JSON -> joined(kind, metadata, items);
            case YAML -> Yaml.string(Json.parse(joined(kind, metadata, items))).getBytes(StandardCharsets.UTF_8);
            case PROTOBUF ->
                protobuf.list(
                        kind.apiVersion(),
                        kind.kind() + "List",
                        metadata,
                        items.stream().map(this::message).toList());
        };
    }

    /** The objects' own bytes, put together. */
    private static byte[] joined(GroupVersionKind kind, Map<String, Object> metadata, List<Revision> items) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
        out.writeBytes(
                ("{\"kind\":\"" + kind.kind() + "List\",\"apiVersion\":\"" + kind.apiVersion() + "\",\"metadata\":")
                        .getBytes(StandardCharsets.UTF_8));
        out.writeBytes(Json.bytes(metadata));
        out.writeBytes(",\"items\":[".getBytes(StandardCharsets.UTF_8));
        boolean first = true;
        for (Revision r : items) {
            if (!first) {
                out.write(',');
            }
            first = false;
            out.writeBytes(r.json());
        }
        out.writeBytes("]}".getBytes(StandardCharsets.UTF_8));
        return out.toByteArray();
    }

    /** A watch's event in protobuf. */
    Enclosed event(String type, Revision r) {
        return protobuf.event(type, enveloped(r));
    }

    Enclosed event(String type, Map<String, Object> tree) {
        return protobuf.event(type, protobuf.write(tree));
    }

    /** What stands before each event in protobuf, for they have no end of their own: its length. */
    static byte[] length(Enclosed event) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(event.length()).array();
    }

    void send(Answer answer, int code, Format format, Map<String, Object> tree) {
        answer.send(code, format.mediaType(), bytes(format, tree));
    }
}
