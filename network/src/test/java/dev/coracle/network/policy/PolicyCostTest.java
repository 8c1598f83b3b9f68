package dev.coracle.network.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Unstructured;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a pod's change costs beside many policies that are not about it. */
class PolicyCostTest {
    /** Labels that count how often a selector looks into them. */
    private static final class Counted extends HashMap<String, String> {
        private static long looks;

        Counted(Map<String, String> labels) {
            super(labels);
        }

        @Override
        public String get(Object key) {
            looks++;
            return super.get(key);
        }

        @Override
        public boolean containsKey(Object key) {
            looks++;
            return super.containsKey(key);
        }
    }

    private static Unstructured policy(String app) {
        var peer = Map.of("namespaceSelector", Map.of(), "podSelector", Map.of("matchLabels", Map.of("calls", app)));
        return Unstructured.of("networking.k8s.io/v1", "NetworkPolicy", "default", app)
                .set(app, "spec", "podSelector", "matchLabels", "app")
                .set(List.of("Ingress"), "spec", "policyTypes")
                .set(List.of(Map.of("from", List.of(peer))), "spec", "ingress");
    }

    private static PolicyPod pod(String name, String ip, String app, String calls) {
        return new PolicyPod(
                new ObjectKey("default", name), ip, new Counted(Map.of("app", app, "calls", calls)), Map.of());
    }

    private record Cost(long lines, long looks) {}

    private static Cost cost(int policies) {
        var table = new KernelTable(new PolicyConfig("test", List.of(), "10.96.0.10"));
        var model = new PolicyModel(table);
        model.namespace("default", Map.of());
        for (int i = 0; i < policies; i++) {
            String app = "app" + i;
            model.policy(new ObjectKey("default", app), Policy.of(policy(app)));
            model.pod(
                    new ObjectKey("default", "pod" + i),
                    Optional.of(pod("pod" + i, "10.1." + i / 250 + "." + (i % 250 + 1), app, "app" + (i + 1))));
        }
        table.script();
        table.done();
        Counted.looks = 0;
        model.pod(new ObjectKey("default", "pod5"), Optional.of(pod("pod5", "10.1.0.6", "app3", "app4")));
        String script = table.script();
        assertThat(script).contains("10.1.0.6");
        return new Cost(script.lines().count(), Counted.looks);
    }

    @Test
    void itIsTheSameWithTenAndWithAThousand() {
        assertThat(cost(1000)).isEqualTo(cost(10));
    }
}
