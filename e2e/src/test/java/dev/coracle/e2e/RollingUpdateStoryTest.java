package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.e2e.harness.DemoCluster;
import dev.coracle.e2e.harness.FlowForge;
import dev.coracle.e2e.harness.Kubectl;
import dev.coracle.e2e.harness.Load;
import dev.coracle.e2e.harness.Running;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** New versions and other sizes, while users never stop asking. */
@ExtendWith(DemoCluster.class)
class RollingUpdateStoryTest {
    private static final String DEPLOYMENT = "deployment/api-service";
    private static final Pattern AVAILABLE = Pattern.compile("^(\\d+)$", Pattern.MULTILINE);

    private final Kubectl kubectl;

    RollingUpdateStoryTest(Kubectl kubectl) {
        this.kubectl = kubectl;
    }

    private String on(String... words) {
        return kubectl.ok(
                Stream.concat(Stream.of(words), Stream.of("-n", "flowforge")).toArray(String[]::new));
    }

    @BeforeEach
    @AfterEach
    void twoOfVersion1() {
        on("set", "image", DEPLOYMENT, "api-service=flowforge/api-service:v1");
        on("scale", DEPLOYMENT, "--replicas=2");
        on("rollout", "status", DEPLOYMENT, "--timeout=120s");
    }

    @Test
    void anUpdateAndItsUndoLoseNoRequestAndKeepTwoReady(FlowForge flowforge) {
        try (Running watch = kubectl.start(
                        "get",
                        DEPLOYMENT,
                        "-n",
                        "flowforge",
                        "-w",
                        "-o",
                        "jsonpath={.status.availableReplicas}{'\\n'}");
                Load load = Load.of(flowforge, 4)) {
            await().until(() -> load.versions().contains("v1"));

            on("set", "image", DEPLOYMENT, "api-service=flowforge/api-service:v2");
            assertThat(on("rollout", "status", DEPLOYMENT, "--timeout=120s")).contains("successfully rolled out");
            await().atMost(Duration.ofSeconds(20)).until(() -> load.versions().equals(java.util.Set.of("v2")));
            assertThat(on("rollout", "history", DEPLOYMENT))
                    .contains("REVISION")
                    .containsPattern("(?m)^\\d+ +<none>$");

            assertThat(on("rollout", "undo", DEPLOYMENT)).contains("rolled back");
            on("rollout", "status", DEPLOYMENT, "--timeout=120s");
            await().atMost(Duration.ofSeconds(20)).until(() -> load.versions().equals(java.util.Set.of("v1")));

            load.close();
            assertThat(load.failures()).isEmpty();
            assertThat(load.answered()).isGreaterThan(100);
            List<Integer> available = AVAILABLE
                    .matcher(watch.output())
                    .results()
                    .map(r -> Integer.valueOf(r.group(1)))
                    .toList();
            assertThat(available).isNotEmpty().allMatch(n -> n >= 2).allMatch(n -> n <= 3);
        }
    }

    @Test
    void scalingToTenAndBackLosesNoRequest(FlowForge flowforge) {
        try (Load load = Load.of(flowforge, 4)) {
            on("scale", DEPLOYMENT, "--replicas=10");
            on("rollout", "status", DEPLOYMENT, "--timeout=180s");
            assertThat(kubectl.items("pods", "-n", "flowforge", "-l", "app=api-service"))
                    .hasSize(10);
            assertThat(kubectl.json("endpoints", "api-service", "-n", "flowforge")
                            .objects("subsets"))
                    .flatExtracting(s -> s.objects("addresses"))
                    .hasSize(10);

            on("scale", DEPLOYMENT, "--replicas=2");
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(kubectl.items("pods", "-n", "flowforge", "-l", "app=api-service"))
                            .hasSize(2));

            load.close();
            assertThat(load.failures()).isEmpty();
            assertThat(load.answered()).isGreaterThan(100);
        }
    }
}
