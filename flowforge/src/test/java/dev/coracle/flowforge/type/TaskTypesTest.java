package dev.coracle.flowforge.type;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.coracle.machinery.env.SystemEnvironment;
import java.net.http.HttpClient;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TaskTypesTest {
    @Test
    void everyExampleIsTaken() {
        for (TaskType type : TaskTypes.all()) {
            assertThatCode(() -> type.check(type.example())).as(type.name()).doesNotThrowAnyException();
        }
    }

    @Test
    void everyAlgorithmThatIsTakenIsThereToWorkWith() throws Exception {
        TaskType hash = TaskTypes.find("hash").orElseThrow();
        try (var system = new SystemEnvironment((name, e) -> {});
                var http = HttpClient.newHttpClient()) {
            Tools tools = new Tools(system.environment(), http);
            for (String algorithm : new String[] {"SHA-256", "SHA-384", "SHA-512", "SHA-1", "MD5"}) {
                Map<String, Object> payload = Map.of("text", "hello", "algorithm", algorithm);
                hash.check(payload);
                assertThat(hash.work().run(payload, tools)).asString().contains("digest");
            }
        }
    }
}
