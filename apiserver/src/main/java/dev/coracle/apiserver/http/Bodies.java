package dev.coracle.apiserver.http;

import dev.coracle.apiserver.http.Representation.Format;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.schema.FieldValidation;
import dev.coracle.machinery.schema.ProtobufReader;
import dev.coracle.machinery.schema.Schemas;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The objects that requests carry, as JSON, YAML or protobuf. */
final class Bodies {
    /** How much of a body is shown to who sent it. */
    private static final int SHOWN = 30;

    private final ProtobufReader protobuf;

    Bodies(Schemas schemas) {
        this.protobuf = new ProtobufReader(schemas);
    }

    /**
     * @param strictErrors told of each key that an object has twice, of which the last counts
     * @param kind what the object must be, and is if it does not say
     * @throws StatusException 400 for what is no object, 415 for another media type
     */
    @SuppressWarnings("unchecked")
    Unstructured read(Request request, Consumer<String> strictErrors, GroupVersionKind kind) {
        Format format = format(request.header("content-type"));
        try {
            Object tree = switch (format) {
                case JSON -> Json.parse(request.body(), d -> strictErrors.accept(FieldValidation.duplicate(d)));
                case YAML -> yaml(request.body(), strictErrors);
                case PROTOBUF -> protobuf.read(request.body(), kind.apiVersion(), kind.kind());
            };
            if (tree instanceof Map<?, ?> m) {
                return new Unstructured((Map<String, Object>) m);
            }
            throw new MalformedJsonException("expected one object");
        } catch (MalformedJsonException e) {
            throw StatusException.badRequest(
                    format == Format.PROTOBUF
                            ? unrecognized(request.body(), kind, e)
                            : "the object provided is unrecognized (must be of type JSON or YAML): " + e.getMessage());
        }
    }

    private static @Nullable Object yaml(byte[] body, Consumer<String> strictErrors) {
        List<String> duplicates = new ArrayList<>();
        List<Object> documents = Yaml.parseAll(new String(body, StandardCharsets.UTF_8), duplicates::add);
        if (!duplicates.isEmpty()) {
            strictErrors.accept(FieldValidation.duplicates(duplicates));
        }
        return documents.size() == 1 ? Yaml.sorted(documents.getFirst()) : null;
    }

    private String unrecognized(byte[] body, GroupVersionKind kind, MalformedJsonException why) {
        return protobuf.kind(body)
                .map(said -> said.kind() + " in version \"" + said.version() + "\" cannot be handled as a "
                        + kind.kind() + ": " + why.getMessage())
                .orElseGet(() -> "the object provided is unrecognized (must be of type " + kind.kind() + "): "
                        + why.getMessage() + " (" + summary(body) + ")");
    }

    private static String summary(byte[] body) {
        boolean text = body.length > 0 && body[0] == '{';
        int shown = Math.min(SHOWN, body.length);
        String start = text
                ? new String(body, 0, shown, StandardCharsets.UTF_8)
                : HexFormat.of().formatHex(body, 0, shown);
        return body.length == 0 ? "<empty>" : shown < body.length ? start + " ..." : start;
    }

    private static Format format(String contentType) {
        String type = contentType.replaceAll(";.*", "").strip().toLowerCase(Locale.ROOT);
        if (type.isEmpty() || type.equals("*/*")) {
            return Format.JSON;
        }
        return Stream.of(Format.values())
                .filter(f -> f.mediaType().equals(type))
                .findFirst()
                .orElseThrow(() -> new StatusException(
                        415,
                        "UnsupportedMediaType",
                        "the body of the request was in an unknown format - accepted media types include: "
                                + Stream.of(Format.values())
                                        .map(Format::mediaType)
                                        .collect(Collectors.joining(", "))));
    }
}
