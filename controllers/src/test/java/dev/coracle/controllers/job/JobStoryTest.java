package dev.coracle.controllers.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.Kubelet;
import dev.coracle.controllers.World;
import dev.coracle.controllers.kit.Pods;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jobs from their first pod to their last condition, on the virtual clock. */
class JobStoryTest {
    private World world;
    private Kubelet kubelet;

    @BeforeEach
    void start() {
        world = new World(Path.of("unused"));
        world.run(c -> new JobController(c, world.recorder())).run(OrphanPods::new);
        kubelet = world.kubelet();
        world.start();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    @Test
    void onePodThatSucceedsCompletesTheJob() {
        exits(5, 0);
        create("'template':" + TEMPLATE);
        world.settle();
        Unstructured pod = world.pods().getFirst();
        assertThat(pod.name()).matches("work-[a-z0-9]{5}");
        assertThat(pod.finalizers()).containsExactly("batch.kubernetes.io/job-tracking");
        assertThat(pod.labels())
                .containsEntry("batch.kubernetes.io/job-name", "work")
                .containsEntry("job-name", "work")
                .containsEntry("controller-uid", job().uid())
                .containsEntry("batch.kubernetes.io/controller-uid", job().uid());
        assertThat(status())
                .isEqualTo(World.tree("{'active':1,'ready':1,'terminating':0,'uncountedTerminatedPods':{},"
                        + "'startTime':'2026-01-01T00:00:01Z'}"));

        world.advance(Duration.ofSeconds(5));
        assertThat(status())
                .isEqualTo(World.tree("{'succeeded':1,'ready':0,'terminating':0,'uncountedTerminatedPods':{},"
                        + "'startTime':'2026-01-01T00:00:01Z','completionTime':'2026-01-01T00:00:06Z',"
                        + "'conditions':[{'type':'SuccessCriteriaMet','status':'True',"
                        + "'lastProbeTime':'2026-01-01T00:00:06Z','lastTransitionTime':'2026-01-01T00:00:06Z',"
                        + "'reason':'CompletionsReached','message':'Reached expected number of succeeded pods'},"
                        + "{'type':'Complete','status':'True','lastProbeTime':'2026-01-01T00:00:06Z',"
                        + "'lastTransitionTime':'2026-01-01T00:00:06Z','reason':'CompletionsReached',"
                        + "'message':'Reached expected number of succeeded pods'}]}"));
        assertThat(world.pods())
                .singleElement()
                .satisfies(p -> assertThat(p.finalizers()).isEmpty());
        assertThat(world.events("SuccessfulCreate")).containsExactly("Created pod: " + pod.name());
        assertThat(world.events("Completed")).containsExactly("Job completed");
    }

    @Test
    void failedPodsAreReplacedEachTimeAfterTwiceAsLongUntilTheLimit() {
        exits(0, 1);
        create("'backoffLimit':3,'template':" + TEMPLATE);
        world.advance(Duration.ofSeconds(200));
        assertThat(world.pods().stream()
                        .map(p -> p.string("metadata", "creationTimestamp"))
                        .sorted())
                .containsExactly(
                        "2026-01-01T00:00:01Z", "2026-01-01T00:00:11Z", "2026-01-01T00:00:31Z", "2026-01-01T00:01:11Z");
        assertThat(status().integer(0, "failed")).isEqualTo(4);
        assertFailed("BackoffLimitExceeded", "Job has reached the specified backoff limit");
    }

    @Test
    void twoFailuresAndThenASuccessAreComplete() {
        kubelet.exits(
                p -> Optional.of(new Kubelet.Exit(Duration.ZERO, world.pods().size() > 2 ? 0 : 3)));
        create("'template':" + TEMPLATE);
        world.advance(Duration.ofMinutes(2));
        assertThat(status().integer(0, "failed")).isEqualTo(2);
        assertThat(status().integer(0, "succeeded")).isEqualTo(1);
        assertThat(World.condition(job(), "Complete").string("status")).isEqualTo("True");
    }

    @Test
    void neverMorePodsThanParallelismNorThanAreStillNeeded() {
        exits(10, 0);
        create("'parallelism':3,'completions':7,'template':" + TEMPLATE);
        for (int i = 0; i < 60; i++) {
            world.settle();
            long active = active().size();
            long succeeded = status().integer(0, "succeeded");
            assertThat(active).isLessThanOrEqualTo(3);
            assertThat(active + succeeded).isLessThanOrEqualTo(7);
        }
        assertThat(world.pods()).hasSize(7);
        assertThat(status().integer(0, "succeeded")).isEqualTo(7);
    }

    @Test
    void aWorkQueueIsDoneWhenOneSucceededAndTheRestEnded() {
        kubelet.exits(p -> Optional.of(new Kubelet.Exit(
                Duration.ofSeconds(p.name().equals(world.pods().getFirst().name()) ? 5 : 50), 0)));
        create("'parallelism':3,'template':" + TEMPLATE);
        world.advance(Duration.ofSeconds(20));
        assertThat(active()).as("no other is started").hasSize(2);
        assertThat(status().has("conditions")).isFalse();
        world.advance(Duration.ofSeconds(40));
        assertThat(status().integer(0, "succeeded")).isEqualTo(3);
        assertThat(world.pods()).hasSize(3);
        assertThat(World.condition(job(), "Complete").string("reason")).isEqualTo("CompletionsReached");
    }

    @Test
    void anIndexedJobCompletesEachIndexOnce() {
        exits(5, 0);
        create("'completionMode':'Indexed','completions':5,'parallelism':2,'template':" + TEMPLATE);
        world.settle();
        Unstructured first =
                active().stream().filter(p -> JobPods.index(p) == 0).findFirst().orElseThrow();
        assertThat(first.name()).matches("work-0-[a-z0-9]{5}");
        assertThat(first.string("spec", "hostname")).isEqualTo("work-0");
        assertThat(first.labels()).containsEntry("batch.kubernetes.io/job-completion-index", "0");
        assertThat(first.annotations()).doesNotContainKey(JobPods.FAILURES);
        assertThat(first.objects("spec", "containers").getFirst().objects("env").getFirst())
                .satisfies(e -> {
                    assertThat(e.string("name")).isEqualTo("JOB_COMPLETION_INDEX");
                    assertThat(e.string("valueFrom", "fieldRef", "fieldPath"))
                            .isEqualTo("metadata.labels['batch.kubernetes.io/job-completion-index']");
                });
        world.advance(Duration.ofSeconds(5));
        assertThat(status().string("completedIndexes")).isEqualTo("0,1");
        world.advance(Duration.ofSeconds(20));
        assertThat(status().string("completedIndexes")).isEqualTo("0-4");
        assertThat(status().integer(0, "succeeded")).isEqualTo(5);
        assertThat(world.pods().stream().map(JobPods::index)).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
    }

    @Test
    void anIndexThatFailsTooOftenFailsAloneAndTheJobAtTheEnd() {
        kubelet.exits(p -> Optional.of(new Kubelet.Exit(Duration.ZERO, JobPods.index(p) == 1 ? 9 : 0)));
        create("'completionMode':'Indexed','completions':3,'parallelism':3,'backoffLimitPerIndex':2,'template':"
                + TEMPLATE);
        world.settle();
        assertThat(status().string("completedIndexes")).isEqualTo("0,2");
        assertThat(status().get("failedIndexes")).isEqualTo("");
        world.advance(Duration.ofMinutes(2));
        assertThat(world.pods().stream()
                        .filter(p -> JobPods.index(p) == 1)
                        .map(p -> p.annotations().get(JobPods.FAILURES)))
                .containsExactlyInAnyOrder("0", "1", "2");
        assertThat(status().string("failedIndexes")).isEqualTo("1");
        assertThat(status().integer(0, "failed")).isEqualTo(3);
        assertFailed("FailedIndexes", "Job has failed indexes");
        assertThat(world.pods()).noneMatch(JobPods::isTracked);
    }

    @Test
    void tooManyFailedIndexesEndTheOthers() {
        kubelet.exits(p -> JobPods.index(p) < 2
                ? Optional.of(new Kubelet.Exit(Duration.ofSeconds(JobPods.index(p)), 1))
                : Optional.empty());
        create("'completionMode':'Indexed','completions':4,'parallelism':4,'backoffLimitPerIndex':0,"
                + "'maxFailedIndexes':1,'template':" + TEMPLATE);
        world.advance(Duration.ofSeconds(10));
        assertFailed("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes");
        assertThat(status().string("failedIndexes")).isEqualTo("0,1");
        assertThat(active()).isEmpty();
    }

    @Test
    void aRuleForAnExitCodeFailsTheJobAtOnce() {
        exits(0, 42);
        create("'podFailurePolicy':{'rules':[{'action':'FailJob','onExitCodes':{'operator':'In','values':[42]}}]},"
                + "'template':" + TEMPLATE);
        world.advance(Duration.ofSeconds(3));
        assertThat(world.pods()).hasSize(1);
        String pod = world.pods().getFirst().name();
        assertFailed(
                "PodFailurePolicy",
                "Container c for pod default/" + pod + " failed with exit code 42 matching FailJob rule at index 0");
    }

    @Test
    void anIgnoredFailureIsReplacedAndNotCounted() {
        kubelet.exits(
                p -> Optional.of(new Kubelet.Exit(Duration.ZERO, world.pods().size() > 1 ? 0 : 7)));
        create("'backoffLimit':0,'podFailurePolicy':{'rules':[{'action':'Ignore','onExitCodes':{'operator':'NotIn',"
                + "'values':[8]}}]},'template':" + TEMPLATE);
        world.advance(Duration.ofMinutes(1));
        assertThat(status().has("failed")).isFalse();
        assertThat(World.condition(job(), "Complete").string("status")).isEqualTo("True");
    }

    @Test
    void theLeadersSuccessIsTheJobsAndEndsTheWorkers() {
        kubelet.shutdown(Duration.ofSeconds(10));
        kubelet.exits(p ->
                JobPods.index(p) == 0 ? Optional.of(new Kubelet.Exit(Duration.ofSeconds(5), 0)) : Optional.empty());
        create("'completionMode':'Indexed','completions':3,'parallelism':3,'successPolicy':{'rules':["
                + "{'succeededIndexes':'0'}]},'template':" + TEMPLATE);
        world.advance(Duration.ofSeconds(8));
        assertThat(World.condition(job(), "SuccessCriteriaMet").string("message"))
                .isEqualTo("Matched rules at index 0");
        assertThat(status().integer(0, "terminating")).isEqualTo(2);
        assertThat(status().objects("conditions")).as("pods are still ending").hasSize(1);
        world.advance(Duration.ofSeconds(15));
        assertThat(World.condition(job(), "Complete").string("reason")).isEqualTo("SuccessPolicy");
        assertThat(status().has("failed")).isFalse();
        assertThat(status().string("completedIndexes")).isEqualTo("0");
    }

    @Test
    void aDeadlineEndsWhatIsStillActive() {
        create("'activeDeadlineSeconds':30,'parallelism':2,'completions':2,'template':" + TEMPLATE);
        world.advance(Duration.ofSeconds(29));
        assertThat(active()).hasSize(2);
        world.advance(Duration.ofSeconds(3));
        assertFailed("DeadlineExceeded", "Job was active longer than specified deadline");
        assertThat(world.pods()).isEmpty();
        assertThat(status().integer(0, "failed")).isEqualTo(2);
        assertThat(status().has("active")).isFalse();
        assertThat(world.events("SuccessfulDelete")).hasSize(2);
    }

    @Test
    void aSuspendedJobHasNoPodsAndItsDeadlineStandsStill() {
        create("'suspend':true,'activeDeadlineSeconds':60,'template':" + TEMPLATE);
        world.advance(Duration.ofMinutes(5));
        assertThat(world.pods()).isEmpty();
        assertThat(status().has("startTime")).isFalse();
        assertThat(World.condition(job(), "Suspended").string("message")).isEqualTo("Job suspended");
        suspend(false);
        world.advance(Duration.ofSeconds(50));
        assertThat(active()).hasSize(1);
        suspend(true);
        world.settle();
        assertThat(world.pods()).isEmpty();
        assertThat(status().has("startTime")).isFalse();
        assertThat(status().has("failed"))
                .as("a pod that had to make way did not fail")
                .isFalse();
        world.advance(Duration.ofMinutes(5));
        suspend(false);
        world.advance(Duration.ofSeconds(50));
        assertThat(active()).hasSize(1);
        assertThat(World.condition(job(), "Suspended").string("reason")).isEqualTo("JobResumed");
        assertThat(world.events("Suspended")).hasSize(1).containsOnly("Job suspended");
        assertThat(world.events("Resumed")).containsOnly("Job resumed");
        world.advance(Duration.ofSeconds(12));
        assertFailed("DeadlineExceeded", "Job was active longer than specified deadline");
    }

    @Test
    void aPodThatIsDeletedIsReplacedWhenItHasEndedIfOneLikes() {
        kubelet.shutdown(Duration.ofSeconds(20));
        create("'podReplacementPolicy':'Failed','template':" + TEMPLATE);
        world.settle();
        world.delete(Resources.PODS, "default", world.pods().getFirst().name(), "");
        world.advance(Duration.ofSeconds(10));
        assertThat(world.pods()).hasSize(1);
        assertThat(status().integer(0, "terminating")).isEqualTo(1);
        world.advance(Duration.ofSeconds(30));
        assertThat(active()).hasSize(1);
        assertThat(status().integer(0, "failed")).isEqualTo(1);
    }

    @Test
    void elseAPodThatIsDeletedHasFailed() {
        kubelet.shutdown(Duration.ofSeconds(20));
        create("'template':" + TEMPLATE);
        world.settle();
        world.delete(Resources.PODS, "default", active().getFirst().name(), "");
        world.advance(Duration.ofSeconds(12));
        assertThat(active()).as("the first is still ending").hasSize(1);
        assertThat(status().integer(0, "terminating")).isEqualTo(1);
    }

    @Test
    void lessParallelismTakesPodsBackWithoutCountingThem() {
        create("'parallelism':5,'completions':10,'template':" + TEMPLATE);
        world.settle();
        world.patch(Resources.JOBS, "default", "work", "{'spec':{'parallelism':2}}");
        world.settle();
        assertThat(active()).hasSize(2);
        assertThat(status().has("failed")).isFalse();
        assertThat(status().integer(0, "active")).isEqualTo(2);
    }

    @Test
    void aJobOfAnotherControllerIsLeftAlone() {
        exits(1, 0);
        create("'managedBy':'example.com/queue','template':" + TEMPLATE);
        world.advance(Duration.ofMinutes(1));
        assertThat(world.pods()).isEmpty();
        assertThat(job().has("status", "startTime")).isFalse();
    }

    @Test
    void podsOfAJobThatIsGoneAreLetGo() {
        create("'parallelism':2,'completions':2,'template':" + TEMPLATE);
        world.settle();
        world.delete(Resources.JOBS, "default", "work", "Background");
        world.settle();
        assertThat(world.pods()).hasSize(2).noneMatch(JobPods::isTracked);
    }

    @Test
    void aPodIsAdoptedWithTheFinalizerAndOneReleasedLosesIt() {
        exits(30, 0);
        create("'manualSelector':true,'selector':{'matchLabels':{'app':'w'}},'template':"
                + TEMPLATE.replace("{'spec'", "{'metadata':{'labels':{'app':'w'}},'spec'"));
        world.settle();
        String first = world.pods().getFirst().name();
        world.patch(Resources.PODS, "default", first, "{'metadata':{'labels':{'app':'other'}}}");
        world.settle();
        assertThat(world.get(Resources.PODS, first).controllerOf()).isEmpty();
        assertThat(world.get(Resources.PODS, first).finalizers()).isEmpty();
        assertThat(world.pods()).hasSize(2);
        world.delete(
                Resources.PODS,
                "default",
                active().stream()
                        .map(Unstructured::name)
                        .filter(n -> !n.equals(first))
                        .findFirst()
                        .orElseThrow(),
                "");
        world.patch(Resources.PODS, "default", first, "{'metadata':{'labels':{'app':'w'}}}");
        world.settle();
        assertThat(JobPods.isTracked(world.get(Resources.PODS, first))).isTrue();
        world.advance(Duration.ofSeconds(40));
        assertThat(World.condition(job(), "Complete").string("status")).isEqualTo("True");
        assertThat(status().integer(0, "succeeded")).isEqualTo(1);
    }

    @Test
    void fiveHundredsOfPodsAreCountedOnceEach() {
        exits(3, 0);
        create("'completionMode':'Indexed','completions':1200,'parallelism':1200,'template':" + TEMPLATE);
        world.advance(Duration.ofSeconds(30));
        assertThat(status().string("completedIndexes")).isEqualTo("0-1199");
        assertThat(status().integer(0, "succeeded")).isEqualTo(1200);
        TreeMap<Integer, Integer> seen = new TreeMap<>();
        world.pods().forEach(p -> seen.merge(JobPods.index(p), 1, Integer::sum));
        assertThat(seen).hasSize(1200).allSatisfy((i, n) -> assertThat(n).isEqualTo(1));
    }

    private static final String TEMPLATE =
            "{'spec':{'restartPolicy':'Never','containers':[{'name':'c','image':'app'}]}}";

    private void create(String spec) {
        world.create(
                Resources.JOBS,
                "default",
                "{'apiVersion':'batch/v1','kind':'Job','metadata':{'name':'work'},'spec':{" + spec + "}}");
    }

    private void exits(int seconds, int code) {
        kubelet.exits(p -> Optional.of(new Kubelet.Exit(Duration.ofSeconds(seconds), code)));
    }

    private void suspend(boolean how) {
        world.patch(Resources.JOBS, "default", "work", "{'spec':{'suspend':" + how + "}}");
    }

    private Unstructured job() {
        return world.get(Resources.JOBS, "work");
    }

    private Unstructured status() {
        return job().object("status");
    }

    private List<Unstructured> active() {
        return world.pods().stream().filter(Pods::isActive).toList();
    }

    private void assertFailed(String reason, String message) {
        for (String type : List.of("FailureTarget", "Failed")) {
            Unstructured c = World.condition(job(), type);
            assertThat(c.string("status")).isEqualTo("True");
            assertThat(c.string("reason")).isEqualTo(reason);
            assertThat(c.string("message")).isEqualTo(message);
        }
        assertThat(job().has("status", "completionTime")).isFalse();
        assertThat(world.events(reason)).containsExactly(message);
        assertThat(world.pods()).noneMatch(JobPods::isTracked);
    }
}
