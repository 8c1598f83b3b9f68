package dev.coracle.cli.why;

import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** An Ingress that does not route: its class, its certificates, its backends. */
final class Ingresses implements Check {
    private static final String DEFAULT = "ingressclass.kubernetes.io/is-default-class";

    @Override
    public Optional<Finding> look(View view, Unstructured ingress) {
        return Check.first(view, ingress, Ingresses::ofClass, Ingresses::backends, Ingresses::certificates);
    }

    private static Optional<Finding> ofClass(View view, Unstructured ingress) {
        String name = ingress.stringOr(
                ingress.annotations().getOrDefault("kubernetes.io/ingress.class", ""), "spec", "ingressClassName");
        List<Unstructured> classes = view.list(Resources.INGRESS_CLASSES, "");
        List<String> names = classes.stream().map(Unstructured::name).toList();
        String there = "IngressClasses: " + (names.isEmpty() ? "none" : String.join(", ", names));
        if (!name.isEmpty() && view.missing(Resources.INGRESS_CLASSES, "", name)) {
            return found(
                    ingress,
                    "IngressClassNotFound",
                    "Its class \"" + name + "\" does not exist, so that no controller serves it.",
                    List.of("spec.ingressClassName: " + name, there),
                    "edit");
        }
        boolean any =
                classes.stream().anyMatch(c -> "true".equals(c.annotations().get(DEFAULT)));
        if (name.isEmpty()
                && !any
                && !view.mayNotRead(Resources.INGRESS_CLASSES)
                && !view.none(Resources.INGRESSES, ingress.namespace())
                && unserved(ingress)) {
            return found(
                    ingress,
                    "NoIngressClass",
                    "It names no class, and none is the default, so that no controller serves it.",
                    List.of("spec.ingressClassName: none", there),
                    "edit");
        }
        return Optional.empty();
    }

    private static boolean unserved(Unstructured ingress) {
        return ingress.objects("status", "loadBalancer", "ingress").isEmpty();
    }

    private static Optional<Finding> backends(View view, Unstructured ingress) {
        List<Unstructured> backends = new ArrayList<>();
        for (Unstructured rule : ingress.objects("spec", "rules")) {
            rule.objects("http", "paths").forEach(p -> backends.add(p.object("backend", "service")));
        }
        if (ingress.has("spec", "defaultBackend", "service")) {
            backends.add(ingress.object("spec", "defaultBackend", "service"));
        }
        for (Unstructured backend : backends) {
            String name = backend.string("name");
            if (name.isEmpty()) {
                continue;
            }
            if (view.missing(Resources.SERVICES, ingress.namespace(), name)) {
                return found(
                        ingress,
                        "BackendNotFound",
                        "It routes to the Service \"" + name + "\", which does not exist in " + ingress.namespace()
                                + ".",
                        List.of("backend: " + name),
                        "edit");
            }
            Optional<Unstructured> service = view.get(Resources.SERVICES, ingress.namespace(), name);
            Optional<Finding> found = service.flatMap(s -> port(ingress, backend, s)
                    .or(() -> new Services()
                            .look(view, s)
                            .map(f -> f.from(Subject.of(s)).from(Subject.of(ingress)))));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<Finding> port(Unstructured ingress, Unstructured backend, Unstructured service) {
        String named = backend.string("port", "name");
        long number = backend.integer(0, "port", "number");
        List<Unstructured> ports = service.objects("spec", "ports");
        boolean known = ports.stream()
                .anyMatch(p -> named.isEmpty()
                        ? p.integer(0, "port") == number
                        : p.string("name").equals(named));
        if (known || named.isEmpty() && number == 0) {
            return Optional.empty();
        }
        String has = String.join(
                ", ",
                ports.stream()
                        .map(p -> (p.string("name").isEmpty() ? "" : p.string("name") + " ") + p.integer(0, "port"))
                        .toList());
        return found(
                ingress,
                "BackendPortNotFound",
                "It routes to port " + (named.isEmpty() ? number : "\"" + named + "\"") + " of the Service \""
                        + service.name() + "\", which has the ports " + has + ".",
                List.of("ports of service " + service.name() + ": " + has),
                "edit");
    }

    private static Optional<Finding> certificates(View view, Unstructured ingress) {
        for (Unstructured tls : ingress.objects("spec", "tls")) {
            String name = tls.string("secretName");
            if (name.isEmpty()) {
                continue;
            }
            if (view.missing(Resources.SECRETS, ingress.namespace(), name)) {
                return found(
                        ingress,
                        "CertificateNotFound",
                        "Its certificate is to be in the Secret \"" + name + "\", which does not exist in "
                                + ingress.namespace() + ".",
                        List.of("spec.tls.secretName: " + name),
                        "create secret tls " + name + " --cert=… --key=…");
            }
            Optional<Unstructured> secret = view.get(Resources.SECRETS, ingress.namespace(), name);
            if (secret.isPresent()
                    && !(secret.get().has("data", "tls.crt") && secret.get().has("data", "tls.key"))) {
                return found(
                        ingress,
                        "CertificateIncomplete",
                        "The Secret \"" + name + "\" of its certificate has not both tls.crt and tls.key.",
                        List.of("secret " + name + " is of type " + secret.get().string("type")),
                        "create secret tls " + name + " --cert=… --key=…");
            }
        }
        return view.warnings(ingress).stream()
                .filter(e -> e.string("message").toLowerCase(Locale.ROOT).contains("certificate"))
                .findFirst()
                .flatMap(e -> found(
                        ingress,
                        "CertificateUnusable",
                        "Its certificate cannot be used: " + e.string("message"),
                        List.of("event " + e.string("reason") + ": " + e.string("message")),
                        "describe ingress " + ingress.name()));
    }

    private static Optional<Finding> found(
            Unstructured ingress, String code, String cause, List<String> evidence, String verb) {
        Subject subject = Subject.of(ingress);
        String command = verb.equals("edit") ? "edit ingress " + ingress.name() : verb;
        return Optional.of(new Finding(subject, code, cause, evidence, "kubectl " + subject.flag() + command));
    }
}
