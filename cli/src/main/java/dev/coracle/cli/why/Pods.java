package dev.coracle.cli.why;

import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A pod, from its node over its volumes to its containers. */
final class Pods implements Check {
    /** How much longer than its grace a deletion may take. */
    private static final Duration SLACK = Duration.ofSeconds(30);

    @Override
    public Optional<Finding> look(View view, Unstructured pod) {
        if (works(pod)) {
            return Optional.empty();
        }
        return Check.first(
                view,
                pod,
                Pods::node,
                Pods::ends,
                Pods::turnedOut,
                new Scheduling(),
                new PodVolumes(),
                new Containers(),
                Pods::gates);
    }

    /** Whether nothing is wanted of it that it does not do. */
    static boolean works(Unstructured pod) {
        boolean over = pod.string("status", "phase").equals("Succeeded");
        return !pod.isDeleting() && (over || ready(pod));
    }

    static boolean ready(Unstructured pod) {
        return View.condition(pod, "Ready").string("status").equals("True");
    }

    private static Optional<Finding> node(View view, Unstructured pod) {
        String name = pod.string("spec", "nodeName");
        if (name.isEmpty()) {
            return Optional.empty();
        }
        if (view.missing(Resources.NODES, "", name)) {
            return Optional.of(new Finding(
                    Subject.of(pod),
                    "NodeGone",
                    "Its node \"" + name + "\" does not exist any more.",
                    List.of("spec.nodeName: " + name),
                    "kubectl " + Subject.of(pod).flag() + "delete pod " + pod.name() + " --force"));
        }
        return view.get(Resources.NODES, "", name)
                .filter(n -> !View.condition(n, "Ready").string("status").equals("True"))
                .flatMap(n -> new Nodes().look(view, n));
    }

    private static Optional<Finding> ends(View view, Unstructured pod) {
        if (!pod.isDeleting()) {
            return Optional.empty();
        }
        Instant due = pod.time("metadata", "deletionTimestamp").orElse(view.now());
        if (Duration.between(due, view.now()).compareTo(SLACK) < 0) {
            return Optional.empty();
        }
        return Stuck.finalizers(pod)
                .or(() -> Optional.of(new Finding(
                        Subject.of(pod),
                        "SlowToEnd",
                        "It should have ended at " + due + ", and its kubelet has not said that it has.",
                        List.of("metadata.deletionTimestamp: " + due),
                        "kubectl describe node " + pod.string("spec", "nodeName"))));
    }

    /** What the kubelet or the control plane refused or ended as a whole. */
    private static Optional<Finding> turnedOut(View view, Unstructured pod) {
        String reason = pod.string("status", "reason");
        if (!pod.string("status", "phase").equals("Failed") || reason.isEmpty()) {
            return Optional.empty();
        }
        String message = pod.string("status", "message");
        String told = message.isEmpty() ? "." : ": " + message;
        return Optional.of(new Finding(
                Subject.of(pod),
                reason,
                switch (reason) {
                    case "Evicted" -> "Its node turned it out" + told;
                    case "DeadlineExceeded" ->
                        "It ran longer than its activeDeadlineSeconds of "
                                + pod.integer(0, "spec", "activeDeadlineSeconds") + " s allow.";
                    default -> "Its node refused or ended it, " + reason + told;
                },
                List.of("status.phase: Failed", "status.reason: " + reason),
                reason.equals("Evicted")
                        ? "coracle why node " + pod.string("spec", "nodeName")
                        : "kubectl " + Subject.of(pod).flag() + "describe pod " + pod.name()));
    }

    /** Its containers are ready and something outside says that it is not. */
    private static Optional<Finding> gates(View view, Unstructured pod) {
        for (Unstructured gate : pod.objects("spec", "readinessGates")) {
            String type = gate.string("conditionType");
            boolean containers =
                    View.condition(pod, "ContainersReady").string("status").equals("True");
            if (containers && !View.condition(pod, type).string("status").equals("True")) {
                return Optional.of(new Finding(
                        Subject.of(pod),
                        "ReadinessGate",
                        "Its containers are ready, but its readiness gate \"" + type + "\" is not True.",
                        List.of("condition " + type + ": "
                                + View.condition(pod, type).stringOr("missing", "status")),
                        "kubectl " + Subject.of(pod).flag() + "get pod " + pod.name()
                                + " -o yaml  # whoever set the gate sets the condition"));
            }
        }
        return Optional.empty();
    }
}
