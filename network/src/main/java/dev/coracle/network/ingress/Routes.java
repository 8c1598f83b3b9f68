package dev.coracle.network.ingress;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** All Ingresses at one moment, compiled. Immutable; a request uses one from beginning to end. */
final class Routes {
    static final Routes NONE = new Routes(List.of());

    private final Map<String, Host> hosts = new HashMap<>();
    private final Set<String> tls = new HashSet<>();
    private @Nullable Route fallback;

    /** A route with its compiled path, null unless the host goes by expressions. */
    record Compiled(Route route, @Nullable Pattern pattern) {}

    private record Host(boolean byRegex, List<Compiled> routes) {}

    /** @param ingresses those of our class, oldest first: of two with the same host and path, the older wins */
    Routes(List<Unstructured> ingresses) {
        var byHost = new HashMap<String, List<Route>>();
        for (Unstructured ingress : ingresses) {
            var options = Route.Options.of(ingress);
            if (ingress.has("spec", "defaultBackend", "service") && fallback == null) {
                fallback = route(ingress, "/", "Prefix", ingress.object("spec", "defaultBackend"), options);
            }
            for (Unstructured t : ingress.objects("spec", "tls")) {
                t.stringList("hosts").forEach(h -> tls.add(h.toLowerCase(Locale.ROOT)));
            }
            for (Unstructured rule : ingress.objects("spec", "rules")) {
                var routes =
                        byHost.computeIfAbsent(rule.string("host").toLowerCase(Locale.ROOT), h -> new ArrayList<>());
                for (Unstructured p : rule.objects("http", "paths")) {
                    routes.add(route(
                            ingress,
                            p.stringOr("/", "path"),
                            p.stringOr("ImplementationSpecific", "pathType"),
                            p.object("backend"),
                            options));
                }
            }
        }
        byHost.forEach((host, routes) -> hosts.put(host, compile(routes)));
    }

    private static Route route(
            Unstructured ingress, String path, String type, Unstructured backend, Route.Options options) {
        Unstructured port = backend.object("service", "port");
        return new Route(
                ingress.namespace(),
                ingress.name(),
                path.isEmpty() ? "/" : path,
                type,
                backend.string("service", "name"),
                port.has("number") ? Long.toString(port.integer(0, "number")) : port.string("name"),
                options);
    }

    /** Exact paths first, then longer ones first; the sort is stable, so that older Ingresses stay first. */
    private static Host compile(List<Route> routes) {
        boolean byRegex = routes.stream().anyMatch(r -> r.options().regex());
        List<Compiled> compiled = new ArrayList<>();
        for (Route r : routes) {
            Pattern pattern = null;
            if (byRegex) {
                try {
                    pattern = Pattern.compile(r.path(), Pattern.CASE_INSENSITIVE);
                } catch (PatternSyntaxException e) {
                    // An expression that is none matches nothing; ingress-nginx refuses the Ingress.
                    continue;
                }
            }
            compiled.add(new Compiled(r, pattern));
        }
        compiled.sort(Comparator.comparing(
                        (Compiled c) -> byRegex || !c.route().type().equals("Exact"))
                .thenComparing(c -> -c.route().path().length()));
        return new Host(byRegex, compiled);
    }

    /** @param host lower case, without port */
    Optional<Compiled> find(String host, String uri) {
        for (String name : candidates(host)) {
            Host h = hosts.get(name);
            if (h != null) {
                for (Compiled c : h.routes()) {
                    if (c.route().matches(uri, h.byRegex(), c.pattern())) {
                        return Optional.of(c);
                    }
                }
                // A host that is known but lacks the path does not fall through to less specific hosts.
                break;
            }
        }
        return Optional.ofNullable(fallback).map(r -> new Compiled(r, null));
    }

    /** Whether an Ingress has certificates for the host, so that plain HTTP is sent to HTTPS. */
    boolean secured(String host) {
        return candidates(host).stream().anyMatch(h -> !h.isEmpty() && tls.contains(h));
    }

    /** The host itself, the wildcard of its first label, and the rules without a host. */
    static List<String> candidates(String host) {
        int dot = host.indexOf('.');
        return dot > 0 ? List.of(host, "*" + host.substring(dot), "") : List.of(host, "");
    }
}
