package dev.coracle.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Resources;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A queue may change where a Job's pods go while it has none. */
class SuspendedJobStoryTest {
    private static final String ELSEWHERE = "{spec: {template: {spec: {nodeSelector: {pool: b}}}}}";

    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void beforeItRanAndWheneverItsPodsAreGone() {
        cluster.create(
                Resources.JOBS,
                "{apiVersion: batch/v1, kind: Job, metadata: {name: j}, spec: {suspend: true, template: {spec: {"
                        + "restartPolicy: Never, containers: [{name: c, image: i}]}}}}");
        cluster.merge(Resources.JOBS, "j", "{spec: {template: {spec: {nodeSelector: {pool: a}}}}}");
        cluster.merge(
                Resources.JOBS,
                "j",
                "{spec: {template: {spec: {containers: [{name: c, image: i, resources: {requests: {cpu: 2}}}]}}}}");
        status("{status: {startTime: '2026-01-01T00:00:00Z', active: 1}}");
        assertThatThrownBy(() -> cluster.merge(Resources.JOBS, "j", ELSEWHERE))
                .hasMessageContaining("field is immutable");
        status("{status: {active: null, conditions: [{type: Suspended, status: 'True'}]}}");
        cluster.merge(Resources.JOBS, "j", ELSEWHERE);
        assertThat(cluster.get(Resources.JOBS, "j").string("spec", "template", "spec", "nodeSelector", "pool"))
                .isEqualTo("b");
        assertThatThrownBy(() -> cluster.merge(
                        Resources.JOBS, "j", "{spec: {template: {spec: {containers: [{name: c, image: other}]}}}}"))
                .hasMessageContaining("field is immutable");
    }

    private void status(String patch) {
        cluster.admin.patch(Resources.JOBS, "default", "j", Patch.merge(Cluster.yaml(patch)), WriteOptions.STATUS);
    }
}
