package dev.coracle.controllers.podautoscaler;

import dev.coracle.controllers.kit.Conditions;
import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import java.util.List;

/** The status of an autoscaler as it will be after a look at it. */
final class AutoscalerStatus {
    private final Instant now;
    private final Unstructured status;
    private final List<Unstructured> conditions;

    AutoscalerStatus(Unstructured hpa, Instant now) {
        this.now = now;
        this.status = hpa.object("status").copy();
        this.conditions = Conditions.of(hpa);
        status.set(hpa.generation(), "observedGeneration");
    }

    Instant now() {
        return now;
    }

    void set(String type, boolean is, String reason, String message) {
        Conditions.set(conditions, type, is ? "True" : "False", reason, message, now);
    }

    void set(Behavior.Verdict verdict) {
        set(verdict.type(), verdict.status(), verdict.reason(), verdict.message());
    }

    /** What was wanted when it was last known. */
    long desired() {
        return status.integer(0, "desiredReplicas");
    }

    void replicas(long current, long desired, List<Unstructured> metrics) {
        status.set(current, "currentReplicas")
                .set(desired, "desiredReplicas")
                .set(metrics.isEmpty() ? null : metrics, "currentMetrics");
    }

    void scaled() {
        status.set(now, "lastScaleTime");
    }

    Unstructured object() {
        return status.set(conditions, "conditions");
    }
}
