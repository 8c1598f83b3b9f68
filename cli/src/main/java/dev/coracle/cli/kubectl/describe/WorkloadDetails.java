package dev.coracle.cli.kubectl.describe;

import dev.coracle.cli.kubectl.base.Session;
import dev.coracle.client.ListOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** {@code describe deployment} and {@code describe replicaset}. */
final class WorkloadDetails {
    private WorkloadDetails() {}

    static void deployment(Description d, Session session, Unstructured o) {
        Unstructured spec = o.object("spec");
        Unstructured status = o.object("status");
        d.line("Name:\t" + o.name())
                .line("Namespace:\t" + o.namespace())
                .line("CreationTimestamp:\t" + d.time(o.time("metadata", "creationTimestamp")))
                .labels("Labels", o.labels())
                .annotations("Annotations", o.annotations())
                .line("Selector:\t" + selector(spec.object("selector")));
        d.line("Replicas:\t" + spec.integer(0, "replicas") + " desired | " + status.integer(0, "updatedReplicas")
                + " updated | " + status.integer(0, "replicas") + " total | " + status.integer(0, "availableReplicas")
                + " available | " + status.integer(0, "unavailableReplicas") + " unavailable");
        d.line("StrategyType:\t" + spec.string("strategy", "type"));
        d.line("MinReadySeconds:\t" + spec.integer(0, "minReadySeconds"));
        if (spec.has("strategy", "rollingUpdate")) {
            Unstructured ru = spec.object("strategy", "rollingUpdate");
            d.line("RollingUpdateStrategy:\t" + Description.scalar(ru.get("maxUnavailable")) + " max unavailable, "
                    + Description.scalar(ru.get("maxSurge")) + " max surge");
        }
        PodTemplate.write(d, spec.object("template"));
        conditions(d, status);
        replicaSets(d, session, o);
    }

    private static void conditions(Description d, Unstructured status) {
        List<Unstructured> conditions = status.objects("conditions");
        if (!conditions.isEmpty()) {
            d.line("Conditions:").line("  Type\tStatus\tReason").line(1, "----\t------\t------");
            conditions.forEach(
                    c -> d.line(1, c.string("type") + " \t" + c.string("status") + "\t" + c.string("reason")));
        }
    }

    private static void replicaSets(Description d, Session session, Unstructured deployment) {
        List<Unstructured> old = new ArrayList<>();
        List<Unstructured> now = new ArrayList<>();
        for (Revision r : session.client()
                .list(Resources.REPLICA_SETS, deployment.namespace(), ListOptions.ALL)
                .items()) {
            if (r.ownerReferences().stream()
                    .noneMatch(x -> x.controller() && x.uid().equals(deployment.uid()))) {
                continue;
            }
            Unstructured template = r.object().object("spec", "template").copy();
            template.remove("metadata", "labels", "pod-template-hash");
            boolean current =
                    template.map().equals(deployment.object("spec", "template").map());
            (current && now.isEmpty() ? now : old).add(r.object());
        }
        if (!old.isEmpty() || !now.isEmpty()) {
            d.line("OldReplicaSets:\t" + created(old)).line("NewReplicaSet:\t" + created(now));
        }
    }

    private static String created(List<Unstructured> sets) {
        return Description.orNone(sets.stream()
                .map(s -> s.name() + " (" + s.integer(0, "status", "replicas") + "/" + s.integer(0, "spec", "replicas")
                        + " replicas created)")
                .collect(Collectors.joining(", ")));
    }

    static void replicaSet(Description d, Session session, Unstructured o) {
        Unstructured spec = o.object("spec");
        d.line("Name:\t" + o.name())
                .line("Namespace:\t" + o.namespace())
                .line("Selector:\t" + selector(spec.object("selector")))
                .labels("Labels", o.labels())
                .annotations("Annotations", o.annotations());
        o.controllerOf().ifPresent(c -> d.line("Controlled By:\t" + c.kind() + "/" + c.name()));
        d.line("Replicas:\t" + o.integer(0, "status", "replicas") + " current / " + spec.integer(0, "replicas")
                + " desired");
        int[] phases = new int[4];
        for (Revision r : session.client()
                .list(Resources.PODS, o.namespace(), ListOptions.ALL)
                .items()) {
            if (r.ownerReferences().stream()
                    .anyMatch(x -> x.controller() && x.uid().equals(o.uid()))) {
                int at = List.of("Running", "Pending", "Succeeded", "Failed")
                        .indexOf(r.object().string("status", "phase"));
                if (at >= 0) {
                    phases[at]++;
                }
            }
        }
        d.line("Pods Status:\t" + phases[0] + " Running / " + phases[1] + " Waiting / " + phases[2] + " Succeeded / "
                + phases[3] + " Failed");
        PodTemplate.write(d, spec.object("template"));
        conditions(d, o.object("status"));
    }

    private static String selector(Unstructured s) {
        List<String> terms = new ArrayList<>();
        new java.util.TreeMap<>(s.strings("matchLabels")).forEach((k, v) -> terms.add(k + "=" + v));
        for (Unstructured e : s.objects("matchExpressions")) {
            String values = "(" + String.join(",", e.stringList("values")) + ")";
            terms.add(
                    switch (e.string("operator")) {
                        case "In" -> e.string("key") + " in " + values;
                        case "NotIn" -> e.string("key") + " notin " + values;
                        case "Exists" -> e.string("key");
                        default -> "!" + e.string("key");
                    });
        }
        return Description.orNone(String.join(",", terms));
    }
}
