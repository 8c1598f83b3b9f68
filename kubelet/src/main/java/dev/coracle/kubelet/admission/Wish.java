package dev.coracle.kubelet.admission;

import dev.coracle.machinery.object.Unstructured;
import java.util.Comparator;
import java.util.List;

/**
 * A pod that is to have other amounts than it has. In the order they are served: who needs no more than it has, since
 * that makes room; then by priority; then those whose class of service promises the most; then who has waited longest.
 *
 * @param since smaller for who asked earlier
 * @param again called when it is worth to ask again
 */
record Wish(Unstructured pod, Claim wanted, Claim has, long since, Runnable again) implements Comparable<Wish> {
    private static final Comparator<Wish> ORDER = Comparator.comparing(Wish::grows)
            .thenComparing(Comparator.comparingLong(Wish::priority).reversed())
            .thenComparing(w -> !w.pod.string("status", "qosClass").equals("Guaranteed"))
            .thenComparingLong(Wish::since);

    private boolean grows() {
        return List.of("cpu", "memory").stream().anyMatch(r -> wanted.amount(r) > has.amount(r));
    }

    private long priority() {
        return pod.integer(0, "spec", "priority");
    }

    @Override
    public int compareTo(Wish other) {
        return ORDER.compare(this, other);
    }
}
