package dev.coracle.cli.why;

import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What is looked at, and in which order: all kinds, in one screen. */
final class Walk {
    private static final GroupVersionResource API_SERVICES =
            new GroupVersionResource("apiregistration.k8s.io", "v1", "apiservices");

    /** By kind and group: a Service of somebody else's group is not one of Kubernetes. */
    private static final Map<String, Check> CHECKS = Map.ofEntries(
            Map.entry("Pod", new Pods()),
            Map.entry("ReplicaSet.apps", Workloads::replicas),
            Map.entry("ReplicationController", Workloads::replicas),
            Map.entry("Deployment.apps", Workloads::deployment),
            Map.entry("StatefulSet.apps", Workloads::statefulSet),
            Map.entry("DaemonSet.apps", Workloads::daemonSet),
            Map.entry("Job.batch", Workloads::job),
            Map.entry("CronJob.batch", Workloads::cronJob),
            Map.entry("Service", new Services()),
            Map.entry("Ingress.networking.k8s.io", new Ingresses()),
            Map.entry("PersistentVolumeClaim", new Claims()),
            Map.entry("HorizontalPodAutoscaler.autoscaling", Others::autoscaler),
            Map.entry("Namespace", Others::namespace),
            Map.entry("Node", new Nodes()));

    /** What somebody wanted so, and is told to who asks about it alone. */
    private static final Set<String> WILLED = Set.of("Suspended", "Paused");

    /** What a whole cluster is looked through for: what others stand on comes first. */
    private static final List<GroupVersionResource> EVERYTHING = List.of(
            Resources.NODES,
            API_SERVICES,
            Resources.NAMESPACES,
            Resources.PERSISTENT_VOLUME_CLAIMS,
            Resources.DEPLOYMENTS,
            Resources.STATEFUL_SETS,
            Resources.DAEMON_SETS,
            Resources.REPLICA_SETS,
            Resources.REPLICATION_CONTROLLERS,
            Resources.CRON_JOBS,
            Resources.JOBS,
            Resources.PODS,
            Resources.SERVICES,
            Resources.INGRESSES,
            Resources.HORIZONTAL_POD_AUTOSCALERS);

    /** The first cause of what is wrong with an object; empty where nothing is. */
    Optional<Finding> first(View view, Unstructured object) {
        return Check.first(
                        view,
                        object,
                        CHECKS.getOrDefault(key(object.apiVersion(), object.kind()), Others::byConditions),
                        new Stuck())
                .map(f -> f.from(Subject.of(object)));
    }

    /**
     * All first causes, each once, however much it keeps from working.
     *
     * @param namespace {@code ""} for the whole cluster
     */
    List<Finding> all(View view, String namespace) {
        Map<String, Finding> found = new LinkedHashMap<>();
        for (GroupVersionResource r : EVERYTHING) {
            boolean whole = r.equals(Resources.NODES) || r.equals(API_SERVICES) || r.equals(Resources.NAMESPACES);
            for (Unstructured o : view.list(r, whole ? "" : namespace)) {
                if (!seenFromItsOwner(o)) {
                    first(view, o)
                            .filter(f -> !WILLED.contains(f.code()))
                            .ifPresent(f -> found.putIfAbsent(f.about() + " " + f.code(), f));
                }
            }
        }
        return new ArrayList<>(found.values());
    }

    /** Who has an owner is looked at where his owner is; but a Node that owns its static pods is not looked at for them. */
    private static boolean seenFromItsOwner(Unstructured object) {
        return object.controllerOf()
                .map(o -> key(o.apiVersion(), o.kind()))
                .filter(k -> CHECKS.containsKey(k) && !k.equals("Node"))
                .isPresent();
    }

    private static String key(String apiVersion, String kind) {
        int slash = apiVersion.indexOf('/');
        return slash < 0 ? kind : kind + "." + apiVersion.substring(0, slash);
    }
}
