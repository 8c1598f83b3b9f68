package dev.coracle.bench.jmh;

import dev.coracle.machinery.json.Json;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** A pod read and written, beside Jackson's own tree. */
@State(Scope.Benchmark)
public class JsonBenchmark {
    private final ObjectMapper jackson = new ObjectMapper();
    private final Map<String, Object> tree = Sample.pod().map();
    private final byte[] json = Json.bytes(tree);
    private final JsonNode node = jackson.readTree(json);

    @Benchmark
    public Object decode() {
        return Json.parseObject(json);
    }

    @Benchmark
    public Object decodeReference() {
        return jackson.readTree(json);
    }

    @Benchmark
    public byte[] encode() {
        return Json.bytes(tree);
    }

    @Benchmark
    public byte[] encodeReference() {
        return jackson.writeValueAsBytes(node);
    }
}
