package dev.coracle.apiserver.aggregation;

import dev.coracle.apiserver.proxy.ProxyTargets;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/** What stands behind the Service of an APIService, as the service proxy finds it. */
final class Endpoints {
    private final Registry registry;
    private final ProxyTargets targets;

    Endpoints(Registry registry, ProxyTargets targets) {
        this.registry = registry;
        this.targets = targets;
    }

    Optional<Unstructured> service(Remote remote) {
        return registry.find(Resources.SERVICES, remote.namespace(), remote.target())
                .map(Revision::object);
    }

    List<Unstructured> slices(Remote remote) {
        return registry
                .list(
                        Resources.ENDPOINT_SLICES,
                        remote.namespace(),
                        r -> remote.target().equals(r.labels().get("kubernetes.io/service-name")),
                        0,
                        "")
                .items()
                .stream()
                .map(Revision::object)
                .toList();
    }

    /**
     * One of those that are ready.
     *
     * @throws StatusException with why there is none
     */
    InetSocketAddress resolve(Remote remote) {
        Unstructured service =
                service(remote).orElseThrow(() -> StatusException.notFound(Resources.SERVICES, remote.target()));
        if (service.string("spec", "type").equals("ExternalName")) {
            throw StatusException.badRequest("unsupported service type \"ExternalName\"");
        }
        if (service.objects("spec", "ports").stream().noneMatch(p -> p.integer(0, "port") == remote.port())) {
            throw StatusException.unavailable(
                    "no service port " + remote.port() + " found for service \"" + remote.target() + "\"");
        }
        var found = targets.service(
                new ProxyTargets.Name("", remote.target(), "" + remote.port()), service, slices(remote), "/");
        return new InetSocketAddress(InetAddress.ofLiteral(found.host()), found.port());
    }
}
