package dev.coracle.apiserver.bootstrap;

import dev.coracle.apiserver.authorization.Rule;
import dev.coracle.apiserver.builtin.flowcontrol.SuggestedFlows;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.WriteContext;
import dev.coracle.client.DeleteOptions;
import dev.coracle.machinery.env.Tasks;
import dev.coracle.machinery.env.Together;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Predicate;

/** Creates what is missing, and leaves alone what somebody has changed. */
public final class Bootstrap {
    private static final int AT_ONCE = 16;

    private Bootstrap() {}

    /** What every node may, beside what its own name and pods allow it. */
    public static List<Rule> nodeRules() {
        return DefaultRoles.read().roles().stream()
                .filter(r -> r.name().equals("system:node"))
                .flatMap(r -> r.objects("rules").stream())
                .map(Rule::of)
                .toList();
    }

    /** Takes away what an earlier version gave, where nobody has made it his own. */
    private static void retire(Registry registry) {
        retire(
                registry,
                Resources.CLUSTER_ROLE_BINDINGS,
                "system:node",
                b -> b.objects("subjects").stream()
                        .map(s -> s.string("name"))
                        .toList()
                        .equals(List.of("system:nodes")));
        for (String name : List.of("coracle:node", "ingress-nginx")) {
            retire(registry, Resources.CLUSTER_ROLE_BINDINGS, name, b -> true);
            retire(registry, Resources.CLUSTER_ROLES, name, r -> true);
        }
    }

    private static void retire(
            Registry registry, GroupVersionResource resource, String name, Predicate<Unstructured> old) {
        registry.find(resource, "", name)
                .filter(r ->
                        "rbac-defaults".equals(r.labels().get("kubernetes.io/bootstrapping")) && old.test(r.object()))
                .ifPresent(r -> registry.delete(resource, "", name, DeleteOptions.DEFAULT, WriteContext.SERVER));
    }

    /** The range there is from the start, under the name that upstream gives it. */
    private static void serviceRange(Registry registry) {
        GroupVersionResource ranges = Resources.SERVICE_CIDRS;
        Unstructured range = Unstructured.of("networking.k8s.io/v1", "ServiceCIDR", "", "kubernetes");
        registry.ensure(ranges, "", range.set(List.of(registry.serviceCidr()), "spec", "cidrs"));
        registry.update(ranges, "", "kubernetes", WriteContext.SERVER_STATUS, o -> {
            boolean ours = o.stringList("spec", "cidrs").equals(List.of(registry.serviceCidr()));
            if (ours && !o.isDeleting() && o.objects("status", "conditions").isEmpty()) {
                o.add(
                        new Unstructured(new LinkedHashMap<>())
                                .set("Ready", "type")
                                .set("True", "status")
                                .set(o.string("metadata", "creationTimestamp"), "lastTransitionTime")
                                .set("", "reason")
                                .set("Kubernetes default Service CIDR is ready", "message"),
                        "status",
                        "conditions");
            }
            return o;
        });
    }

    /** Who may read how this server shows itself to others. */
    private static void extensionServers(Registry registry) {
        String reader = "extension-apiserver-authentication-reader";
        registry.ensure(
                Resources.ROLES,
                "kube-system",
                DefaultRoles.namespaced(
                        "kube-system", reader, "read | core | configmaps | extension-apiserver-authentication"));
        registry.ensure(
                Resources.ROLE_BINDINGS,
                "kube-system",
                DefaultRoles.namespacedBinding(
                        "kube-system",
                        "system::" + reader,
                        reader,
                        "User system:kube-controller-manager",
                        "User system:kube-scheduler"));
    }

    /** What the controllers for bootstrap tokens may, each only where they are. */
    private static void tokenControllers(Registry registry) {
        controller(registry, "kube-system", "bootstrap-signer", "read | core | secrets");
        controller(
                registry,
                "kube-public",
                "bootstrap-signer",
                "read | core | configmaps",
                "update | core | configmaps | cluster-info",
                "events");
        controller(registry, "kube-system", "token-cleaner", "delete,get,list,watch | core | secrets", "events");
    }

    private static void controller(Registry registry, String namespace, String account, String... rules) {
        String role = "system:controller:" + account;
        registry.ensure(Resources.ROLES, namespace, DefaultRoles.namespaced(namespace, role, rules));
        registry.ensure(
                Resources.ROLE_BINDINGS,
                namespace,
                DefaultRoles.namespacedBinding(
                        namespace,
                        role,
                        role,
                        "ServiceAccount kube-system/" + account,
                        "User system:kube-controller-manager"));
    }

    /** What a new cluster has is many writes, of which several go to the disk together. */
    public static void ensure(Registry registry, Tasks tasks) {
        for (String ns : List.of("default", "kube-system", "kube-public", "kube-node-lease")) {
            registry.ensure(Resources.NAMESPACES, "", Unstructured.of("v1", "Namespace", "", ns));
        }
        retire(registry);
        DefaultRoles defaults = DefaultRoles.read();
        List<Runnable> wanted = new ArrayList<>();
        defaults.roles().forEach(r -> wanted.add(() -> registry.ensure(Resources.CLUSTER_ROLES, "", r)));
        defaults.bindings().forEach(b -> wanted.add(() -> registry.ensure(Resources.CLUSTER_ROLE_BINDINGS, "", b)));
        SuggestedFlows.levels()
                .forEach(l -> wanted.add(() -> registry.ensure(Resources.PRIORITY_LEVEL_CONFIGURATIONS, "", l)));
        SuggestedFlows.schemas().forEach(f -> wanted.add(() -> registry.ensure(Resources.FLOW_SCHEMAS, "", f)));
        Together.run(tasks, AT_ONCE, wanted.size(), i -> wanted.get(i).run());
        extensionServers(registry);
        tokenControllers(registry);
        serviceRange(registry);
        registry.claimClusterIps();
    }
}
