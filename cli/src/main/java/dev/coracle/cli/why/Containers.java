package dev.coracle.cli.why;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A pod's containers, those first that must end before the others begin. */
final class Containers implements Check {
    private static final Pattern PORT = Pattern.compile(":(\\d+)");

    @Override
    public Optional<Finding> look(View view, Unstructured pod) {
        for (String kind : List.of("init", "")) {
            String statuses = kind.isEmpty() ? "containerStatuses" : "initContainerStatuses";
            List<Unstructured> specs = pod.objects("spec", kind.isEmpty() ? "containers" : "initContainers");
            for (Unstructured status : pod.objects("status", statuses)) {
                Optional<Unstructured> spec = specs.stream()
                        .filter(c -> c.string("name").equals(status.string("name")))
                        .findFirst();
                Optional<Finding> found = spec.flatMap(c -> look(view, pod, c, status));
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Finding> look(View view, Unstructured pod, Unstructured container, Unstructured status) {
        String waiting = status.string("state", "waiting", "reason");
        String message = status.string("state", "waiting", "message");
        switch (waiting) {
            case "ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName", "RegistryUnavailable" -> {
                return Optional.of(Images.of(view, pod, container, waiting, message));
            }
            case "CreateContainerConfigError" -> {
                return Optional.of(Configuration.of(view, pod, container, status));
            }
            case "CreateContainerError", "RunContainerError" -> {
                return Optional.of(unstartable(pod, container, waiting + ": " + message, message));
            }
            default -> {}
        }
        Unstructured ended = status.has("state", "terminated")
                ? status.object("state", "terminated")
                : status.object("lastState", "terminated");
        boolean failed = status.has("state", "terminated") && ended.integer(0, "exitCode") != 0;
        boolean again = waiting.equals("CrashLoopBackOff");
        if (again || failed) {
            return Optional.of(ended(view, pod, container, status, ended));
        }
        boolean running = status.has("state", "running");
        if (running && !status.bool("ready")) {
            return probed(view, pod, container);
        }
        return Optional.empty();
    }

    private static Finding unstartable(Unstructured pod, Unstructured container, String evidence, String message) {
        String who = "The container \"" + container.string("name") + "\" ";
        boolean command = message.contains("executable file not found")
                || message.contains("no such file")
                || message.contains("cannot run");
        boolean forbidden = message.contains("permission denied");
        return new Finding(
                Subject.of(pod),
                command ? "CommandNotFound" : forbidden ? "CommandNotExecutable" : "ContainerNotStarted",
                command
                        ? who + "cannot start: its image has no command " + command(container) + "."
                        : forbidden
                                ? who + "cannot start: its command " + command(container) + " may not be executed."
                                : who + "cannot be started: " + message,
                List.of(evidence),
                "kubectl " + Subject.of(pod).flag() + "edit " + Images.owner(pod)
                        + "  # spec.containers.command and args");
    }

    private static String command(Unstructured container) {
        List<String> words = container.stringList("command").isEmpty()
                ? container.stringList("args")
                : container.stringList("command");
        return words.isEmpty() ? "that its entry point names" : "\"" + words.getFirst() + "\"";
    }

    private static Finding ended(
            View view, Unstructured pod, Unstructured container, Unstructured status, Unstructured ended) {
        String name = container.string("name");
        long code = ended.integer(0, "exitCode");
        long restarts = status.integer(0, "restartCount");
        List<String> evidence = new ArrayList<>();
        evidence.add("it ended with exit code " + code + " (" + ended.stringOr("Error", "reason") + ")"
                + (restarts > 0 ? " and was started again " + restarts + " times" : ""));
        String who = "The container \"" + name + "\" ";
        String logs = "kubectl " + Subject.of(pod).flag() + "logs " + pod.name() + " -c " + name
                + (status.has("state", "waiting") ? " --previous" : "");
        if (ended.string("reason").equals("OOMKilled")) {
            String limit = container.string("resources", "limits", "memory");
            return new Finding(
                    Subject.of(pod),
                    "OutOfMemory",
                    who + "used more memory than its limit" + (limit.isEmpty() ? "" : " of " + limit)
                            + " and was killed for it.",
                    evidence,
                    "kubectl " + Subject.of(pod).flag() + "set resources " + Images.owner(pod) + " -c " + name
                            + " --limits=memory=…");
        }
        if (ended.string("reason").matches("StartError|ContainerCannotRun")) {
            return unstartable(pod, container, evidence.getFirst(), ended.string("message"));
        }
        Optional<Unstructured> probe = view.warning(pod, "Unhealthy")
                .filter(e -> e.string("message").matches("(?s)(Liveness|Startup) probe.*"))
                .filter(e -> code == 137 || code == 143 || code == 0);
        if (probe.isPresent()) {
            String what = probe.get().string("message");
            evidence.add("event Unhealthy: " + what);
            boolean startup = what.startsWith("Startup");
            return new Finding(
                    Subject.of(pod),
                    startup ? "StartupProbeFailed" : "LivenessProbeFailed",
                    who + "runs, but its " + (startup ? "startup" : "liveness")
                            + " probe fails, so that it is ended and started again" + probe(container, what) + ".",
                    evidence,
                    "kubectl " + Subject.of(pod).flag() + "edit " + Images.owner(pod));
        }
        List<String> log = view.log(pod, name, status.has("state", "waiting"));
        log.stream().skip(Math.max(0, log.size() - 5)).forEach(l -> evidence.add("log: " + l));
        String said = ended.string("message");
        if (!said.isEmpty() && log.isEmpty()) {
            evidence.add("termination message: " + said.strip());
        }
        if (code == 0) {
            return new Finding(
                    Subject.of(pod),
                    "EndsAtOnce",
                    who + "ends by itself, with success, and is started again each time: what a Deployment runs must go"
                            + " on running.",
                    evidence,
                    "kubectl " + Subject.of(pod).flag() + "edit " + Images.owner(pod)
                            + "  # another command, or a Job if the work is meant to end");
        }
        if (code == 127 || code == 126) {
            return new Finding(
                    Subject.of(pod),
                    code == 127 ? "CommandNotFound" : "CommandNotExecutable",
                    who + "ends since a command "
                            + (code == 127
                                    ? "that it calls is not in its image."
                                    : "that it calls may not be executed."),
                    evidence,
                    logs);
        }
        String last = log.isEmpty() ? "" : ": " + log.getLast().strip();
        return new Finding(
                Subject.of(pod),
                "ApplicationFailed",
                who + "ends with exit code " + code + " by itself" + (last.isEmpty() ? "." : last),
                evidence,
                logs);
    }

    private static Optional<Finding> probed(View view, Unstructured pod, Unstructured container) {
        Optional<Unstructured> event = view.warning(pod, "Unhealthy");
        String name = container.string("name");
        if (event.isEmpty() || !container.has("readinessProbe") && !container.has("startupProbe")) {
            // Perhaps it has not been asked yet.
            return Optional.empty();
        }
        String what = event.get().string("message");
        String kind = what.replaceFirst(" probe.*(?s).*", "");
        List<String> evidence = new ArrayList<>(List.of("event Unhealthy: " + what));
        List<String> log = view.log(pod, name, false);
        log.stream().skip(Math.max(0, log.size() - 3)).forEach(l -> evidence.add("log: " + l));
        return Optional.of(new Finding(
                Subject.of(pod),
                kind + "ProbeFailed",
                "The container \"" + name + "\" runs, but its " + kind.toLowerCase(Locale.ROOT)
                        + " probe fails, so that no Service sends it anything" + probe(container, what) + ".",
                evidence,
                "kubectl " + Subject.of(pod).flag() + "logs " + pod.name() + " -c " + name
                        + "  # and is the probe's port and path what it serves?"));
    }

    /** What the probe's words mean. */
    private static String probe(Unstructured container, String what) {
        if (what.contains("connection refused")) {
            Matcher port = PORT.matcher(what);
            String last = "";
            while (port.find()) {
                last = port.group(1);
            }
            String asked = last;
            boolean declared = container.objects("ports").stream()
                    .anyMatch(p -> String.valueOf(p.integer(0, "containerPort")).equals(asked));
            return asked.isEmpty()
                    ? ": nothing listens there"
                    : ": nothing listens on its port " + asked + (declared ? "" : ", which it does not declare either");
        }
        Matcher code = Pattern.compile("statuscode: (\\d+)").matcher(what);
        if (code.find()) {
            return ": it answers with " + code.group(1);
        }
        return what.contains("deadline") || what.contains("timeout") ? ": it does not answer in time" : "";
    }
}
