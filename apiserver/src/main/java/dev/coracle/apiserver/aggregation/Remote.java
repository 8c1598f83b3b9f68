package dev.coracle.apiserver.aggregation;

import dev.coracle.machinery.object.Unstructured;

/** An APIService that another server answers for. */
record Remote(Unstructured service) {
    String name() {
        return service.name();
    }

    String group() {
        return service.string("spec", "group");
    }

    String version() {
        return service.string("spec", "version");
    }

    /** {@code /apis/GROUP/VERSION}. */
    String path() {
        return "/apis/" + group() + "/" + version();
    }

    String namespace() {
        return service.string("spec", "service", "namespace");
    }

    String target() {
        return service.string("spec", "service", "name");
    }

    int port() {
        return (int) service.integer(443, "spec", "service", "port");
    }

    /** That its certificate must be for. */
    String serverName() {
        return target() + "." + namespace() + ".svc";
    }

    Trust trust() {
        return new Trust(service.string("spec", "caBundle"), service.bool("spec", "insecureSkipTLSVerify"));
    }

    boolean available() {
        return service.objects("status", "conditions").stream()
                .anyMatch(c -> c.string("type").equals("Available")
                        && c.string("status").equals("True"));
    }
}
