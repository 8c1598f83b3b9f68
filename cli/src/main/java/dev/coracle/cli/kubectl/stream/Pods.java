package dev.coracle.cli.kubectl.stream;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Targets;
import dev.coracle.client.ListOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The pod, and the container, that {@code logs}, {@code exec} and {@code port-forward} mean. */
final class Pods {
    private static final String DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container";

    private Pods() {}

    /** A pod by name, or one of those that {@code deploy/web} or {@code svc/web} selects. */
    static Unstructured find(Session session, String argument) {
        if (!argument.contains("/")) {
            return pod(session, argument);
        }
        Targets.Target t = Targets.single(new Catalog(session), List.of(argument), "pods");
        if (t.resource().resource().equals(Resources.PODS)) {
            return pod(session, t.name());
        }
        Unstructured owner = session.client()
                .get(t.resource().resource(), t.resource().scope(session.namespace()), t.name())
                .object();
        List<Unstructured> pods = selected(session, selector(owner));
        if (pods.isEmpty()) {
            throw new Failure("no pods found for " + argument);
        }
        pods.sort(Comparator.comparing((Unstructured p) -> !ready(p)).thenComparing(Unstructured::name));
        return pods.getFirst();
    }

    static Unstructured pod(Session session, String name) {
        return session.client().get(Resources.PODS, session.namespace(), name).object();
    }

    static List<Unstructured> selected(Session session, String selector) {
        return new ArrayList<>(
                session
                        .client()
                        .list(Resources.PODS, session.namespace(), ListOptions.labels(selector))
                        .items()
                        .stream()
                        .map(Revision::object)
                        .toList());
    }

    /** The selector of a workload or a Service, as a query has it. */
    static String selector(Unstructured owner) {
        Unstructured s = owner.object("spec", "selector");
        boolean workload = s.has("matchLabels") || s.has("matchExpressions");
        List<String> terms = new ArrayList<>();
        (workload ? s.strings("matchLabels") : s.strings()).forEach((k, v) -> terms.add(k + "=" + v));
        for (Unstructured e : workload ? s.objects("matchExpressions") : List.<Unstructured>of()) {
            String key = e.string("key");
            terms.add(
                    switch (e.string("operator")) {
                        case "In" -> key + " in (" + String.join(",", e.stringList("values")) + ")";
                        case "NotIn" -> key + " notin (" + String.join(",", e.stringList("values")) + ")";
                        case "Exists" -> key;
                        default -> "!" + key;
                    });
        }
        if (terms.isEmpty()) {
            throw new Failure("the " + owner.kind() + " \"" + owner.name() + "\" selects no pods");
        }
        return String.join(",", terms);
    }

    private static boolean ready(Unstructured pod) {
        return pod.objects("status", "conditions").stream()
                .anyMatch(c ->
                        c.string("type").equals("Ready") && c.string("status").equals("True"));
    }

    static List<String> containers(Unstructured pod) {
        List<String> names = new ArrayList<>();
        for (String list : List.of("initContainers", "containers", "ephemeralContainers")) {
            pod.objects("spec", list).forEach(c -> names.add(c.string("name")));
        }
        return names;
    }

    /** What the pod says of a container. */
    static Unstructured spec(Unstructured pod, String container) {
        return Stream.of("initContainers", "containers", "ephemeralContainers")
                .flatMap(list -> pod.objects("spec", list).stream())
                .filter(c -> c.string("name").equals(container))
                .findFirst()
                .orElseThrow(() -> new Failure("container " + container + " is not valid for pod " + pod.name()));
    }

    /** The one given, or the one meant when none is; says so on standard error where there are several. */
    static String container(Session session, Unstructured pod, String given) {
        List<String> all = containers(pod);
        if (!given.isEmpty()) {
            if (!all.contains(given)) {
                throw new Failure("container " + given + " is not valid for pod " + pod.name());
            }
            return given;
        }
        String annotated = pod.annotations().getOrDefault(DEFAULT_CONTAINER, "");
        List<Unstructured> main = pod.objects("spec", "containers");
        if (all.contains(annotated) || main.isEmpty()) {
            return annotated;
        }
        String first = main.getFirst().string("name");
        if (all.size() > 1) {
            String list = main.stream().map(c -> c.string("name")).collect(Collectors.joining(", "));
            String ephemeral = pod.objects("spec", "ephemeralContainers").stream()
                    .map(c -> ", " + c.string("name") + " (ephem)")
                    .collect(Collectors.joining());
            String init = pod.objects("spec", "initContainers").stream()
                    .map(c -> ", " + c.string("name") + " (init)")
                    .collect(Collectors.joining());
            session.err().println("Defaulted container \"" + first + "\" out of: " + list + ephemeral + init);
        }
        return first;
    }
}
