package dev.coracle.apiserver.http;

import dev.coracle.machinery.object.StatusException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * As what a client wants an object, and in which format: the first clause of its {@code Accept} header that can be served,
 * e.g. of {@code application/json;as=Table;v=v1;g=meta.k8s.io,application/json} the Table.
 */
record Representation(Format format, Shape shape) {
    /** In the order of preference, for who takes any. */
    enum Format {
        JSON("application/json"),
        YAML("application/yaml"),
        PROTOBUF("application/vnd.kubernetes.protobuf");

        private final String mediaType;

        Format(String mediaType) {
            this.mediaType = mediaType;
        }

        String mediaType() {
            return mediaType;
        }

        private boolean streams() {
            return this != YAML;
        }
    }

    enum Shape {
        WHOLE,
        TABLE,
        /** {@code PartialObjectMetadata}, and lists of it. */
        METADATA
    }

    private static final Set<String> META_VERSIONS = Set.of("v1", "v1beta1");

    /**
     * @param messages whether there is protobuf of what is asked for; there is none of the kinds that users define
     * @throws StatusException 406 when nothing of what is accepted can be served
     */
    static Representation of(Request request, boolean messages) {
        Representation r = find(request.header("accept"), messages, true);
        if (r == null) {
            throw notAcceptable(Stream.of(Format.values()).map(Format::mediaType));
        }
        return r;
    }

    /** For a watch. @throws StatusException 406 when what is accepted first of what can be served is no stream */
    static Representation stream(Request request, boolean messages) {
        Representation r = find(request.header("accept"), messages, true);
        if (r == null || !r.format.streams()) {
            throw notAcceptable(
                    Stream.of(Format.values()).filter(Format::streams).map(f -> f.mediaType + ";stream=watch"));
        }
        return r;
    }

    /** For what has no table and no metadata, such as the answer to a review. */
    static Format plain(Request request) {
        Representation r = find(request.header("accept"), true, false);
        if (r == null) {
            throw notAcceptable(Stream.of(Format.values()).map(Format::mediaType));
        }
        return r.format;
    }

    /** For the answer that something cannot be done, which there is in any case. */
    static Format ofRefusal(String accept) {
        Representation r = find(accept, true, true);
        return r == null ? Format.JSON : r.format;
    }

    private static StatusException notAcceptable(Stream<String> accepted) {
        return new StatusException(
                406,
                "NotAcceptable",
                "only the following media types are accepted: " + accepted.collect(Collectors.joining(", ")));
    }

    private static @Nullable Representation find(String accept, boolean messages, boolean shapes) {
        if (accept.isEmpty()) {
            return new Representation(Format.JSON, Shape.WHOLE);
        }
        for (Accept.Clause clause : Accept.of(accept).clauses()) {
            for (Format format : Format.values()) {
                Shape shape = clause.matches(format.mediaType) ? shape(clause, format, messages, shapes) : null;
                if (shape != null) {
                    return new Representation(format, shape);
                }
            }
        }
        return null;
    }

    private static @Nullable Shape shape(Accept.Clause clause, Format format, boolean messages, boolean shapes) {
        String stream = clause.parameter("stream");
        if (!stream.isEmpty() && !(stream.equals("watch") && format.streams())) {
            return null;
        }
        if (List.of("as", "g", "v").stream().noneMatch(clause.parameters()::containsKey)) {
            return format != Format.PROTOBUF || messages ? Shape.WHOLE : null;
        }
        String version = clause.parameter("v");
        if (!shapes || !clause.parameter("g").equals("meta.k8s.io") || !META_VERSIONS.contains(version)) {
            return null;
        }
        return switch (clause.parameter("as")) {
            case "Table" -> format == Format.PROTOBUF ? null : Shape.TABLE;
            // The messages of both versions differ, and we have but one's.
            case "PartialObjectMetadata", "PartialObjectMetadataList" ->
                format == Format.PROTOBUF && !version.equals("v1") ? null : Shape.METADATA;
            default -> null;
        };
    }
}
