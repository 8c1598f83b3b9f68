package dev.coracle.kubelet.pod;

import dev.coracle.kubelet.probe.Prober;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.runtime.CriException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** Runs {@code postStart} and {@code preStop}: a command inside, or an HTTP request. Sleeping is the caller's. */
final class Hooks {
    private final PodContext context;

    Hooks(PodContext context) {
        this.context = context;
    }

    /** Blocks. @return why it failed, in upstream's words, if it did */
    Optional<String> run(Unstructured pod, Unstructured container, String id, Unstructured hook, Duration limit) {
        String who = "for Container \"" + container.string("name") + "\" in Pod \"" + Specs.format(pod) + "\" failed";
        if (hook.has("exec")) {
            String command = String.join(" ", hook.stringList("exec", "command"));
            return exec(id, hook, limit).map(why -> "Exec lifecycle hook ([" + command + "]) " + who + why);
        }
        Unstructured bounded = hook.copy().set(Math.max(1, limit.toSeconds()), "timeoutSeconds");
        var answer = context.prober()
                .ask(new Prober.Question(id, pod.string("status", "podIP"), bounded, container.objects("ports")));
        return answer.success()
                ? Optional.empty()
                : Optional.of("HTTP lifecycle hook (" + hook.string("httpGet", "path") + ") " + who + " - error: "
                        + answer.output());
    }

    private Optional<String> exec(String id, Unstructured hook, Duration limit) {
        var command = hook.stringList("exec", "command");
        try {
            var result = context.runtime().execSync(id, command, limit);
            if (result.exitCode() == 0) {
                return Optional.empty();
            }
            String error = new String(result.stderr(), StandardCharsets.UTF_8);
            String output = new String(result.stdout(), StandardCharsets.UTF_8) + error;
            return Optional.of(" - error: command '" + String.join(" ", command) + "' exited with " + result.exitCode()
                    + ": " + error + ", message: \"" + output.replace("\n", "\\n") + "\"");
        } catch (CriException e) {
            return Optional.of(" - error: " + e.getMessage() + ", message: \"\"");
        }
    }
}
