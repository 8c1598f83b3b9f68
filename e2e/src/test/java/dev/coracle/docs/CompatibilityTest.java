package dev.coracle.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.admission.policy.MutatingPolicies;
import dev.coracle.apiserver.admission.policy.ValidatingPolicies;
import dev.coracle.apiserver.admission.webhook.MutatingWebhooks;
import dev.coracle.apiserver.admission.webhook.ValidatingWebhooks;
import dev.coracle.apiserver.authorization.Reviews;
import dev.coracle.apiserver.builtin.BuiltIns;
import dev.coracle.apiserver.custom.CustomResources;
import dev.coracle.apiserver.definition.ResourceDefinition;
import dev.coracle.apiserver.flowcontrol.FlowControl;
import dev.coracle.controllers.certificates.SigningController;
import dev.coracle.controllers.cronjob.CronJobController;
import dev.coracle.controllers.daemonset.DaemonSetController;
import dev.coracle.controllers.deployment.DeploymentController;
import dev.coracle.controllers.disruption.DisruptionController;
import dev.coracle.controllers.endpointslice.EndpointSliceController;
import dev.coracle.controllers.job.JobController;
import dev.coracle.controllers.namespace.NamespaceController;
import dev.coracle.controllers.node.NodeLifecycleController;
import dev.coracle.controllers.podautoscaler.HorizontalPodAutoscalerController;
import dev.coracle.controllers.replicaset.ReplicaSetController;
import dev.coracle.controllers.resourceclaim.ResourceClaimController;
import dev.coracle.controllers.resourcequota.ResourceQuotaController;
import dev.coracle.controllers.serviceaccount.ServiceAccountController;
import dev.coracle.controllers.servicecidrs.AddressRepairController;
import dev.coracle.controllers.servicecidrs.ServiceCidrController;
import dev.coracle.controllers.statefulset.StatefulSetController;
import dev.coracle.controllers.volume.VolumeController;
import dev.coracle.kubelet.Kubelet;
import dev.coracle.network.ingress.IngressController;
import dev.coracle.network.policy.PolicyEnforcer;
import dev.coracle.network.proxy.ServiceProxy;
import dev.coracle.scheduler.plugin.dynamicresources.DynamicResources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/compatibility.md} says what is served, and this writes it: {@code mvn -pl e2e test -Dtest=CompatibilityTest
 * -Dcoracle.write=true}.
 */
class CompatibilityTest {
    private static final Path DOCUMENT = Path.of("../docs/compatibility.md");

    /** Who acts upon a kind whose objects ask for something to be done. */
    private static final Map<String, Class<?>> ACTED_UPON = new TreeMap<>(Map.ofEntries(
            Map.entry("Pod", Kubelet.class),
            Map.entry("Node", NodeLifecycleController.class),
            Map.entry("Namespace", NamespaceController.class),
            Map.entry("Service", ServiceProxy.class),
            Map.entry("NetworkPolicy", PolicyEnforcer.class),
            Map.entry("FlowSchema", FlowControl.class),
            Map.entry("PriorityLevelConfiguration", FlowControl.class),
            Map.entry("ServiceCIDR", ServiceCidrController.class),
            Map.entry("IPAddress", AddressRepairController.class),
            Map.entry("Endpoints", EndpointSliceController.class),
            Map.entry("EndpointSlice", ServiceProxy.class),
            Map.entry("ServiceAccount", ServiceAccountController.class),
            Map.entry("PersistentVolume", VolumeController.class),
            Map.entry("PersistentVolumeClaim", VolumeController.class),
            Map.entry("StorageClass", VolumeController.class),
            Map.entry("Deployment", DeploymentController.class),
            Map.entry("ReplicaSet", ReplicaSetController.class),
            Map.entry("StatefulSet", StatefulSetController.class),
            Map.entry("DaemonSet", DaemonSetController.class),
            Map.entry("Job", JobController.class),
            Map.entry("CronJob", CronJobController.class),
            Map.entry("CustomResourceDefinition", CustomResources.class),
            Map.entry("ReplicationController", ReplicaSetController.class),
            Map.entry("DeviceClass", DynamicResources.class),
            Map.entry("ResourceSlice", DynamicResources.class),
            Map.entry("ResourceClaim", DynamicResources.class),
            Map.entry("ResourceClaimTemplate", ResourceClaimController.class),
            Map.entry("ResourceQuota", ResourceQuotaController.class),
            Map.entry("MutatingWebhookConfiguration", MutatingWebhooks.class),
            Map.entry("ValidatingWebhookConfiguration", ValidatingWebhooks.class),
            Map.entry("ValidatingAdmissionPolicy", ValidatingPolicies.class),
            Map.entry("ValidatingAdmissionPolicyBinding", ValidatingPolicies.class),
            Map.entry("MutatingAdmissionPolicy", MutatingPolicies.class),
            Map.entry("MutatingAdmissionPolicyBinding", MutatingPolicies.class),
            Map.entry("CertificateSigningRequest", SigningController.class),
            Map.entry("PodDisruptionBudget", DisruptionController.class),
            Map.entry("HorizontalPodAutoscaler", HorizontalPodAutoscalerController.class),
            Map.entry("Ingress", IngressController.class),
            Map.entry("IngressClass", IngressController.class)));

    /** Kinds that ask for something to be done which nobody here does yet. */
    private static final Set<String> STORED_ONLY =
            Set.of("CSIDriver", "CSINode", "CSIStorageCapacity", "VolumeAttachment", "VolumeAttributesClass");

    /** What a kind lacks though it is served. */
    private static final Map<String, String> LACKS = Map.of(
            "Pod",
            "a resize changes containers' cgroups; the pod as a whole has none with limits",
            "NetworkPolicy",
            "between pods of one node only where the kernel has `br_netfilter`",
            "Ingress",
            "of ingress-nginx's annotations those for rewriting, regular expressions, redirects, source ranges, body size and"
                    + " time limits; an event names the others",
            "ResourceQuota",
            "its scope VolumeAttributesClass is not known",
            "Secret",
            "sealed in the store, with a key of the cluster or as an `EncryptionConfiguration` says; no KMS plugins",
            "RuntimeClass",
            "its cost and its nodes are written into pods by admission; its handler is ignored",
            "ValidatingAdmissionPolicy",
            "no audit",
            "FlowSchema",
            "its condition Dangling is kept; requests do not queue by it",
            "Event",
            "kept for an hour after the last write",
            "ResourceClaim",
            "gets devices from the scheduler, and gives them up when its pods have ended; no driver can"
                    + " register with a kubelet, so the pod waits there (`FailedPrepareDynamicResources`)");

    /** Groups and kinds of v1.36 that are not served at all. */
    private static final Map<String, List<String>> NOT_SERVED = notServed();

    private static Map<String, List<String>> notServed() {
        Map<String, List<String>> m = new LinkedHashMap<>();
        m.put("certificates.k8s.io", List.of("ClusterTrustBundle"));
        return m;
    }

    @Test
    void theDocumentSaysWhatIsServed() throws IOException {
        String text = text();
        if (Boolean.getBoolean("coracle.write")) {
            Files.writeString(DOCUMENT, text);
        }
        assertThat(DOCUMENT)
                .as("written anew by `mvn -pl e2e test -Dtest=CompatibilityTest -Dcoracle.write=true`")
                .hasContent(text);
    }

    @Test
    void everyKindIsTold() {
        for (ResourceDefinition d : BuiltIns.all()) {
            assertThat(ACTED_UPON.containsKey(d.kind().kind())
                            && STORED_ONLY.contains(d.kind().kind()))
                    .isFalse();
        }
        Set<String> kinds = BuiltIns.all().stream().map(d -> d.kind().kind()).collect(Collectors.toSet());
        assertThat(kinds)
                .containsAll(ACTED_UPON.keySet())
                .containsAll(STORED_ONLY)
                .containsAll(LACKS.keySet());
        NOT_SERVED.forEach((group, missing) -> BuiltIns.all().stream()
                .filter(d -> d.kind().group().equals(group.equals("core") ? "" : group))
                .forEach(d -> assertThat(missing).doesNotContain(d.kind().kind(), "all")));
    }

    private static String text() {
        StringBuilder out = new StringBuilder("""
                # What of Kubernetes is served

                Compared with v1.36. A test writes this page from what the server knows, and fails when it is out of date.

                Every kind has `create`, `delete`, `deletecollection`, `get`, `list`, `patch`, `update` and `watch`, unless
                said otherwise; all four kinds of patch, and dry runs.

                | group and version | kind | subresources | who acts upon it |
                |---|---|---|---|
                """);
        BuiltIns.all().stream()
                .sorted((a, b) -> (a.kind().apiVersion() + a.kind().kind())
                        .compareTo(b.kind().apiVersion() + b.kind().kind()))
                .forEach(d -> out.append("| ")
                        .append(d.kind().apiVersion())
                        .append(" | ")
                        .append(d.kind().kind())
                        .append(" | ")
                        .append(String.join(", ", subresources(d)))
                        .append(" | ")
                        .append(actor(d.kind().kind()))
                        .append(" |\n"));
        for (Reviews.Resource r : Reviews.ALL) {
            out.append("| ")
                    .append(r.kind().apiVersion())
                    .append(" | ")
                    .append(r.kind().kind())
                    .append(" | | answered when it is created |\n");
        }
        out.append("| v1 | ComponentStatus | | read only; asked when it is read |\n");
        out.append("| metrics.k8s.io/v1beta1 | NodeMetrics, PodMetrics | | read from the nodes when asked |\n");
        out.append("""

                "Stored only": objects can be written and read, and nothing happens.

                ## Not served

                A client that asks for one of these is told 404.

                | group | kinds |
                |---|---|
                """);
        NOT_SERVED.forEach((group, kinds) -> out.append("| ")
                .append(group)
                .append(" | ")
                .append(String.join(", ", kinds))
                .append(" |\n"));
        return out.toString();
    }

    private static Set<String> subresources(ResourceDefinition d) {
        Set<String> all = new TreeSet<>(d.subresources());
        switch (d.kind().kind()) {
            case "Pod" -> all.addAll(List.of("log", "exec", "attach", "portforward", "proxy"));
            case "Service", "Node" -> all.add("proxy");
            case "ServiceAccount" -> all.add("token");
            default -> {}
        }
        return all;
    }

    private static String actor(String kind) {
        return Stream.of(
                        Optional.ofNullable(ACTED_UPON.get(kind)).map(c -> "`" + c.getSimpleName() + "`"),
                        Optional.of("stored only").filter(s -> STORED_ONLY.contains(kind)),
                        Optional.ofNullable(LACKS.get(kind)))
                .flatMap(Optional::stream)
                .collect(Collectors.joining("; "));
    }
}
