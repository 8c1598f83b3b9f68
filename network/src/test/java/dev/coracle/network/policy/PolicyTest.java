package dev.coracle.network.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a policy must not bring into the kernel's one transaction, where it would stop all others. */
class PolicyTest {
    private static Unstructured policy(Map<String, Object> rule) {
        return Unstructured.of("networking.k8s.io/v1", "NetworkPolicy", "default", "p")
                .set(List.of(rule), "spec", "ingress");
    }

    @Test
    void rangesThatAreNone() {
        for (String cidr : List.of("999.1.1.1/8", "10.0.0.0/33", "10.0.0.0/99", "10.0.0.0/", "10.0.0/8")) {
            var rule = Map.<String, Object>of("from", List.of(Map.of("ipBlock", Map.of("cidr", cidr))));
            assertThat(Policy.of(policy(rule)).ingress()).as(cidr).isEmpty();
        }
        var ends = Map.<String, Object>of(
                "from",
                List.of(
                        Map.of("ipBlock", Map.of("cidr", "0.0.0.0/0")),
                        Map.of("ipBlock", Map.of("cidr", "10.0.0.1/32"))));
        assertThat(Policy.of(policy(ends)).ingress().getFirst().peers()).hasSize(2);
    }

    @Test
    void portsThatAreNone() {
        var beyond = Map.<String, Object>of("ports", List.of(Map.of("port", 70_000L)));
        assertThat(Policy.of(policy(beyond)).ingress()).isEmpty();
        var last = Map.<String, Object>of("ports", List.of(Map.of("port", 1L, "endPort", 65_535L)));
        assertThat(Policy.of(policy(last)).ingress()).hasSize(1);
    }

    /** Known when it is read, where one policy is left out, and not when its pods are looked for. */
    @Test
    void aSelectorThatSelectsNobodyKnowsWhom() {
        var bad = Map.of("matchExpressions", List.of(Map.of("key", "a", "operator", "Bogus")));
        var rule = Map.<String, Object>of("from", List.of(Map.of("podSelector", bad)));
        assertThatThrownBy(() -> Policy.of(policy(rule))).isInstanceOf(IllegalArgumentException.class);
    }

    private static Map<String, Object> port(String name, long number) {
        return Map.of("name", name, "containerPort", number);
    }

    @Test
    void aNamedPortIsTheFirstOfThatNameAndASidecarsAtLast() {
        Unstructured pod = Unstructured.of("v1", "Pod", "default", "p")
                .set("10.244.0.5", "status", "podIP")
                .set(
                        List.of(
                                Map.of("restartPolicy", "Always", "ports", List.of(port("http", 1), port("mesh", 2))),
                                Map.of("ports", List.of(port("setup", 3)))),
                        "spec",
                        "initContainers")
                .set(
                        List.of(
                                Map.of("ports", List.of(port("http", 4), port("http", 5))),
                                Map.of("ports", List.of(port("http", 6)))),
                        "spec",
                        "containers");
        assertThat(PolicyPod.of(pod).orElseThrow().ports()).isEqualTo(Map.of("http/TCP", 4L, "mesh/TCP", 2L));
    }
}
