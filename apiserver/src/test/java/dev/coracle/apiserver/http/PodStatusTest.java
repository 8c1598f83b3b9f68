package dev.coracle.apiserver.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.Unstructured;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** READY, STATUS and RESTARTS of pods in every plight. */
class PodStatusTest {
    private static final String SPEC =
            "{initContainers: [{name: first}, {name: side, restartPolicy: Always}], containers: [{name: a}, {name: b}]}";

    @SuppressWarnings("unchecked")
    private static PodStatus of(String status, String metadata) {
        String pod = "{metadata: {" + metadata + "}, spec: " + SPEC + ", status: {" + status + "}}";
        return PodStatus.of(
                new Unstructured((Map<String, Object>) Yaml.parseAll(pod).getFirst()));
    }

    private static final String CRASHED = "lastState: {terminated: {exitCode: 1, finishedAt: 2026-01-01T00:00:00Z}}";
    private static final String DONE =
            "{name: first, restartCount: 2, state: {terminated: {exitCode: 0}}, " + CRASHED + "}";
    private static final String SIDE =
            "{name: side, restartCount: 1, started: true, ready: true, state: {running: {}}, lastState: {}}";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // a crashing init container's restarts show while it initialises
                "phase: Pending, initContainerStatuses: [{name: first, restartCount: 4, CRASHED, state: {waiting: {reason: CrashLoopBackOff}}}] | 0/3 | Init:CrashLoopBackOff | 4",
                "phase: Pending, initContainerStatuses: [{name: first, restartCount: 1, state: {terminated: {exitCode: 3}}}] | 0/3 | Init:ExitCode:3 | 1",
                "phase: Pending, initContainerStatuses: [{name: first, state: {terminated: {exitCode: 1, reason: Error}}}] | 0/3 | Init:Error | 0",
                "phase: Pending, initContainerStatuses: [DONE, {name: side, state: {waiting: {reason: PodInitializing}}}] | 0/3 | Init:1/2 | 2",
                // then the sidecar's and the main containers' do
                "phase: Running, initContainerStatuses: [DONE, SIDE], containerStatuses: [{name: a, restartCount: 3, ready: true, state: {running: {}}}, {name: b, restartCount: 4, state: {waiting: {reason: CrashLoopBackOff}}}] | 2/3 | CrashLoopBackOff | 8",
                "phase: Running, initContainerStatuses: [DONE, SIDE], containerStatuses: [{name: a, ready: true, state: {running: {}}}, {name: b, state: {terminated: {exitCode: 0, reason: Completed}}}], conditions: [{type: Ready, status: `True`}] | 2/3 | Running | 1",
                "phase: Pending, conditions: [{type: PodScheduled, status: `False`, reason: SchedulingGated}] | 0/3 | SchedulingGated | 0",
                "phase: Failed, reason: Evicted | 0/3 | Evicted | 0",
            })
    void upstreams_printer_says_the_same(String status, String ready, String reason, long restarts) {
        PodStatus s = of(
                status.replace("DONE", DONE)
                        .replace("SIDE", SIDE)
                        .replace("CRASHED", CRASHED)
                        .replace('`', '\''),
                "");
        assertThat(s.ready()).isEqualTo(ready);
        assertThat(s.reason()).isEqualTo(reason);
        assertThat(s.restarts()).isEqualTo(restarts);
    }

    @ParameterizedTest
    @CsvSource({
        "phase: Running, Terminating",
        "phase: Succeeded, Succeeded",
        "'phase: Running, reason: NodeLost', Unknown"
    })
    void one_that_is_deleted(String status, String reason) {
        assertThat(of(status, "deletionTimestamp: 2026-01-01T00:00:00Z").reason())
                .isEqualTo(reason);
    }
}
