package dev.coracle.bench.jmh;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.selector.FieldSelector;
import dev.coracle.machinery.selector.LabelSelector;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Whether one object is selected, as each list and each watcher asks of each; beside the same questions by hand. */
@State(Scope.Benchmark)
public class SelectorBenchmark {
    private final Unstructured pod = Sample.pod();
    private final LabelSelector labels = LabelSelector.parse("app=worker-service,tier in (backend,frontend),!canary");
    private final FieldSelector fields = FieldSelector.parse(
            "spec.nodeName=coracle-worker", Map.of("spec.nodeName", p -> p.string("spec", "nodeName")));

    @Benchmark
    public boolean byLabels() {
        return labels.matches(pod.labels());
    }

    @Benchmark
    public boolean byLabelsReference() {
        Map<?, ?> all = inner(inner(pod.map(), "metadata"), "labels");
        Object tier = all.get("tier");
        return "worker-service".equals(all.get("app"))
                && ("backend".equals(tier) || "frontend".equals(tier))
                && !all.containsKey("canary");
    }

    @Benchmark
    public boolean byField() {
        return fields.matches(pod);
    }

    @Benchmark
    public boolean byFieldReference() {
        return "coracle-worker".equals(inner(pod.map(), "spec").get("nodeName"));
    }

    private static Map<?, ?> inner(Map<?, ?> map, String field) {
        return map.get(field) instanceof Map<?, ?> m ? m : Map.of();
    }
}
