package dev.coracle.kubelet.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A node of two processors, and the pods that somebody sends to it by name. */
class AdmissionTest {
    private static final String PORTS =
            "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports";

    private final Unstructured node = Unstructured.parse("""
            {"metadata": {"name": "n", "labels": {"disk": "fast", "cores": "8"}},
             "status": {"allocatable": {"cpu": "2", "memory": "1Gi", "ephemeral-storage": "1Gi", "pods": "3",
                                        "example.com/dongle": "1"}}}""");
    private final Admission admission = new Admission(() -> node);
    private final AtomicInteger uids = new AtomicInteger();

    private Unstructured pod(String spec) {
        return Unstructured.parse("""
                {"metadata": {"name": "p", "namespace": "default", "uid": "u%d"}, "spec": {%s}}""".formatted(uids.incrementAndGet(), spec));
    }

    private static String port(String address, String protocol, int port) {
        return """
                "containers": [{"name": "c", "ports": [{"hostIP": "%s", "protocol": "%s", "hostPort": %d}]}]""".formatted(address, protocol, port);
    }

    private static String asks(String requests) {
        return """
                "containers": [{"name": "c", "resources": {"requests": {%s}}}]""".formatted(requests);
    }

    @ParameterizedTest
    @CsvSource({
        "'', '', TCP, 80, false",
        "10.0.0.1, '', TCP, 80, false",
        "'', 10.0.0.1, TCP, 80, false",
        "0.0.0.0, 10.0.0.1, TCP, 80, false",
        "10.0.0.1, 10.0.0.1, TCP, 80, false",
        "10.0.0.1, 10.0.0.2, TCP, 80, true",
        "'', '', UDP, 80, true",
        "'', '', TCP, 81, true"
    })
    void of_two_that_want_a_port_the_second_is_refused(
            String taken, String wanted, String protocol, int port, boolean fits) {
        assertThat(admission.admit(pod(port(taken, "TCP", 80)))).isEmpty();
        Optional<Refusal> second = admission.admit(pod(port(wanted, protocol, port)));
        assertThat(second).isEqualTo(fits ? Optional.empty() : Optional.of(new Refusal("NodePorts", PORTS)));
    }

    @Test
    void a_sidecars_port_counts_and_one_of_an_init_container_does_not() {
        String inits = port("", "TCP", 80).replace("containers", "initContainers");
        assertThat(admission.admit(pod(inits))).isEmpty();
        assertThat(admission.admit(pod(inits.replace("\"name\"", "\"restartPolicy\": \"Always\", \"name\""))))
                .isEmpty();
        assertThat(admission.admit(pod(port("", "TCP", 80)))).contains(new Refusal("NodePorts", PORTS));
    }

    @Test
    void who_is_over_frees_what_it_had_and_who_is_in_is_not_judged_again() {
        Unstructured first = pod(port("", "TCP", 80));
        Unstructured second = pod(port("", "TCP", 80));
        assertThat(admission.admit(first)).isEmpty();
        assertThat(admission.admit(first)).isEmpty();
        assertThat(admission.admit(second)).isPresent();
        admission.release(first.uid());
        assertThat(admission.admit(second)).isEmpty();
        assertThat(admission.admit(first)).isPresent();
    }

    @Test
    void who_came_first_is_judged_first_though_another_asks_first() {
        Unstructured first = pod(port("", "TCP", 80));
        Unstructured second = pod(port("", "TCP", 80));
        Unstructured third = pod(port("", "TCP", 81));
        admission.expect(first);
        admission.expect(second);
        admission.expect(third);
        assertThat(admission.admit(third)).isEmpty();
        assertThat(admission.admit(second)).contains(new Refusal("NodePorts", PORTS));
        assertThat(admission.admit(first)).isEmpty();
    }

    @Test
    void one_let_in_by_an_earlier_life_stays_whatever_the_node_has_become() {
        Unstructured old = pod(asks("\"cpu\": \"3\""));
        admission.readmit(old);
        assertThat(admission.admit(old)).isEmpty();
        assertThat(admission.admit(pod(asks("\"cpu\": \"1m\"")))).contains(Refusal.outOf("cpu", 1, 3000, 2000));
        assertThat(admission.admit(pod(asks("\"memory\": \"1Mi\"")))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "cpu, 2500m, 2500, 0, 2000",
        "memory, 2Gi, 2147483648, 0, 1073741824",
        "ephemeral-storage, 2Gi, 2147483648, 0, 1073741824",
        "example.com/dongle, 2, 2, 0, 1"
    })
    void one_that_asks_for_too_much_is_told_of_what(String resource, String q, long asked, long used, long has) {
        assertThat(admission.admit(pod(asks("\"%s\": \"%s\"".formatted(resource, q)))))
                .contains(new Refusal(
                        "OutOf" + resource,
                        "Node didn't have enough resource: %s, requested: %d, used: %d, capacity: %d"
                                .formatted(resource, asked, used, has)));
    }

    @Test
    void what_the_node_does_not_know_of_is_not_its_to_count() {
        assertThat(admission.admit(pod(asks("\"example.com/elsewhere\": \"9\""))))
                .isEmpty();
    }

    @Test
    void there_is_room_for_so_many_pods_and_no_more() {
        for (int i = 0; i < 3; i++) {
            assertThat(admission.admit(pod(asks("")))).isEmpty();
        }
        assertThat(admission.admit(pod(asks("")))).contains(Refusal.outOf("pods", 1, 3, 3));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "In       | [\"slow\", \"fast\"] | disk  | true",
                "In       | [\"slow\"]           | disk  | false",
                "NotIn    | [\"fast\"]           | disk  | false",
                "NotIn    | [\"fast\"]           | other | true",
                "Exists   | []                   | disk  | true",
                "DoesNotExist | []               | disk  | false",
                "Gt       | [\"7\"]              | cores | true",
                "Gt       | [\"8\"]              | cores | false",
                "Lt       | [\"9\"]              | cores | true",
                "Lt       | [\"x\"]              | cores | false"
            })
    void one_that_chose_other_nodes_is_refused(String operator, String values, String key, boolean fits) {
        Optional<Refusal> verdict = admission.admit(pod("""
                "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
                  {"matchExpressions": [{"key": "%s", "operator": "%s", "values": %s}]}]}}}""".formatted(key, operator, values)));
        assertThat(verdict.map(Refusal::reason)).isEqualTo(fits ? Optional.empty() : Optional.of("NodeAffinity"));
    }

    @Test
    void of_taints_only_those_that_expel_count() {
        node.set(Unstructured.parse("""
                {"taints": [{"key": "a", "effect": "NoSchedule"}]}""").map(), "spec");
        assertThat(admission.admit(pod(asks("")))).isEmpty();
        node.set(Unstructured.parse("""
                {"taints": [{"key": "a", "value": "b", "effect": "NoExecute"}]}""").map(), "spec");
        assertThat(admission.admit(pod(asks(""))))
                .contains(new Refusal(
                        "TaintToleration",
                        "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate"));
        assertThat(admission.admit(pod("""
                "tolerations": [{"key": "a", "operator": "Exists"}]"""))).isEmpty();
    }

    @Test
    void one_for_another_system_is_refused() {
        assertThat(admission.admit(pod("\"os\": {\"name\": \"windows\"}")).map(Refusal::reason))
                .contains("PodOSNotSupported");
    }

    private Unstructured grown(Unstructured pod, String cpu, int priority) {
        Unstructured next = pod.copy().set(priority, "spec", "priority");
        next.objects("spec", "containers").getFirst().set(cpu, "resources", "requests", "cpu");
        return next;
    }

    @Test
    void of_several_that_wait_for_room_the_most_important_gets_it() {
        Unstructured first = pod(asks("\"cpu\": \"500m\""));
        Unstructured second = pod(asks("\"cpu\": \"500m\""));
        Unstructured big = pod(asks("\"cpu\": \"1\""));
        for (Unstructured p : List.of(first, second, big)) {
            assertThat(admission.admit(p)).isEmpty();
        }
        AtomicInteger served = new AtomicInteger();
        assertThat(admission
                        .resize(grown(first, "1", 0), () -> {})
                        .orElseThrow()
                        .reason())
                .isEqualTo(Refusal.DEFERRED);
        assertThat(admission.resize(grown(second, "1", 5), served::incrementAndGet))
                .contains(new Refusal(
                        "Deferred",
                        "Node didn't have enough resource: cpu, requested: 1000, used: 1500, capacity: 2000"));
        assertThat(admission.resize(grown(big, "500m", 0), () -> {})).isEmpty();
        assertThat(served).as("the room that was made is the other's at once").hasValue(1);
        assertThat(admission.resize(grown(second, "1", 5), () -> {})).isEmpty();
        assertThat(admission.resize(grown(first, "1", 0), () -> {})).isPresent();
        admission.release(big.uid());
        assertThat(admission.resize(grown(first, "1", 0), () -> {})).isEmpty();
        assertThat(admission.resize(grown(first, "3", 0), () -> {}))
                .contains(new Refusal(
                        "Infeasible", "Node didn't have enough capacity: cpu, requested: 3000, capacity: 2000"));
    }
}
