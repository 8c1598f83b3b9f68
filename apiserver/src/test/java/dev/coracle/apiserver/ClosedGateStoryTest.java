package dev.coracle.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A field whose gate is closed is taken from nobody, and said to nobody. */
class ClosedGateStoryTest {
    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void aStatefulSetsMaxUnavailableIsDroppedOnEveryWrite() {
        Unstructured made = cluster.create(Resources.STATEFUL_SETS, """
                {apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db},
                 spec: {serviceName: a, selector: {matchLabels: {app: 'y'}},
                        updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 1, maxUnavailable: 2}},
                        template: {metadata: {labels: {app: 'y'}}, spec: {containers: [{name: c, image: i}]}}}}""");
        assertThat(made.object("spec", "updateStrategy", "rollingUpdate").map()).containsOnlyKeys("partition");
        cluster.merge(
                Resources.STATEFUL_SETS, "db", "{spec: {updateStrategy: {rollingUpdate: {maxUnavailable: 50%}}}}");
        Unstructured now = cluster.get(Resources.STATEFUL_SETS, "db");
        assertThat(now.object("spec", "updateStrategy", "rollingUpdate").map()).containsOnlyKeys("partition");
        assertThat(now.generation()).as("nothing that is desired has changed").isEqualTo(1);
    }
}
