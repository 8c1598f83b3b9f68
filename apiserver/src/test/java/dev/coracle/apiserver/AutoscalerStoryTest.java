package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.machinery.object.Resources.HORIZONTAL_POD_AUTOSCALERS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** HorizontalPodAutoscalers in both of their versions. */
class AutoscalerStoryTest {
    private static final GroupVersionResource V1 =
            new GroupVersionResource("autoscaling", "v1", "horizontalpodautoscalers");
    private static final String RICH = """
            {apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: h, annotations: {own: 'yes'}},
             spec: {maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, behavior: {scaleDown: {stabilizationWindowSeconds: 60}},
                    metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}},
                              {type: Pods, pods: {metric: {name: qps}, target: {type: AverageValue, averageValue: '1000m'}}},
                              {type: Object, object: {metric: {name: hits}, describedObject: {kind: Service, name: s},
                                                      target: {type: Value, value: '10'}}},
                              {type: External, external: {metric: {name: q, selector: {matchLabels: {a: b}}},
                                                          target: {type: AverageValue, averageValue: '3'}}}]}}
            """;

    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void whatIsNotSaidIsFilledIn() {
        Unstructured h = cluster.create(HORIZONTAL_POD_AUTOSCALERS, """
                {apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: h},
                 spec: {maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web},
                        behavior: {}}}
                """);
        assertThat(h.integer(0, "spec", "minReplicas")).isEqualTo(1);
        assertThat(h.objects("spec", "metrics").getFirst().integer(0, "resource", "target", "averageUtilization"))
                .isEqualTo(80);
        assertThat(h.generation()).isEqualTo(1);
    }

    @Test
    void theOlderVersionCarriesWhatItHasNoFieldsFor() {
        Unstructured made = cluster.create(HORIZONTAL_POD_AUTOSCALERS, RICH);
        assertThat(made.objects("spec", "behavior", "scaleUp", "policies")).hasSize(2);
        assertThat(made.integer(0, "spec", "behavior", "scaleDown", "stabilizationWindowSeconds"))
                .isEqualTo(60);
        Unstructured old = cluster.get(V1, "h");
        assertThat(old.integer(0, "spec", "targetCPUUtilizationPercentage")).isEqualTo(50);
        assertThat(old.has("spec", "metrics") || old.has("spec", "behavior")).isFalse();
        assertThat(old.annotations().get("autoscaling.alpha.kubernetes.io/metrics"))
                .isEqualTo("[{\"type\":\"Pods\",\"pods\":{\"metricName\":\"qps\",\"targetAverageValue\":\"1\"}},"
                        + "{\"type\":\"Object\",\"object\":{\"target\":{\"kind\":\"Service\",\"name\":\"s\"},"
                        + "\"metricName\":\"hits\",\"targetValue\":\"10\"}},"
                        + "{\"type\":\"External\",\"external\":{\"metricName\":\"q\",\"metricSelector\":{\"matchLabels\":"
                        + "{\"a\":\"b\"}},\"targetAverageValue\":\"3\"}}]");
        assertThat(old.annotations().get("autoscaling.alpha.kubernetes.io/behavior"))
                .contains("\"StabilizationWindowSeconds\":60");

        // Who writes back what he read has lost nothing.
        cluster.put(V1, old.copy().set(7L, "spec", "maxReplicas"));
        Unstructured now = cluster.get(HORIZONTAL_POD_AUTOSCALERS, "h");
        assertThat(now.integer(0, "spec", "maxReplicas")).isEqualTo(7);
        assertThat(now.generation()).isEqualTo(2);
        assertThat(now.annotations()).containsOnlyKeys("own");
        assertThat(now.object("spec", "behavior")).isEqualTo(made.object("spec", "behavior"));
        assertThat(List.copyOf(now.objects("spec", "metrics")))
                .containsExactlyInAnyOrderElementsOf(made.objects("spec", "metrics"));
    }

    @Test
    void anAutoscalerOfTheOlderVersionIsOneOfTheNewer() {
        cluster.create(V1, """
                {apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler, metadata: {name: h},
                 spec: {maxReplicas: 5, targetCPUUtilizationPercentage: 40,
                        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}}
                """);
        Unstructured now = cluster.get(HORIZONTAL_POD_AUTOSCALERS, "h");
        assertThat(now.objects("spec", "metrics").getFirst()).isEqualTo(Cluster.yaml("""
                {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 40}}}
                """));
        cluster.admin.patch(
                HORIZONTAL_POD_AUTOSCALERS, "default", "h", Patch.merge(Cluster.yaml("""
                        {status: {currentReplicas: 1, desiredReplicas: 2, conditions: [{type: AbleToScale, status: 'True'}],
                                  currentMetrics: [{type: Resource, resource: {name: cpu,
                                    current: {averageUtilization: 12, averageValue: 30m}}}]}}
                        """)), WriteOptions.STATUS);
        Unstructured old = cluster.get(V1, "h");
        assertThat(old.integer(0, "status", "currentCPUUtilizationPercentage")).isEqualTo(12);
        assertThat(old.annotations().get("autoscaling.alpha.kubernetes.io/conditions"))
                .isEqualTo("[{\"type\":\"AbleToScale\",\"status\":\"True\"}]");
        assertThat(old.annotations().get("autoscaling.alpha.kubernetes.io/current-metrics"))
                .isEqualTo("[{\"type\":\"Resource\",\"resource\":{\"name\":\"cpu\",\"currentAverageUtilization\":12,"
                        + "\"currentAverageValue\":\"30m\"}}]");
    }

    @Test
    void whatCannotScaleIsRefused() {
        assertThat(refused(() -> cluster.create(HORIZONTAL_POD_AUTOSCALERS, """
                        {apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: h},
                         spec: {minReplicas: 3, maxReplicas: 2, scaleTargetRef: {kind: Deployment},
                                behavior: {scaleUp: {policies: [{type: Few, value: 0, periodSeconds: 9999}]}},
                                metrics: [{type: Pods, resource: {name: cpu, target: {type: Much, averageUtilization: 0}}}]}}
                        """)))
                .hasMessage("HorizontalPodAutoscaler.autoscaling \"h\" is invalid: [spec.maxReplicas: Invalid value: 2:"
                        + " must be greater than or equal to `minReplicas`, spec.scaleTargetRef.name: Required value,"
                        + " spec.scaleTargetRef.apiVersion: Invalid value: \"\": apiVersion must specify API group,"
                        + " spec.metrics[0].resource.target.type: Invalid value: \"Much\": must be either Utilization,"
                        + " Value, or AverageValue, spec.metrics[0].resource.target.averageUtilization: Invalid value: 0:"
                        + " must be greater than 0, spec.metrics[0].pods: Required value: must populate information for"
                        + " the given metric source,"
                        + " spec.behavior.scaleUp.policies[0].type: Unsupported value: \"Few\": supported values:"
                        + " \"Percent\", \"Pods\", spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be"
                        + " greater than zero, spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 9999: must"
                        + " be less than or equal to 1800]");
    }
}
