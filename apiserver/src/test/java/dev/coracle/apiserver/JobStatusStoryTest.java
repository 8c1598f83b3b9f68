package dev.coracle.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Resources;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Somebody else may manage a Job; what its status becomes has an order all the same. */
class JobStatusStoryTest {
    private static final String START = "startTime: '2026-01-01T00:00:00Z'";
    private static final String END = "completionTime: '2026-01-01T00:01:00Z'";
    private static final String POD = "template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}";

    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private void job(String more) {
        cluster.create(
                Resources.JOBS, "{apiVersion: batch/v1, kind: Job, metadata: {name: j}, spec: {" + more + POD + "}}");
    }

    private void becomes(String status) {
        cluster.admin.patch(
                Resources.JOBS,
                "default",
                "j",
                Patch.merge(Cluster.yaml("{status: {" + status + "}}")),
                WriteOptions.STATUS);
    }

    private static String has(String... conditions) {
        StringBuilder all = new StringBuilder("conditions: [");
        for (String c : conditions) {
            all.append("{type: ").append(c).append(", status: 'True'},");
        }
        return all.append(']').toString();
    }

    private void refused(String status, String why) {
        assertThatThrownBy(() -> becomes(status)).hasMessage("Job.batch \"j\" is invalid: " + why);
    }

    @Test
    void aJobThatIsCompleteStaysSo() {
        job("");
        becomes(START + ", active: 1, ready: 1");
        becomes("active: 0, ready: 0, succeeded: 1, " + has("SuccessCriteriaMet"));
        becomes(END + ", " + has("SuccessCriteriaMet", "Complete"));
        refused(
                "completionTime: '2026-01-01T00:02:00Z'",
                "status.completionTime: Invalid value: \"2026-01-01T00:02:00Z\": completionTime cannot be mutated");
        refused("succeeded: 0", "status.succeeded: Invalid value: 0: cannot decrease the succeeded counter");
        refused("active: 1", "status.active: Invalid value: 1: active>0 is invalid for finished job");
        refused("terminating: 1", "status.terminating: Invalid value: 1: terminating>0 is invalid for finished job");
        assertThatThrownBy(() -> becomes(has("SuccessCriteriaMet")))
                .hasMessageContaining("cannot disable the terminal Complete=True condition")
                .hasMessageContaining("cannot set completionTime when there is no Complete=True condition");
        // What says nothing of that may change still.
        becomes("conditions: [{type: SuccessCriteriaMet, status: 'True'}, {type: Complete, status: 'True'},"
                + " {type: Seen, status: 'True'}]");
        assertThat(cluster.get(Resources.JOBS, "j").objects("status", "conditions"))
                .hasSize(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Complete | '' | cannot set Complete=True condition without the SuccessCriteriaMet=true condition",
                "Failed | '' | cannot set Failed=True condition without the FailureTarget=true condition",
                "Complete,Failed | '' | cannot set Complete=True and Failed=true conditions",
                "Complete,FailureTarget | '' | cannot set Complete=True and FailureTarget=true conditions",
                "SuccessCriteriaMet,FailureTarget | '' | cannot set SuccessCriteriaMet=True and FailureTarget=true"
                        + " conditions",
                "SuccessCriteriaMet,Failed | '' | cannot set SuccessCriteriaMet=True and Failed=true conditions",
                "FailureTarget,Failed | '' | startTime is required for finished job",
                "SuccessCriteriaMet,Complete | '' | completionTime is required for Complete jobs",
                "'' | completionTime: '2026-01-01T00:01:00Z' | cannot set completionTime when there is no Complete",
                "SuccessCriteriaMet,Complete | startTime: '2026-01-02T00:00:00Z', completionTime:"
                        + " '2026-01-01T00:00:00Z' | completionTime cannot be set before startTime",
                "'' | ready: 1 | cannot set more ready pods than active",
                "'' | uncountedTerminatedPods: {succeeded: [a], failed: [a]} | Duplicate value: \"a\"",
                "'' | uncountedTerminatedPods: {failed: ['']} | must not be empty",
                "'' | completedIndexes: '1' | cannot set non-empty completedIndexes when non-indexed completion mode",
                "'' | failedIndexes: '' | cannot set non-null failedIndexes when backoffLimitPerIndex is null"
            })
    void whatCannotBeIsRefused(String conditions, String more, String why) {
        job("");
        String[] all = conditions.isEmpty() ? new String[0] : conditions.split(",");
        assertThatThrownBy(() -> becomes(has(all) + (more.isEmpty() ? "" : ", " + more)))
                .hasMessageContaining(why);
    }

    @Test
    void indexesAreInOrderAndEitherDoneOrFailed() {
        job("completionMode: Indexed, completions: 9, parallelism: 2, backoffLimitPerIndex: 1, ");
        becomes("completedIndexes: '0-2,5', failedIndexes: '3,6-7'");
        refused(
                "failedIndexes: '3-5'",
                "status.failedIndexes: Invalid value: \"3-5\": failedIndexes and completedIndexes overlap at index: 5");
        refused(
                "completedIndexes: '5,0-2'",
                "status.completedIndexes: Invalid value: \"5,0-2\": error parsing completedIndexes: non-increasing"
                        + " order, previous: 5, current: 0");
        refused(
                "failedIndexes: '9'",
                "status.failedIndexes: Invalid value: \"9\": error parsing failedIndexes: too large index: \"9\"");
    }

    @Test
    void theStartOfAJobThatRunsStays() {
        job("");
        becomes(START);
        refused("startTime: null", "status.startTime: Required value: startTime cannot be removed for unsuspended job");
        cluster.merge(Resources.JOBS, "j", "{spec: {suspend: true}}");
        becomes("startTime: null");
    }
}
