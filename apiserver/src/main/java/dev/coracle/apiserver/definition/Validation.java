package dev.coracle.apiserver.definition;

import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import org.jspecify.annotations.Nullable;

/** Refuses what upstream's validation refuses, worded as upstream; one class of rules for each group of kinds. */
public final class Validation {
    private Validation() {}

    /**
     * @param o complete: after defaults
     * @param old what it replaces; null for a creation
     * @throws StatusException 422 with every finding
     */
    public static void check(ResourceDefinition d, Unstructured o, @Nullable Unstructured old) {
        Findings findings = new Findings();
        var metadata = new MetadataRules(findings);
        metadata.check(d, o, old);
        switch (o.kind()) {
            case "Pod" -> pod(findings, o, old);
            case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet" -> new WorkloadRules(findings).check(o, old);
            case "Job", "CronJob" -> new BatchRules(findings).check(o, old);
            case "Service" -> new ServiceRules(findings).check(o, old);
            case "Ingress" -> new IngressRules(findings).check(o);
            case "Node" -> new NodeRules(findings).check(o, old);
            case "EndpointSlice", "Endpoints" -> new EndpointRules(findings).check(o, old);
            case "ConfigMap", "Secret" -> new DataRules(findings).check(o, old);
            case "PersistentVolumeClaim", "PersistentVolume", "StorageClass" ->
                new StorageRules(findings).check(o, old);
            case "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding" -> new RbacRules(findings).check(o, old);
            case "ResourceQuota", "LimitRange", "PodDisruptionBudget", "PriorityClass" ->
                new PolicyRules(findings).check(o, old);
            default -> {}
        }
        refuse(d, o, findings);
    }

    /**
     * Of a write of the status alone.
     *
     * @param o after {@link Defaults#applyToStatus}
     * @throws StatusException 422 with every finding
     */
    public static void checkStatus(ResourceDefinition d, Unstructured o, Unstructured old) {
        Findings findings = new Findings();
        new StatusRules(findings).check(o, old);
        refuse(d, o, findings);
    }

    /**
     * Of a write of a pod's ephemeral containers alone.
     *
     * @throws StatusException 422 with every finding
     */
    public static void checkEphemeralContainers(ResourceDefinition d, Unstructured o, Unstructured old) {
        Findings findings = new Findings();
        new PodRules(findings).spec(o.object("spec"), "spec");
        new EphemeralRules(findings).checkUpdate(o, old);
        refuse(d, o, findings);
    }

    private static void refuse(ResourceDefinition d, Unstructured o, Findings findings) {
        if (!findings.causes().isEmpty()) {
            throw StatusException.invalid(d.kind(), o.name(), findings.causes());
        }
    }

    private static void pod(Findings findings, Unstructured o, @Nullable Unstructured old) {
        new PodRules(findings).spec(o.object("spec"), "spec");
        if (old != null) {
            new PodUpdateRules(findings).check(o.object("spec"), old.object("spec"));
        } else if (!o.objects("spec", "ephemeralContainers").isEmpty()) {
            findings.forbidden("spec.ephemeralContainers", "cannot be set on create");
        }
    }
}
