package dev.coracle.cli.kubectl;

import dev.coracle.cli.kubectl.apply.Apply;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.stream.Logs;
import dev.coracle.cli.kubectl.verb.Create;
import dev.coracle.cli.kubectl.verb.Delete;
import dev.coracle.cli.kubectl.verb.Get;
import dev.coracle.cli.kubectl.verb.Mark;
import dev.coracle.cli.kubectl.verb.Rollout;
import dev.coracle.cli.kubectl.verb.Scale;
import dev.coracle.cli.kubectl.verb.SetImage;
import java.util.List;
import java.util.Optional;

/** The verbs. */
final class Verbs {
    private Verbs() {}

    static Optional<Verb> named(String name) {
        return Optional.ofNullable(
                switch (name) {
                    case "get" -> new Get();
                    case "apply" -> new Apply();
                    case "create" -> new Create();
                    case "delete" -> new Delete();
                    case "scale" -> new Scale();
                    case "rollout" -> new Rollout();
                    case "set" -> new SetImage();
                    case "label" -> new Mark("labels");
                    case "annotate" -> new Mark("annotations");
                    case "logs" -> new Logs();
                    default -> null;
                });
    }

    /** Whether the verb needs no server. */
    static boolean isLocal(String name, List<String> arguments) {
        return name.equals("config") && !arguments.isEmpty();
    }

    static String help() {
        return """
                Coracle's own kubectl speaks to the Kubernetes API as kubectl does.

                  get describe logs events top explain
                  apply create delete edit patch label annotate set
                  scale rollout wait
                  exec port-forward cp
                  api-resources cluster-info config version

                kubectl's reference holds for them: https://kubernetes.io/docs/reference/kubectl/
                """;
    }
}
