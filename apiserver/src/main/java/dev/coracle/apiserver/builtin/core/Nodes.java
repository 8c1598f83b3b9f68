package dev.coracle.apiserver.builtin.core;

import static dev.coracle.apiserver.definition.Columns.AGE;
import static dev.coracle.apiserver.definition.Columns.NAME;
import static dev.coracle.apiserver.definition.Columns.orNone;
import static dev.coracle.apiserver.definition.Columns.text;
import static dev.coracle.apiserver.definition.Defaults.absent;

import dev.coracle.apiserver.definition.Amounts;
import dev.coracle.apiserver.definition.Column;
import dev.coracle.apiserver.definition.DefinitionBuilder;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.machinery.object.Unstructured;
import java.util.Map;
import java.util.TreeSet;

/** A machine that runs pods. */
public final class Nodes {
    private static final String ROLE = "node-role.kubernetes.io/";

    public static final ResourceDefinition DEFINITION = DefinitionBuilder.clusterScoped("", "v1", "Node", "nodes")
            .shortNames("no")
            .subresources("status")
            .directory("minions")
            .amounts(o -> {
                Amounts.map(o, "status", "capacity");
                Amounts.map(o, "status", "allocatable");
            })
            .defaults(o -> {
                if (o.has("status", "capacity")) {
                    absent(o, Map.copyOf(o.strings("status", "capacity")), "status", "allocatable");
                }
            })
            .rules((findings, o, old) -> new NodeRules(findings).check(o, old))
            .statusRules((findings, o, old) -> new NodeRules(findings).check(o, old))
            .bringsStatus()
            .selectableOr("false", "spec.unschedulable")
            .columns(
                    NAME,
                    text("Status", Nodes::status),
                    text("Roles", Nodes::roles),
                    AGE,
                    text("Version", "status", "nodeInfo", "kubeletVersion"),
                    text("Internal-IP", o -> address(o, "InternalIP")).wide(),
                    text("External-IP", o -> address(o, "ExternalIP")).wide(),
                    info("OS-Image", "osImage"),
                    info("Kernel-Version", "kernelVersion"),
                    info("Container-Runtime", "containerRuntimeVersion"))
            .build();

    private Nodes() {}

    private static Column info(String name, String field) {
        return text(name, o -> o.stringOr("<unknown>", "status", "nodeInfo", field))
                .wide();
    }

    private static String status(Unstructured o) {
        String ready = o.objects("status", "conditions").stream()
                .filter(c -> c.string("type").equals("Ready"))
                .map(c -> c.string("status").equals("True") ? "Ready" : "NotReady")
                .findFirst()
                .orElse("Unknown");
        return o.bool("spec", "unschedulable") ? ready + ",SchedulingDisabled" : ready;
    }

    private static String roles(Unstructured o) {
        TreeSet<String> roles = new TreeSet<>();
        o.labels().forEach((k, v) -> {
            if (k.startsWith(ROLE) && k.length() > ROLE.length()) {
                roles.add(k.substring(ROLE.length()));
            } else if (k.equals("kubernetes.io/role") && !v.isEmpty()) {
                roles.add(v);
            }
        });
        return orNone(String.join(",", roles));
    }

    private static String address(Unstructured o, String type) {
        return o.objects("status", "addresses").stream()
                .filter(a -> a.string("type").equals(type))
                .map(a -> a.string("address"))
                .findFirst()
                .orElse("<none>");
    }
}
