package dev.coracle.cli.kubectl.describe;

import dev.coracle.cli.kubectl.base.Errors;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.resource.ApiResource;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Manifests;
import dev.coracle.cli.kubectl.resource.Targets;
import dev.coracle.client.ListOptions;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** {@code kubectl describe}. */
public final class Describe implements Verb {
    private record Subject(ApiResource resource, Unstructured object) {}

    @Override
    public Flags flags() {
        return Flags.of("selector,l", "all-namespaces,A!", "show-events!", "chunk-size#")
                .and(Manifests.FLAGS);
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException {
        List<String> failures = new ArrayList<>();
        List<Subject> subjects = subjects(session, line, failures);
        boolean first = true;
        for (Subject s : subjects) {
            if (!first) {
                session.out().print("\n\n");
            }
            first = false;
            session.out().print(text(session, s, line.on("show-events", true)));
            session.out().flush();
        }
        if (subjects.isEmpty() && failures.isEmpty()) {
            session.err()
                    .println(
                            line.on("all-namespaces")
                                    ? "No resources found"
                                    : "No resources found in " + session.namespace() + " namespace.");
        }
        failures.forEach(session.err()::println);
        return failures.isEmpty() ? 0 : 1;
    }

    private static List<Subject> subjects(Session session, Flags.Line line, List<String> failures) throws IOException {
        Catalog catalog = new Catalog(session);
        List<Targets.Target> targets = new ArrayList<>();
        List<Subject> subjects = new ArrayList<>();
        for (Manifests.Entry e : new Manifests(session, catalog).read(line)) {
            subjects.add(new Subject(
                    e.resource(),
                    session.client()
                            .get(
                                    e.resource().resource(),
                                    e.namespace(),
                                    e.object().name())
                            .object()));
        }
        targets.addAll(Targets.parse(catalog, line.arguments()));
        if (targets.isEmpty() && subjects.isEmpty()) {
            throw new Failure("You must specify the type of resource to describe. Use \"kubectl api-resources\" for a"
                    + " complete list of supported resources.");
        }
        for (Targets.Target t : targets) {
            String namespace = line.on("all-namespaces") ? "" : t.resource().scope(session.namespace());
            if (t.name().isEmpty()) {
                all(session, line, t, namespace, subjects);
                continue;
            }
            try {
                subjects.add(new Subject(
                        t.resource(),
                        session.client()
                                .get(t.resource().resource(), namespace, t.name())
                                .object()));
            } catch (StatusException e) {
                if (!e.isNotFound() || !byPrefix(session, t, namespace, subjects)) {
                    failures.add(Errors.refusal(e, ""));
                }
            }
        }
        return subjects;
    }

    private static void all(
            Session session, Flags.Line line, Targets.Target t, String namespace, List<Subject> subjects) {
        for (Revision r : session.client()
                .list(t.resource().resource(), namespace, ListOptions.labels(line.get("selector")))
                .items()) {
            subjects.add(new Subject(t.resource(), r.object()));
        }
    }

    /** As kubectl: where no object has the name, those whose names begin with it. */
    private static boolean byPrefix(Session session, Targets.Target t, String namespace, List<Subject> subjects) {
        boolean found = false;
        for (Revision r : session.client()
                .list(t.resource().resource(), namespace, ListOptions.ALL)
                .items()) {
            if (r.name().startsWith(t.name())) {
                subjects.add(new Subject(t.resource(), r.object()));
                found = true;
            }
        }
        return found;
    }

    private static String text(Session session, Subject s, boolean events) {
        Description d = new Description(session.environment().clock());
        Unstructured o = s.object();
        boolean usual = List.of("", "apps", "batch", "networking.k8s.io")
                .contains(s.resource().resource().group());
        boolean told = events;
        switch (usual ? o.kind() : "") {
            case "Pod" -> PodDetails.write(d, o);
            case "Deployment" -> WorkloadDetails.deployment(d, session, o);
            case "ReplicaSet" -> WorkloadDetails.replicaSet(d, session, o);
            case "Service" -> ServiceDetails.service(d, session, o);
            case "Endpoints" -> ServiceDetails.endpoints(d, o);
            case "Ingress" -> ServiceDetails.ingress(d, session, o);
            case "Node" -> NodeDetails.write(d, session, o);
            case "ConfigMap" -> DataDetails.configMap(d, o);
            case "Secret" -> {
                DataDetails.secret(d, o);
                told = false;
            }
            case "Namespace" -> {
                DataDetails.namespace(d, session, o);
                told = false;
            }
            case "PersistentVolumeClaim" -> DataDetails.claim(d, session, o);
            default -> Generic.write(d, o);
        }
        if (told) {
            EventLines.write(d, session, o);
        }
        return d.finish();
    }
}
