package dev.coracle.apiserver.admission.webhook;

import dev.coracle.apiserver.admission.Objects;
import dev.coracle.apiserver.proxy.ProxyTargets;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/** One of the ready endpoints behind a Service's port, as the service proxy finds them. */
final class ServiceAddresses {
    private final Objects objects;
    private final ProxyTargets targets;

    ServiceAddresses(Objects objects, ProxyTargets targets) {
        this.objects = objects;
        this.targets = targets;
    }

    InetSocketAddress of(String namespace, String name, int port) throws CallFailure {
        Unstructured service = objects.get(Resources.SERVICES, namespace, name)
                .map(Revision::object)
                .orElseThrow(() -> new CallFailure("service \"" + name + "\" not found"));
        if (service.string("spec", "type").equals("ExternalName")) {
            throw new CallFailure("unsupported service type \"ExternalName\"");
        }
        if (service.objects("spec", "ports").stream().noneMatch(p -> p.integer(0, "port") == port)) {
            throw new CallFailure("no service port " + port + " found for service \"" + name + "\"");
        }
        List<Unstructured> slices = objects.list(Resources.ENDPOINT_SLICES, namespace).stream()
                .filter(r -> name.equals(r.labels().get("kubernetes.io/service-name")))
                .map(Revision::object)
                .toList();
        try {
            var found = targets.service(new ProxyTargets.Name("", name, "" + port), service, slices, "/");
            return new InetSocketAddress(InetAddress.ofLiteral(found.host()), found.port());
        } catch (StatusException e) {
            throw new CallFailure(
                    e.code() == 503
                            ? "no endpoints available for service \"" + name + "\""
                            : String.valueOf(e.getMessage()),
                    e);
        }
    }
}
