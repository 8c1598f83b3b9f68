package dev.coracle.apiserver.admission.webhook;

import dev.coracle.machinery.object.Unstructured;

/**
 * Where a webhook is, and which authorities its certificate may come from.
 *
 * @param service {@code ""} where {@code url} says it
 * @param caBundle PEM in base64; {@code ""} for the authorities of this machine
 */
record Endpoint(String url, String namespace, String service, String path, int port, String caBundle) {
    static Endpoint of(Unstructured client) {
        String path = client.string("service", "path");
        return new Endpoint(
                client.string("url"),
                client.string("service", "namespace"),
                client.string("service", "name"),
                path.isEmpty() || path.startsWith("/") ? path : "/" + path,
                (int) client.integer(443, "service", "port"),
                client.string("caBundle"));
    }

    boolean isService() {
        return !service.isEmpty();
    }

    /** The name that a Service's certificate is for. */
    String serverName() {
        return service + "." + namespace + ".svc";
    }

    /** As failures name it. */
    String address() {
        return isService() ? "https://" + serverName() + ":" + port + path : url;
    }
}
