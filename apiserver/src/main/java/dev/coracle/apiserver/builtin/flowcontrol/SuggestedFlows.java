package dev.coracle.apiserver.builtin.flowcontrol;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * The levels and schemas that every cluster begins with; the facts are upstream's
 * {@code k8s.io/apiserver/pkg/apis/flowcontrol/bootstrap}. Those named {@code exempt} and {@code catch-all} are mandatory.
 */
public final class SuggestedFlows {
    /** Where no other schema is for a request. */
    public static final String CATCH_ALL = "catch-all";

    /** The annotation that says whether the server may write over what an object says. */
    public static final String AUTO_UPDATE = "apf.kubernetes.io/autoupdate-spec";

    private static final String VERSION = FlowSchemas.GROUP + "/v1";
    private static final List<String> ALL = List.of("*");
    private static final List<String> ELECT = List.of("get", "create", "update");
    private static final Unstructured EVERY_RESOURCE = resources(ALL, ALL, ALL, ALL, true);
    private static final List<String> EVERYBODY = List.of("Group system:unauthenticated", "Group system:authenticated");
    private static final String SYSTEM_ACCOUNTS = "ServiceAccount *";

    private static final List<Unstructured> LEVELS = List.of(
            exempt(),
            limited("catch-all", 5, 0).set("Reject", "spec", "limited", "limitResponse", "type"),
            queued("system", 30, 33, 64, 6),
            queued("node-high", 40, 25, 64, 6),
            queued("leader-election", 10, 0, 16, 4),
            queued("workload-high", 40, 50, 128, 6),
            queued("workload-low", 100, 90, 128, 6),
            queued("global-default", 20, 50, 128, 6));

    private static final List<Unstructured> SCHEMAS = List.of(
            everything("exempt", "exempt", 1, "", List.of("Group system:masters")),
            everything("catch-all", "catch-all", 10_000, "ByUser", EVERYBODY),
            everything("system-nodes", "system", 500, "ByUser", List.of("Group system:nodes")),
            schema(
                    "system-node-high",
                    "node-high",
                    400,
                    "ByUser",
                    List.of("Group system:nodes"),
                    List.of(
                            resources(ALL, List.of(""), List.of("nodes", "nodes/status"), ALL, true),
                            resources(ALL, List.of("coordination.k8s.io"), List.of("leases"), ALL, false)),
                    List.of()),
            schema(
                    "probes",
                    "exempt",
                    2,
                    "",
                    EVERYBODY,
                    List.of(),
                    List.of(paths(List.of("get"), List.of("/healthz", "/readyz", "/livez")))),
            schema(
                    "system-leader-election",
                    "leader-election",
                    100,
                    "ByUser",
                    List.of("User system:kube-controller-manager", "User system:kube-scheduler", SYSTEM_ACCOUNTS),
                    List.of(resources(ELECT, List.of("coordination.k8s.io"), List.of("leases"), ALL, false)),
                    List.of()),
            schema(
                    "workload-leader-election",
                    "leader-election",
                    200,
                    "ByUser",
                    List.of(SYSTEM_ACCOUNTS),
                    List.of(resources(ELECT, List.of("coordination.k8s.io"), List.of("leases"), ALL, false)),
                    List.of()),
            schema(
                    "endpoint-controller",
                    "workload-high",
                    150,
                    "ByUser",
                    List.of(
                            "User system:kube-controller-manager",
                            "ServiceAccount endpoint-controller",
                            "ServiceAccount endpointslicemirroring-controller"),
                    List.of(resources(ELECT, List.of(""), List.of("endpoints"), ALL, false)),
                    List.of()),
            everything(
                    "kube-controller-manager",
                    "workload-high",
                    800,
                    "ByNamespace",
                    List.of("User system:kube-controller-manager")),
            everything("kube-scheduler", "workload-high", 800, "ByNamespace", List.of("User system:kube-scheduler")),
            everything("kube-system-service-accounts", "workload-high", 900, "ByNamespace", List.of(SYSTEM_ACCOUNTS)),
            everything("service-accounts", "workload-low", 9000, "ByUser", List.of("Group system:serviceaccounts")),
            everything("global-default", "global-default", 9900, "ByUser", EVERYBODY));

    private SuggestedFlows() {}

    public static List<Unstructured> levels() {
        return LEVELS.stream().map(Unstructured::copy).toList();
    }

    public static List<Unstructured> schemas() {
        return SCHEMAS.stream().map(Unstructured::copy).toList();
    }

    /** Those that count even where somebody deleted them. */
    public static List<Unstructured> mandatoryLevels() {
        return levels().subList(0, 2);
    }

    /** Those that count even where somebody deleted them. */
    public static List<Unstructured> mandatorySchemas() {
        return schemas().subList(0, 2);
    }

    static Optional<Unstructured> mandatoryLevel(String name) {
        return mandatoryLevels().stream().filter(l -> l.name().equals(name)).findFirst();
    }

    static Optional<Unstructured> mandatorySchema(String name) {
        return mandatorySchemas().stream().filter(s -> s.name().equals(name)).findFirst();
    }

    // ---- levels

    private static Unstructured object(String kind, String name) {
        return Unstructured.of(VERSION, kind, "", name).set("true", "metadata", "annotations", AUTO_UPDATE);
    }

    private static Unstructured exempt() {
        return object("PriorityLevelConfiguration", "exempt")
                .set("Exempt", "spec", "type")
                .set(0L, "spec", "exempt", "nominalConcurrencyShares")
                .set(0L, "spec", "exempt", "lendablePercent");
    }

    private static Unstructured limited(String name, long shares, long lendable) {
        return object("PriorityLevelConfiguration", name)
                .set("Limited", "spec", "type")
                .set(shares, "spec", "limited", "nominalConcurrencyShares")
                .set(lendable, "spec", "limited", "lendablePercent");
    }

    private static Unstructured queued(String name, long shares, long lendable, long queues, long hand) {
        Unstructured queuing =
                empty().set(queues, "queues").set(hand, "handSize").set(50L, "queueLengthLimit");
        return limited(name, shares, lendable)
                .set("Queue", "spec", "limited", "limitResponse", "type")
                .set(queuing, "spec", "limited", "limitResponse", "queuing");
    }

    // ---- schemas

    private static Unstructured everything(
            String name, String level, long precedence, String method, List<String> subjects) {
        return schema(name, level, precedence, method, subjects, List.of(EVERY_RESOURCE), List.of(paths(ALL, ALL)));
    }

    private static Unstructured schema(
            String name,
            String level,
            long precedence,
            String method,
            List<String> subjects,
            List<Unstructured> resources,
            List<Unstructured> paths) {
        Unstructured rule =
                empty().set(subjects.stream().map(SuggestedFlows::subject).toList(), "subjects");
        if (!resources.isEmpty()) {
            rule.set(resources, "resourceRules");
        }
        if (!paths.isEmpty()) {
            rule.set(paths, "nonResourceRules");
        }
        Unstructured schema = object("FlowSchema", name)
                .set(level, "spec", "priorityLevelConfiguration", "name")
                .set(precedence, "spec", "matchingPrecedence");
        if (!method.isEmpty()) {
            schema.set(method, "spec", "distinguisherMethod", "type");
        }
        return schema.set(new ArrayList<>(List.of(rule)), "spec", "rules");
    }

    /** {@code KIND NAME}; accounts are those of the system's namespace. */
    private static Unstructured subject(String text) {
        String kind = text.substring(0, text.indexOf(' '));
        String name = text.substring(kind.length() + 1);
        Unstructured subject = empty().set(kind, "kind");
        return switch (kind) {
            case "Group" -> subject.set(name, "group", "name");
            case "User" -> subject.set(name, "user", "name");
            default -> subject.set(name, "serviceAccount", "name").set("kube-system", "serviceAccount", "namespace");
        };
    }

    private static Unstructured resources(
            List<String> verbs, List<String> groups, List<String> resources, List<String> namespaces, boolean cluster) {
        Unstructured rule = empty().set(verbs, "verbs").set(groups, "apiGroups").set(resources, "resources");
        if (cluster) {
            rule.set(true, "clusterScope");
        }
        return rule.set(namespaces, "namespaces");
    }

    private static Unstructured paths(List<String> verbs, List<String> urls) {
        return empty().set(verbs, "verbs").set(urls, "nonResourceURLs");
    }

    private static Unstructured empty() {
        return new Unstructured(new LinkedHashMap<>());
    }
}
