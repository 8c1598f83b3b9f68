package dev.coracle.cli.why;

import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.quantity.Quantity;
import dev.coracle.machinery.selector.NodeChoice;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A pod that no node was found for. What no node can ever give comes before what is only full: who wants a label that no node
 * has is not helped by another node of the same kind.
 */
final class Scheduling implements Check {
    /** How soon a scheduler has at least looked. */
    private static final Duration LOOKED_AT = Duration.ofSeconds(10);

    private static final Set<String> REPELS = Set.of("NoSchedule", "NoExecute");

    @Override
    public Optional<Finding> look(View view, Unstructured pod) {
        if (!pod.string("spec", "nodeName").isEmpty()) {
            return Optional.empty();
        }
        Unstructured tried = View.condition(pod, "PodScheduled");
        return Check.first(
                view,
                pod,
                Scheduling::gated,
                Scheduling::claims,
                (v, p) -> nobodyLooks(v, p, tried),
                (v, p) -> tried.string("status").equals("False") ? refused(v, p, tried) : Optional.empty());
    }

    private static Optional<Finding> gated(View view, Unstructured pod) {
        List<Unstructured> gates = pod.objects("spec", "schedulingGates");
        if (gates.isEmpty()) {
            return Optional.empty();
        }
        String names = String.join(
                ", ", gates.stream().map(g -> "\"" + g.string("name") + "\"").toList());
        return Optional.of(new Finding(
                Subject.of(pod),
                "SchedulingGated",
                "It is not scheduled before its scheduling gate " + names + " is taken away.",
                List.of("spec.schedulingGates: " + names),
                "kubectl " + Subject.of(pod).flag() + "get pod " + pod.name()
                        + " -o yaml  # who put the gate there takes it away"));
    }

    private static Optional<Finding> claims(View view, Unstructured pod) {
        for (Unstructured volume : pod.objects("spec", "volumes")) {
            String name = volume.has("ephemeral")
                    ? pod.name() + "-" + volume.string("name")
                    : volume.string("persistentVolumeClaim", "claimName");
            if (name.isEmpty()) {
                continue;
            }
            Optional<Unstructured> claim = view.get(Resources.PERSISTENT_VOLUME_CLAIMS, pod.namespace(), name);
            if (claim.isEmpty() && view.missing(Resources.PERSISTENT_VOLUME_CLAIMS, pod.namespace(), name)) {
                return Optional.of(new Finding(
                        Subject.of(pod),
                        "ClaimNotFound",
                        "Its volume \"" + volume.string("name") + "\" wants the PersistentVolumeClaim \"" + name
                                + "\", which does not exist.",
                        List.of("spec.volumes: persistentVolumeClaim.claimName: " + name),
                        "kubectl " + Subject.of(pod).flag() + "get pvc  # then create it, or mend the name"));
            }
            if (claim.isPresent()) {
                Optional<Finding> found = new Claims().look(view, claim.get());
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Finding> nobodyLooks(View view, Unstructured pod, Unstructured tried) {
        if (tried.has("status")
                || view.since(pod.time("metadata", "creationTimestamp")).compareTo(LOOKED_AT) < 0) {
            return Optional.empty();
        }
        String scheduler = pod.stringOr("default-scheduler", "spec", "schedulerName");
        boolean own = !scheduler.equals("default-scheduler");
        return Optional.of(new Finding(
                Subject.of(pod),
                "NoScheduler",
                own
                        ? "It is to be scheduled by \"" + scheduler
                                + "\", and no scheduler of that name has looked at it."
                        : "No scheduler has looked at it: the scheduler does not run.",
                List.of("spec.schedulerName: " + scheduler, "it has no condition PodScheduled"),
                own
                        ? "kubectl get pods -A  # does \"" + scheduler + "\" run? Or leave spec.schedulerName out"
                        : "coracle status"));
    }

    private static Optional<Finding> refused(View view, Unstructured pod, Unstructured tried) {
        String message = tried.string("message");
        List<String> evidence = List.of("PodScheduled is False, " + tried.string("reason") + ": " + message);
        List<Unstructured> nodes = view.list(Resources.NODES, "");
        Unstructured spec = pod.object("spec");
        if (view.none(Resources.NODES, "")) {
            return found(
                    pod,
                    "NoNodes",
                    "The cluster has no node.",
                    evidence,
                    "coracle down && coracle up --workers N  # with more nodes than now");
        }
        List<Unstructured> chosen =
                nodes.stream().filter(n -> NodeChoice.selects(spec, n)).toList();
        if (chosen.isEmpty() && !nodes.isEmpty()) {
            return found(
                    pod,
                    "NoNodeSelected",
                    "No node has the labels that its " + (spec.has("nodeSelector") ? "nodeSelector" : "node affinity")
                            + " asks for" + asked(spec) + ".",
                    evidence,
                    "kubectl get nodes --show-labels  # then label a node, or mend the pod's template");
        }
        List<Unstructured> bearing = chosen.stream()
                .filter(n -> NodeChoice.tolerates(spec, n, REPELS) && !n.bool("spec", "unschedulable"))
                .toList();
        if (bearing.isEmpty() && !chosen.isEmpty()) {
            return repelled(pod, spec, chosen, evidence);
        }
        Optional<Finding> tooLarge = tooLarge(pod, bearing, evidence);
        if (tooLarge.isPresent()) {
            return tooLarge;
        }
        return Optional.of(byMessage(pod, message, evidence));
    }

    private static Optional<Finding> repelled(
            Unstructured pod, Unstructured spec, List<Unstructured> nodes, List<String> evidence) {
        for (Unstructured n : nodes) {
            boolean down = n.objects("spec", "taints").stream()
                    .anyMatch(t -> t.string("key").startsWith("node.kubernetes.io/not-ready")
                            || t.string("key").startsWith("node.kubernetes.io/unreachable"));
            if (!down && n.bool("spec", "unschedulable") && NodeChoice.selects(spec, n)) {
                return found(
                        pod,
                        "NodesCordoned",
                        "Each node that it could go to is cordoned, such as " + n.name() + ".",
                        evidence,
                        "kubectl uncordon " + n.name());
            }
        }
        Unstructured first = nodes.getFirst();
        Unstructured taint = first.objects("spec", "taints").stream()
                .filter(t -> REPELS.contains(t.string("effect"))
                        && spec.objects("tolerations").stream().noneMatch(o -> NodeChoice.tolerates(o, t)))
                .findFirst()
                .orElse(Unstructured.parse("{}"));
        boolean ill = taint.string("key").startsWith("node.kubernetes.io/");
        return found(
                pod,
                ill ? "NodesNotReady" : "TaintNotTolerated",
                ill
                        ? "Each node that it could go to is ill, such as " + first.name() + ": " + taint.string("key")
                                + "."
                        : "Each node that it could go to has a taint that it does not tolerate, such as " + first.name()
                                + ": " + taint(taint) + ".",
                evidence,
                ill
                        ? "coracle why node " + first.name()
                        : "kubectl taint nodes " + first.name() + " " + taint.string("key")
                                + "-  # or add a toleration");
    }

    private static String taint(Unstructured t) {
        String value = t.string("value");
        return t.string("key") + (value.isEmpty() ? "" : "=" + value) + ":" + t.string("effect");
    }

    /** What is more than any node could give, were it empty. */
    private static Optional<Finding> tooLarge(Unstructured pod, List<Unstructured> nodes, List<String> evidence) {
        for (Map.Entry<String, Quantity> want : requests(pod).entrySet()) {
            Quantity most = Quantity.ZERO;
            for (Unstructured n : nodes) {
                most = most.max(Quantity.of(n.get("status", "allocatable", want.getKey())));
            }
            if (!nodes.isEmpty() && want.getValue().compareTo(most) > 0) {
                boolean none = most.isZero();
                return found(
                        pod,
                        "RequestTooLarge",
                        none
                                ? "It asks for " + want.getValue() + " of " + want.getKey() + ", which no node has."
                                : "It asks for " + want.getValue() + " of " + want.getKey()
                                        + ", and the largest node that it could go to has " + most + " in all.",
                        evidence,
                        "kubectl describe nodes  # then lower resources.requests, or add a larger node");
            }
        }
        return Optional.empty();
    }

    /** Of all containers, or of the largest init container where that is more. */
    private static Map<String, Quantity> requests(Unstructured pod) {
        Map<String, Quantity> sum = new LinkedHashMap<>();
        for (Unstructured c : pod.objects("spec", "containers")) {
            c.object("resources", "requests").map().forEach((k, v) -> sum.merge(k, Quantity.of(v), Quantity::plus));
        }
        for (Unstructured c : pod.objects("spec", "initContainers")) {
            c.object("resources", "requests").map().forEach((k, v) -> sum.merge(k, Quantity.of(v), Quantity::max));
        }
        return sum;
    }

    /** The scheduler's own words: {@code 0/3 nodes are available: 2 Insufficient cpu, 1 node(s) had ….} */
    private static Finding byMessage(Unstructured pod, String message, List<String> evidence) {
        String reasons = message.replaceFirst("\\. (preemption|no new claims).*", "");
        Subject subject = Subject.of(pod);
        if (reasons.contains("Insufficient ")) {
            List<String> what = new ArrayList<>();
            for (String part : reasons.split(", |: ")) {
                if (part.contains("Insufficient ")) {
                    what.add(part.replaceFirst(".*Insufficient ", "").replaceAll("\\.$", ""));
                }
            }
            return new Finding(
                    subject,
                    "InsufficientResources",
                    "The nodes that it could go to have not enough " + String.join(" and ", what) + " left.",
                    evidence,
                    "kubectl describe nodes  # then delete or shrink what is there, or a further node with `coracle up --workers N`");
        }
        if (reasons.contains("Too many pods")) {
            return new Finding(
                    subject,
                    "TooManyPods",
                    "The nodes have as many pods as they may.",
                    evidence,
                    "coracle down && coracle up --workers N  # with more nodes than now");
        }
        if (reasons.contains("free ports")) {
            return new Finding(
                    subject,
                    "HostPortTaken",
                    "Its hostPort is taken on each node.",
                    evidence,
                    "kubectl get pods -A -o wide  # a hostPort serves one pod a node; a Service needs none");
        }
        if (reasons.contains("anti-affinity")) {
            return new Finding(
                    subject,
                    "AntiAffinity",
                    "Each node has a pod that it must not be beside, by pod anti-affinity.",
                    evidence,
                    "coracle up --workers N  # with more nodes; or lower the replicas, or make the anti-affinity preferred");
        }
        if (reasons.contains("pod affinity")) {
            return new Finding(
                    subject,
                    "Affinity",
                    "No node has the pods that its pod affinity wants to be beside.",
                    evidence,
                    "kubectl get pods -A --show-labels  # do the labels of its affinity exist?");
        }
        if (reasons.contains("topology spread")) {
            return new Finding(
                    subject,
                    "TopologySpread",
                    "On each node it would break its own topology spread constraint.",
                    evidence,
                    "kubectl get nodes --show-labels  # does each node have the constraint's topologyKey?");
        }
        if (reasons.contains("volume")) {
            return new Finding(
                    subject,
                    "VolumeElsewhere",
                    "Its volume can be used on none of the nodes that it could go to.",
                    evidence,
                    "kubectl get pv -o yaml  # spec.nodeAffinity tells where a volume is");
        }
        if (reasons.contains("resourceclaim") || reasons.contains("allocate all claims")) {
            return new Finding(
                    subject,
                    "DeviceNotAvailable",
                    "No node has the devices that its ResourceClaim asks for.",
                    evidence,
                    "kubectl " + subject.flag() + "get resourceclaims,resourceslices");
        }
        return new Finding(
                subject,
                "Unschedulable",
                "No node takes it: " + message,
                evidence,
                "coracle why pod " + pod.name() + " " + subject.flag() + "--nodes");
    }

    private static String asked(Unstructured spec) {
        Map<String, String> selector = spec.strings("nodeSelector");
        return selector.isEmpty()
                ? ""
                : " ("
                        + String.join(
                                ", ",
                                selector.entrySet().stream()
                                        .map(e -> e.getKey() + "=" + e.getValue())
                                        .toList())
                        + ")";
    }

    private static Optional<Finding> found(
            Unstructured pod, String code, String cause, List<String> evidence, String remedy) {
        return Optional.of(new Finding(Subject.of(pod), code, cause, evidence, remedy));
    }
}
