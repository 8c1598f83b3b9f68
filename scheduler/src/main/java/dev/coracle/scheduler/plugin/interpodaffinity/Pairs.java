package dev.coracle.scheduler.plugin.interpodaffinity;

import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.PodTerm;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Numbers by topology key and value: how many pods, or of what weight, are in each domain. Zero is as absent. */
final class Pairs {
    private final Map<String, Map<String, Long>> numbers = new HashMap<>();

    Pairs copy() {
        Pairs copy = new Pairs();
        numbers.forEach((key, values) -> copy.numbers.put(key, new HashMap<>(values)));
        return copy;
    }

    void add(PodTerm term, NodeInfo node, long n) {
        String key = term.topologyKey();
        String value = node.labels().get(key);
        if (value == null || n == 0) {
            return;
        }
        Map<String, Long> values = numbers.computeIfAbsent(key, k -> new HashMap<>());
        values.merge(value, n, (a, b) -> a + b == 0 ? null : Long.valueOf(a + b));
        if (values.isEmpty()) {
            numbers.remove(key);
        }
    }

    void clear() {
        numbers.clear();
    }

    boolean isEmpty() {
        return numbers.isEmpty();
    }

    boolean has(PodTerm term, NodeInfo node) {
        Map<String, Long> values = numbers.get(term.topologyKey());
        return values != null && number(values, term.topologyKey(), node) > 0;
    }

    /** Whether any of a node's domains has a number. */
    boolean hasAny(NodeInfo node) {
        for (Map.Entry<String, Map<String, Long>> e : numbers.entrySet()) {
            if (number(e.getValue(), e.getKey(), node) > 0) {
                return true;
            }
        }
        return false;
    }

    long sum(NodeInfo node) {
        long sum = 0;
        for (Map.Entry<String, Map<String, Long>> e : numbers.entrySet()) {
            sum += number(e.getValue(), e.getKey(), node);
        }
        return sum;
    }

    private static long number(Map<String, Long> values, String key, NodeInfo node) {
        String value = node.labels().get(key);
        Long n = value == null ? null : values.get(value);
        return n == null ? 0 : n;
    }

    void addAll(List<PodTerm> terms, NodeInfo node, long n) {
        terms.forEach(t -> add(t, node, n));
    }
}
