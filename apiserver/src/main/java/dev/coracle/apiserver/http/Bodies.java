package dev.coracle.apiserver.http;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.MalformedJsonException;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.schema.ProtobufReader;
import dev.coracle.machinery.schema.Schemas;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** The objects that requests carry, as JSON, YAML or protobuf. */
final class Bodies {
    private final ProtobufReader protobuf;

    Bodies(Schemas schemas) {
        this.protobuf = new ProtobufReader(schemas);
    }

    Unstructured read(Request request) {
        return read(request, duplicate -> {});
    }

    /**
     * @param duplicates told the path of each key that an object has twice; in YAML that is an error
     * @throws StatusException 400 for what is no object, 415 for another media type
     */
    @SuppressWarnings("unchecked")
    Unstructured read(Request request, Consumer<String> duplicates) {
        String type = request.header("content-type").replaceAll(";.*", "").trim();
        try {
            Object tree;
            if (type.contains("yaml")) {
                List<Object> documents = Yaml.parseAll(new String(request.body(), StandardCharsets.UTF_8));
                tree = documents.size() == 1 ? documents.getFirst() : List.of();
            } else if (Set.of("", "application/json", "*/*").contains(type)) {
                tree = Json.parse(request.body(), duplicates);
            } else if (type.equals("application/vnd.kubernetes.protobuf")) {
                tree = protobuf.read(request.body());
            } else {
                throw new StatusException(
                        415,
                        "UnsupportedMediaType",
                        "the body of the request was in an unknown format - accepted media types include: "
                                + "application/json, application/yaml, application/vnd.kubernetes.protobuf");
            }
            if (tree instanceof Map<?, ?> m) {
                return new Unstructured((Map<String, Object>) m);
            }
            throw new MalformedJsonException("expected one object");
        } catch (MalformedJsonException e) {
            throw StatusException.badRequest(
                    "the object provided is unrecognized (must be of type JSON or YAML): " + e.getMessage());
        }
    }
}
