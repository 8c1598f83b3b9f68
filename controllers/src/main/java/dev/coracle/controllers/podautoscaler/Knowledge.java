package dev.coracle.controllers.podautoscaler;

import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What is known of autoscalers between two looks at them; of one that comes after another of its name, nothing. */
final class Knowledge {
    /**
     * @param memory null until it is looked at for the first time
     * @param selector of its target, null until that is known
     */
    private record Known(
            String uid, @Nullable Memory memory, @Nullable LabelSelector selector) {}

    private final Map<ObjectKey, Known> known = new ConcurrentHashMap<>();

    void begin(Unstructured hpa) {
        known.compute(
                ObjectKey.of(hpa),
                (k, v) -> v != null && v.uid().equals(hpa.uid()) ? v : new Known(hpa.uid(), null, null));
    }

    void forget(ObjectKey key) {
        known.remove(key);
    }

    /** @param replicas that are found, by whoever has none yet */
    Memory memory(Unstructured hpa, long replicas, Instant now) {
        remember(hpa, m -> m != null ? m : Memory.of(replicas, now));
        Known k = known.get(ObjectKey.of(hpa));
        // It may be forgotten meanwhile.
        return k == null || k.memory() == null ? Memory.of(replicas, now) : k.memory();
    }

    /** @param change of what may be null */
    void remember(Unstructured hpa, UnaryOperator<@Nullable Memory> change) {
        known.computeIfPresent(ObjectKey.of(hpa), (k, v) -> new Known(v.uid(), change.apply(v.memory()), v.selector()));
    }

    void selects(Unstructured hpa, LabelSelector selector) {
        known.computeIfPresent(ObjectKey.of(hpa), (k, v) -> new Known(v.uid(), v.memory(), selector));
    }

    /** The autoscalers, {@code namespace/name}, whose targets select any of these pods of a namespace. */
    List<String> of(String namespace, List<Unstructured> pods) {
        return known.entrySet().stream()
                .filter(e -> e.getKey().namespace().equals(namespace)
                        && e.getValue().selector() != null
                        && pods.stream()
                                .anyMatch(
                                        p -> Objects.requireNonNull(e.getValue().selector())
                                                .matches(p.labels())))
                .map(e -> e.getKey().namespace() + "/" + e.getKey().name())
                .sorted()
                .toList();
    }
}
