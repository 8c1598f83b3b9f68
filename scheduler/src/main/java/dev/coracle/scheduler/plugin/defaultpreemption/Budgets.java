package dev.coracle.scheduler.plugin.defaultpreemption;

import dev.coracle.client.Informer;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import dev.coracle.scheduler.framework.PodInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** PodDisruptionBudgets, counted down as pods are supposed to go. */
final class Budgets {
    /** @param disrupted pods whose going is in the count already */
    record Budget(String namespace, LabelSelector selector, long allowed, Set<String> disrupted) {}

    private final List<Budget> budgets;
    private final long[] left;

    Budgets(List<Budget> budgets) {
        this.budgets = budgets;
        this.left = budgets.stream().mapToLong(Budget::allowed).toArray();
    }

    /** All of them at one moment; the same object as long as none is another. */
    record Known(List<Revision> read, List<Budget> budgets) {
        static final Known NONE = new Known(List.of(), List.of());

        Known now(Informer informer) {
            List<Revision> now = informer.list();
            return isOf(now) ? this : new Known(now, of(now));
        }

        private boolean isOf(List<Revision> now) {
            if (now.size() != read.size()) {
                return false;
            }
            for (int i = 0; i < read.size(); i++) {
                if (read.get(i) != now.get(i)) {
                    return false;
                }
            }
            return true;
        }
    }

    private static List<Budget> of(List<Revision> revisions) {
        List<Budget> budgets = new ArrayList<>();
        for (Revision r : revisions) {
            Unstructured b = r.object();
            LabelSelector selector = LabelSelector.of(b.object("spec", "selector"));
            // Here an empty selector matches nothing.
            if (!selector.isEmpty()) {
                budgets.add(new Budget(
                        b.namespace(),
                        selector,
                        b.integer(0, "status", "disruptionsAllowed"),
                        b.object("status", "disruptedPods").map().keySet()));
            }
        }
        return budgets;
    }

    /** Whether one more pod that goes is too many; it is counted. */
    boolean isBrokenBy(PodInfo pod) {
        boolean broken = false;
        for (int i = 0; i < left.length; i++) {
            Budget b = budgets.get(i);
            if (b.namespace.equals(pod.namespace())
                    && !pod.labels().isEmpty()
                    && b.selector.matches(pod.labels())
                    && !b.disrupted.contains(pod.name())) {
                left[i]--;
                broken |= left[i] < 0;
            }
        }
        return broken;
    }
}
