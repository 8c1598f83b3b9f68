package dev.coracle.apiserver.builtin.core;

import dev.coracle.apiserver.definition.Addresses;
import dev.coracle.apiserver.definition.Findings;
import dev.coracle.apiserver.definition.Names;
import dev.coracle.machinery.object.Unstructured;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Rules for what kubelets report of pods. */
final class PodStatusRules {
    private static final Set<String> KUBELETS = Set.of("PodScheduled", "Ready", "Initialized");
    private static final String NOT_NEGATIVE = "must be a non-negative integer";

    private final Findings findings;

    PodStatusRules(Findings findings) {
        this.findings = findings;
    }

    void check(Unstructured o, Unstructured old) {
        Unstructured now = o.object("status");
        Unstructured before = old.object("status");
        conditions(now.objects("conditions"));
        String nominated = now.string("nominatedNodeName");
        if (!nominated.isEmpty() && !nominated.equals(before.string("nominatedNodeName"))) {
            findings.invalid("status.nominatedNodeName", nominated, Names.subdomain(nominated));
            if (!old.string("spec", "nodeName").isEmpty()) {
                findings.forbidden(
                        "status.nominatedNodeName", "may not be set on pods that are already bound to a node");
            }
        }
        observed(now, "status");
        if (!now.string("qosClass").equals(before.string("qosClass"))) {
            findings.invalid("status.qosClass", now.get("qosClass"), Findings.IMMUTABLE);
        }
        for (String kind : List.of("container", "initContainer", "ephemeralContainer")) {
            ended(o.object("spec"), now, before, kind);
        }
        new PodClaimRules(findings).statuses(o);
        ips(now, before, "podIPs");
        String host = now.objects("hostIPs").stream()
                .map(a -> a.string("ip"))
                .findFirst()
                .orElse(now.string("hostIP"));
        if (!host.equals(now.string("hostIP"))) {
            findings.invalid("status.hostIPs[0].ip", host, "must be equal to `hostIP`");
        }
        ips(now, before, "hostIPs");
    }

    private void conditions(List<Unstructured> conditions) {
        for (int i = 0; i < conditions.size(); i++) {
            String path = "status.conditions[" + i + "]";
            observed(conditions.get(i), path);
            String type = conditions.get(i).string("type");
            if (!KUBELETS.contains(type)) {
                findings.invalid(path + ".Type", type, Names.qualified(type));
            }
        }
    }

    private void observed(Unstructured o, String path) {
        long generation = o.integer(0, "observedGeneration");
        if (generation < 0) {
            findings.invalid(path + ".observedGeneration", generation, NOT_NEGATIVE);
        }
    }

    /** What has ended for good stays ended: a Job would count a pod twice that came back to life. */
    private void ended(Unstructured spec, Unstructured now, Unstructured before, String kind) {
        List<Unstructured> old = before.objects(kind + "Statuses");
        for (int i = 0; i < old.size(); i++) {
            String name = old.get(i).string("name");
            boolean alive = now.objects(kind + "Statuses").stream()
                    .anyMatch(c -> c.string("name").equals(name) && !c.has("state", "terminated"));
            if (alive
                    && old.get(i).has("state", "terminated")
                    && !restarts(spec, kind, name, old.get(i).integer(0, "state", "terminated", "exitCode"))) {
                findings.forbidden(
                        "status." + kind + "Statuses[" + i + "].state",
                        "may not be transitioned to non-terminated state");
            }
        }
    }

    private static boolean restarts(Unstructured spec, String kind, String name, long exitCode) {
        Optional<Unstructured> container = spec.objects(kind + "s").stream()
                .filter(c -> c.string("name").equals(name))
                .findFirst();
        if (container.isEmpty() || kind.equals("ephemeralContainer")) {
            return false;
        }
        String policy = container.get().stringOr(spec.string("restartPolicy"), "restartPolicy");
        for (Unstructured rule : container.get().objects("restartPolicyRules")) {
            boolean listed = rule.stringList("exitCodes", "values").contains("" + exitCode);
            boolean matches = rule.string("exitCodes", "operator").equals("NotIn") != listed;
            if (matches && rule.has("exitCodes")) {
                return rule.string("action").equals("Restart") || byPolicy(policy, exitCode);
            }
        }
        return byPolicy(policy, exitCode);
    }

    private static boolean byPolicy(String policy, long exitCode) {
        return switch (policy) {
            case "Never" -> false;
            case "OnFailure" -> exitCode != 0;
            default -> true;
        };
    }

    private void ips(Unstructured now, Unstructured before, String field) {
        List<String> ips = texts(now.objects(field));
        List<String> old = texts(before.objects(field));
        for (int i = 0; i < ips.size(); i++) {
            if (!old.contains(ips.get(i))) {
                findings.invalid("status." + field + "[" + i + "]", ips.get(i), Addresses.any(ips.get(i)));
            }
        }
        if (ips.size() > 1) {
            List<InetAddress> parsed =
                    ips.stream().map(Addresses::parse).flatMap(Optional::stream).toList();
            long four = parsed.stream().filter(Inet4Address.class::isInstance).count();
            if (ips.size() > 2 || parsed.size() == 2 && four != 1) {
                findings.invalid(
                        "status." + field, now.get(field), "may specify no more than one IP for each IP family");
            }
        }
    }

    private static List<String> texts(List<Unstructured> ips) {
        return ips.stream().map(a -> a.string("ip")).toList();
    }
}
