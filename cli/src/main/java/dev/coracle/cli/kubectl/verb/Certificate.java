package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.print.Told;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;

/** {@code kubectl certificate approve|deny}. */
public final class Certificate implements Verb {
    private static final GroupVersionResource REQUESTS =
            new GroupVersionResource("certificates.k8s.io", "v1", "certificatesigningrequests");

    @Override
    public Flags flags() {
        return Flags.of("force!", "output,o", "template");
    }

    @Override
    public int run(Session session, Flags.Line line) throws IOException {
        List<String> words = line.arguments();
        String verb = words.isEmpty() ? "" : words.getFirst();
        boolean approves = verb.equals("approve");
        if (!approves && !verb.equals("deny")) {
            throw new Failure("unknown command \"" + verb + "\" for \"kubectl certificate\"");
        }
        if (words.size() < 2) {
            throw new Failure("one or more CSRs must be specified as <name> or -f <filename>");
        }
        for (String name : words.subList(1, words.size())) {
            Unstructured decided = decide(session, name, approves, line.on("force"));
            String title = "certificatesigningrequest.certificates.k8s.io/" + name;
            Told.of(session, line, decided, title, approves ? "approved" : "denied");
        }
        return 0;
    }

    private static Unstructured decide(Session session, String name, boolean approves, boolean anew) {
        Unstructured request = session.client().get(REQUESTS, "", name).object().copy();
        String type = approves ? "Approved" : "Denied";
        List<Unstructured> conditions = request.objects("status", "conditions");
        boolean done = conditions.stream().anyMatch(c -> c.string("type").equals(type));
        if (done && !anew) {
            return request;
        }
        conditions.removeIf(c -> c.string("type").equals(type));
        conditions.add(new Unstructured(new LinkedHashMap<>())
                .set(type, "type")
                .set("True", "status")
                .set(approves ? "KubectlApprove" : "KubectlDeny", "reason")
                .set(
                        "This CSR was " + (approves ? "approved" : "denied") + " by kubectl certificate "
                                + (approves ? "approve." : "deny."),
                        "message")
                .set(session.environment().clock().now(), "lastUpdateTime"));
        request.set(conditions, "status", "conditions");
        return session.client()
                .update(REQUESTS, request, new WriteOptions("approval", "kubectl", false, false))
                .object();
    }
}
