package dev.coracle.scheduler.plugin.podtopologyspread;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.NodeFilter;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.PlainSelector;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.RandomCluster;
import dev.coracle.scheduler.framework.RandomCluster.Placed;
import dev.coracle.scheduler.framework.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The filter beside the documented rule, read off the JSON. */
class SpreadFilterPropertyTest {
    private static final int CASES = 5000;

    @Test
    void itAgreesWithTheRule() {
        int refused = 0;
        for (long seed = 0; seed < CASES; seed++) {
            var cluster = new RandomCluster(seed);
            Snapshot snapshot = cluster.snapshot();
            NodeFilter filter = filter(cluster, snapshot);
            for (NodeInfo n : snapshot.nodes()) {
                boolean rule = rule(cluster, n.node());
                assertThat(filter.filter(n).fits())
                        .as("seed %d, %s", seed, n.name())
                        .isEqualTo(rule);
                refused += rule ? 0 : 1;
            }
        }
        assertThat(refused).as("the cases are worth something").isBetween(CASES / 2, CASES * 3);
    }

    @Test
    void supposingPodsAwayAndBackIsAsIfItWereSo() {
        for (long seed = 0; seed < CASES / 2; seed++) {
            var cluster = new RandomCluster(seed);
            if (cluster.placed().isEmpty()) {
                continue;
            }
            Snapshot snapshot = cluster.snapshot();
            List<Placed> fewer = new ArrayList<>(cluster.placed());
            Placed gone = fewer.remove(cluster.nextInt(fewer.size()));
            NodeInfo before = Objects.requireNonNull(snapshot.node(gone.node()));
            NodeInfo after = before.without(gone.pod().uid());
            Snapshot without = cluster.snapshot(fewer);
            NodeFilter original = filter(cluster, snapshot);
            NodeFilter supposed = original.supposing(before, after);
            NodeFilter back = supposed.supposing(after, before);
            NodeFilter anew = filter(cluster, without);
            for (NodeInfo n : without.nodes()) {
                assertThat(supposed.filter(n)).as("seed %d, %s", seed, n.name()).isEqualTo(anew.filter(n));
                assertThat(back.filter(n)).as("seed %d, %s", seed, n.name()).isEqualTo(original.filter(n));
            }
        }
    }

    private static NodeFilter filter(RandomCluster cluster, Snapshot snapshot) {
        PodInfo pod = PodInfo.of(cluster.incoming());
        return new SpreadFilter.Counts(pod, Constraint.of(pod, "DoNotSchedule")).filter(snapshot, pod);
    }

    private static boolean rule(RandomCluster cluster, Unstructured node) {
        Unstructured pod = cluster.incoming();
        for (Unstructured c : pod.objects("spec", "topologySpreadConstraints")) {
            String key = c.string("topologyKey");
            List<Unstructured> eligible =
                    cluster.nodes().stream().filter(n -> isEligible(n, c, pod)).toList();
            List<String> domains =
                    eligible.stream().map(n -> n.labels().get(key)).distinct().toList();
            long smallest = domains.size() < c.integer(1, "minDomains")
                    ? 0
                    : domains.stream()
                            .mapToLong(d -> count(cluster, eligible, c, d))
                            .min()
                            .orElse(0);
            String domain = node.labels().get(key);
            long self = PlainSelector.matches(c, pod.labels(), pod.labels()) ? 1 : 0;
            if (domain == null || count(cluster, eligible, c, domain) + self - smallest > c.integer(1, "maxSkew")) {
                return false;
            }
        }
        return true;
    }

    private static boolean isEligible(Unstructured node, Unstructured c, Unstructured pod) {
        boolean keyed = pod.objects("spec", "topologySpreadConstraints").stream()
                .allMatch(any -> node.labels().containsKey(any.string("topologyKey")));
        boolean selected = node.labels()
                .entrySet()
                .containsAll(pod.strings("spec", "nodeSelector").entrySet());
        boolean tolerated = node.objects("spec", "taints").stream()
                .filter(t -> t.string("effect").equals("NoSchedule"))
                .allMatch(t -> pod.objects("spec", "tolerations").stream()
                        .anyMatch(o -> o.string("key").equals(t.string("key"))));
        return keyed
                && (selected || c.string("nodeAffinityPolicy").equals("Ignore"))
                && (tolerated || !c.string("nodeTaintsPolicy").equals("Honor"));
    }

    private static long count(RandomCluster cluster, List<Unstructured> eligible, Unstructured c, String domain) {
        List<String> names = eligible.stream()
                .filter(n -> domain.equals(n.labels().get(c.string("topologyKey"))))
                .map(Unstructured::name)
                .collect(Collectors.toList());
        Unstructured pod = cluster.incoming();
        return cluster.placed().stream()
                .filter(p -> names.contains(p.node()))
                .filter(p ->
                        p.pod().namespace().equals(pod.namespace()) && !p.pod().isDeleting())
                .filter(p -> PlainSelector.matches(c, pod.labels(), p.pod().labels()))
                .count();
    }
}
