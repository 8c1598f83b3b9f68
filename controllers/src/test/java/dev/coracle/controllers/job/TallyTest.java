package dev.coracle.controllers.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.World;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What follows from a Job and its pods, without a cluster. */
class TallyTest {
    private static final Instant NOW = Instant.parse("2026-01-01T01:00:00Z");

    @Test
    void aPodIsCountedByItsFinalizerOrItsListAndNeverByBoth() {
        Unstructured job = job(
                "'completions':5,'parallelism':5",
                "'succeeded':1,'uncountedTerminatedPods':{" + "'succeeded':['listed','gone']}");
        List<Unstructured> pods = List.of(
                pod("listed", "Succeeded", true, ""),
                pod("fresh", "Succeeded", true, ""),
                pod("old", "Succeeded", false, ""));
        Tally tally = tally(job, pods);
        assertThat(tally.succeeded())
                .as("one, two that are listed, a fresh one")
                .isEqualTo(4);
        Ledger ledger = new Ledger(tally, new Ledger.Counts(0, 0, 0), null, true, NOW);
        assertThat(ledger.open().stringList("uncountedTerminatedPods", "succeeded"))
                .containsExactly("listed", "fresh");
        assertThat(ledger.open().integer(0, "succeeded"))
                .as("the one that is gone")
                .isEqualTo(2);
        assertThat(ledger.toRelease()).extracting(Unstructured::uid).containsExactly("listed", "fresh");
        Unstructured half = ledger.close(Set.of("fresh")).copy();
        assertThat(half.integer(0, "succeeded")).isEqualTo(3);
        assertThat(half.stringList("uncountedTerminatedPods", "succeeded")).containsExactly("listed");
    }

    @Test
    void aPodThatWasReleasedIsNotTakenForOneToBeCounted() {
        Unstructured job = job("'completions':2,'parallelism':2", "'succeeded':1");
        Tally tally = Tally.of(job, List.of(pod("a", "Succeeded", true, "")), Set.of("a"), Backoff.NONE, NOW);
        assertThat(tally.succeeded()).isEqualTo(1);
    }

    @Test
    void theWaitDoublesUpToTenMinutesAndASuccessEndsIt() {
        Backoff b = Backoff.NONE;
        long[] waits = {10, 20, 40, 80, 160, 320, 600, 600};
        for (long wait : waits) {
            b = b.with(List.of(), List.of(ended("f", "Failed", NOW)));
            assertThat(b.remaining(NOW)).isEqualTo(Duration.ofSeconds(wait));
        }
        assertThat(b.remaining(NOW.plusSeconds(590))).isEqualTo(Duration.ofSeconds(10));
        assertThat(b.remaining(NOW.plusSeconds(601))).isZero();
        Unstructured success = ended("s", "Succeeded", NOW.plusSeconds(5));
        assertThat(b.with(List.of(success), List.of())).isEqualTo(Backoff.NONE);
        assertThat(b.with(List.of(success), List.of(ended("l", "Failed", NOW.plusSeconds(9))))
                        .failures())
                .isEqualTo(1);
    }

    @Test
    void restartsInPlaceAreFailures() {
        Unstructured job = job(
                "'completions':1,'parallelism':1,'backoffLimit':3,'template':{'spec':{'restartPolicy':'OnFailure'}}",
                "");
        assertThat(tally(job, List.of(restarted(2))).verdict()).isNull();
        Verdict verdict = tally(job, List.of(restarted(3))).verdict();
        assertThat(verdict)
                .isEqualTo(Verdict.failure("BackoffLimitExceeded", "Job has reached the specified backoff limit"));
    }

    @Test
    void aJobThatMetItsCriteriaCannotFailAnyMore() {
        Unstructured job = job(
                "'completionMode':'Indexed','completions':2,'parallelism':2,'backoffLimit':0",
                "'failed':1,'conditions':[{'type':'SuccessCriteriaMet','status':'True','reason':'SuccessPolicy',"
                        + "'message':'Matched rules at index 0'}]");
        assertThat(tally(job, List.of()).verdict())
                .isEqualTo(new Verdict(true, "SuccessPolicy", "Matched rules at index 0"));
    }

    @Test
    void rulesAreTriedInOrderAndTheFirstCounts() {
        Unstructured evicted = pod("e", "Failed", true, "");
        evicted.set(List.of(World.tree("{'type':'DisruptionTarget','status':'True'}")), "status", "conditions");
        List<Unstructured> rules = World.tree("{'rules':[{'action':'Count','onExitCodes':{'containerName':'side',"
                        + "'operator':'In','values':[1]}},{'action':'Ignore','onPodConditions':["
                        + "{'type':'DisruptionTarget','status':'True'}]},{'action':'FailIndex','onExitCodes':{"
                        + "'operator':'In','values':[2,3]}},{'action':'FailJob','onPodConditions':["
                        + "{'type':'ConfigIssue'}]}]}")
                .objects("rules");
        assertThat(FailurePolicy.of(evicted, rules)).isEqualTo(new FailurePolicy.Outcome(null, false, false));
        assertThat(FailurePolicy.of(exited("main", 3), rules)).isEqualTo(new FailurePolicy.Outcome(null, true, true));
        assertThat(FailurePolicy.of(exited("side", 1), rules)).isEqualTo(new FailurePolicy.Outcome(null, true, false));
        assertThat(FailurePolicy.of(exited("main", 1), rules)).isEqualTo(new FailurePolicy.Outcome(null, true, false));
        Unstructured broken = pod("b", "Failed", true, "");
        broken.set(List.of(World.tree("{'type':'ConfigIssue','status':'True'}")), "status", "conditions");
        assertThat(FailurePolicy.of(broken, rules).fatal())
                .isEqualTo("Pod default/b has condition ConfigIssue matching FailJob rule at index 3");
    }

    @Test
    void successIsThatOfSomeIndexesOrOfSoMany() {
        JobSpec all = JobSpec.of(job("'completions':10,'successPolicy':{'rules':[{'succeededIndexes':'1-3'}]}", ""));
        assertThat(SuccessPolicy.met(all, Indexes.parse("0-2", 10))).isEmpty();
        assertThat(SuccessPolicy.met(all, Indexes.parse("1-4", 10))).contains("Matched rules at index 0");
        JobSpec some = JobSpec.of(job(
                "'completions':10,'successPolicy':{'rules':[{'succeededIndexes':'1-3','succeededCount':2},"
                        + "{'succeededCount':4}]}",
                ""));
        assertThat(SuccessPolicy.met(some, Indexes.parse("2,3", 10))).contains("Matched rules at index 0");
        assertThat(SuccessPolicy.met(some, Indexes.parse("3-6", 10))).contains("Matched rules at index 1");
        assertThat(SuccessPolicy.met(some, Indexes.parse("4-6", 10))).isEmpty();
        assertThat(SuccessPolicy.met(some, Indexes.NONE)).isEmpty();
    }

    @Test
    void twoPodsOfAnIndexAreOneTooMany() {
        Unstructured job = job("'completionMode':'Indexed','completions':3,'parallelism':3", "");
        Unstructured running = pod("running", "Running", true, "1");
        running.set("node-1", "spec", "nodeName");
        List<Unstructured> pods =
                List.of(running, pod("twin", "Pending", true, "1"), pod("beyond", "Pending", true, "3"));
        assertThat(PodPlan.of(tally(job, pods), NOW).delete())
                .extracting(Unstructured::uid)
                .containsExactlyInAnyOrder("twin", "beyond");
        assertThat(PodPlan.of(tally(job, List.of(running)), NOW).create()).containsExactly(0, 2);
    }

    private static Tally tally(Unstructured job, List<Unstructured> pods) {
        return Tally.of(job, pods, Set.of(), Backoff.NONE, NOW);
    }

    private static Unstructured job(String spec, String status) {
        return World.tree(
                "{'metadata':{'name':'work','namespace':'default'},'spec':{" + spec + "},'status':{" + status + "}}");
    }

    private static Unstructured pod(String uid, String phase, boolean tracked, String index) {
        Unstructured pod = World.tree("{'metadata':{'name':'" + uid + "','namespace':'default','uid':'" + uid
                + "'},'status':{'phase':'" + phase + "'}}");
        if (tracked) {
            pod.add(JobPods.FINALIZER, "metadata", "finalizers");
        }
        return index.isEmpty() ? pod : pod.set(index, "metadata", "annotations", JobPods.INDEX);
    }

    private static Unstructured ended(String uid, String phase, Instant at) {
        Unstructured pod = pod(uid, phase, true, "");
        return pod.add(
                World.tree("{'name':'c'}").set(at, "state", "terminated", "finishedAt"), "status", "containerStatuses");
    }

    private static Unstructured exited(String container, long code) {
        return pod("x", "Failed", true, "")
                .add(
                        World.tree("{'name':'" + container + "'}").set(code, "state", "terminated", "exitCode"),
                        "status",
                        "containerStatuses");
    }

    private static Unstructured restarted(long times) {
        return pod("r", "Running", true, "")
                .add(World.tree("{'name':'c'}").set(times, "restartCount"), "status", "containerStatuses");
    }
}
