package dev.coracle.scheduler.plugin.interpodaffinity;

import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.PodTerm;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Numbers by topology key and value: how many pods, or of what weight, are in each domain. Zero is as absent. */
final class Pairs {
    private record Pair(String key, String value) {}

    private final Map<Pair, Long> numbers;

    Pairs() {
        this(new HashMap<>());
    }

    private Pairs(Map<Pair, Long> numbers) {
        this.numbers = numbers;
    }

    Pairs copy() {
        return new Pairs(new HashMap<>(numbers));
    }

    void add(PodTerm term, NodeInfo node, long n) {
        String value = node.labels().get(term.topologyKey());
        if (value != null) {
            numbers.merge(new Pair(term.topologyKey(), value), n, (a, b) -> a + b == 0 ? null : Long.valueOf(a + b));
        }
    }

    void clear() {
        numbers.clear();
    }

    boolean isEmpty() {
        return numbers.isEmpty();
    }

    boolean has(PodTerm term, NodeInfo node) {
        String value = node.labels().get(term.topologyKey());
        return value != null && numbers.getOrDefault(new Pair(term.topologyKey(), value), 0L) > 0;
    }

    /** Whether any of a node's domains has a number. */
    boolean hasAny(NodeInfo node) {
        if (numbers.isEmpty()) {
            return false;
        }
        for (Map.Entry<String, String> label : node.labels().entrySet()) {
            if (numbers.getOrDefault(new Pair(label.getKey(), label.getValue()), 0L) > 0) {
                return true;
            }
        }
        return false;
    }

    long sum(NodeInfo node) {
        long sum = 0;
        for (Map.Entry<String, String> label : node.labels().entrySet()) {
            sum += numbers.getOrDefault(new Pair(label.getKey(), label.getValue()), 0L);
        }
        return sum;
    }

    void addAll(List<PodTerm> terms, NodeInfo node, long n) {
        terms.forEach(t -> add(t, node, n));
    }
}
