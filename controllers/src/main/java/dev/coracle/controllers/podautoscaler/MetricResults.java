package dev.coracle.controllers.podautoscaler;

import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What all metrics of an autoscaler say together: the largest size of all counts. */
final class MetricResults {
    private final List<Unstructured> statuses = new ArrayList<>();
    private Evaluator.@Nullable FailedException first;
    private int failed;
    private long replicas;
    private String metric = "";

    void add(Evaluator.Answer answer) {
        statuses.add(answer.status());
        if (replicas == 0 || answer.replicas() > replicas) {
            replicas = answer.replicas();
            metric = answer.name();
        }
    }

    void add(Evaluator.FailedException failure) {
        // The others stay where they are in the list.
        statuses.add(new Unstructured(new LinkedHashMap<>()).set("", "type"));
        failed++;
        first = first != null ? first : failure;
    }

    /**
     * Why nothing is to be done: no metric says anything, or the others would have fewer replicas and those that say
     * nothing might want them.
     */
    Evaluator.@Nullable FailedException stands(long current) {
        return failed >= statuses.size() || replicas < current ? first : null;
    }

    String told(Evaluator.FailedException failure) {
        return "invalid metrics (" + failed + " invalid out of " + statuses.size() + "), first error is: "
                + failure.getMessage();
    }

    long replicas() {
        return replicas;
    }

    String metric() {
        return metric;
    }

    List<Unstructured> statuses() {
        return statuses;
    }
}
