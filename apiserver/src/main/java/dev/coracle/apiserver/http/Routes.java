package dev.coracle.apiserver.http;

import dev.coracle.apiserver.aggregation.Aggregation;
import dev.coracle.apiserver.authentication.ServiceAccountTokens;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.authorization.Authorizer;
import dev.coracle.apiserver.authorization.Reviews;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.apiserver.metrics.Metrics;
import dev.coracle.apiserver.openapi.Documents;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.telemetry.RequestMetrics;
import dev.coracle.apiserver.telemetry.Telemetry;
import dev.coracle.client.Client;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.schema.Schemas;
import io.netty.handler.codec.http.HttpRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Which path means what. */
public final class Routes {
    private final Registry registry;
    private final Authorizer authorizer;
    /** The API as a user sees it whose request is authorized. */
    private final BiFunction<UserInfo, Consumer<String>, Client> clients;

    private final RemoteRoutes remote;
    private final Memo memo;
    private final Discovery discovery;
    private final AggregatedDiscovery aggregated;
    private final OpenApi openApi;
    private final Health health;
    private final ResourceRoutes resources;
    private final Streams streams;
    private final Questions questions;
    private final MetricsRoutes metrics;
    private final ComponentRoutes components;
    private final Encodings encodings;
    private final Telemetry telemetry;

    public Routes(
            Registry registry,
            Authorizer authorizer,
            Environment environment,
            BiFunction<UserInfo, Consumer<String>, Client> clients,
            ServiceAccountTokens tokens,
            Metrics metrics,
            Aggregation aggregation,
            Telemetry telemetry) {
        this.telemetry = telemetry;
        this.registry = registry;
        this.authorizer = authorizer;
        this.clients = clients;
        this.remote = new RemoteRoutes(aggregation);
        this.discovery = new Discovery(registry::definitions, metrics.served(), aggregation);
        this.memo = new Memo(() -> List.of(new Same(registry.definitions()), aggregation.changes()));
        this.aggregated = new AggregatedDiscovery(discovery, memo);
        Schemas schemas = registry.schemas();
        this.health = new Health(() -> registry.failure().isEmpty(), () -> !registry.full());
        Bodies bodies = new Bodies(schemas);
        this.encodings = new Encodings(schemas);
        FieldGate fields =
                new FieldGate(schemas, kind -> registry.definition(kind).flatMap(ResourceDefinition::schema));
        this.openApi = new OpenApi(new Documents(registry::definitions, schemas, aggregation), aggregation, memo);
        this.resources = new ResourceRoutes(registry, environment, fields, bodies, encodings);
        Tables tables = new Tables(environment.clock());
        this.components = new ComponentRoutes(registry::failure, new Computed(tables, encodings, true));
        this.metrics = new MetricsRoutes(metrics, new Computed(tables, encodings, false));
        this.streams = new Streams(registry, authorizer, environment);
        this.questions = new Questions(tokens, bodies, fields, encodings);
    }

    /** Begins to measure a request; what it names counts as such only where there is such a thing. */
    RequestMetrics.Running measure(RequestInfo info, HttpRequest request) {
        return telemetry.requests().begin(Subjects.of(info, request, registry::definition));
    }

    Encodings encodings() {
        return encodings;
    }

    /** Equal to itself alone: every change makes another of it. */
    private record Same(Object of) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Same s && s.of == of;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(of);
        }
    }

    /** Before anything of the body is read. @throws StatusException 403 */
    void authorize(UserInfo user, RequestInfo info) {
        authorizer.require(user, info.attributes());
    }

    /** Answers a request that is authorized. */
    void handle(Request request, Answer answer) {
        if (remote.handles(request, answer)) {
            return;
        }
        if (request.info().isResource()) {
            resource(request, answer, request.info());
        } else {
            document(request, answer);
        }
    }

    private void document(Request request, Answer answer) {
        // "/apis/" is "/apis".
        String path = request.path().replaceFirst("(?<=.)/+$", "");
        if (aggregated.handles(request, answer, path)) {
            return;
        }
        switch (path) {
            case "/" ->
                json(answer, memo.of("/", () -> Json.bytes(new LinkedHashMap<>(Map.of("paths", discovery.paths())))));
            case "/metrics" -> {
                Telemetry.Page page = telemetry.page(request.header("accept"));
                answer.send(200, page.mediaType(), page.text());
            }
            case "/version" -> json(answer, Version.tree());
            case "/api" ->
                encodings.send(answer, 200, Representation.plain(request), discovery.versions(request.header("host")));
            case "/apis" -> discovered(request, answer, path, discovery::groups);
            case "/.well-known/openid-configuration" -> json(answer, questions.configuration());
            case "/openid/v1/jwks" -> answer.send(200, "application/jwk-set+json", Json.bytes(questions.keys()));
            default -> {
                if (!health.handles(request, answer) && !openApi.handles(request, answer)) {
                    discovered(request, answer, path, () -> groupDocument(path));
                }
            }
        }
    }

    /** The {@code APIGroup} of {@code /apis/apps}, the {@code APIResourceList} of {@code /apis/apps/v1} and {@code /api/v1}. */
    private Map<String, Object> groupDocument(String path) {
        String at = path.startsWith("/apis/") ? path.substring(6) : path.startsWith("/api/") ? path.substring(5) : "";
        Optional<Map<String, Object>> group = path.startsWith("/apis/") ? discovery.group(at) : Optional.empty();
        return group.orElseGet(() -> {
            Map<String, Object> list = discovery.resources(at);
            if (at.isEmpty() || ((List<?>) list.getOrDefault("resources", List.of())).isEmpty()) {
                throw notFound();
            }
            return list;
        });
    }

    private void resource(Request request, Answer answer, RequestInfo info) {
        GroupVersionResource gvr = info.groupVersionResource();
        String namespace = info.container();
        List<String> rest = info.parts();
        checkScope(info, gvr);
        var warnings = new Warnings();
        Client client = clients.apply(request.user(), warnings);
        if (metrics.handles(request, answer, gvr, namespace, rest)
                || components.handles(request, warnings.with(answer), warnings, gvr, rest)) {
            return;
        }
        if (streams.handles(request, warnings.with(answer), gvr, namespace, rest, warnings)
                || questions.handles(client, request, warnings.with(answer), gvr, namespace, rest)) {
            return;
        }
        Optional<ResourceDefinition> definition = registry.definition(gvr);
        if (rest.size() > 3 || definition.isEmpty()) {
            throw notServed(info);
        }
        if (!definition.get().deprecation().isEmpty()) {
            warnings.accept(definition.get().deprecation());
        }
        String name = rest.size() > 1 ? rest.get(1) : "";
        String subresource = rest.size() > 2 ? rest.get(2) : "";
        resources.handle(
                client, request, warnings.with(answer), new ResourceRoutes.Target(gvr, namespace, name, subresource));
    }

    /**
     * What lies in a namespace is reached through it, except that all may be listed together; what lies in none is not.
     * Otherwise the rights in a namespace would reach beyond it.
     */
    private void checkScope(RequestInfo info, GroupVersionResource gvr) {
        boolean namespaced = scope(gvr).orElseThrow(() -> notServed(info));
        boolean together = info.parts().size() == 1;
        if (info.isNamespaced() != namespaced && !(namespaced && together)) {
            throw notServed(info);
        }
        if (namespaced && !info.isNamespaced() && !List.of("list", "watch").contains(info.verb())) {
            throw new StatusException(
                    405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
        }
    }

    /** Whether the resource's objects lie in namespaces; empty for one that is not served. */
    private Optional<Boolean> scope(GroupVersionResource gvr) {
        return registry.definition(gvr)
                .map(ResourceDefinition::namespaced)
                .or(() -> Reviews.find(gvr).map(Reviews.Resource::namespaced))
                .or(() -> metrics.namespaced(gvr))
                .or(() -> gvr.equals(ComponentRoutes.RESOURCE) ? Optional.of(false) : Optional.empty());
    }

    /** Of a path that would name an object, if there were such objects, or such a part of it. */
    private static StatusException notServed(RequestInfo info) {
        List<String> parts = info.parts();
        return StatusException.notServed(info.groupVersionResource(), parts.size() > 1 ? parts.get(1) : "");
    }

    private static StatusException notFound() {
        return new StatusException(404, "NotFound", "the server could not find the requested resource");
    }

    /** @param path one of few: documents are kept by it */
    private void discovered(Request request, Answer answer, String path, Supplier<Map<String, Object>> tree) {
        Representation.Format format = Representation.plain(request);
        answer.send(200, format.mediaType(), memo.of(format + " " + path, () -> encodings.bytes(format, tree.get())));
    }

    private static void json(Answer answer, Map<String, Object> tree) {
        json(answer, Json.bytes(tree));
    }

    private static void json(Answer answer, byte[] document) {
        answer.send(200, "application/json", document);
    }
}
