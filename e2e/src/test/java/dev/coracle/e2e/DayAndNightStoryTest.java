package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.e2e.harness.Coracle;
import dev.coracle.e2e.harness.DemoCluster;
import dev.coracle.e2e.harness.FlowForge;
import dev.coracle.e2e.harness.Kubectl;
import dev.coracle.e2e.harness.Load;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** As many copies of api-service as its users keep busy, and two at night. */
@ExtendWith(DemoCluster.class)
class DayAndNightStoryTest {
    private static final String AUTOSCALING = "flowforge/deploy/local/autoscaling";
    private static final String DEPLOYMENT = "deployment/api-service";

    private final Kubectl kubectl;

    DayAndNightStoryTest(Kubectl kubectl) {
        this.kubectl = kubectl;
    }

    private String on(String... words) {
        return kubectl.ok(
                Stream.concat(Stream.of(words), Stream.of("-n", "flowforge")).toArray(String[]::new));
    }

    private Unstructured autoscaler() {
        return kubectl.json("hpa", "api-service", "-n", "flowforge");
    }

    private long copies() {
        return kubectl.json(DEPLOYMENT, "-n", "flowforge").integer(0, "spec", "replicas");
    }

    @BeforeEach
    void autoscale() {
        kubectl.ok("apply", "-k", Coracle.ROOT.resolve(AUTOSCALING).toString());
    }

    @AfterEach
    void byHandAgain() {
        kubectl.ok("delete", "-k", Coracle.ROOT.resolve(AUTOSCALING).toString());
        on("delete", "pod", "evening", "--ignore-not-found");
        on("scale", DEPLOYMENT, "--replicas=2");
        on("rollout", "status", DEPLOYMENT, "--timeout=120s");
    }

    @Test
    void usersBringMoreCopiesAndTheEveningTakesThemAway(FlowForge flowforge) {
        await().atMost(Duration.ofSeconds(40))
                .untilAsserted(() -> assertThat(on("get", "hpa", "api-service"))
                        .containsPattern("Deployment/api-service +cpu: \\d+%/80% +2 +10 +2 "));

        try (Load load = Load.of(flowforge, 4)) {
            await().atMost(Duration.ofSeconds(60)).until(() -> copies() > 2);
            assertThat(on("describe", "hpa", "api-service"))
                    .containsPattern("SuccessfulRescale .* New size: \\d+; reason: cpu resource utilization"
                            + " \\(percentage of request\\) above target");

            strike("evening");
            await().atMost(Duration.ofSeconds(30)).until(() -> copies() == 2);
            load.close();
            assertThat(load.failures()).isEmpty();
        }
        assertThat(autoscaler().integer(0, "spec", "maxReplicas")).isEqualTo(2);
        assertThat(on("describe", "hpa", "api-service"))
                .contains("New size: 2; reason: Current number of replicas above Spec.MaxReplicas");
    }

    /** What the CronJob's pod does when its time comes. */
    private void strike(String hours) {
        Unstructured template = kubectl.json("cronjob", "api-service-" + hours, "-n", "flowforge")
                .object("spec", "jobTemplate", "spec", "template");
        kubectl.apply(Unstructured.of("v1", "Pod", "flowforge", hours)
                .set(template.object("spec").map(), "spec")
                .toString());
        on("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/" + hours, "--timeout=60s");
    }
}
