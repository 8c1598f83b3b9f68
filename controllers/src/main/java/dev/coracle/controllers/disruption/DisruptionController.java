package dev.coracle.controllers.disruption;

import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Live;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.controllers.kit.StatusPatch;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.OwnerReference;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Says in the status of each PodDisruptionBudget how many of its pods may be taken away: evictions count down from there. */
public final class DisruptionController implements Controller, Reconciler {
    private final ControllerContext world;
    private final EventRecorder events;
    private final Informer budgets;
    private final Informer pods;
    private final Scales scales;
    private final StatusPatch statuses;
    private final Loop loop;

    public DisruptionController(ControllerContext world, EventRecorder events) {
        this.world = world;
        this.events = events;
        this.loop = new Loop(world, "disruption", 2);
        this.budgets = loop.reconciles(Resources.POD_DISRUPTION_BUDGETS);
        this.pods = loop.watches(Resources.PODS, this::concerned);
        this.scales = new Scales(world.client(), loop);
        this.statuses = new StatusPatch(world.client(), Resources.POD_DISRUPTION_BUDGETS);
        loop.start(this);
    }

    private Collection<ObjectKey> concerned(@Nullable Revision before, @Nullable Revision after) {
        Revision either = after != null ? after : before;
        return either == null
                ? List.of()
                : budgets.list(either.namespace()).stream()
                        .filter(b -> before != null && selects(b.object(), before.object())
                                || after != null && selects(b.object(), after.object()))
                        .map(Revision::key)
                        .toList();
    }

    /** An empty selector selects all pods, none selects none. */
    private static boolean selects(Unstructured budget, Unstructured pod) {
        return budget.has("spec", "selector")
                && LabelSelector.of(budget.object("spec", "selector")).matches(pod.labels());
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Unstructured budget = budgets.get(key).map(Revision::object).orElse(null);
        if (budget == null) {
            return Result.DONE;
        }
        Instant now = world.environment().clock().now();
        try {
            return reconcile(budget, now);
        } catch (StatusException | IllegalStateException e) {
            if (e instanceof StatusException s && (s.isConflict() || s.isNotFound())) {
                throw e;
            }
            statuses.writeUnchanged(budget, BudgetStatus.failed(budget, String.valueOf(e.getMessage()), now));
            if (e instanceof StatusException s && (s.code() == 429 || Live.isUnsure(s))) {
                // It passes. The status brings it back here only while each failure has another message.
                throw e;
            }
            return Result.DONE;
        }
    }

    private Result reconcile(Unstructured budget, Instant now) {
        List<Unstructured> selected = pods.list(budget.namespace()).stream()
                .map(Revision::object)
                .filter(p -> selects(budget, p))
                .toList();
        if (selected.isEmpty()) {
            events.normal(budget, "NoPods", "No matching pods found");
        }
        tellOfOthers(budget, selected);
        BudgetStatus status = BudgetStatus.of(budget, selected, () -> wanted(budget, selected), now);
        for (Unstructured pod : status.stayed()) {
            // As upstream says it: the namespace twice.
            events.warning(
                    pod,
                    "NotDeleted",
                    "Pod was expected by PDB " + budget.namespace() + "/" + budget.namespace()
                            + " to be deleted but it wasn't");
        }
        statuses.writeUnchanged(budget, status.status());
        return status.recheck()
                .map(t -> Result.after(Duration.between(now, t).plusMillis(1)))
                .orElse(Result.DONE);
    }

    /** How many pods the controllers of these want, all together; those without one cannot be counted. */
    private long wanted(Unstructured budget, List<Unstructured> selected) {
        Map<String, Long> byController = new HashMap<>();
        boolean unmanaged = false;
        for (Unstructured pod : selected) {
            Optional<OwnerReference> controller = pod.controllerOf();
            if (controller.isEmpty()) {
                unmanaged = true;
            } else if (!byController.containsKey(controller.get().uid())) {
                Scales.Wanted wanted = scales.of(pod.namespace(), controller.get())
                        .orElseThrow(() -> {
                            String why = "found no controllers for pod " + Json.string(pod.name());
                            events.warning(
                                    budget,
                                    "CalculateExpectedPodCountFailed",
                                    "Failed to calculate the number of expected pods: " + why);
                            return new IllegalStateException(why);
                        });
                byController.put(controller.get().uid(), 0L);
                byController.put(wanted.uid(), wanted.replicas());
            }
        }
        if (unmanaged) {
            events.warning(
                    budget,
                    "UnmanagedPods",
                    "Pods selected by this PodDisruptionBudget (selector: "
                            + told(budget.object("spec", "selector"))
                            + ") were found to be unmanaged. As a result, the status of the PDB cannot be calculated"
                            + " correctly, which may result in undefined behavior. To account for these pods please set"
                            + " \".spec.minAvailable\" field of the PDB to an integer value.");
        }
        return byController.values().stream().mapToLong(n -> n).sum();
    }

    /** As Go prints a selector. */
    private static String told(Unstructured selector) {
        StringBuilder labels = new StringBuilder();
        new TreeMap<>(selector.strings("matchLabels")).forEach((k, v) -> labels.append(k + ": " + v + ","));
        StringBuilder expressions = new StringBuilder();
        for (Unstructured e : selector.objects("matchExpressions")) {
            expressions.append("LabelSelectorRequirement{Key:" + e.string("key") + ",Operator:" + e.string("operator")
                    + ",Values:[" + String.join(" ", e.stringList("values")) + "],},");
        }
        return "&LabelSelector{MatchLabels:map[string]string{" + labels
                + "},MatchExpressions:[]LabelSelectorRequirement{" + expressions + "},}";
    }

    /** A pod of several budgets cannot be evicted: its owner should know. */
    private void tellOfOthers(Unstructured budget, List<Unstructured> selected) {
        List<Revision> all = budgets.list(budget.namespace());
        if (all.size() < 2) {
            return;
        }
        for (Unstructured pod : selected) {
            long several = all.stream().filter(b -> selects(b.object(), pod)).count();
            if (several > 1) {
                events.warning(
                        pod,
                        "MultiplePodDisruptionBudgets",
                        "Pod " + Json.string(pod.namespace()) + "/" + Json.string(pod.name())
                                + " matches multiple PodDisruptionBudgets.  Chose " + Json.string(budget.name())
                                + " arbitrarily.");
            }
        }
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
