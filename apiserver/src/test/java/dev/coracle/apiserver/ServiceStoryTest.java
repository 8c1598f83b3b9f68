package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.apiserver.Cluster.yaml;
import static dev.coracle.machinery.object.Resources.ENDPOINT_SLICES;
import static dev.coracle.machinery.object.Resources.SERVICES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Addresses and node ports: given once, kept, and free again. */
class ServiceStoryTest {
    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private Unstructured service(String name, String spec) {
        return cluster.create(
                SERVICES, "{apiVersion: v1, kind: Service, metadata: {name: " + name + "}, spec: {" + spec + "}}");
    }

    private static long nodePort(Unstructured service, int port) {
        return service.objects("spec", "ports").get(port).integer(0, "nodePort");
    }

    @Test
    void noTwoHaveOneAddressAndADeletedOnesIsFree() {
        Set<String> ips = new HashSet<>();
        for (int i = 0; i < 300; i++) {
            ips.add(service("s" + i, "ports: [{port: 80}]").string("spec", "clusterIP"));
        }
        // The low ones are left to those that ask for them by name.
        assertThat(ips).hasSize(300).noneMatch(ip -> ip.startsWith("10.96.0."));
        assertThat(service("dns", "clusterIP: 10.96.0.10, ports: [{port: 53}]").string("spec", "clusterIP"))
                .isEqualTo("10.96.0.10");
        var taken = refused(() -> service("other", "clusterIP: 10.96.0.10, ports: [{port: 53}]"));
        assertThat(taken)
                .hasMessage("Service \"other\" is invalid: spec.clusterIPs: Invalid value: [\"10.96.0.10\"]: failed to"
                        + " allocate IP 10.96.0.10: provided IP is already allocated");
        assertThat(refused(() -> service("far", "clusterIP: 10.97.0.1, ports: [{port: 53}]")))
                .hasMessageContaining("the provided network does not match the current range");
        cluster.admin.delete(SERVICES, "default", "dns", DeleteOptions.DEFAULT);
        service("other", "clusterIP: 10.96.0.10, ports: [{port: 53}]");
    }

    @Test
    void twoProtocolsOfOnePortShareANodePort() {
        Unstructured dns = service(
                "dns",
                "type: NodePort, ports: [{name: udp, port: 53, protocol: UDP}, {name: tcp, port: 53},"
                        + " {name: web, port: 80}]");
        assertThat(nodePort(dns, 0)).isEqualTo(nodePort(dns, 1)).isNotEqualTo(nodePort(dns, 2));
        // Asked for by name, too.
        service(
                "both",
                "type: NodePort, ports: [{name: u, port: 1, protocol: UDP, nodePort: 30001},"
                        + " {name: t, port: 2, nodePort: 30001}]");
        assertThat(refused(() -> service("late", "type: NodePort, ports: [{port: 1, nodePort: 30001}]")))
                .hasMessage("Service \"late\" is invalid: spec.ports[0].nodePort: Invalid value: 30001: provided port"
                        + " is already allocated");
        assertThat(refused(() -> service("low", "type: NodePort, ports: [{port: 1, nodePort: 80}]")))
                .hasMessage("Service \"low\" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is"
                        + " not in the valid range. The range of valid ports is 30000-32767");
    }

    @Test
    void whenAllNodePortsAreTakenTheNextIsTold() {
        int left = 2768;
        for (int i = 0; left > 0; i++) {
            StringBuilder ports = new StringBuilder();
            for (int p = 1; p <= Math.min(100, left); p++) {
                ports.append("{name: p").append(p).append(", port: ").append(p).append("},");
            }
            left -= Math.min(100, left);
            service("s" + i, "type: NodePort, ports: [" + ports + "]");
        }
        var full = refused(() -> service("late", "type: NodePort, ports: [{port: 80}]"));
        assertThat(full.code()).isEqualTo(500);
        assertThat(full).hasMessage("Internal error occurred: failed to allocate a nodePort: range is full");
        cluster.admin.delete(SERVICES, "default", "s0", DeleteOptions.DEFAULT);
        assertThat(nodePort(service("late", "type: NodePort, ports: [{port: 80}]"), 0))
                .isPositive();
    }

    @Test
    void aDryRunTakesNothing() {
        var dry = new WriteOptions("", "ci", false, true);
        Unstructured tried = cluster.admin
                .create(
                        SERVICES,
                        "default",
                        yaml("{apiVersion: v1, kind: Service, metadata: {name: a},"
                                + " spec: {type: NodePort, ports: [{port: 80, nodePort: 30080}]}}"),
                        dry)
                .object();
        assertThat(tried.string("spec", "clusterIP")).isNotEmpty();
        assertThat(nodePort(service("b", "type: NodePort, ports: [{port: 80, nodePort: 30080}]"), 0))
                .isEqualTo(30080);
    }

    @Test
    void headlessAndExternalOnesHaveNoAddress() {
        Unstructured headless = service("h", "clusterIP: None, selector: {a: b}");
        assertThat(headless.stringList("spec", "clusterIPs")).containsExactly("None");
        Unstructured external = service("e", "type: ExternalName, externalName: example.com");
        assertThat(external.has("spec", "clusterIP")).isFalse();
        assertThat(external.has("spec", "ipFamilies")).isFalse();
    }

    @Test
    void aSliceHasNoMoreThanAThousandEndpoints() {
        Unstructured slice =
                yaml("{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: e}, addressType: IPv4}");
        for (int i = 0; i < 1001; i++) {
            slice.add(yaml("{addresses: [10.0." + i / 250 + "." + i % 250 + "]}"), "endpoints");
        }
        assertThat(refused(() -> cluster.create(ENDPOINT_SLICES, slice.toString())))
                .hasMessage("EndpointSlice.discovery.k8s.io \"e\" is invalid: endpoints: Too many: 1001: must have at"
                        + " most 1000 items");
    }
}
