package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.machinery.object.Resources.IP_ADDRESSES;
import static dev.coracle.machinery.object.Resources.NETWORK_POLICIES;
import static dev.coracle.machinery.object.Resources.SERVICE_CIDRS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.object.Unstructured;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Policies, ranges and addresses. */
class NetworkPolicyStoryTest {
    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void aPolicyIsOfWhatItHasRulesFor() {
        Unstructured both = cluster.create(NETWORK_POLICIES, """
                {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p},
                 spec: {podSelector: {}, egress: [{ports: [{port: 53}], to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]}]}}
                """);
        assertThat(both.stringList("spec", "policyTypes")).containsExactly("Ingress", "Egress");
        assertThat(both.objects("spec", "egress")
                        .getFirst()
                        .objects("ports")
                        .getFirst()
                        .string("protocol"))
                .isEqualTo("TCP");
        assertThat(both.generation()).isEqualTo(1);
    }

    @Test
    void whatMeansNothingIsRefused() {
        assertThat(refused(() -> cluster.create(NETWORK_POLICIES, """
                        {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p},
                         spec: {podSelector: {matchExpressions: [{key: a, operator: In}]}, policyTypes: [Sideways],
                                ingress: [{ports: [{port: 80, endPort: 79, protocol: ICMP}, {endPort: 3}, {port: web, endPort: 9}],
                                           from: [{}, {podSelector: {}, ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8, 11.0.0.0/16, x]}}]}]}}
                        """)))
                .hasMessage("NetworkPolicy.networking.k8s.io \"p\" is invalid:"
                        + " [spec.podSelector.matchExpressions[0].values: Required value: must be specified when"
                        + " `operator` is 'In' or 'NotIn', spec.ingress[0].ports[0].protocol: Unsupported value:"
                        + " \"ICMP\": supported values: \"TCP\", \"UDP\", \"SCTP\","
                        + " spec.ingress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`,"
                        + " spec.ingress[0].ports[1].endPort: Invalid value: 3: may not be specified when `port` is not"
                        + " specified, spec.ingress[0].ports[2].endPort: Invalid value: 9: may not be specified when"
                        + " `port` is non-numeric, spec.ingress[0].from[0]: Required value: must specify a peer,"
                        + " spec.ingress[0].from[1].ipBlock.except[0]: Invalid value: \"10.0.0.0/8\": must be a strict"
                        + " subset of `cidr`, spec.ingress[0].from[1].ipBlock.except[1]: Invalid value: \"11.0.0.0/16\":"
                        + " must be a strict subset of `cidr`, spec.ingress[0].from[1].ipBlock.except[2]: Invalid value:"
                        + " \"x\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64),"
                        + " spec.ingress[0].from[1]: Forbidden: may not specify both ipBlock and another peer,"
                        + " spec.policyTypes[0]: Unsupported value: \"Sideways\": supported values: \"Ingress\","
                        + " \"Egress\"]");
    }

    @Test
    void anAddressIsNamedInOneWay() {
        cluster.create(IP_ADDRESSES, """
                {apiVersion: networking.k8s.io/v1, kind: IPAddress, metadata: {name: '2001:db8::1'},
                 spec: {parentRef: {resource: services, name: s, namespace: default}}}
                """);
        assertThat(refused(() -> cluster.create(IP_ADDRESSES, """
                        {apiVersion: networking.k8s.io/v1, kind: IPAddress, metadata: {name: '2001:db8:0:0::1'}, spec: {}}
                        """)))
                .hasMessage("IPAddress.networking.k8s.io \"2001:db8:0:0::1\" is invalid: [metadata.name: Invalid value:"
                        + " \"2001:db8:0:0::1\": must be in canonical form (\"2001:db8::1\"), spec.parentRef: Required"
                        + " value]");
    }

    @Test
    void aRangeStaysAsItIs() {
        cluster.create(
                SERVICE_CIDRS,
                "{apiVersion: networking.k8s.io/v1, kind: ServiceCIDR, metadata: {name: r}, spec: {cidrs: [10.0.0.0/16]}}");
        Unstructured made = cluster.admin.get(SERVICE_CIDRS, "", "r").object();
        assertThat(refused(() ->
                        cluster.put(SERVICE_CIDRS, made.copy().set(java.util.List.of("10.0.0.0/8"), "spec", "cidrs"))))
                .hasMessageContaining("spec.cidrs: Invalid value: [\"10.0.0.0/8\"]: field is immutable");
        assertThat(refused(() -> cluster.create(SERVICE_CIDRS, """
                        {apiVersion: networking.k8s.io/v1, kind: ServiceCIDR, metadata: {name: s}, spec: {cidrs: [10.0.0.1/16]}}
                        """)))
                .hasMessageContaining("must not have bits set beyond the prefix length");
    }
}
