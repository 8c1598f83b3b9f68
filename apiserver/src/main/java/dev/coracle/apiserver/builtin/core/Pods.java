package dev.coracle.apiserver.builtin.core;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.orNone;
import static dev.coracle.apiserver.definition.Columns.text;

import dev.coracle.apiserver.definition.Amounts;
import dev.coracle.apiserver.definition.Column;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.client.DeleteOptions;
import dev.coracle.machinery.object.Unstructured;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Containers that run together on one node. */
public final class Pods {
    public static final ResourceDefinition DEFINITION = DefinitionBuilder.namespaced("", "v1", "Pod", "pods")
            .shortNames("po")
            .categories("all")
            .subresources(
                    "status",
                    "log",
                    "exec",
                    "attach",
                    "portforward",
                    "binding",
                    "eviction",
                    "ephemeralcontainers",
                    "resize")
            .amounts(o -> Amounts.pod(o.object("spec")))
            .defaults(o -> PodDefaults.pod(o.object("spec")))
            .rules(Pods::check)
            .rulesOf("ephemeralcontainers", Pods::checkEphemeralContainers)
            .rulesOf("resize", Pods::checkResize)
            .statusRules((findings, o, old) -> new PodStatusRules(findings).check(o, old))
            .generations()
            .created(o -> o.set("Pending", "status", "phase").set(QosClass.of(o), "status", "qosClass"))
            .statusUpdated(Pods::keepQosClass)
            .statusResets("metadata", "ownerReferences")
            .grace(Pods::grace)
            .heldWhile(o -> o.integer(0, "metadata", "deletionGracePeriodSeconds") != 0)
            .selectable(
                    "spec.nodeName",
                    "spec.restartPolicy",
                    "spec.schedulerName",
                    "spec.serviceAccountName",
                    "status.phase",
                    "status.podIP",
                    "status.nominatedNodeName")
            .selectableOr("false", "spec.hostNetwork")
            .columns(
                    NAME,
                    text("Ready", o -> PodColumns.of(o).ready()),
                    text("Status", o -> PodColumns.of(o).status()),
                    new Column(
                            "Restarts",
                            "string",
                            "",
                            "",
                            0,
                            (o, now) -> PodColumns.of(o).restarts(now)),
                    AGE,
                    text("IP", o -> orNone(PodColumns.ip(o))).wide(),
                    text("Node", o -> orNone(o.string("spec", "nodeName"))).wide(),
                    text("Nominated Node", o -> orNone(o.string("status", "nominatedNodeName")))
                            .wide(),
                    text("Readiness Gates", PodColumns::gates).wide())
            .build();

    private Pods() {}

    private static void check(Findings findings, Unstructured o, @Nullable Unstructured old) {
        new PodRules(findings).spec(o.object("spec"), "spec");
        new PodClaimRules(findings).generated(o);
        if (old != null) {
            new PodUpdateRules(findings).check(o.object("spec"), old.object("spec"));
        } else if (!o.objects("spec", "ephemeralContainers").isEmpty()) {
            findings.forbidden("spec.ephemeralContainers", "cannot be set on create");
        }
    }

    private static void checkEphemeralContainers(Findings findings, Unstructured o, Unstructured old) {
        new PodRules(findings).spec(o.object("spec"), "spec");
        new EphemeralRules(findings).checkUpdate(o, old);
    }

    private static void checkResize(Findings findings, Unstructured o, Unstructured old) {
        new PodRules(findings).spec(o.object("spec"), "spec");
        new PodResizeRules(findings).check(o, old);
    }

    /** It follows from the spec for good; kubelets may leave it out. */
    private static void keepQosClass(Unstructured next, Unstructured old) {
        if (!next.has("status", "qosClass")) {
            next.set(old.get("status", "qosClass"), "status", "qosClass");
        }
    }

    /** A pod that no kubelet holds needs no time to end. */
    private static long grace(Unstructured pod, DeleteOptions options) {
        if (pod.string("spec", "nodeName").isEmpty()) {
            return 0;
        }
        if (options.gracePeriodSeconds() >= 0) {
            return options.gracePeriodSeconds();
        }
        boolean ended = Set.of("Succeeded", "Failed").contains(pod.string("status", "phase"));
        return ended ? 0 : pod.integer(30, "spec", "terminationGracePeriodSeconds");
    }
}
