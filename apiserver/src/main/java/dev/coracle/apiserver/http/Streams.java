package dev.coracle.apiserver.http;

import dev.coracle.apiserver.admission.AdmissionRequest;
import dev.coracle.apiserver.admission.Write;
import dev.coracle.apiserver.authorization.Attributes;
import dev.coracle.apiserver.authorization.Authorizer;
import dev.coracle.apiserver.proxy.ConnectOptions;
import dev.coracle.apiserver.proxy.Destination;
import dev.coracle.apiserver.proxy.PodConnections;
import dev.coracle.apiserver.proxy.ProxyTargets;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The subresources that somebody else answers: a pod's log and streams, and {@code proxy}. */
final class Streams {
    private static final Set<String> OF_PODS = Set.of("log", "exec", "attach", "portforward");
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE");
    private static final Set<String> PROXIED = Set.of("pods", "services", "nodes");

    private final Registry registry;
    private final Authorizer authorizer;
    private final PodConnections pods;
    private final ProxyTargets targets;

    Streams(Registry registry, Authorizer authorizer, Environment environment) {
        this.registry = registry;
        this.authorizer = authorizer;
        this.pods = new PodConnections(
                node -> registry.find(Resources.NODES, "", node).map(Revision::object));
        this.targets = new ProxyTargets(environment.entropy()::nextInt);
    }

    /**
     * Answers, if this is one of them.
     *
     * @param path from the resource on
     */
    boolean handles(
            Request request,
            Answer answer,
            GroupVersionResource resource,
            String namespace,
            List<String> path,
            Consumer<String> warnings) {
        if (!resource.group().isEmpty() || path.size() < 3) {
            return false;
        }
        String subresource = path.get(2);
        if (path.getFirst().equals("pods") && path.size() == 3 && OF_PODS.contains(subresource)) {
            stream(request, answer, namespace, path.get(1), subresource, warnings);
            return true;
        }
        if (PROXIED.contains(path.getFirst()) && subresource.equals("proxy")) {
            proxy(request, answer, namespace, path, warnings);
            return true;
        }
        return false;
    }

    private void stream(
            Request request,
            Answer answer,
            String namespace,
            String name,
            String subresource,
            Consumer<String> warnings) {
        boolean log = subresource.equals("log");
        if (!request.method().equals("GET") && (log || !request.method().equals("POST"))) {
            throw methodNotAllowed();
        }
        if (!log && request.method().equals("GET")) {
            // A WebSocket can only ask by GET; what it begins is a creation all the same (since v1.35).
            authorizer.require(request.user(), new Attributes("create", "", "pods", subresource, namespace, name, ""));
        }
        Unstructured pod = registry.get(Resources.PODS, namespace, name).object();
        if (log) {
            pods.log(pod, request.query())
                    .ifPresentOrElse(answer::relay, () -> answer.send(204, "text/plain", new byte[0]));
            return;
        }
        Unstructured options = ConnectOptions.stream(subresource, request.query());
        answer.relay(admitted(
                AdmissionRequest.connecting(
                        Resources.PODS, subresource, namespace, name, options, request.user(), warnings),
                () -> switch (subresource) {
                    case "exec" -> pods.exec(pod, request.query());
                    case "attach" -> pods.attach(pod, request.query());
                    default -> pods.portForward(pod, request.query());
                }));
    }

    private Destination admitted(AdmissionRequest request, Supplier<Destination> destination) {
        return registry.admission().around(request, Write.of(destination));
    }

    private void proxy(Request request, Answer answer, String namespace, List<String> path, Consumer<String> warnings) {
        if (!METHODS.contains(request.method())) {
            throw methodNotAllowed();
        }
        String rest = rest(request);
        String prefix = request.uri().substring(0, behind(request));
        String resource = path.getFirst();
        answer.relay(admitted(
                AdmissionRequest.connecting(
                        new GroupVersionResource("", "v1", resource),
                        "proxy",
                        namespace,
                        path.get(1),
                        ConnectOptions.proxy(resource, rest.replaceAll("[?].*", "")),
                        request.user(),
                        warnings),
                () -> proxied(resource, namespace, path.get(1), rest).below(prefix)));
    }

    private Destination proxied(String resource, String namespace, String text, String target) {
        String kind = resource.substring(0, resource.length() - 1);
        ProxyTargets.Name name = ProxyTargets.Name.of(kind, text);
        if (resource.equals("nodes")) {
            return pods.node(name, target);
        }
        if (resource.equals("pods")) {
            return targets.pod(
                    name, registry.get(Resources.PODS, namespace, name.name()).object(), target);
        }
        Unstructured service =
                registry.get(Resources.SERVICES, namespace, name.name()).object();
        List<Unstructured> slices = registry
                .list(
                        Resources.ENDPOINT_SLICES,
                        namespace,
                        r -> name.name().equals(r.labels().get("kubernetes.io/service-name")),
                        0,
                        "")
                .items()
                .stream()
                .map(Revision::object)
                .toList();
        return targets.service(name, service, slices, target);
    }

    /**
     * What stands after {@code /proxy}, as it was sent but for encoded slashes: behind the third part from the resource on, whatever a pod is
     * called.
     */
    static String rest(Request request) {
        String uri = request.uri();
        int query = uri.indexOf('?');
        String path = query < 0 ? uri : uri.substring(0, query);
        int at = behind(request);
        if (!path.substring(0, at).endsWith("/proxy")) {
            // An encoded slash: what was authorized is not what would be asked.
            throw StatusException.badRequest("the request's URL is malformed");
        }
        // Clients made from the OpenAPI document encode the slashes of this part, for it is a parameter to them.
        String rest = path.substring(at).replace("%2F", "/").replace("%2f", "/") + uri.substring(path.length());
        return rest.startsWith("/") ? rest : "/" + rest;
    }

    /** Where the third part from the resource on ends, in the URI as it was sent. */
    private static int behind(Request request) {
        String uri = request.uri();
        int query = uri.indexOf('?');
        String path = query < 0 ? uri : uri.substring(0, query);
        long all = Arrays.stream(request.path().split("/"))
                .filter(p -> !p.isEmpty())
                .count();
        long before = all - request.info().parts().size() + 3;
        int at = 0;
        for (long i = 0; i < before; i++) {
            while (at < path.length() && path.charAt(at) == '/') {
                at++;
            }
            int end = path.indexOf('/', at);
            at = end < 0 ? path.length() : end;
        }
        return at;
    }

    private static StatusException methodNotAllowed() {
        return new StatusException(
                405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
    }
}
