package dev.coracle.scheduler.plugin.interpodaffinity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.Cycle;
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
import org.junit.jupiter.api.Test;

/** The filter beside the documented rule, read off the JSON. */
class AffinityFilterPropertyTest {
    private static final int CASES = 5000;

    @Test
    void itAgreesWithTheRule() {
        int refused = 0;
        for (long seed = 0; seed < CASES; seed++) {
            var cluster = new RandomCluster(seed);
            Snapshot snapshot = cluster.snapshot();
            NodeFilter filter = filter(cluster, snapshot);
            for (NodeInfo n : snapshot.nodes()) {
                boolean rule = isNear(cluster, n.node()) && isApart(cluster, n.node());
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
        return AffinityFilter.of(new Cycle(pod, snapshot), new AffinityFilter.Counts(pod));
    }

    private static List<Unstructured> terms(Unstructured pod, String kind) {
        return pod.objects("spec", "affinity", kind, "requiredDuringSchedulingIgnoredDuringExecution");
    }

    private static boolean isNear(RandomCluster cluster, Unstructured node) {
        Unstructured pod = cluster.incoming();
        List<Unstructured> terms = terms(pod, "podAffinity");
        boolean keyed = terms.stream().allMatch(t -> node.labels().containsKey(t.string("topologyKey")));
        List<Placed> company = cluster.placed().stream()
                .filter(p -> terms.stream().allMatch(t -> matches(t, pod, p.pod())))
                .toList();
        boolean nearAll =
                terms.stream().allMatch(t -> company.stream().anyMatch(p -> shareDomain(t, node, nodeOf(cluster, p))));
        boolean isFirst = company.stream()
                        .noneMatch(p ->
                                terms.stream().anyMatch(t -> shareDomain(t, nodeOf(cluster, p), nodeOf(cluster, p))))
                && terms.stream().allMatch(t -> matches(t, pod, pod));
        return keyed && (nearAll || isFirst);
    }

    private static boolean isApart(RandomCluster cluster, Unstructured node) {
        Unstructured pod = cluster.incoming();
        for (Placed p : cluster.placed()) {
            for (Unstructured t : terms(pod, "podAntiAffinity")) {
                if (matches(t, pod, p.pod()) && shareDomain(t, node, nodeOf(cluster, p))) {
                    return false;
                }
            }
            for (Unstructured t : terms(p.pod(), "podAntiAffinity")) {
                if (matches(t, p.pod(), pod) && shareDomain(t, node, nodeOf(cluster, p))) {
                    return false;
                }
            }
        }
        return true;
    }

    private static Unstructured nodeOf(RandomCluster cluster, Placed pod) {
        return cluster.nodes().stream()
                .filter(n -> n.name().equals(pod.node()))
                .findFirst()
                .orElseThrow();
    }

    private static boolean shareDomain(Unstructured term, Unstructured one, Unstructured other) {
        String domain = one.labels().get(term.string("topologyKey"));
        return domain != null && domain.equals(other.labels().get(term.string("topologyKey")));
    }

    /** Whether the term of one pod means another. */
    private static boolean matches(Unstructured term, Unstructured owner, Unstructured other) {
        List<String> named = term.stringList("namespaces");
        boolean selected = term.has("namespaceSelector")
                && PlainSelector.matches(
                        term.object("namespaceSelector"), RandomCluster.NAMESPACES.get(other.namespace()));
        boolean own = named.isEmpty()
                && !term.has("namespaceSelector")
                && owner.namespace().equals(other.namespace());
        return (own || selected || named.contains(other.namespace()))
                && PlainSelector.matches(term, owner.labels(), other.labels());
    }
}
