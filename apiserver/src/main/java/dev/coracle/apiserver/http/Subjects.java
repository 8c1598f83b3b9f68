package dev.coracle.apiserver.http;

import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.apiserver.telemetry.RequestMetrics.Subject;
import dev.coracle.machinery.object.GroupVersionResource;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** As what a request is measured: see {@link Subject}. */
final class Subjects {
    private static final Map<String, String> VERBS = Map.of(
            "get", "GET",
            "list", "LIST",
            "watch", "WATCH",
            "create", "POST",
            "update", "PUT",
            "patch", "PATCH",
            "delete", "DELETE",
            "deletecollection", "DELETECOLLECTION");
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
    private static final Set<String> CONNECTED = Set.of("attach", "exec", "portforward", "proxy");
    private static final Set<String> SUBRESOURCES = Set.of("binding", "eviction", "log", "token");

    private Subjects() {}

    static Subject of(
            RequestInfo info,
            HttpRequest request,
            Function<GroupVersionResource, Optional<ResourceDefinition>> definitions) {
        String method =
                METHODS.contains(request.method().name()) ? request.method().name() : "other";
        Optional<ResourceDefinition> d =
                info.isResource() ? definitions.apply(info.groupVersionResource()) : Optional.empty();
        if (d.isEmpty()) {
            return new Subject(method, "", "", "", "", "", "", info.isMutating(), info.isLongRunning());
        }
        String sub = info.subresource();
        boolean known = d.get().subresources().contains(sub) || SUBRESOURCES.contains(sub) || CONNECTED.contains(sub);
        return new Subject(
                CONNECTED.contains(sub) ? "CONNECT" : verb(info, request, method),
                info.group(),
                info.version(),
                info.resource(),
                known ? sub : "",
                !info.name().isEmpty() ? "resource" : info.isNamespaced() ? "namespace" : "cluster",
                request.uri().contains("dryRun=All") ? "All" : "",
                info.isMutating(),
                info.isLongRunning());
    }

    private static String verb(RequestInfo info, HttpRequest request, String method) {
        boolean applied = info.verb().equals("patch")
                && request.headers().get(HttpHeaderNames.CONTENT_TYPE, "").startsWith("application/apply-patch");
        return applied ? "APPLY" : VERBS.getOrDefault(info.verb(), method);
    }
}
