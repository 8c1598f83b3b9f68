package dev.coracle.cli.why;

import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.resource.Catalog;
import dev.coracle.cli.kubectl.resource.Targets;
import dev.coracle.client.https.RestClient;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code coracle why [KIND NAME]}, said as a verb of kubectl, of which it has the connection and the names of kinds. */
public final class WhyVerb implements Verb {
    /** How much of a log tells why its container ended. */
    private static final String LINES = "20";

    @Override
    public Flags flags() {
        return Flags.of("json!", "all-namespaces,A!");
    }

    /** @return 1 where something is wrong */
    @Override
    public int run(Session session, Flags.Line line) {
        View view = new View(
                session.client(),
                session.environment().clock(),
                (pod, container, previous) -> log(session, pod, container, previous));
        Why why;
        String asked;
        if (line.arguments().isEmpty()) {
            boolean one = session.namespaceGiven() && !line.on("all-namespaces");
            why = Why.everything(view, one ? session.namespace() : "");
            asked = one ? "the namespace " + session.namespace() : "the cluster";
        } else {
            Targets.Target target = Targets.single(new Catalog(session), line.arguments(), "pod");
            String namespace = target.resource().scope(session.namespace());
            Unstructured object = session.client()
                    .get(target.resource().resource(), namespace, target.name())
                    .object();
            why = Why.of(view, object);
            asked = Subject.of(object).toString();
        }
        if (line.on("json")) {
            session.out().println(Json.string(why.json()));
        } else {
            session.out().print(why.text(asked));
        }
        session.out().flush();
        return why.findings().isEmpty() ? 0 : 1;
    }

    private static String log(Session session, Unstructured pod, String container, boolean previous) {
        Map<String, String> query = new LinkedHashMap<>();
        query.put("container", container);
        query.put("previous", previous ? "true" : "");
        query.put("tailLines", LINES);
        query.put("limitBytes", "65536");
        String path = RestClient.path(Resources.PODS, pod.namespace(), pod.name(), "log") + RestClient.query(query);
        byte[] text = session.connection().exchange("GET", path, "*/*", "", new byte[0]);
        return new String(text, StandardCharsets.UTF_8);
    }
}
