package dev.coracle.apiserver.http;

import dev.coracle.apiserver.authentication.ServiceAccountTokens;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.authorization.Attributes;
import dev.coracle.apiserver.authorization.RbacAuthorizer;
import dev.coracle.apiserver.metrics.Metrics;
import dev.coracle.apiserver.openapi.Documents;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.client.Client;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.schema.Schemas;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** Which path means what. */
public final class Routes {
    private final Registry registry;
    private final RbacAuthorizer authorizer;
    private final Function<UserInfo, Client> clients;
    private final Discovery discovery;
    private final OpenApi openApi;
    private final ResourceRoutes resources;
    private final Streams streams;
    private final Questions questions;
    private final MetricsRoutes metrics;

    public Routes(
            Registry registry,
            RbacAuthorizer authorizer,
            Environment environment,
            Function<UserInfo, Client> clients,
            ServiceAccountTokens tokens,
            Metrics metrics) {
        this.registry = registry;
        this.authorizer = authorizer;
        this.clients = clients;
        this.discovery = new Discovery(registry.definitions(), metrics.served());
        this.metrics = new MetricsRoutes(metrics, authorizer);
        Schemas schemas = registry.schemas();
        Bodies bodies = new Bodies(schemas);
        this.openApi = new OpenApi(new Documents(registry::definitions, schemas));
        this.resources = new ResourceRoutes(registry, environment, new FieldGate(schemas), bodies);
        this.streams = new Streams(registry, authorizer, environment);
        this.questions = new Questions(tokens, bodies);
    }

    void handle(Request request, Answer answer) {
        List<String> path = new ArrayList<>(List.of(request.path().split("/")));
        path.removeIf(String::isEmpty);
        boolean core = path.size() > 2 && path.getFirst().equals("api");
        boolean group = path.size() > 3 && path.getFirst().equals("apis");
        if (core || group) {
            String g = core ? "" : path.get(1);
            String v = core ? path.get(1) : path.get(2);
            resource(request, answer, g, v, path.subList(core ? 2 : 3, path.size()));
            return;
        }
        authorizer.require(
                request.user(),
                new Attributes(request.method().toLowerCase(Locale.ROOT), "", "", "", "", "", request.path()));
        document(request, answer);
    }

    private void document(Request request, Answer answer) {
        switch (request.path()) {
            case "/healthz", "/livez", "/readyz" ->
                answer.send(
                        200, "text/plain; charset=utf-8", "ok".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            case "/version" -> json(answer, version());
            case "/api" -> json(answer, discovery.versions());
            case "/apis" -> json(answer, discovery.groups());
            case "/.well-known/openid-configuration" -> json(answer, questions.configuration());
            case "/openid/v1/jwks" -> answer.send(200, "application/jwk-set+json", Json.bytes(questions.keys()));
            default -> {
                if (openApi.handles(request, answer)) {
                    return;
                }
                String p = request.path();
                String gv = p.startsWith("/apis/") ? p.substring(6) : p.startsWith("/api/") ? p.substring(5) : "";
                Map<String, Object> list = discovery.resources(gv);
                if (gv.isEmpty() || ((List<?>) list.getOrDefault("resources", List.of())).isEmpty()) {
                    throw new StatusException(404, "NotFound", "the server could not find the requested resource");
                }
                json(answer, list);
            }
        }
    }

    /** {@code [namespaces/NS/]RESOURCE[/NAME[/SUBRESOURCE]]}, where a namespace may be the resource itself. */
    private void resource(Request request, Answer answer, String group, String version, List<String> path) {
        String namespace = "";
        List<String> rest = path;
        if (path.getFirst().equals("namespaces")
                && path.size() > 2
                && !List.of("status", "finalize").contains(path.get(2))) {
            namespace = path.get(1);
            rest = path.subList(2, path.size());
        }
        GroupVersionResource gvr = new GroupVersionResource(group, version, rest.getFirst());
        Client client = clients.apply(request.user());
        if (metrics.handles(request, answer, gvr, namespace, rest)) {
            return;
        }
        if (streams.handles(request, answer, gvr, namespace, rest)
                || questions.handles(client, request, answer, gvr, namespace, rest)) {
            return;
        }
        if (rest.size() > 3 || registry.definition(gvr).isEmpty()) {
            throw new StatusException(404, "NotFound", "the server could not find the requested resource");
        }
        String name = rest.size() > 1 ? rest.get(1) : "";
        String subresource = rest.size() > 2 ? rest.get(2) : "";
        var target = new ResourceRoutes.Target(gvr, namespace, name, subresource);
        resources.handle(client, request, answer, target);
    }

    private static Map<String, Object> version() {
        Map<String, Object> v = new LinkedHashMap<>();
        v.put("major", "1");
        v.put("minor", "36");
        v.put("gitVersion", "v1.36.0+coracle");
        v.put("gitCommit", "");
        v.put("gitTreeState", "clean");
        v.put("buildDate", "2026-11-23T00:00:00Z");
        v.put("goVersion", "none");
        v.put("compiler", "javac");
        v.put("platform", "linux/amd64");
        return v;
    }

    private static void json(Answer answer, Map<String, Object> tree) {
        answer.send(200, "application/json", Json.bytes(tree));
    }
}
