package dev.coracle.apiserver.http;

import dev.coracle.apiserver.authentication.ServiceAccountTokens;
import dev.coracle.apiserver.authorization.Reviews;
import dev.coracle.client.Client;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is asked by POST and answered without being stored: reviews and tokens; and who signs the tokens. */
final class Questions {
    private final ServiceAccountTokens tokens;
    private final Bodies bodies;
    private final FieldGate fields;
    private final Encodings encodings;

    Questions(ServiceAccountTokens tokens, Bodies bodies, FieldGate fields, Encodings encodings) {
        this.encodings = encodings;
        this.bodies = bodies;
        this.fields = fields;
        this.tokens = tokens;
    }

    /**
     * Answers, if this is one of them.
     *
     * @param path from the resource on
     */
    boolean handles(
            Client client,
            Request request,
            Answer answer,
            GroupVersionResource resource,
            String namespace,
            List<String> path) {
        boolean review = path.size() == 1
                && Reviews.ALL.stream()
                        .anyMatch(r -> r.plural().equals(resource.resource())
                                && r.kind().apiVersion().equals(resource.apiVersion()));
        boolean token = resource.equals(Resources.SERVICE_ACCOUNTS)
                && path.size() == 3
                && path.get(2).equals("token");
        if (!review && !token) {
            return false;
        }
        if (!request.method().equals("POST")) {
            throw new StatusException(
                    405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
        }
        Representation.Format format = Representation.plain(request);
        List<String> strictErrors = new ArrayList<>();
        GroupVersionKind kind = token
                ? new GroupVersionKind("authentication.k8s.io", "v1", "TokenRequest")
                : Reviews.find(resource).orElseThrow().kind();
        Unstructured body = bodies.read(request, strictErrors::add, kind);
        if (body.apiVersion().isEmpty()) {
            body.set(kind.apiVersion(), "apiVersion");
        }
        if (body.kind().isEmpty()) {
            body.set(kind.kind(), "kind");
        }
        Answer told = fields.body(request, answer, body, strictErrors);
        Unstructured answered = token
                ? client.post(resource, namespace, path.get(1), "token", body)
                : client.create(resource, namespace, body, WriteOptions.DEFAULT).object();
        encodings.send(told, 201, format, answered.map());
        return true;
    }

    /** OpenID Connect discovery, by which others find the keys. */
    Map<String, Object> configuration() {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("issuer", ServiceAccountTokens.ISSUER);
        m.put("jwks_uri", ServiceAccountTokens.ISSUER + "/openid/v1/jwks");
        m.put("response_types_supported", List.of("id_token"));
        m.put("subject_types_supported", List.of("public"));
        m.put("id_token_signing_alg_values_supported", List.of("RS256"));
        return m;
    }

    Map<String, Object> keys() {
        return tokens.keys();
    }
}
