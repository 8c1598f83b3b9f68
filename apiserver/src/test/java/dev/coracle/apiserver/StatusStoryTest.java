package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.machinery.object.Resources.DEPLOYMENTS;
import static dev.coracle.machinery.object.Resources.INGRESSES;
import static dev.coracle.machinery.object.Resources.NODES;
import static dev.coracle.machinery.object.Resources.PERSISTENT_VOLUME_CLAIMS;
import static dev.coracle.machinery.object.Resources.PODS;
import static dev.coracle.machinery.object.Resources.SERVICES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What may be reported, and what not: others act on it. */
class StatusStoryTest {
    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private Unstructured report(GroupVersionResource r, String name, String status) {
        String namespace = r.equals(NODES) ? "" : "default";
        return cluster.admin
                .patch(r, namespace, name, Patch.merge(Cluster.yaml("{status: " + status + "}")), WriteOptions.STATUS)
                .object();
    }

    private void pod(String name, String restartPolicy) {
        cluster.create(PODS, """
                {apiVersion: v1, kind: Pod, metadata: {name: %s},
                 spec: {restartPolicy: %s, nodeName: 'n', initContainers: [{name: s, image: i, restartPolicy: Always}],
                        containers: [{name: c, image: i}]}}
                """.formatted(name, restartPolicy));
    }

    @Test
    void aPodsAddressesAreAddresses() {
        pod("p", "Always");
        StatusException e = refused(() -> report(
                PODS,
                "p",
                "{podIPs: [{ip: 10.0.0.1}, {ip: evil.example}], hostIP: 10.1.0.1, hostIPs: [{ip: 10.1.0.2}]}"));
        assertThat(e)
                .hasMessage("Pod \"p\" is invalid: [status.podIPs[1]: Invalid value: \"evil.example\": must be a"
                        + " valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff), status.hostIPs[0].ip: Invalid value:"
                        + " \"10.1.0.2\": must be equal to `hostIP`]");
        assertThat(e.code()).isEqualTo(422);
        assertThat(refused(() -> report(PODS, "p", "{podIPs: [{ip: 10.0.0.1}, {ip: 10.0.0.2}]}")))
                .hasMessageContaining("may specify no more than one IP for each IP family");
        report(PODS, "p", "{podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}, {ip: 'fd00::1'}]}");
    }

    /** Controllers keep notes in annotations, and write both at once. */
    @Test
    void theMetadataGoesWithTheStatusSaveWhatAKindKeeps() {
        cluster.create(INGRESSES, """
                {apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i},
                 spec: {defaultBackend: {service: {name: s, port: {number: 80}}}}}
                """);
        var both = Patch.merge(Cluster.yaml("{metadata: {annotations: {seen: 'yes'}, uid: other},"
                + " spec: {defaultBackend: null}, status: {loadBalancer: {ingress: [{ip: 10.0.0.1}]}}}"));
        assertThat(refused(() -> cluster.admin.patch(INGRESSES, "default", "i", both, WriteOptions.STATUS))
                        .code())
                .isEqualTo(409);
        var fine = Patch.merge(Cluster.yaml("{metadata: {annotations: {seen: 'yes'}, generation: 9},"
                + " spec: {defaultBackend: null}, status: {loadBalancer: {ingress: [{ip: 10.0.0.1}]}}}"));
        Unstructured after = cluster.admin
                .patch(INGRESSES, "default", "i", fine, WriteOptions.STATUS)
                .object();
        assertThat(after.annotations()).containsEntry("seen", "yes");
        assertThat(after.has("spec", "defaultBackend", "service")).isTrue();
        assertThat(after.generation()).isEqualTo(1);
        assertThat(after.objects("metadata", "managedFields"))
                .filteredOn(m -> m.string("subresource").equals("status"))
                .allMatch(m -> m.has("fieldsV1", "f:metadata", "f:annotations", "f:seen")
                        && m.has("fieldsV1", "f:status", "f:loadBalancer"))
                .hasSize(1);
        cluster.create(DEPLOYMENTS, """
                {apiVersion: apps/v1, kind: Deployment, metadata: {name: d, labels: {a: b}},
                 spec: {selector: {matchLabels: {a: b}},
                        template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}}
                """);
        var labels = Patch.merge(Cluster.yaml("{metadata: {labels: {c: d}}, status: {replicas: 1}}"));
        assertThat(cluster.admin
                        .patch(DEPLOYMENTS, "default", "d", labels, WriteOptions.STATUS)
                        .labels())
                .containsOnlyKeys("a");
    }

    @Test
    void aPodsPlaceAndClassAreNotForItsReporterToChoose() {
        pod("p", "Always");
        assertThat(refused(() -> report(
                        PODS,
                        "p",
                        "{qosClass: Guaranteed, nominatedNodeName: m, observedGeneration: -1,"
                                + " conditions: [{type: 'a b', status: 'True', observedGeneration: -2}]}")))
                .hasMessageStartingWith("Pod \"p\" is invalid: [status.conditions[0].observedGeneration: Invalid value:"
                        + " -2: must be a non-negative integer, status.conditions[0].Type: Invalid value: \"a b\": name"
                        + " part must consist of")
                .hasMessageContaining("status.nominatedNodeName: Forbidden: may not be set on pods that are already"
                        + " bound to a node, status.observedGeneration: Invalid value: -1: must be a non-negative"
                        + " integer, status.qosClass: Invalid value: \"Guaranteed\": field is immutable");
        assertThat(report(PODS, "p", "{qosClass: null, phase: Running}").string("status", "qosClass"))
                .isEqualTo("BestEffort");
    }

    @Test
    void whatHasEndedForGoodStaysEnded() {
        String ended = "{containerStatuses: [{name: c, state: {terminated: {exitCode: %d}}}],"
                + " initContainerStatuses: [{name: s, state: {terminated: {exitCode: 0}}}]}";
        String again = "{containerStatuses: [{name: c, state: {running: {}}}],"
                + " initContainerStatuses: [{name: s, state: {running: {}}}]}";
        pod("never", "Never");
        report(PODS, "never", ended.formatted(1));
        assertThat(refused(() -> report(PODS, "never", again)))
                .hasMessage("Pod \"never\" is invalid: status.containerStatuses[0].state: Forbidden: may not be"
                        + " transitioned to non-terminated state");
        pod("failed", "OnFailure");
        report(PODS, "failed", ended.formatted(1));
        report(PODS, "failed", again);
        pod("done", "OnFailure");
        report(PODS, "done", ended.formatted(0));
        assertThat(refused(() -> report(PODS, "done", again))).hasMessageContaining("non-terminated");
    }

    @Test
    void whatIsBalancedIsReachedByAnAddress() {
        cluster.create(SERVICES, "{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {ports: [{port: 80}]}}");
        assertThat(refused(() -> report(SERVICES, "s", "{loadBalancer: {ingress: [{ip: 1.2.3.4}]}}")))
                .hasMessage("Service \"s\" is invalid: status.loadBalancer.ingress: Forbidden: may only be used when"
                        + " `spec.type` is \"LoadBalancer\"");
        cluster.merge(SERVICES, "s", "{spec: {type: LoadBalancer}}");
        assertThat(refused(() -> report(
                        SERVICES, "s", "{loadBalancer: {ingress: [{ip: 1.2.3}, {hostname: 1.2.3.4, ipMode: VIP}]}}")))
                .hasMessageContaining("status.loadBalancer.ingress[0].ip: Invalid value: \"1.2.3\": must be a valid IP")
                .hasMessageContaining("status.loadBalancer.ingress[1].ipMode: Forbidden: may not be specified when `ip`"
                        + " is not set")
                .hasMessageContaining(
                        "ingress[1].hostname: Invalid value: \"1.2.3.4\": must be a DNS name, not an IP" + " address");
        Unstructured balanced = report(SERVICES, "s", "{loadBalancer: {ingress: [{ip: 1.2.3.4}]}}");
        assertThat(balanced.objects("status", "loadBalancer", "ingress")
                        .getFirst()
                        .string("ipMode"))
                .isEqualTo("VIP");
        cluster.create(INGRESSES, """
                {apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i},
                 spec: {defaultBackend: {service: {name: s, port: {number: 80}}}}}
                """);
        assertThat(refused(() -> report(INGRESSES, "i", "{loadBalancer: {ingress: [{ip: nowhere}]}}")))
                .hasMessageContaining("status.loadBalancer.ingress[0].ip: Invalid value: \"nowhere\"");
    }

    @Test
    void aNodeKeepsItsRangeAndHasItsAddressesOnce() {
        cluster.create(NODES, "{apiVersion: v1, kind: Node, metadata: {name: 'n'}}");
        Unstructured node = cluster.admin
                .patch(
                        NODES,
                        "",
                        "n",
                        Patch.merge(Cluster.yaml(
                                "{spec: {podCIDR: 10.0.0.0/24, podCIDRs:" + " [10.0.0.0/24], providerID: 'a://b'}}")),
                        WriteOptions.DEFAULT)
                .object();
        Unstructured moved = node.copy().set("a://c", "spec", "providerID").remove("spec", "podCIDRs");
        assertThat(refused(() -> cluster.put(NODES, moved)))
                .hasMessage(
                        "Node \"n\" is invalid: [spec.podCIDRs: Forbidden: node updates may not change podCIDR except"
                                + " from \"\" to valid, spec.providerID: Forbidden: node updates may not change providerID"
                                + " except from \"\" to valid]");
        assertThat(refused(() -> report(
                        NODES,
                        "n",
                        "{capacity: {pods: '1.5'}, addresses:"
                                + " [{type: Hostname, address: a}, {type: Hostname, address: a}]}")))
                .hasMessage(
                        "Node \"n\" is invalid: [status.capacity.pods: Invalid value: \"1500m\": must be an integer,"
                                + " status.addresses[1]: Duplicate value: {\"type\":\"Hostname\",\"address\":\"a\"}]");
        StatusException e = refused(() -> report(NODES, "n", "{capacity: {cpu: much}}"));
        assertThat(e.code()).isEqualTo(400);
        assertThat(report(NODES, "n", "{capacity: {cpu: 1000m}}").string("status", "capacity", "cpu"))
                .isEqualTo("1");
    }

    @Test
    void aClaimHasNoLessThanNothing() {
        cluster.create(PERSISTENT_VOLUME_CLAIMS, """
                {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c},
                 spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
                """);
        assertThat(refused(() -> report(PERSISTENT_VOLUME_CLAIMS, "c", "{capacity: {storage: -1Gi}}")))
                .hasMessage("PersistentVolumeClaim \"c\" is invalid: status.capacity[storage]: Invalid value:"
                        + " \"-1Gi\": must be a valid resource quantity");
    }
}
