package dev.coracle.cli.kubectl;

import dev.coracle.cli.kubectl.apply.Apply;
import dev.coracle.cli.kubectl.apply.Diff;
import dev.coracle.cli.kubectl.base.Verb;
import dev.coracle.cli.kubectl.describe.Describe;
import dev.coracle.cli.kubectl.stream.Copy;
import dev.coracle.cli.kubectl.stream.Debug;
import dev.coracle.cli.kubectl.stream.Exec;
import dev.coracle.cli.kubectl.stream.Logs;
import dev.coracle.cli.kubectl.stream.PortForward;
import dev.coracle.cli.kubectl.verb.ApiResources;
import dev.coracle.cli.kubectl.verb.Auth;
import dev.coracle.cli.kubectl.verb.ClusterInfo;
import dev.coracle.cli.kubectl.verb.Config;
import dev.coracle.cli.kubectl.verb.Cordon;
import dev.coracle.cli.kubectl.verb.Create;
import dev.coracle.cli.kubectl.verb.Delete;
import dev.coracle.cli.kubectl.verb.Drain;
import dev.coracle.cli.kubectl.verb.Edit;
import dev.coracle.cli.kubectl.verb.Events;
import dev.coracle.cli.kubectl.verb.Explain;
import dev.coracle.cli.kubectl.verb.Expose;
import dev.coracle.cli.kubectl.verb.Get;
import dev.coracle.cli.kubectl.verb.Mark;
import dev.coracle.cli.kubectl.verb.PatchVerb;
import dev.coracle.cli.kubectl.verb.Rollout;
import dev.coracle.cli.kubectl.verb.Run;
import dev.coracle.cli.kubectl.verb.Scale;
import dev.coracle.cli.kubectl.verb.SetImage;
import dev.coracle.cli.kubectl.verb.Taint;
import dev.coracle.cli.kubectl.verb.Top;
import dev.coracle.cli.kubectl.verb.Version;
import dev.coracle.cli.kubectl.verb.Wait;
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
                    case "describe" -> new Describe();
                    case "logs" -> new Logs();
                    case "exec" -> new Exec();
                    case "port-forward" -> new PortForward();
                    case "cordon" -> new Cordon(true);
                    case "uncordon" -> new Cordon(false);
                    case "taint" -> new Taint();
                    case "drain" -> new Drain();
                    case "run" -> new Run();
                    case "expose" -> new Expose();
                    case "auth" -> new Auth();
                    case "cp" -> new Copy();
                    case "debug" -> new Debug();
                    case "diff" -> new Diff();
                    case "patch" -> new PatchVerb();
                    case "edit" -> new Edit();
                    case "wait" -> new Wait();
                    case "top" -> new Top();
                    case "explain" -> new Explain();
                    case "events" -> new Events();
                    case "api-resources" -> new ApiResources();
                    case "cluster-info" -> new ClusterInfo();
                    case "config" -> new Config();
                    case "version" -> new Version();
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
                  run expose apply diff create delete edit patch label annotate set
                  scale rollout wait
                  cordon uncordon drain taint
                  exec cp debug port-forward
                  auth api-resources cluster-info config version

                kubectl's reference holds for them: https://kubernetes.io/docs/reference/kubectl/
                """;
    }
}
