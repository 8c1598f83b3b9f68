package dev.coracle.apiserver.definition;

import dev.coracle.machinery.object.GroupVersionKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The resources that ship in the box, in one screen. */
public final class BuiltIns {
    private BuiltIns() {}

    public static List<ResourceDefinition> all() {
        return List.of(
                namespaced(
                        "",
                        "v1",
                        "Pod",
                        "pods",
                        "po",
                        "status,log,exec,attach,portforward,binding,eviction,ephemeralcontainers"),
                namespaced("", "v1", "Service", "services", "svc", "status"),
                namespaced("", "v1", "Endpoints", "endpoints", "ep", ""),
                namespaced("", "v1", "ConfigMap", "configmaps", "cm", ""),
                namespaced("", "v1", "Secret", "secrets", "", ""),
                namespaced("", "v1", "Event", "events", "ev", ""),
                namespaced("", "v1", "ServiceAccount", "serviceaccounts", "sa", ""),
                namespaced("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", "pvc", "status"),
                namespaced("", "v1", "ResourceQuota", "resourcequotas", "quota", "status"),
                namespaced("", "v1", "LimitRange", "limitranges", "limits", ""),
                cluster("", "v1", "Node", "nodes", "no", "status"),
                cluster("", "v1", "Namespace", "namespaces", "ns", "status,finalize"),
                cluster("", "v1", "PersistentVolume", "persistentvolumes", "pv", "status"),
                namespaced("apps", "v1", "Deployment", "deployments", "deploy", "status,scale"),
                namespaced("apps", "v1", "ReplicaSet", "replicasets", "rs", "status,scale"),
                namespaced("apps", "v1", "StatefulSet", "statefulsets", "sts", "status,scale"),
                namespaced("apps", "v1", "DaemonSet", "daemonsets", "ds", "status"),
                namespaced("batch", "v1", "Job", "jobs", "", "status"),
                namespaced("batch", "v1", "CronJob", "cronjobs", "cj", "status"),
                namespaced("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", "pdb", "status"),
                namespaced("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", "", ""),
                namespaced("networking.k8s.io", "v1", "Ingress", "ingresses", "ing", "status"),
                cluster("networking.k8s.io", "v1", "IngressClass", "ingressclasses", "", ""),
                cluster("storage.k8s.io", "v1", "StorageClass", "storageclasses", "sc", ""),
                namespaced("coordination.k8s.io", "v1", "Lease", "leases", "", ""),
                cluster("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", "pc", ""),
                namespaced("rbac.authorization.k8s.io", "v1", "Role", "roles", "", ""),
                namespaced("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", "", ""),
                cluster("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", "", ""),
                cluster("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", "", ""));
    }

    private static final Set<String> IN_ALL =
            Set.of("pods", "services", "deployments", "replicasets", "statefulsets", "daemonsets", "jobs", "cronjobs");

    private static ResourceDefinition namespaced(
            String group, String version, String kind, String plural, String shortName, String subresources) {
        return definition(group, version, kind, plural, shortName, subresources, true);
    }

    private static ResourceDefinition cluster(
            String group, String version, String kind, String plural, String shortName, String subresources) {
        return definition(group, version, kind, plural, shortName, subresources, false);
    }

    private static ResourceDefinition definition(
            String group,
            String version,
            String kind,
            String plural,
            String shortName,
            String subresources,
            boolean namespaced) {
        return new ResourceDefinition(
                new GroupVersionKind(group, version, kind),
                plural,
                shortName.isEmpty() ? List.of() : new ArrayList<>(List.of(shortName)),
                IN_ALL.contains(plural) ? List.of("all") : List.of(),
                namespaced,
                subresources.isEmpty() ? Set.of() : new TreeSet<>(List.of(subresources.split(","))),
                SelectableFields.of(plural, namespaced));
    }
}
