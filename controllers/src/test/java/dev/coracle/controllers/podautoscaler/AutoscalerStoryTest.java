package dev.coracle.controllers.podautoscaler;

import static dev.coracle.controllers.World.condition;
import static dev.coracle.machinery.object.Resources.DEPLOYMENTS;
import static dev.coracle.machinery.object.Resources.HORIZONTAL_POD_AUTOSCALERS;
import static dev.coracle.machinery.object.Resources.PODS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Client;
import dev.coracle.controllers.Calls;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.World;
import dev.coracle.controllers.deployment.DeploymentController;
import dev.coracle.controllers.replicaset.ReplicaSetController;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A day of autoscalers, on a virtual clock: load rises, falls and flaps, and not everything is as it should be. */
class AutoscalerStoryTest {
    private static final Duration BEAT = Duration.ofSeconds(15);
    private static final String HALF = "'metrics': [{'type': 'Resource', 'resource': {'name': 'cpu',"
            + " 'target': {'type': 'Utilization', 'averageUtilization': 50}}}]";

    private static final GroupVersionResource DEFINITIONS =
            new GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions");

    private World world;
    private Meter meter;
    private boolean stubborn;

    @BeforeEach
    void start(@TempDir Path volumes) {
        world = new World(volumes);
        meter = new Meter(world);
        Client client = Calls.refusing(
                meter.client(),
                (call, arguments) -> stubborn && call.equals("update"),
                () -> StatusException.conflict(DEPLOYMENTS, "web", "it is not to be moved"));
        world.run(w -> new DeploymentController(w, world.recorder()))
                .run(w -> new ReplicaSetController(w, world.recorder()))
                .run(w -> new HorizontalPodAutoscalerController(
                        new ControllerContext(client, w.informers(), w.environment(), w.config()), world.recorder()));
        world.kubelet();
        world.start();
    }

    @AfterEach
    void stop() throws Exception {
        world.close();
    }

    // ---- what there is

    private void deployment(String name, int replicas) {
        world.create(DEPLOYMENTS, "default", """
                {'apiVersion': 'apps/v1', 'kind': 'Deployment', 'metadata': {'name': '%1$s'},
                 'spec': {'replicas': %2$d, 'selector': {'matchLabels': {'app': '%1$s'}}, 'template': {
                   'metadata': {'labels': {'app': '%1$s'}},
                   'spec': {'containers': [{'name': 'c', 'image': 'i',
                     'resources': {'requests': {'cpu': '100m'}}}]}}}}
                """.formatted(name, replicas));
        world.settle();
    }

    private void autoscaler(String name, String target, String spec) {
        world.create(HORIZONTAL_POD_AUTOSCALERS, "default", """
                {'apiVersion': 'autoscaling/v2', 'kind': 'HorizontalPodAutoscaler', 'metadata': {'name': '%s'},
                 'spec': {'scaleTargetRef': {%s}, %s}}
                """.formatted(name, target, spec));
    }

    private void autoscaler(String spec) {
        autoscaler("web", deploymentNamed("web"), spec);
    }

    private static String deploymentNamed(String name) {
        return "'apiVersion': 'apps/v1', 'kind': 'Deployment', 'name': '" + name + "'";
    }

    /** Shared by all pods, in thousandths of a core. */
    private void load(long total) {
        meter.processor = pod -> total / world.pods().size();
    }

    /** Lets pods have been started, as a kubelet would say, and the autoscalers look once more. */
    private void beat() {
        for (Unstructured pod : world.pods()) {
            if (!pod.has("status", "startTime")) {
                world.patchStatus(PODS, "default", pod.name(), "{'status': {'startTime': '" + world.now() + "'}}");
            }
        }
        world.advance(BEAT);
    }

    private void beats(int n) {
        for (int i = 0; i < n; i++) {
            beat();
        }
    }

    private Unstructured hpa() {
        return world.get(HORIZONTAL_POD_AUTOSCALERS, "web");
    }

    private String told(String type) {
        Unstructured c = condition(hpa(), type);
        return c.string("status") + " " + c.string("reason") + ": " + c.string("message");
    }

    private long size() {
        return world.get(DEPLOYMENTS, "web").integer(-1, "spec", "replicas");
    }

    // ---- stories

    @Test
    void loadRisesAndFalls() {
        deployment("web", 2);
        autoscaler("'minReplicas': 2, 'maxReplicas': 10, " + HALF);
        load(200);
        beat();
        assertThat(size()).isEqualTo(4);
        assertThat(world.events("SuccessfulRescale"))
                .containsExactly("New size: 4; reason: cpu resource utilization (percentage of request) above target");
        assertThat(told("AbleToScale"))
                .isEqualTo("True SucceededRescale: the HPA controller was able to update the target scale to 4");
        assertThat(told("ScalingActive"))
                .isEqualTo("True ValidMetricFound: the HPA was able to successfully calculate a replica count from cpu"
                        + " resource utilization (percentage of request)");
        assertThat(told("ScalingLimited"))
                .isEqualTo("False DesiredWithinRange: the desired count is within the acceptable range");
        Unstructured status = hpa().object("status");
        assertThat(status.integer(0, "currentReplicas")).isEqualTo(2);
        assertThat(status.integer(0, "desiredReplicas")).isEqualTo(4);
        assertThat(status.integer(0, "observedGeneration")).isEqualTo(1);
        assertThat(status.time("lastScaleTime")).isPresent();
        assertThat(status.objects("currentMetrics")).singleElement().isEqualTo(World.tree("""
                {'type': 'Resource', 'resource': {'name': 'cpu', 'current': {
                  'averageUtilization': 100, 'averageValue': '100m'}}}
                """));

        beats(2);
        assertThat(size()).as("each has as much to do as it should").isEqualTo(4);
        assertThat(told("AbleToScale")).isEqualTo("True ReadyForNewScale: recommended size matches current size");

        load(40);
        beats(10);
        assertThat(size()).as("two minutes are not long enough").isEqualTo(4);
        assertThat(told("AbleToScale"))
                .isEqualTo("True ScaleDownStabilized: recent recommendations were higher than current one, applying the"
                        + " highest recent recommendation");
        beats(11);
        assertThat(size()).isEqualTo(2);
        assertThat(world.events("SuccessfulRescale")).last().isEqualTo("New size: 2; reason: All metrics below target");
        assertThat(told("ScalingLimited"))
                .isEqualTo("True TooFewReplicas: the desired replica count is less than the minimum replica count");
    }

    @Test
    void loadThatFlapsMovesNothing() {
        deployment("web", 6);
        autoscaler("'minReplicas': 1, 'maxReplicas': 10, " + HALF);
        for (int i = 0; i < 40; i++) {
            load(i % 8 == 0 ? 300 : 10);
            beat();
        }
        assertThat(size()).isEqualTo(6);
        assertThat(world.events("SuccessfulRescale")).isEmpty();
    }

    @Test
    void whatFlapsIsCalmedUpwardsTooWhereTheBehaviorSaysSo() {
        deployment("web", 2);
        autoscaler("'maxReplicas': 10, " + HALF + ", 'behavior': {'scaleUp': {'stabilizationWindowSeconds': 60,"
                + " 'policies': [{'type': 'Pods', 'value': 1, 'periodSeconds': 60}]},"
                + " 'scaleDown': {'selectPolicy': 'Disabled'}}");
        for (int i = 0; i < 12; i++) {
            load(i % 3 == 0 ? 100 : 400);
            beat();
        }
        assertThat(size()).isEqualTo(2);
        assertThat(told("AbleToScale")).startsWith("True ScaleUpStabilized");
        load(400);
        beats(5);
        assertThat(size()).as("one a minute").isEqualTo(3);
        assertThat(told("ScalingLimited")).startsWith("True ScaleUpLimit");
        beats(4);
        assertThat(size()).isEqualTo(4);
        load(0);
        beats(30);
        assertThat(size()).as("down is disabled").isGreaterThanOrEqualTo(4);
        assertThat(told("ScalingLimited")).startsWith("True ScaleDownLimit");
    }

    @Test
    void theLimitsHoldWhateverIsMeasured() {
        deployment("web", 1);
        autoscaler("'minReplicas': 3, 'maxReplicas': 5, " + HALF);
        meter.processor = pod -> null;
        beat();
        assertThat(size()).isEqualTo(3);
        load(9000);
        beats(3);
        assertThat(size()).isEqualTo(5);
        beats(2);
        assertThat(told("ScalingLimited"))
                .isEqualTo("True TooManyReplicas: the desired replica count is more than the maximum replica count");
        world.patch(HORIZONTAL_POD_AUTOSCALERS, "default", "web", "{'spec': {'minReplicas': 1, 'maxReplicas': 2}}");
        beat();
        assertThat(size()).isEqualTo(2);
        assertThat(hpa().integer(0, "status", "observedGeneration")).isEqualTo(2);
        assertThat(world.events("SuccessfulRescale"))
                .containsSequence(
                        "New size: 3; reason: Current number of replicas below Spec.MinReplicas",
                        "New size: 5; reason: cpu resource utilization (percentage of request) above target",
                        "New size: 2; reason: Current number of replicas above Spec.MaxReplicas");
    }

    @Test
    void aTargetWithoutReplicasIsLeftAlone() {
        deployment("web", 0);
        autoscaler("'minReplicas': 2, 'maxReplicas': 5, " + HALF);
        beats(2);
        assertThat(size()).isZero();
        assertThat(told("ScalingActive"))
                .isEqualTo("False ScalingDisabled: scaling is disabled since the replica count of the target is zero");
    }

    @Test
    void whatIsNotMeasuredMovesNothingAndSaysWhy() {
        deployment("web", 2);
        autoscaler("'maxReplicas': 5, " + HALF);
        meter.processor = pod -> null;
        beats(2);
        assertThat(size()).isEqualTo(2);
        String why = "failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from"
                + " resource metrics API";
        assertThat(told("ScalingActive"))
                .isEqualTo("False FailedGetResourceMetric: the HPA was unable to compute the replica count: " + why);
        assertThat(told("AbleToScale"))
                .isEqualTo("True SucceededGetScale: the HPA controller was able to get the target's current scale");
        assertThat(world.events("FailedGetResourceMetric")).containsExactly(why);
        assertThat(world.events("FailedComputeMetricsReplicas"))
                .containsExactly("invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource"
                        + " metric value: " + why);
        assertThat(hpa().objects("status", "currentMetrics")).singleElement().isEqualTo(World.tree("{'type': ''}"));
        // One of two: as it is measured to have too little, the other counts as idle.
        String first = world.pods().getFirst().name();
        meter.processor = pod -> pod.name().equals(first) ? 150L : null;
        beat();
        assertThat(size()).isEqualTo(3);
    }

    @Test
    void aMetricThatFailsForbidsToShrinkButNotToGrow() {
        deployment("web", 4);
        autoscaler("'maxReplicas': 9, 'metrics': [{'type': 'Resource', 'resource': {'name': 'cpu', 'target':"
                + " {'type': 'AverageValue', 'averageValue': '50m'}}}, {'type': 'Pods', 'pods': {'metric':"
                + " {'name': 'queue'}, 'target': {'type': 'AverageValue', 'averageValue': 1}}}]");
        load(40);
        beats(25);
        assertThat(size()).isEqualTo(4);
        String why = "unable to get metric queue: unable to fetch metrics from custom metrics API: no custom metrics"
                + " API (custom.metrics.k8s.io) registered";
        assertThat(world.events("FailedGetPodsMetric")).contains(why);
        assertThat(told("ScalingActive"))
                .isEqualTo("False FailedGetPodsMetric: the HPA was unable to compute the replica count: " + why);
        assertThat(world.events("FailedComputeMetricsReplicas"))
                .contains("invalid metrics (1 invalid out of 2), first error is: failed to get pods metric value: "
                        + why);
        load(400);
        beat();
        assertThat(size()).isEqualTo(8);
        assertThat(told("ScalingActive"))
                .isEqualTo("True ValidMetricFound: the HPA was able to successfully calculate a replica count from cpu"
                        + " resource");
    }

    @Test
    void extensionServersMeasureWhatTheyLike() {
        deployment("web", 2);
        world.settle();
        autoscaler("'maxReplicas': 50, 'metrics': ["
                + "{'type': 'Pods', 'pods': {'metric': {'name': 'rps', 'selector': {'matchLabels': {'a': 'b'}}},"
                + " 'target': {'type': 'AverageValue', 'averageValue': 10}}},"
                + "{'type': 'Object', 'object': {'metric': {'name': 'hits'}, 'describedObject': {'apiVersion':"
                + " 'networking.k8s.io/v1', 'kind': 'Ingress', 'name': 'in'}, 'target': {'type': 'Value', 'value': 100}}},"
                + "{'type': 'External', 'external': {'metric': {'name': 'mails'},"
                + " 'target': {'type': 'AverageValue', 'averageValue': 3}}},"
                + "{'type': 'Object', 'object': {'metric': {'name': 'jobs'}, 'describedObject': {'apiVersion':"
                + " 'v1', 'kind': 'Namespace', 'name': 'x'}, 'target': {'type': 'AverageValue', 'averageValue': 4}}}]");
        beat();
        assertThat(world.events("FailedGetExternalMetric"))
                .containsExactly(
                        "unable to get external metric default/mails/nil: unable to fetch metrics from external"
                                + " metrics API: the server could not find the requested resource (get"
                                + " mails.external.metrics.k8s.io)");
        assertThat(world.events("FailedGetObjectMetric"))
                .contains("unable to get metric hits: Ingress on default in/unable to fetch metrics from custom metrics"
                        + " API: no custom metrics API (custom.metrics.k8s.io) registered");
        String custom = "custom.metrics.k8s.io/v1beta2/default/";
        StringBuilder items = new StringBuilder();
        for (Unstructured pod : world.pods()) {
            items.append(items.isEmpty() ? "" : ",")
                    .append("{'describedObject': {'name': '" + pod.name() + "'}, 'value': '15', 'timestamp': '"
                            + world.now() + "'}");
        }
        meter.others.put(
                custom + "pods/*/rps?labelSelector=app=web?metricLabelSelector=a=b", "{'items': [" + items + "]}");
        meter.others.put(custom + "ingresses.networking.k8s.io/in/hits", "{'items': [{'value': '150'}]}");
        meter.others.put(custom + "metrics/jobs", "{'items': [{'value': '7'}]}");
        meter.others.put(
                "external.metrics.k8s.io/v1beta1/default/mails", "{'items': [{'value': '9'}, {'value': '500m'}]}");
        beat();
        assertThat(size())
                .as("3 by pods and the Ingress, 4 by mails, 2 by jobs")
                .isEqualTo(4);
        assertThat(world.events("SuccessfulRescale"))
                .containsExactly("New size: 4; reason: external metric mails(nil) above target");
        assertThat(hpa().objects("status", "currentMetrics"))
                .containsExactly(World.tree("""
                {'type': 'Pods', 'pods': {'metric': {'name': 'rps', 'selector': {'matchLabels': {'a': 'b'}}},
                  'current': {'averageValue': '15'}}}
                """), World.tree("""
                {'type': 'Object', 'object': {'metric': {'name': 'hits'}, 'describedObject': {'apiVersion':
                  'networking.k8s.io/v1', 'kind': 'Ingress', 'name': 'in'}, 'current': {'value': '150'}}}
                """), World.tree("""
                {'type': 'External', 'external': {'metric': {'name': 'mails'}, 'current': {'averageValue': '4750m'}}}
                """), World.tree("""
                {'type': 'Object', 'object': {'metric': {'name': 'jobs'}, 'describedObject': {'apiVersion':
                  'v1', 'kind': 'Namespace', 'name': 'x'}, 'current': {'averageValue': '3500m'}}}
                """));
    }

    @Test
    void anAnswerThatMakesNoSenseStopsNobody() {
        deployment("web", 2);
        autoscaler("'maxReplicas': 50, 'metrics': [" + HALF.substring(HALF.indexOf('[') + 1, HALF.length() - 1)
                + ", {'type': 'External', 'external': {'metric': {'name': 'mails'},"
                + " 'target': {'type': 'Value', 'value': 3}}}]");
        meter.others.put("external.metrics.k8s.io/v1beta1/default/mails", "{'items': [{'value': 'lots'}]}");
        load(200);
        beat();
        assertThat(size()).isEqualTo(4);
        assertThat(world.events("FailedGetExternalMetric"))
                .singleElement()
                .asString()
                .startsWith("quantities must match the regular expression");
    }

    @Test
    void oneContainerCanCountForThePod() {
        deployment("web", 2);
        autoscaler("'maxReplicas': 5, 'metrics': [{'type': 'ContainerResource', 'containerResource': {'name': 'cpu',"
                + " 'container': 'c', 'target': {'type': 'Utilization', 'averageUtilization': 50}}}]");
        load(200);
        beat();
        assertThat(world.events("SuccessfulRescale"))
                .containsExactly(
                        "New size: 4; reason: cpu container resource utilization (percentage of request) above target");
        world.patch(
                HORIZONTAL_POD_AUTOSCALERS,
                "default",
                "web",
                "{'spec': {'metrics': [{'type': 'ContainerResource', 'containerResource': {'name': 'cpu',"
                        + " 'container': 'd', 'target': {'type': 'Utilization', 'averageUtilization': 50}}}]}}");
        beat();
        assertThat(told("ScalingActive"))
                .startsWith("False FailedGetContainerResourceMetric: the HPA was unable to compute the replica count:"
                        + " failed to get cpu utilization: unable to get metrics for resource cpu: failed to get"
                        + " container metrics: container d not present in metrics for pod default/web-");
    }

    @Test
    void aStubbornTargetIsToldOf() {
        deployment("web", 2);
        autoscaler("'maxReplicas': 10, " + HALF);
        load(200);
        stubborn = true;
        beat();
        String why = "Operation cannot be fulfilled on deployments.apps \"web\": it is not to be moved";
        assertThat(size()).isEqualTo(2);
        assertThat(told("AbleToScale"))
                .isEqualTo("False FailedUpdateScale: the HPA controller was unable to update the target scale: " + why);
        assertThat(world.events("FailedRescale"))
                .containsExactly("New size: 4; reason: cpu resource utilization (percentage of request) above target;"
                        + " error: " + why);
        stubborn = false;
        beat();
        assertThat(size()).isEqualTo(4);
        assertThat(told("AbleToScale")).startsWith("True SucceededRescale");
    }

    @Test
    void whatHasNoScaleOrIsNotThereIsToldOf() {
        autoscaler("web", deploymentNamed("nobody"), "'maxReplicas': 2");
        autoscaler(
                "map", "'apiVersion': 'rbac.authorization.k8s.io/v1', 'kind': 'Role', 'name': 'm'", "'maxReplicas': 2");
        autoscaler("odd", "'apiVersion': 'example.com/v1', 'kind': 'Odd', 'name': 'm'", "'maxReplicas': 2");
        beat();
        assertThat(told("AbleToScale"))
                .isEqualTo("False FailedGetScale: the HPA controller was unable to get the target's current scale:"
                        + " deployments.apps \"nobody\" not found");
        assertThat(world.events("FailedGetScale"))
                .containsExactlyInAnyOrder(
                        "deployments.apps \"nobody\" not found",
                        "the server could not find the requested resource",
                        "no matches for kind \"Odd\" in group \"example.com\"");
        deployment("nobody", 1);
        load(10);
        beat();
        assertThat(told("AbleToScale")).startsWith("True");
    }

    @Test
    void twoAutoscalersForThePodsOfOneTargetStandStill() {
        deployment("web", 2);
        autoscaler("'maxReplicas': 5, " + HALF);
        autoscaler("other", deploymentNamed("web"), "'maxReplicas': 8, " + HALF);
        load(200);
        beats(2);
        String why = "pods by selector app=web are controlled by multiple HPAs: [default/other default/web]";
        assertThat(world.events("AmbiguousSelector")).isNotEmpty().containsOnly(why);
        assertThat(world.events("FailedComputeMetricsReplicas")).contains(why);
        long size = size();
        world.delete(HORIZONTAL_POD_AUTOSCALERS, "default", "other", "Background");
        load(500);
        beats(2);
        assertThat(size()).isGreaterThan(size);
        assertThat(told("ScalingActive")).startsWith("True ValidMetricFound");
    }

    @Test
    void kindsThatUsersDefineScaleToo() {
        world.create(DEFINITIONS, "", """
                {'apiVersion': 'apiextensions.k8s.io/v1', 'kind': 'CustomResourceDefinition',
                 'metadata': {'name': 'fleets.example.com'}, 'spec': {'group': 'example.com', 'scope': 'Namespaced',
                  'names': {'plural': 'fleets', 'kind': 'Fleet'}, 'versions': [{'name': 'v1', 'served': true,
                   'storage': true, 'subresources': {'status': {}, 'scale': {'specReplicasPath': '.spec.ships',
                    'statusReplicasPath': '.status.ships', 'labelSelectorPath': '.status.selector'}},
                   'schema': {'openAPIV3Schema': {'type': 'object', 'properties': {
                    'spec': {'type': 'object', 'properties': {'ships': {'type': 'integer'}}},
                    'status': {'type': 'object', 'properties': {'ships': {'type': 'integer'},
                      'selector': {'type': 'string'}}}}}}}]}}
                """);
        world.settle();
        var fleets = new GroupVersionResource("example.com", "v1", "fleets");
        world.create(fleets, "default", """
                {'apiVersion': 'example.com/v1', 'kind': 'Fleet', 'metadata': {'name': 'f'}, 'spec': {'ships': 2}}
                """);
        deployment("ship", 2);
        autoscaler("web", "'apiVersion': 'example.com/v1', 'kind': 'Fleet', 'name': 'f'", "'maxReplicas': 5, " + HALF);
        load(200);
        beat();
        assertThat(world.events("SelectorRequired")).containsExactly("selector is required");
        assertThat(told("ScalingActive"))
                .isEqualTo("False InvalidSelector: the HPA target's scale is missing a selector");
        world.patchStatus(fleets, "default", "f", "{'status': {'ships': 2, 'selector': 'app in ('}}");
        beat();
        assertThat(told("ScalingActive"))
                .startsWith("False InvalidSelector: couldn't convert selector into a corresponding internal selector"
                        + " object: ");
        world.patchStatus(fleets, "default", "f", "{'status': {'selector': 'app=ship'}}");
        beat();
        assertThat(world.get(fleets, "f").integer(0, "spec", "ships")).isEqualTo(4);
    }

    @Test
    void oneThatComesAfterOneOfItsNameRemembersNothing() {
        deployment("web", 4);
        autoscaler("'maxReplicas': 5, " + HALF);
        load(200);
        beats(2);
        world.delete(HORIZONTAL_POD_AUTOSCALERS, "default", "web", "Background");
        world.settle();
        world.patch(Resources.DEPLOYMENTS, "default", "web", "{'spec': {'replicas': 1}}");
        world.settle();
        autoscaler("'maxReplicas': 5, " + HALF);
        load(20);
        beat();
        assertThat(size()).as("nobody remembers that there were four").isEqualTo(1);
    }
}
