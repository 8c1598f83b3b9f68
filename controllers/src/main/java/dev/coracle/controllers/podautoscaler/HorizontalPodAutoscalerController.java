package dev.coracle.controllers.podautoscaler;

import dev.coracle.client.EventRecorder;
import dev.coracle.client.Informer;
import dev.coracle.client.Reconciler;
import dev.coracle.client.WorkQueue;
import dev.coracle.controllers.Controller;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.kit.Loop;
import dev.coracle.controllers.kit.StatusPatch;
import dev.coracle.controllers.podautoscaler.Behavior.Decision;
import dev.coracle.controllers.podautoscaler.Targets.Target;
import dev.coracle.machinery.object.ObjectKey;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.LabelSelector;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Scales what autoscalers name by what is measured of it. Each is looked at in a steady beat, whatever changes: what it
 * does depends on how often it is asked.
 */
public final class HorizontalPodAutoscalerController implements Controller, Reconciler {
    private static final Duration PERIOD = Duration.ofSeconds(15);

    private final ControllerContext world;
    private final EventRecorder events;
    private final Informer autoscalers;
    private final Informer pods;
    private final Targets targets;
    private final Measurements measurements;
    private final StatusPatch statuses;
    private final Loop loop;
    private final Knowledge known = new Knowledge();

    public HorizontalPodAutoscalerController(ControllerContext world, EventRecorder events) {
        this.world = world;
        this.events = events;
        this.loop = new Loop(world, "horizontalpodautoscaler", 5);
        this.autoscalers = loop.watches(Resources.HORIZONTAL_POD_AUTOSCALERS, this::changed);
        this.pods = loop.reads(Resources.PODS);
        this.targets = new Targets(world.client());
        this.measurements = new Measurements(world.client());
        this.statuses = new StatusPatch(world.client(), Resources.HORIZONTAL_POD_AUTOSCALERS);
        loop.start(this);
    }

    /** Only what goes is looked at now, to be forgotten; what comes after a beat, when there is something to measure. */
    private Collection<ObjectKey> changed(@Nullable Revision before, @Nullable Revision after) {
        if (before == null && after != null) {
            loop.addAfter(after.key(), PERIOD);
        }
        return before != null && after == null ? List.of(before.key()) : List.of();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Unstructured hpa = autoscalers.get(key).map(Revision::object).orElse(null);
        if (hpa == null) {
            known.forget(key);
            return Result.DONE;
        }
        known.begin(hpa);
        AutoscalerStatus status =
                new AutoscalerStatus(hpa, world.environment().clock().now());
        look(hpa, status);
        try {
            statuses.write(hpa, status.object());
        } catch (StatusException e) {
            if (!e.isNotFound() && !e.isConflict()) {
                events.warning(hpa, "FailedUpdateStatus", String.valueOf(e.getMessage()));
            }
        }
        return Result.after(PERIOD);
    }

    private void look(Unstructured hpa, AutoscalerStatus status) {
        Target target;
        try {
            target = targets.find(hpa);
        } catch (UnmeasuredException e) {
            events.warning(hpa, "FailedGetScale", e.why());
            status.set(
                    "AbleToScale",
                    false,
                    "FailedGetScale",
                    "the HPA controller was unable to get the target's current scale: " + e.why());
            return;
        }
        status.set(
                "AbleToScale",
                true,
                "SucceededGetScale",
                "the HPA controller was able to get the target's current scale");
        long current = target.replicas();
        Memory memory = known.memory(hpa, current, status.now());
        long least = hpa.integer(1, "spec", "minReplicas");
        long most = hpa.integer(0, "spec", "maxReplicas");
        if (current == 0 && least != 0) {
            status.set(
                    "ScalingActive",
                    false,
                    "ScalingDisabled",
                    "scaling is disabled since the replica count of the target is zero");
            status.replicas(current, current, List.of());
        } else if (current > most) {
            rescale(hpa, status, target, most, "Current number of replicas above Spec.MaxReplicas", List.of());
        } else if (current < least) {
            rescale(hpa, status, target, least, "Current number of replicas below Spec.MinReplicas", List.of());
        } else {
            measure(hpa, status, target, memory);
        }
    }

    private void measure(Unstructured hpa, AutoscalerStatus status, Target target, Memory memory) {
        long current = target.replicas();
        Findings findings;
        try {
            LabelSelector selector = selector(hpa, status, target.selector());
            findings = findings(hpa, status, target, selected(hpa, selector));
        } catch (UnmeasuredException e) {
            events.warning(hpa, "FailedComputeMetricsReplicas", e.why());
            status.replicas(current, status.desired(), List.of());
            return;
        }
        if (findings.failure() != null) {
            events.warning(hpa, "FailedComputeMetricsReplicas", findings.failure());
            status.replicas(current, status.desired(), findings.statuses());
            return;
        }
        Decision decision = decide(hpa, memory, current, findings.replicas(), status.now());
        status.set(decision.able());
        status.set(decision.limited());
        // What metrics ask for gives the reason, though what is done may be less.
        String reason = findings.replicas() > current ? findings.metric() + " above target" : "";
        if (findings.replicas() < current) {
            reason = "All metrics below target";
        }
        if (decision.replicas() == current) {
            status.replicas(current, current, findings.statuses());
        } else {
            rescale(hpa, status, target, decision.replicas(), reason, findings.statuses());
        }
    }

    // ---- which pods

    /** @throws UnmeasuredException when the target does not say which pods are its, or another autoscaler has them too */
    private LabelSelector selector(Unstructured hpa, AutoscalerStatus status, String text) {
        if (text.isEmpty()) {
            throw refused(
                    hpa,
                    status,
                    "SelectorRequired",
                    "selector is required",
                    "InvalidSelector",
                    "the HPA target's scale is missing a selector");
        }
        LabelSelector selector;
        try {
            selector = LabelSelector.parse(text);
        } catch (IllegalArgumentException e) {
            String why = "couldn't convert selector into a corresponding internal selector object: " + e.getMessage();
            throw refused(hpa, status, "InvalidSelector", why, "InvalidSelector", why);
        }
        known.selects(hpa, selector);
        List<String> all = known.of(hpa.namespace(), selected(hpa, selector));
        if (all.size() > 1) {
            String why =
                    "pods by selector " + text + " are controlled by multiple HPAs: [" + String.join(" ", all) + "]";
            throw refused(hpa, status, "AmbiguousSelector", why, "AmbiguousSelector", why);
        }
        return selector;
    }

    private UnmeasuredException refused(
            Unstructured hpa, AutoscalerStatus status, String event, String why, String reason, String message) {
        events.warning(hpa, event, why);
        status.set("ScalingActive", false, reason, message);
        return new UnmeasuredException(why);
    }

    private List<Unstructured> selected(Unstructured hpa, LabelSelector selector) {
        return pods.list(hpa.namespace()).stream()
                .map(Revision::object)
                .filter(p -> selector.matches(p.labels()))
                .toList();
    }

    // ---- what metrics ask for

    /** @param failure for which nothing is done, or null */
    private record Findings(
            long replicas,
            String metric,
            List<Unstructured> statuses,
            @Nullable String failure) {}

    private Findings findings(Unstructured hpa, AutoscalerStatus status, Target target, List<Unstructured> selected) {
        var calculator = new ReplicaCalculator(
                target.replicas(), selected.stream().map(Replica::of).toList(), Tolerances.of(hpa), status.now());
        var evaluator = new Evaluator(measurements, calculator, hpa.namespace(), selected, target);
        var collected = new MetricResults();
        for (Unstructured metric : hpa.objects("spec", "metrics")) {
            try {
                collected.add(evaluator.evaluate(metric));
            } catch (Evaluator.FailedException e) {
                events.warning(hpa, e.reason(), e.why());
                collected.add(e);
            }
        }
        Evaluator.FailedException first = collected.stands(target.replicas());
        if (first != null) {
            status.set(
                    "ScalingActive",
                    false,
                    first.reason(),
                    "the HPA was unable to compute the replica count: " + first.why());
            return new Findings(0, "", collected.statuses(), collected.told(first));
        }
        status.set(
                "ScalingActive",
                true,
                "ValidMetricFound",
                "the HPA was able to successfully calculate a replica count from " + collected.metric());
        return new Findings(collected.replicas(), collected.metric(), collected.statuses(), null);
    }

    private Decision decide(Unstructured hpa, Memory memory, long current, long desired, Instant now) {
        var bounds = new Behavior.Bounds(
                current, hpa.integer(1, "spec", "minReplicas"), hpa.integer(0, "spec", "maxReplicas"));
        Decision decision = Behavior.of(hpa)
                .map(b -> b.decide(memory, bounds, desired, now))
                .orElseGet(() -> Behavior.standard(memory, bounds, desired, now));
        known.remember(hpa, m -> decision.memory());
        return decision;
    }

    // ---- doing it

    private void rescale(
            Unstructured hpa,
            AutoscalerStatus status,
            Target target,
            long size,
            String reason,
            List<Unstructured> metrics) {
        long current = target.replicas();
        String what = "New size: " + size + "; reason: " + reason;
        try {
            targets.scale(target, size);
        } catch (UnmeasuredException e) {
            events.warning(hpa, "FailedRescale", what + "; error: " + e.why());
            status.set(
                    "AbleToScale",
                    false,
                    "FailedUpdateScale",
                    "the HPA controller was unable to update the target scale: " + e.why());
            status.replicas(current, status.desired(), metrics);
            return;
        }
        status.set(
                "AbleToScale",
                true,
                "SucceededRescale",
                "the HPA controller was able to update the target scale to " + size);
        events.normal(hpa, "SuccessfulRescale", what);
        Behavior.of(hpa)
                .ifPresent(b -> known.remember(hpa, m -> m == null ? null : m.scaled(b, current, size, status.now())));
        status.replicas(current, size, metrics);
        status.scaled();
    }

    @Override
    public WorkQueue<?> queue() {
        return loop.queue();
    }
}
