package dev.coracle.kubelet.pod;

import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

/** The conditions the kubelet answers for; those of others (PodScheduled, readiness gates) stay as they are. */
final class Conditions {
    private static final Set<String> OWN = Set.of(
            "PodReadyToStartContainers",
            "Initialized",
            "Ready",
            "ContainersReady",
            PodResize.PENDING,
            PodResize.IN_PROGRESS);

    private Conditions() {}

    /**
     * @param old the conditions so far, which keep the time of a transition that is none
     * @param sandbox whether the sandbox and its network stand
     */
    static List<Unstructured> of(
            Unstructured pod, Unstructured status, List<Unstructured> old, boolean sandbox, Instant now) {
        List<Unstructured> all = new ArrayList<>();
        String phase = status.string("phase");
        List<Unstructured> inits = status.objects("initContainerStatuses");
        all.add(condition("PodReadyToStartContainers", sandbox, "", ""));
        boolean succeeded = phase.equals("Succeeded");
        // Once a main container has started, the pod was initialized, whatever a sidecar does then.
        boolean initialized = PodStatuses.initialized(pod, inits)
                || status.objects("containerStatuses").stream()
                        .anyMatch(s -> s.has("state", "running") || s.has("state", "terminated"));
        List<Unstructured> specs = pod.objects("spec", "initContainers");
        String incomplete = names(inits.stream()
                .filter(s -> specs.stream()
                        .filter(c -> c.string("name").equals(s.string("name")))
                        .anyMatch(c -> !PodStatuses.isDone(c, s)))
                .toList());
        all.add(
                initialized || succeeded
                        ? condition("Initialized", true, succeeded ? "PodCompleted" : "", "")
                        : condition(
                                "Initialized",
                                false,
                                "ContainersNotInitialized",
                                "containers with incomplete status: " + incomplete));
        List<Unstructured> judged = new ArrayList<>(status.objects("containerStatuses"));
        pod.objects("spec", "initContainers").stream()
                .filter(Specs::isSidecar)
                .forEach(c -> inits.stream()
                        .filter(s -> s.string("name").equals(c.string("name")))
                        .forEach(judged::add));
        List<Unstructured> unready =
                judged.stream().filter(s -> !s.bool("ready")).toList();
        Unstructured containers = containersReady(phase, unready);
        Unstructured ready = containers.string("status").equals("True")
                ? gates(pod, old)
                : containers.copy().set("Ready", "type");
        all.add(ready);
        all.add(containers);
        for (Unstructured c : all) {
            c.set(pod.generation() > 0 ? pod.generation() : null, "observedGeneration");
        }
        // Of a resize it is known which generation asked for it.
        status.objects("conditions").forEach(c -> all.add(c.copy()));
        for (Unstructured c : all) {
            Instant since = old.stream()
                    .filter(o -> o.string("type").equals(c.string("type"))
                            && o.string("status").equals(c.string("status")))
                    .flatMap(o -> o.time("lastTransitionTime").stream())
                    .findFirst()
                    .orElse(now);
            c.set(since, "lastTransitionTime");
        }
        old.stream().filter(o -> !OWN.contains(o.string("type"))).forEach(all::add);
        return all;
    }

    private static Unstructured containersReady(String phase, List<Unstructured> unready) {
        if (phase.equals("Succeeded")) {
            return condition("ContainersReady", false, "PodCompleted", "");
        }
        if (phase.equals("Failed")) {
            return condition("ContainersReady", false, "PodFailed", "");
        }
        return unready.isEmpty()
                ? condition("ContainersReady", true, "", "")
                : condition(
                        "ContainersReady",
                        false,
                        "ContainersNotReady",
                        "containers with unready status: " + names(unready));
    }

    private static Unstructured gates(Unstructured pod, List<Unstructured> conditions) {
        List<String> missing = new ArrayList<>();
        for (Unstructured gate : pod.objects("spec", "readinessGates")) {
            String type = gate.string("conditionType");
            String status = conditions.stream()
                    .filter(c -> c.string("type").equals(type))
                    .map(c -> c.string("status"))
                    .findFirst()
                    .orElse("");
            if (status.isEmpty()) {
                missing.add("corresponding condition of pod readiness gate \"" + type + "\" does not exist.");
            } else if (!status.equals("True")) {
                missing.add("the status of pod readiness gate \"" + type + "\" is not \"True\", but " + status);
            }
        }
        return missing.isEmpty()
                ? condition("Ready", true, "", "")
                : condition("Ready", false, "ReadinessGatesNotReady", String.join(", ", missing));
    }

    private static String names(List<Unstructured> statuses) {
        return "["
                + String.join(" ", statuses.stream().map(s -> s.string("name")).toList()) + "]";
    }

    private static Unstructured condition(String type, boolean status, String reason, String message) {
        Unstructured c =
                new Unstructured(new LinkedHashMap<>()).set(type, "type").set(status ? "True" : "False", "status");
        c.set(reason.isEmpty() ? null : reason, "reason");
        return c.set(message.isEmpty() ? null : message, "message");
    }
}
