package dev.coracle.flowforge.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.flowforge.queue.NewTask;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TaskRequestTest {
    private static NewTask read(String json) {
        return TaskRequest.read(json.getBytes(StandardCharsets.UTF_8), "");
    }

    @Test
    void aTypeIsEnough() {
        NewTask t = read("{\"type\":\"echo\"}");
        assertThat(t.type()).isEqualTo("echo");
        assertThat(t.payload()).isEqualTo(Map.of());
        assertThat(t.maxAttempts()).isEqualTo(5);
        assertThat(t.idempotencyKey()).isNull();
    }

    @Test
    void eachFaultNamesItsField() {
        assertThatThrownBy(() -> read("[]")).hasMessageContaining("JSON object");
        assertThatThrownBy(() -> read("{")).hasMessageContaining("JSON object");
        assertThatThrownBy(() -> read("{}")).hasMessageStartingWith("type:");
        assertThatThrownBy(() -> read("{\"type\":\"x\",\"prio\":1}")).hasMessage("unknown field \"prio\"");
        assertThatThrownBy(() -> read("{\"type\":\"x\",\"priority\":\"1\"}")).hasMessageStartingWith("priority:");
        assertThatThrownBy(() -> read("{\"type\":\"x\",\"maxAttempts\":0}")).hasMessageStartingWith("maxAttempts:");
        assertThatThrownBy(() -> read("{\"type\":\"x\",\"payload\":[]}")).hasMessageStartingWith("payload:");
    }
}
