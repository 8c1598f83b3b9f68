package dev.coracle.controllers.garbage;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.OwnerReference;
import dev.coracle.machinery.object.Resources;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The kinds that own or are owned. References to others are left alone: who cannot judge does not delete. */
final class Kinds {
    /** A kind by its group, whatever the version. */
    private record Kind(String group, String name) {}

    private static final Map<Kind, GroupVersionResource> NAMESPACED = new LinkedHashMap<>();
    private static final Map<Kind, GroupVersionResource> CLUSTER = new LinkedHashMap<>();

    static {
        namespaced("Pod", Resources.PODS);
        namespaced("Service", Resources.SERVICES);
        namespaced("Endpoints", Resources.ENDPOINTS);
        namespaced("ConfigMap", Resources.CONFIG_MAPS);
        namespaced("Secret", Resources.SECRETS);
        namespaced("ServiceAccount", Resources.SERVICE_ACCOUNTS);
        namespaced("PersistentVolumeClaim", Resources.PERSISTENT_VOLUME_CLAIMS);
        namespaced("ReplicationController", Resources.REPLICATION_CONTROLLERS);
        namespaced("PodTemplate", Resources.POD_TEMPLATES);
        namespaced("ControllerRevision", Resources.CONTROLLER_REVISIONS);
        namespaced("HorizontalPodAutoscaler", Resources.HORIZONTAL_POD_AUTOSCALERS);
        namespaced("NetworkPolicy", Resources.NETWORK_POLICIES);
        namespaced("Deployment", Resources.DEPLOYMENTS);
        namespaced("ReplicaSet", Resources.REPLICA_SETS);
        namespaced("StatefulSet", Resources.STATEFUL_SETS);
        namespaced("DaemonSet", Resources.DAEMON_SETS);
        namespaced("Job", Resources.JOBS);
        namespaced("CronJob", Resources.CRON_JOBS);
        namespaced("EndpointSlice", Resources.ENDPOINT_SLICES);
        namespaced("Ingress", Resources.INGRESSES);
        namespaced("Lease", Resources.LEASES);
        namespaced("Role", Resources.ROLES);
        namespaced("RoleBinding", Resources.ROLE_BINDINGS);
        CLUSTER.put(new Kind("", "Node"), Resources.NODES);
        CLUSTER.put(new Kind("", "PersistentVolume"), Resources.PERSISTENT_VOLUMES);
    }

    private Kinds() {}

    private static void namespaced(String kind, GroupVersionResource resource) {
        NAMESPACED.put(new Kind(resource.group(), kind), resource);
    }

    static List<GroupVersionResource> all() {
        return java.util.stream.Stream.concat(NAMESPACED.values().stream(), CLUSTER.values().stream())
                .toList();
    }

    /** Where an owner is: owners are in their dependents' namespace, or in none. */
    record Place(GroupVersionResource resource, String namespace) {}

    static @Nullable Place of(OwnerReference owner, String dependentsNamespace) {
        int slash = owner.apiVersion().indexOf('/');
        Kind kind = new Kind(slash < 0 ? "" : owner.apiVersion().substring(0, slash), owner.kind());
        GroupVersionResource cluster = CLUSTER.get(kind);
        if (cluster != null) {
            return new Place(cluster, "");
        }
        GroupVersionResource namespaced = NAMESPACED.get(kind);
        // An object outside of namespaces cannot be owned by one inside: such a reference is a mistake.
        return namespaced == null || dependentsNamespace.isEmpty() ? null : new Place(namespaced, dependentsNamespace);
    }
}
