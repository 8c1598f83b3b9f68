package dev.coracle.cli.why;

import dev.coracle.cli.kubectl.base.Spelling;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A Service that leads nowhere: its selector, its pods, its ports, and who may come to them. */
final class Services implements Check {
    @Override
    public Optional<Finding> look(View view, Unstructured service) {
        if (service.string("spec", "type").equals("ExternalName")) {
            return Optional.empty();
        }
        Map<String, String> selector = service.strings("spec", "selector");
        if (selector.isEmpty()) {
            return unselected(view, service);
        }
        List<Unstructured> pods = selected(view, service.namespace(), selector);
        if (pods.isEmpty()) {
            return nobody(view, service, selector);
        }
        List<Unstructured> ready = pods.stream().filter(Pods::ready).toList();
        if (ready.isEmpty() && !service.bool("spec", "publishNotReadyAddresses")) {
            for (Unstructured pod : pods) {
                Optional<Finding> found = new Pods().look(view, pod).map(f -> f.from(Subject.of(pod)));
                if (found.isPresent()) {
                    return found.map(f -> f.from(Subject.of(service)));
                }
            }
            return Optional.empty();
        }
        return Check.first(
                view,
                service,
                (v, s) -> ports(s, ready),
                (v, s) -> endpoints(v, s),
                (v, s) -> Policies.closed(v, s, ready),
                Services::address);
    }

    static List<Unstructured> selected(View view, String namespace, Map<String, String> selector) {
        LabelSelector wanted = LabelSelector.ofMap(selector);
        return view.list(Resources.PODS, namespace).stream()
                .filter(p -> wanted.matches(p.labels())
                        && !p.isDeleting()
                        && !List.of("Succeeded", "Failed").contains(p.string("status", "phase")))
                .toList();
    }

    /** One that is filled by hand. What a cluster serves itself, such as its DNS, need not be in pods. */
    private static Optional<Finding> unselected(View view, Unstructured service) {
        boolean own = "true".equals(service.labels().get("kubernetes.io/cluster-service"));
        if (own || addresses(view, service) > 0 || view.none(Resources.SERVICES, service.namespace())) {
            return Optional.empty();
        }
        return Optional.of(new Finding(
                Subject.of(service),
                "NoSelector",
                "It has no selector, and nobody has given it endpoints.",
                List.of("spec.selector: none", "EndpointSlices: none with an address"),
                "kubectl " + Subject.of(service).flag() + "set selector service " + service.name() + " app=…"));
    }

    private static long addresses(View view, Unstructured service) {
        return view.list(Resources.ENDPOINT_SLICES, service.namespace()).stream()
                .filter(s -> service.name().equals(s.labels().get("kubernetes.io/service-name")))
                .flatMap(s -> s.objects("endpoints").stream())
                .filter(e -> !e.has("conditions", "ready") || e.bool("conditions", "ready"))
                .count();
    }

    private static Optional<Finding> nobody(View view, Unstructured service, Map<String, String> selector) {
        Subject subject = Subject.of(service);
        List<Unstructured> all = view.list(Resources.PODS, service.namespace());
        List<String> evidence = new ArrayList<>(List.of("spec.selector: " + text(selector)));
        // Those that would be its pods but for nobody having made them.
        for (var kind :
                List.of(Resources.DEPLOYMENTS, Resources.STATEFUL_SETS, Resources.DAEMON_SETS, Resources.JOBS)) {
            for (Unstructured w : view.list(kind, service.namespace())) {
                Map<String, String> labels = w.strings("spec", "template", "metadata", "labels");
                if (!labels.entrySet().containsAll(selector.entrySet())) {
                    continue;
                }
                Optional<Finding> found = new Walk().first(view, w);
                if (found.isPresent()) {
                    return found.map(f -> f.from(Subject.of(w)).from(subject));
                }
                if (w.has("spec", "replicas") && w.integer(1, "spec", "replicas") == 0) {
                    return Optional.of(new Finding(
                                    Subject.of(w),
                                    "ScaledToZero",
                                    "It is scaled to 0: there is no pod that the Service could lead to.",
                                    List.of("spec.replicas: 0"),
                                    "kubectl " + subject.flag() + "scale "
                                            + Subject.of(w).path() + " --replicas=1")
                            .from(subject));
                }
                if (!kind.equals(Resources.JOBS)) {
                    // They are on their way; only a Job has an end.
                    return Optional.empty();
                }
            }
        }
        if (view.mayNotRead(Resources.PODS)) {
            return Optional.empty();
        }
        LabelSelector wanted = LabelSelector.ofMap(selector);
        List<Unstructured> over =
                all.stream().filter(p -> wanted.matches(p.labels())).toList();
        if (!over.isEmpty()) {
            return Optional.of(ended(view, service, selector, over));
        }
        all.stream()
                .sorted(Comparator.comparingLong(p -> distance(p, selector)))
                .limit(3)
                .forEach(p -> evidence.add("pod " + p.name() + " has " + text(p.labels())));
        return Optional.of(new Finding(
                subject,
                "SelectorMatchesNothing",
                "No pod has the labels of its selector, " + text(selector) + ".",
                evidence,
                "kubectl " + subject.flag() + "get pods --show-labels  # then `kubectl " + subject.flag()
                        + "set selector service " + service.name() + " …`"));
    }

    /** @param pods that it would lead to, did they not end or had they not ended */
    private static Finding ended(
            View view, Unstructured service, Map<String, String> selector, List<Unstructured> pods) {
        Subject subject = Subject.of(service);
        for (Unstructured pod : pods) {
            Optional<Finding> found = new Pods().look(view, pod);
            if (found.isPresent()) {
                return found.get().from(Subject.of(pod)).from(subject);
            }
        }
        List<String> evidence = new ArrayList<>(List.of("spec.selector: " + text(selector)));
        pods.stream()
                .limit(3)
                .forEach(p -> evidence.add("pod " + p.name() + " "
                        + (p.isDeleting() ? "is being deleted" : "has " + p.string("status", "phase"))));
        return new Finding(
                subject,
                "PodsEnded",
                "All pods with the labels of its selector, " + text(selector)
                        + ", have ended or are about to: there is none that it could lead to.",
                evidence,
                "kubectl " + subject.flag() + "get pods -l " + text(selector)
                        + "  # what a Service leads to must go on running, as in a Deployment");
    }

    /** How far a pod's labels are from what is wanted, in letters. */
    private static long distance(Unstructured pod, Map<String, String> selector) {
        return selector.entrySet().stream()
                .mapToLong(e -> pod.labels().entrySet().stream()
                        .mapToLong(l -> Spelling.distance(e.getKey(), l.getKey())
                                + Spelling.distance(e.getValue(), l.getValue()))
                        .min()
                        .orElse(e.getKey().length() + e.getValue().length()))
                .sum();
    }

    /** Whether its pods serve what it leads to, as far as they say. */
    private static Optional<Finding> ports(Unstructured service, List<Unstructured> pods) {
        for (Unstructured port : service.objects("spec", "ports")) {
            Object target = port.get("targetPort");
            List<Unstructured> declared = pods.stream()
                    .flatMap(p -> p.objects("spec", "containers").stream())
                    .flatMap(c -> c.objects("ports").stream())
                    .toList();
            boolean named = target instanceof String s && !s.isEmpty();
            boolean known = declared.isEmpty() && !named
                    || declared.stream()
                            .anyMatch(d -> named
                                    ? d.string("name").equals(target)
                                    : d.integer(0, "containerPort") == number(port, target));
            if (!known) {
                return Optional.of(new Finding(
                        Subject.of(service),
                        named ? "PortNameNotFound" : "TargetPortNotDeclared",
                        named
                                ? "Its port " + port.integer(0, "port") + " leads to the port named \"" + target
                                        + "\", and its pods have none of that name."
                                : "Its port " + port.integer(0, "port") + " leads to port " + number(port, target)
                                        + " of its pods, which say that they serve "
                                        + served(declared) + ".",
                        List.of(
                                "spec.ports.targetPort: " + number(port, target),
                                "ports of its pods: " + served(declared)),
                        "kubectl " + Subject.of(service).flag() + "edit service " + service.name()));
            }
        }
        return Optional.empty();
    }

    private static Object named(Unstructured d) {
        return d.string("name").isEmpty()
                ? d.integer(0, "containerPort")
                : d.string("name") + " " + d.integer(0, "containerPort");
    }

    private static String served(List<Unstructured> declared) {
        return declared.isEmpty()
                ? "none"
                : String.join(
                        ", ",
                        declared.stream()
                                .map(d -> String.valueOf(named(d)))
                                .distinct()
                                .toList());
    }

    private static long number(Unstructured port, @Nullable Object target) {
        return target instanceof Number n ? n.longValue() : port.integer(0, "port");
    }

    /** Its pods are ready, and nobody has written them down. */
    private static Optional<Finding> endpoints(View view, Unstructured service) {
        if (addresses(view, service) > 0 || view.mayNotRead(Resources.ENDPOINT_SLICES)) {
            return Optional.empty();
        }
        boolean young =
                view.since(service.time("metadata", "creationTimestamp")).toSeconds() < 10;
        return young
                ? Optional.empty()
                : Optional.of(new Finding(
                        Subject.of(service),
                        "NoEndpoints",
                        "Its pods are ready and none of them is in its EndpointSlices: the EndpointSlice controller does"
                                + " not run.",
                        List.of("EndpointSlices: none with a ready address"),
                        "coracle status"));
    }

    private static Optional<Finding> address(View view, Unstructured service) {
        boolean wants = service.string("spec", "type").equals("LoadBalancer")
                && service.objects("status", "loadBalancer", "ingress").isEmpty()
                && view.since(service.time("metadata", "creationTimestamp")).toSeconds() > 30;
        return wants
                ? Optional.of(new Finding(
                        Subject.of(service),
                        "NoLoadBalancer",
                        "It is of type LoadBalancer, and nobody has given it an address from outside.",
                        List.of("status.loadBalancer.ingress: none"),
                        "kubectl " + Subject.of(service).flag() + "describe service " + service.name()))
                : Optional.empty();
    }

    static String text(Map<String, String> labels) {
        return labels.isEmpty()
                ? "no labels"
                : String.join(
                        ",",
                        new TreeMap<>(labels)
                                .entrySet().stream()
                                        .map(e -> e.getKey() + "=" + e.getValue())
                                        .toList());
    }
}
