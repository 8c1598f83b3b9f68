package dev.coracle.apiserver.http;

import dev.coracle.apiserver.openapi.Documents;
import dev.coracle.apiserver.openapi.Documents.Document;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.StatusException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Serves the OpenAPI documents. A client that asks by the hash that the index names may keep the document for good; any
 * other may ask again whether it is still the same.
 */
final class OpenApi {
    private static final String V2 = "/openapi/v2";
    private static final String V3 = "/openapi/v3";

    private final Documents documents;

    private final Documents.Others others;
    private final Memo memo;

    /**
     * @param others have documents of their own, which they serve themselves
     * @param memo keeps the index of all, which takes every one of them
     */
    OpenApi(Documents documents, Documents.Others others, Memo memo) {
        this.documents = documents;
        this.others = others;
        this.memo = memo;
    }

    /** Answers, if the path is one of its. */
    boolean handles(Request request, Answer answer) {
        String path = request.path();
        if (path.equals(V3)) {
            accepts(request);
            byte[] index = memo.of(V3, () -> Json.bytes(index()));
            send(request, answer, new Document(index, Documents.hash(index)), "");
        } else if (path.startsWith(V3 + "/")) {
            String at = path.substring(V3.length() + 1);
            Document document = documents
                    .document(at)
                    .orElseThrow(() ->
                            new StatusException(404, "NotFound", "the server could not find the requested resource"));
            accepts(request);
            send(request, answer, document, at);
        } else if (path.equals(V2) && request.header("accept").contains("+protobuf")) {
            answer.send(
                    200,
                    "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
                    documents.version2Protobuf(),
                    Map.of("etag", "\"" + documents.version2().hash() + "\"", "vary", "Accept"));
        } else if (path.equals(V2)) {
            accepts(request);
            send(request, answer, documents.version2(), "");
        } else {
            return false;
        }
        return true;
    }

    private Map<String, Object> index() {
        Map<String, Object> paths = new LinkedHashMap<>();
        Map<String, String> all = new TreeMap<>(documents.index());
        all.putAll(others.documents());
        all.forEach((at, hash) -> paths.put(at, Map.of("serverRelativeURL", url(at, hash))));
        Map<String, Object> index = new LinkedHashMap<>();
        index.put("paths", paths);
        return index;
    }

    private static String url(String at, String hash) {
        return V3 + "/" + at + "?hash=" + hash;
    }

    /** Those of version 3 are JSON: clients that want protobuf alone are told so, and fall back. */
    private static void accepts(Request request) {
        String accept = request.header("accept");
        if (!accept.isEmpty() && !accept.contains("json") && !accept.contains("*/*")) {
            throw new StatusException(
                    406, "NotAcceptable", "only the following media types are accepted: application/json");
        }
    }

    private static void send(Request request, Answer answer, Document document, String at) {
        String etag = "\"" + document.hash() + "\"";
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("etag", etag);
        headers.put("vary", "Accept");
        String hash = request.parameter("hash");
        if (!hash.isEmpty() && !at.isEmpty()) {
            if (!hash.equals(document.hash())) {
                headers.put("location", url(at, document.hash()));
                answer.send(301, "", new byte[0], headers);
                return;
            }
            headers.put("cache-control", "public, immutable");
        }
        if (request.header("if-none-match").equals(etag)) {
            answer.send(304, "", new byte[0], headers);
            return;
        }
        answer.send(200, "application/json", document.json(), headers);
    }
}
