package dev.coracle.apiserver.http;

import dev.coracle.machinery.object.StatusException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * As what a client wants an object: the first clause of its {@code Accept} header that can be served, e.g. of
 * {@code application/json;as=Table;v=v1;g=meta.k8s.io,application/json} the Table.
 */
enum Representation {
    JSON,
    YAML,
    TABLE,
    /** {@code PartialObjectMetadata}, and lists of it. */
    METADATA;

    private static final Set<String> META_VERSIONS = Set.of("v1", "v1beta1");

    /** @throws StatusException 406 when nothing of what is accepted can be served */
    static Representation of(Request request) {
        String accept = request.header("accept");
        if (accept.isBlank()) {
            return JSON;
        }
        for (String clause : accept.split(",")) {
            Representation r = clause(clause);
            if (r != null) {
                return r;
            }
        }
        throw notAcceptable();
    }

    private static StatusException notAcceptable() {
        return new StatusException(
                406,
                "NotAcceptable",
                "only the following media types are accepted: application/json, application/yaml,"
                        + " application/vnd.kubernetes.protobuf");
    }

    private static @Nullable Representation clause(String clause) {
        String[] parts = clause.trim().toLowerCase(Locale.ROOT).split("\\s*;\\s*");
        Map<String, String> parameters = new HashMap<>();
        for (int i = 1; i < parts.length; i++) {
            int eq = parts[i].indexOf('=');
            parameters.put(eq < 0 ? parts[i] : parts[i].substring(0, eq), eq < 0 ? "" : parts[i].substring(eq + 1));
        }
        boolean json = Set.of("application/json", "application/*", "*/*").contains(parts[0]);
        String as = parameters.getOrDefault("as", "");
        if (as.isEmpty()) {
            return json ? JSON : parts[0].equals("application/yaml") ? YAML : null;
        }
        boolean meta =
                "meta.k8s.io".equals(parameters.get("g")) && META_VERSIONS.contains(parameters.getOrDefault("v", ""));
        if (!json || !meta) {
            return null;
        }
        return switch (as) {
            case "table" -> TABLE;
            case "partialobjectmetadata", "partialobjectmetadatalist" -> METADATA;
            default -> null;
        };
    }

    /** For what has no table and no metadata, such as the answer to a review. */
    static Representation plain(Request request) {
        Representation r = of(request);
        if (r == TABLE || r == METADATA) {
            throw notAcceptable();
        }
        return r;
    }
}
