package dev.coracle.cli.kubectl.verb;

import dev.coracle.cli.kubectl.base.Durations;
import dev.coracle.cli.kubectl.base.Failure;
import dev.coracle.cli.kubectl.base.Flags;
import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.client.https.RestClient;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.List;

/** {@code kubectl create token ACCOUNT}: a token of a ServiceAccount, which nothing keeps. */
final class TokenRequests {
    static final List<String> FLAGS =
            List.of("duration~", "audience*", "bound-object-kind", "bound-object-name", "bound-object-uid");

    private TokenRequests() {}

    static int run(Session session, Flags.Line line) {
        Generators.requireOwn("token", FLAGS, line);
        if (line.arguments().size() != 2) {
            throw new Failure(
                    "exactly one NAME is required, got " + (line.arguments().size() - 1));
        }
        Unstructured request = Unstructured.of("authentication.k8s.io/v1", "TokenRequest");
        if (!line.all("audience").isEmpty()) {
            request.set(line.all("audience"), "spec", "audiences");
        }
        if (line.has("duration")) {
            Duration duration = Durations.parse(line.get("duration"));
            request.set(duration.toSeconds(), "spec", "expirationSeconds");
        }
        if (line.has("bound-object-kind")) {
            boolean node = line.get("bound-object-kind").equals("Node");
            if (!node
                    && !line.get("bound-object-kind").equals("Pod")
                    && !line.get("bound-object-kind").equals("Secret")) {
                throw new Failure("supported --bound-object-kind values are Node, Pod, Secret");
            }
            if (line.get("bound-object-name").isEmpty()) {
                throw new Failure("--bound-object-name is required if --bound-object-kind is provided");
            }
            request.set("v1", "spec", "boundObjectRef", "apiVersion")
                    .set(line.get("bound-object-kind"), "spec", "boundObjectRef", "kind")
                    .set(line.get("bound-object-name"), "spec", "boundObjectRef", "name");
            if (line.has("bound-object-uid")) {
                request.set(line.get("bound-object-uid"), "spec", "boundObjectRef", "uid");
            }
        }
        String path = RestClient.path(
                Resources.SERVICE_ACCOUNTS,
                session.namespace(),
                line.arguments().get(1),
                "token");
        Unstructured answer = Unstructured.parse(
                session.connection().exchange("POST", path, Session.JSON, Session.JSON, Json.bytes(request.map())));
        session.out().println(answer.string("status", "token"));
        return 0;
    }
}
