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

    private static void refused(String json, String message) {
        assertThatThrownBy(() -> read(json)).as(json).hasMessageStartingWith(message);
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
        refused("{}", "type: required, one of echo, hash");
        refused("{\"type\":7}", "type: required");
        refused("{\"type\":\"echo\",\"prio\":1}", "prio: unknown field");
        refused("{\"type\":\"echo\",\"priority\":\"1\"}", "priority:");
        refused("{\"type\":\"echo\",\"maxAttempts\":0}", "maxAttempts:");
        refused("{\"type\":\"echo\",\"payload\":[]}", "payload: must be an object");
    }

    @Test
    void aTypeThatNoWorkerKnowsIsRefusedWithThoseThatAre() {
        refused(
                "{\"type\":\"ehco\"}",
                "type: unknown task type \"ehco\"; there are echo, hash, uppercase, http, sleep, fail");
    }

    @Test
    void aPayloadIsWhatItsTypeCanWorkWith() {
        refused("{\"type\":\"hash\"}", "payload.text: required, a string");
        refused("{\"type\":\"hash\",\"payload\":{\"text\":7}}", "payload.text: must be a string");
        refused(
                "{\"type\":\"hash\",\"payload\":{\"text\":\"a\",\"algorithm\":\"ROT13\"}}",
                "payload.algorithm: must be");
        refused("{\"type\":\"hash\",\"payload\":{\"text\":\"a\",\"txet\":\"b\"}}", "payload.txet: unknown");
        refused("{\"type\":\"sleep\",\"payload\":{\"millis\":-1}}", "payload.millis: must be a whole number");
        refused("{\"type\":\"sleep\",\"payload\":{\"millis\":1e99}}", "payload.millis: must be a whole number");
        refused("{\"type\":\"http\",\"payload\":{\"url\":\"file:///etc/passwd\"}}", "payload.url: must be an http");
        refused("{\"type\":\"http\",\"payload\":{\"url\":\"http://\"}}", "payload.url: must be an http");
        refused(
                "{\"type\":\"http\",\"payload\":{\"url\":\"http://a/\",\"method\":\"A B\"}}",
                "payload.method: must be");

        assertThat(read("{\"type\":\"echo\",\"payload\":{\"any\":[{\"thing\":null}]}}")
                        .payload())
                .asString()
                .contains("thing");
    }

    @Test
    void whatTheDatabaseCannotKeepIsRefusedWhereItStands() {
        refused("{\"type\":\"echo\",\"payload\":{\"a\":[1,{\"b\":\"x\\u0000\"}]}}", "payload.a[1].b: cannot be stored");
        refused("{\"type\":\"echo\",\"payload\":{\"a\":\"\\ud800\"}}", "payload.a: cannot be stored");
        refused("{\"type\":\"echo\",\"payload\":{\"\\u0000\":1}}", "payload: cannot be stored");
        refused("{\"type\":\"echo\",\"idempotencyKey\":\"\\u0000\"}", "idempotencyKey: must be");
        refused("{\"type\":\"echo\",\"idempotencyKey\":\"" + "k".repeat(256) + "\"}", "idempotencyKey: must be");
    }

    @Test
    void theKeyStandsInTheHeaderOrInTheBodyAndNotTwoOfThem() {
        byte[] plain = "{\"type\":\"echo\"}".getBytes(StandardCharsets.UTF_8);
        byte[] keyed = "{\"type\":\"echo\",\"idempotencyKey\":\"a\"}".getBytes(StandardCharsets.UTF_8);

        assertThat(TaskRequest.read(plain, "a").idempotencyKey()).isEqualTo("a");
        assertThat(TaskRequest.read(keyed, "a").idempotencyKey()).isEqualTo("a");
        assertThatThrownBy(() -> TaskRequest.read(keyed, "b")).hasMessageStartingWith("idempotencyKey: differs");
    }
}
