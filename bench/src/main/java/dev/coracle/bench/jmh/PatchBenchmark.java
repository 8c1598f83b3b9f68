package dev.coracle.bench.jmh;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.patch.MergePatch;
import dev.coracle.machinery.patch.StrategicMergePatch;
import dev.coracle.machinery.patch.apply.ServerSideApply;
import dev.coracle.machinery.schema.Schema;
import dev.coracle.machinery.schema.SchemaMergeKeys;
import dev.coracle.machinery.schema.SchemaStructure;
import dev.coracle.machinery.schema.Schemas;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** One container's image changed in the three ways there are, beside a deep copy: the least a new tree costs. */
@State(Scope.Benchmark)
public class PatchBenchmark {
    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");

    private final Unstructured pod = Sample.pod();
    private final Schema schema = Schemas.builtIn().of("v1", "Pod").orElseThrow();
    private final StrategicMergePatch strategic = new StrategicMergePatch(new SchemaMergeKeys(schema));
    private final ServerSideApply apply = new ServerSideApply(new SchemaStructure(schema));
    private final Map<String, Object> patch = Json.parseObject(
            "{\"spec\":{\"containers\":[{\"name\":\"main\",\"image\":\"flowforge/worker-service:v2\"}]}}");
    private final Unstructured intent = intent();
    private final Unstructured applied = apply.apply(pod, pod.copy(), "kubectl", true, "", NOW);

    private static Unstructured intent() {
        Unstructured intent = Sample.pod();
        intent.remove("status");
        intent.objects("spec", "containers").getFirst().set("flowforge/worker-service:v2", "image");
        return intent;
    }

    @Benchmark
    public Object merge() {
        return Objects.requireNonNull(MergePatch.apply(pod.map(), patch));
    }

    @Benchmark
    public Object mergeReference() {
        return Json.copy(pod.map());
    }

    @Benchmark
    public Object strategicMerge() {
        return strategic.apply(pod.map(), patch);
    }

    @Benchmark
    public Object strategicMergeReference() {
        return Json.copy(pod.map());
    }

    @Benchmark
    public Object serverSideApply() {
        return apply.apply(applied, intent, "kubectl", true, "", NOW);
    }

    @Benchmark
    public Object serverSideApplyReference() {
        return Json.copy(applied.map());
    }
}
