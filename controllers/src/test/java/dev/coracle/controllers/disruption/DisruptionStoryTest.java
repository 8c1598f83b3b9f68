package dev.coracle.controllers.disruption;

import static dev.coracle.controllers.World.condition;
import static dev.coracle.controllers.World.tree;
import static dev.coracle.machinery.object.Resources.DEPLOYMENTS;
import static dev.coracle.machinery.object.Resources.PODS;
import static dev.coracle.machinery.object.Resources.POD_DISRUPTION_BUDGETS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.coracle.controllers.Calls;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.World;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Budgets on a virtual clock, with the controllers that own the pods. */
class DisruptionStoryTest {
    private World world;

    @BeforeEach
    void start(@TempDir Path volumes) {
        world = new World(volumes).runAll();
        world.kubelet();
        world.start();
    }

    @AfterEach
    void stop() throws Exception {
        world.close();
    }

    private void deployment(int replicas) {
        world.create(DEPLOYMENTS, "default", """
                {'apiVersion': 'apps/v1', 'kind': 'Deployment', 'metadata': {'name': 'web'},
                 'spec': {'replicas': %d, 'selector': {'matchLabels': {'app': 'web'}}, 'template': {
                   'metadata': {'labels': {'app': 'web'}},
                   'spec': {'containers': [{'name': 'c', 'image': 'i'}]}}}}
                """.formatted(replicas));
        world.settle();
    }

    private void budget(String name, String spec) {
        world.create(POD_DISRUPTION_BUDGETS, "default", """
                {'apiVersion': 'policy/v1', 'kind': 'PodDisruptionBudget', 'metadata': {'name': '%s'},
                 'spec': {'selector': {'matchLabels': {'app': 'web'}}, %s}}
                """.formatted(name, spec));
        world.settle();
    }

    private Unstructured status() {
        return world.get(POD_DISRUPTION_BUDGETS, "web").object("status");
    }

    private StatusException evict(String pod) {
        return catchThrowableOfType(
                StatusException.class,
                () -> world.client()
                        .post(
                                PODS,
                                "default",
                                pod,
                                "eviction",
                                tree("{'apiVersion': 'policy/v1', 'kind': 'Eviction',"
                                        + " 'deleteOptions': {'gracePeriodSeconds': 0}}")));
    }

    @Test
    void theStatusCountsWhatTheControllersWantAndFollowsThePods() {
        deployment(4);
        budget("web", "'maxUnavailable': '25%'");
        assertThat(status().map())
                .containsEntry("expectedPods", 4L)
                .containsEntry("desiredHealthy", 3L)
                .containsEntry("currentHealthy", 4L)
                .containsEntry("disruptionsAllowed", 1L)
                .containsEntry("observedGeneration", 1L)
                .doesNotContainKey("disruptedPods");
        assertThat(condition(world.get(POD_DISRUPTION_BUDGETS, "web"), "DisruptionAllowed")
                        .map())
                .containsEntry("status", "True")
                .containsEntry("reason", "SufficientPods")
                .containsEntry("message", "")
                .containsEntry("observedGeneration", 1L);
        world.patch(POD_DISRUPTION_BUDGETS, "default", "web", "{'spec': {'maxUnavailable': 0}}");
        world.settle();
        assertThat(status().integer(-1, "disruptionsAllowed")).isZero();
        assertThat(condition(world.get(POD_DISRUPTION_BUDGETS, "web"), "DisruptionAllowed")
                        .string("reason"))
                .isEqualTo("InsufficientPods");
    }

    @Test
    void evictionsTakeOnlyWhatIsAllowedAndReplacementsAllowMore() {
        deployment(3);
        budget("web", "'minAvailable': 2");
        List<String> pods = world.pods().stream().map(Unstructured::name).toList();
        assertThat(evict(pods.get(0))).isNull();
        // The controller has not looked since; nobody else may go.
        assertThat(evict(pods.get(1)).code()).isEqualTo(429);
        world.settle();
        assertThat(world.pods()).hasSize(3);
        assertThat(status().integer(0, "disruptionsAllowed")).isEqualTo(1);
        assertThat(status().object("disruptedPods").map()).isEmpty();
        assertThat(evict(pods.get(1))).isNull();
    }

    @Test
    void aPodThatWasToGoAndDoesNotCountsAgainAfterAWhile() {
        deployment(2);
        budget("web", "'minAvailable': 1");
        String pod = world.pods().getFirst().name();
        world.patchStatus(
                POD_DISRUPTION_BUDGETS,
                "default",
                "web",
                "{'status': {'disruptedPods': {'%s': '%s'}}}".formatted(pod, world.now()));
        world.settle();
        assertThat(status().integer(-1, "currentHealthy")).isEqualTo(1);
        world.advance(Duration.ofMinutes(2));
        assertThat(status().integer(-1, "currentHealthy")).isEqualTo(2);
        assertThat(status().object("disruptedPods").map()).isEmpty();
        assertThat(world.events("NotDeleted")).hasSize(1);
    }

    @Test
    void podsWithoutAControllerAreToldAndAPodOfTwoBudgetsToo() {
        world.create(PODS, "default", """
                {'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'lone', 'labels': {'app': 'web'}},
                 'spec': {'containers': [{'name': 'c', 'image': 'i'}]}}
                """);
        budget("web", "'maxUnavailable': 1");
        assertThat(world.events("UnmanagedPods"))
                .singleElement()
                .asString()
                .startsWith("Pods selected by this PodDisruptionBudget (selector:"
                        + " &LabelSelector{MatchLabels:map[string]string{app: web,},MatchExpressions:"
                        + "[]LabelSelectorRequirement{},}) were found to be unmanaged.");
        assertThat(status().integer(-1, "disruptionsAllowed")).isZero();
        budget("other", "'minAvailable': 1");
        assertThat(world.events("MultiplePodDisruptionBudgets")).isNotEmpty();
        assertThat(evict("lone").code()).isEqualTo(500);
    }

    @Test
    void anOwnerThatHasNoScaleMeansThatNoneMayGo() {
        world.create(PODS, "default", """
                {'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'owned', 'labels': {'app': 'web'},
                   'ownerReferences': [{'apiVersion': 'v1', 'kind': 'Namespace', 'name': 'default', 'controller': true,
                     'uid': '%s'}]},
                 'spec': {'containers': [{'name': 'c', 'image': 'i'}]}}
                """.formatted(world.client()
                .get(dev.coracle.machinery.object.Resources.NAMESPACES, "", "default")
                .uid()));
        budget("web", "'minAvailable': '50%'");
        Unstructured condition = condition(world.get(POD_DISRUPTION_BUDGETS, "web"), "DisruptionAllowed");
        assertThat(condition.string("reason")).isEqualTo("SyncFailed");
        assertThat(condition.string("message")).isEqualTo("found no controllers for pod \"owned\"");
    }

    /** The second time the status says already what went wrong, so that no change of it brings the budget back. */
    @Test
    void aFailureThatIsSeenTwiceIsTriedAgain(@TempDir Path volumes) throws Exception {
        AtomicInteger patches = new AtomicInteger();
        try (World faulty = new World(volumes)) {
            faulty.run(c -> new DisruptionController(
                    new ControllerContext(
                            Calls.refusing(
                                    c.client(),
                                    (call, arguments) ->
                                            call.equals("patch") && Set.of(1, 3).contains(patches.incrementAndGet()),
                                    () -> StatusException.internal("something went wrong")),
                            c.informers(),
                            c.environment(),
                            c.config()),
                    faulty.recorder()));
            faulty.start();
            faulty.create(POD_DISRUPTION_BUDGETS, "default", """
                    {'apiVersion': 'policy/v1', 'kind': 'PodDisruptionBudget', 'metadata': {'name': 'web'},
                     'spec': {'selector': {'matchLabels': {'app': 'web'}}, 'minAvailable': 1}}
                    """);
            faulty.advance(Duration.ofMinutes(1));
            assertThat(condition(faulty.get(POD_DISRUPTION_BUDGETS, "web"), "DisruptionAllowed")
                            .string("reason"))
                    .isEqualTo("InsufficientPods");
        }
    }

    @Test
    void thatAPodIsAboutToGoIsTakenBackWhenItDoesNot() {
        deployment(1);
        String pod = world.pods().getFirst().name();
        world.patchStatus(PODS, "default", pod, """
                {'status': {'conditions': [{'type': 'DisruptionTarget', 'status': 'True', 'reason': 'X',
                  'lastTransitionTime': '%s'}]}}""".formatted(world.now()));
        world.advance(Duration.ofMinutes(1));
        assertThat(condition(world.get(PODS, pod), "DisruptionTarget").string("status"))
                .isEqualTo("True");
        world.advance(Duration.ofMinutes(2));
        assertThat(condition(world.get(PODS, pod), "DisruptionTarget").string("status"))
                .isEqualTo("False");
    }
}
