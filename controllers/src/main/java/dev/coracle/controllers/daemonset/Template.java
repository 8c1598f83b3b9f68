package dev.coracle.controllers.daemonset;

import dev.coracle.controllers.kit.PodControl;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/** What is made of a set's template, and for which node a pod was made. The scheduler binds it, as it does any other. */
final class Template {
    static final String HASH = "controller-revision-hash";

    private static final String[] TERMS = {
        "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"
    };

    private Template() {}

    /** The pods' spec for any node: they bear what drives others off, for they look after the node. */
    static Unstructured spec(Unstructured set) {
        Unstructured spec = set.copy().object("spec", "template", "spec");
        List<Unstructured> tolerations = new ArrayList<>(spec.objects("tolerations"));
        tolerate(tolerations, "not-ready", "NoExecute");
        tolerate(tolerations, "unreachable", "NoExecute");
        tolerate(tolerations, "disk-pressure", "NoSchedule");
        tolerate(tolerations, "memory-pressure", "NoSchedule");
        tolerate(tolerations, "pid-pressure", "NoSchedule");
        tolerate(tolerations, "unschedulable", "NoSchedule");
        if (spec.bool("hostNetwork")) {
            tolerate(tolerations, "network-unavailable", "NoSchedule");
        }
        return spec.set(tolerations, "tolerations");
    }

    /** In place of one that says the same with an end. */
    private static void tolerate(List<Unstructured> tolerations, String name, String effect) {
        Unstructured toleration = new Unstructured(new LinkedHashMap<>())
                .set("node.kubernetes.io/" + name, "key")
                .set("Exists", "operator")
                .set(effect, "effect");
        for (int i = 0; i < tolerations.size(); i++) {
            if (tolerations.get(i).copy().remove("tolerationSeconds").equals(toleration)) {
                tolerations.set(i, toleration);
                return;
            }
        }
        tolerations.add(toleration);
    }

    /** The pod for a node; what else the set demanded of nodes this one was found to satisfy. */
    static Unstructured pod(Unstructured set, Unstructured spec, String hash, String node) {
        Unstructured pod = PodControl.pod(set, set.object("spec", "template"));
        pod.set(hash, "metadata", "labels", HASH);
        Unstructured field = new Unstructured(new LinkedHashMap<>())
                .set("metadata.name", "key")
                .set("In", "operator")
                .set(List.of(node), "values");
        Unstructured term = new Unstructured(new LinkedHashMap<>()).set(List.of(field), "matchFields");
        return pod.set(spec.copy().set(List.of(term), TERMS), "spec");
    }

    /** The node on which a pod is, or for which it was made. */
    static Optional<String> node(Unstructured pod) {
        String bound = pod.string("spec", "nodeName");
        if (!bound.isEmpty()) {
            return Optional.of(bound);
        }
        return pod.object("spec").objects(TERMS).stream()
                .flatMap(t -> t.objects("matchFields").stream())
                .filter(f -> f.string("key").equals("metadata.name")
                        && f.string("operator").equals("In")
                        && f.stringList("values").size() == 1)
                .map(f -> f.stringList("values").getFirst())
                .findFirst();
    }
}
