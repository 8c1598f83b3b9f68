package dev.coracle.network.policy;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Who selects an object of given labels, without asking everybody: a selector is filed under one of the labels that it wants,
 * and only those that want none are always asked.
 */
final class SelectorIndex<T> {
    private final Map<String, Map<T, LabelSelector>> byLabel = new HashMap<>();
    private final Map<T, String> places = new LinkedHashMap<>();

    void add(T who, Policy.Selector selector) {
        Unstructured read = selector.read();
        String place = read.strings("matchLabels").entrySet().stream()
                .findFirst()
                .map(e -> e.getKey() + "=" + e.getValue())
                .orElse("");
        places.put(who, place);
        byLabel.computeIfAbsent(place, p -> new LinkedHashMap<>()).put(who, LabelSelector.of(read));
    }

    void remove(T who) {
        String place = places.remove(who);
        Map<T, LabelSelector> there = place == null ? null : byLabel.get(place);
        if (there != null) {
            there.remove(who);
            if (there.isEmpty()) {
                byLabel.remove(place);
            }
        }
    }

    boolean contains(T who) {
        return places.containsKey(who);
    }

    boolean isEmpty() {
        return places.isEmpty();
    }

    List<T> selecting(Map<String, String> labels) {
        List<T> found = new ArrayList<>();
        collect("", labels, found);
        labels.forEach((k, v) -> collect(k + "=" + v, labels, found));
        return found;
    }

    private void collect(String place, Map<String, String> labels, List<T> found) {
        byLabel.getOrDefault(place, Map.of()).forEach((who, selector) -> {
            if (selector.matches(labels)) {
                found.add(who);
            }
        });
    }
}
