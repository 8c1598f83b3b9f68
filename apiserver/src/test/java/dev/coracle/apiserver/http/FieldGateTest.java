package dev.coracle.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.builtin.BuiltIns;
import dev.coracle.apiserver.openapi.Documents;
import dev.coracle.apiserver.proxy.Destination;
import dev.coracle.client.Patch;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.schema.Schemas;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a client hears of fields that a kind does not have, and how OpenAPI documents are cached. */
class FieldGateTest {
    private static final GroupVersionKind DEPLOYMENT = new GroupVersionKind("apps", "v1", "Deployment");

    /** Keeps what was answered. */
    private static final class Kept implements Answer {
        private int code;
        private String body = "";
        private Map<String, String> headers = Map.of();

        @Override
        public void send(int code, String contentType, byte[] body, Map<String, String> headers) {
            this.code = code;
            this.body = new String(body, StandardCharsets.UTF_8);
            this.headers = headers;
        }

        @Override
        public void begun() {}

        @Override
        public Stream stream(int code, String contentType) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void relay(Destination to) {
            throw new UnsupportedOperationException();
        }
    }

    private final Schemas schemas = Schemas.builtIn();
    private final FieldGate gate = new FieldGate(schemas, kind -> Optional.empty());
    private final Kept kept = new Kept();

    private static Request request(String method, String path, String validation, String body) {
        Map<String, List<String>> query = new HashMap<>();
        if (!validation.isEmpty()) {
            query.put("fieldValidation", List.of(validation));
        }
        return new Request(
                method,
                path,
                path,
                query,
                Map.of(),
                body.getBytes(StandardCharsets.UTF_8),
                UserInfo.ADMIN,
                RequestInfo.of(method, path, query));
    }

    private Unstructured post(String validation, String json) {
        Request request = request("POST", "/", validation, json);
        List<String> strictErrors = new ArrayList<>();
        Unstructured body = new Bodies(dev.coracle.machinery.schema.Schemas.builtIn())
                .read(request, strictErrors::add, new GroupVersionKind("apps", "v1", "Deployment"))
                .set("apps/v1", "apiVersion")
                .set("Deployment", "kind");
        gate.body(request, kept, body, strictErrors).send(201, "application/json", new byte[0]);
        return body;
    }

    private Unstructured patch(Patch.Type type, String validation, String text) {
        var patched = gate.patch(request("PATCH", "/", validation, text), kept, DEPLOYMENT, type, "web");
        patched.answer().send(200, "application/json", new byte[0]);
        return Unstructured.parse(patched.patch().body());
    }

    @Test
    void byDefaultUnknownFieldsAreWarnedOfAndNotStored() {
        Unstructured stored = post("", "{\"spec\":{\"replica\":2,\"replicas\":1,\"replicas\":3}}");
        assertThat(kept.code).isEqualTo(201);
        assertThat(kept.headers)
                .containsEntry(
                        "warning",
                        "299 - \"duplicate field \\\"spec.replicas\\\"\", 299 - \"unknown field \\\"spec.replica\\\"\"");
        assertThat(stored.integer(0, "spec", "replicas")).isEqualTo(3);
        assertThat(stored.has("spec", "replica")).isFalse();
    }

    @Test
    void whoIgnoresThemHearsNothing() {
        assertThat(post("Ignore", "{\"spec\":{\"replica\":2}}").has("spec", "replica"))
                .isFalse();
        assertThat(kept.headers).isEmpty();
    }

    @Test
    void strictlyTheyAreRefused() {
        assertThatThrownBy(() -> post("Strict", "{\"spec\":{\"replica\":2}}"))
                .hasMessage("Deployment in version \"v1\" cannot be handled as a Deployment: strict decoding error:"
                        + " unknown field \"spec.replica\"");
        assertThatThrownBy(() -> patch(Patch.Type.STRATEGIC, "Strict", "{\"spec\":{\"replica\":2}}"))
                .isInstanceOfSatisfying(
                        StatusException.class, e -> assertThat(e.code()).isEqualTo(422))
                .hasMessageContaining("patch: Invalid value: \"map[spec:map[replica:2]]\": strict decoding error:"
                        + " unknown field \"spec.replica\"");
    }

    @Test
    void patchesMayTakeAwayAnythingAndKeepTheirDirectives() {
        Unstructured taken = patch(
                Patch.Type.STRATEGIC,
                "Strict",
                "{\"spec\":{\"replica\":null,\"strategy\":{\"$retainKeys\":[\"type\"],\"type\":\"Recreate\"}}}");
        assertThat(taken.has("spec", "replica")).isFalse();
        assertThat(taken.stringList("spec", "strategy", "$retainKeys")).containsExactly("type");
        assertThat(patch(Patch.Type.MERGE, "", "{\"spec\":{\"replica\":2,\"paused\":true}}")
                        .json())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("{\"spec\":{\"paused\":true}}");
        assertThat(kept.headers).containsKey("warning");
    }

    @Test
    void whatYamlHasTwiceIsToldByItsLine() {
        String text = """
                metadata: {namespace: default}
                spec:
                  replicas: 1
                  paused: no
                  replicas: 2
                  paused: yes
                """;
        assertThatThrownBy(() -> patch(Patch.Type.APPLY, "Strict", text))
                .hasMessage("error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n"
                        + "  line 5: key \"replicas\" already set in map\n  line 6: key \"paused\" already set in map");
        gate.patch(request("PATCH", "/", "Warn", text), kept, DEPLOYMENT, Patch.Type.APPLY, "web")
                .answer()
                .send(200, "application/json", new byte[0]);
        assertThat(kept.headers)
                .containsEntry(
                        "warning",
                        "299 - \"line 5: key \\\"replicas\\\" already set in map\", "
                                + "299 - \"line 6: key \\\"paused\\\" already set in map\"");
        gate.patch(request("PATCH", "/", "Ignore", text), kept, DEPLOYMENT, Patch.Type.APPLY, "web");
    }

    @Test
    void anApplyWithAnUnknownFieldFailsAlways() {
        assertThatThrownBy(() -> patch(
                        Patch.Type.APPLY,
                        "Ignore",
                        "{\"metadata\":{\"namespace\":\"default\"},\"spec\":{\"replica\":2,\"foo\":1}}"))
                .hasMessage("failed to create typed patch object (default/web; apps/v1, Kind=Deployment): errors:\n"
                        + "  .spec.foo: field not declared in schema\n  .spec.replica: field not declared in schema");
    }

    @Test
    void kindsWithoutSchemaPass() {
        Unstructured thing = Unstructured.parse("{\"apiVersion\":\"nobody.example/v1\",\"kind\":\"Thing\",\"a\":1}");
        assertThat(gate.body(request("PUT", "/", "Strict", ""), kept, thing, List.of()))
                .isSameAs(kept);
        assertThat(thing.has("a")).isTrue();
    }

    @Test
    void aDocumentAskedForByItsHashIsKeptForGood() {
        OpenApi openApi =
                new OpenApi(new Documents(BuiltIns::all, schemas), Documents.NO_OTHERS, new Memo(() -> "always"));
        assertThat(openApi.handles(request("GET", "/openapi/v3", "", ""), kept)).isTrue();
        String url = Unstructured.parse(kept.body).string("paths", "apis/apps/v1", "serverRelativeURL");
        String hash = url.substring(url.indexOf("?hash=") + 6);
        assertThat(hash).hasSize(64);

        openApi.handles(hashed(hash, Map.of()), kept);
        assertThat(kept.code).isEqualTo(200);
        assertThat(kept.headers)
                .containsEntry("etag", "\"" + hash + "\"")
                .containsEntry("cache-control", "public, immutable");

        openApi.handles(hashed("0", Map.of()), kept);
        assertThat(kept.code).isEqualTo(301);
        assertThat(kept.headers).containsEntry("location", url);

        openApi.handles(hashed("", Map.of("if-none-match", "\"" + hash + "\"")), kept);
        assertThat(kept.code).isEqualTo(304);
        assertThat(kept.headers).doesNotContainKey("cache-control");

        assertThat(openApi.handles(request("GET", "/version", "", ""), kept)).isFalse();
        assertThatThrownBy(() -> openApi.handles(hashed("", Map.of("accept", "application/x-protobuf")), kept))
                .isInstanceOfSatisfying(
                        StatusException.class, e -> assertThat(e.code()).isEqualTo(406));
    }

    private static Request hashed(String hash, Map<String, String> headers) {
        String path = "/openapi/v3/apis/apps/v1";
        Map<String, List<String>> query = hash.isEmpty() ? Map.of() : Map.of("hash", List.of(hash));
        return new Request(
                "GET", path, path, query, headers, new byte[0], UserInfo.ADMIN, RequestInfo.of("GET", path, query));
    }
}
