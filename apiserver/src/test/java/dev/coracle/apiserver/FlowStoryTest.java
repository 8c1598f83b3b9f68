package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.machinery.object.Resources.FLOW_SCHEMAS;
import static dev.coracle.machinery.object.Resources.PRIORITY_LEVEL_CONFIGURATIONS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Levels of priority and what is of which. */
class FlowStoryTest {
    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void everyClusterBeginsWithTheSame() {
        assertThat(cluster.admin
                        .list(PRIORITY_LEVEL_CONFIGURATIONS, "", ListOptions.ALL)
                        .items())
                .extracting(Revision::name)
                .containsExactlyInAnyOrder(
                        "exempt",
                        "catch-all",
                        "system",
                        "node-high",
                        "leader-election",
                        "workload-high",
                        "workload-low",
                        "global-default");
        assertThat(cluster.admin.list(FLOW_SCHEMAS, "", ListOptions.ALL).items())
                .hasSize(13)
                .allMatch(f -> cluster.admin.get(
                                PRIORITY_LEVEL_CONFIGURATIONS,
                                "",
                                f.object().string("spec", "priorityLevelConfiguration", "name"))
                        != null);
    }

    @Test
    void whatIsMandatoryStays() {
        Unstructured exempt = cluster.admin.get(FLOW_SCHEMAS, "", "exempt").object();
        assertThat(refused(() -> cluster.put(FLOW_SCHEMAS, exempt.copy().set(2L, "spec", "matchingPrecedence"))))
                .hasMessageStartingWith(
                        "FlowSchema.flowcontrol.apiserver.k8s.io \"exempt\" is invalid: spec: Invalid" + " value: {")
                .hasMessageEndingWith("}: spec of 'exempt' must equal the fixed value");
        assertThat(cluster.admin
                        .patch(
                                PRIORITY_LEVEL_CONFIGURATIONS,
                                "",
                                "exempt",
                                Patch.merge(Cluster.yaml("{spec: {exempt: {nominalConcurrencyShares: 5}}}")),
                                WriteOptions.DEFAULT)
                        .object()
                        .integer(0, "spec", "exempt", "nominalConcurrencyShares"))
                .isEqualTo(5);
        assertThat(refused(() -> cluster.admin.patch(
                        PRIORITY_LEVEL_CONFIGURATIONS,
                        "",
                        "catch-all",
                        Patch.merge(Cluster.yaml("{spec: {limited: {nominalConcurrencyShares: 6}}}")),
                        WriteOptions.DEFAULT)))
                .hasMessageContaining("spec of 'catch-all' must equal the fixed value");
    }

    @Test
    void aLevelIsCompletedAndJudged() {
        Unstructured made = cluster.create(PRIORITY_LEVEL_CONFIGURATIONS, """
                {apiVersion: flowcontrol.apiserver.k8s.io/v1, kind: PriorityLevelConfiguration, metadata: {name: l},
                 spec: {type: Limited, limited: {limitResponse: {type: Queue, queuing: {}}}}}
                """);
        assertThat(made.object("spec", "limited")).isEqualTo(Cluster.yaml("""
                {nominalConcurrencyShares: 30, lendablePercent: 0,
                 limitResponse: {type: Queue, queuing: {handSize: 8, queues: 64, queueLengthLimit: 50}}}
                """));
        assertThat(refused(() -> cluster.create(PRIORITY_LEVEL_CONFIGURATIONS, """
                        {apiVersion: flowcontrol.apiserver.k8s.io/v1, kind: PriorityLevelConfiguration, metadata: {name: m},
                         spec: {type: Limited, limited: {lendablePercent: 101, limitResponse: {type: Queue,
                                queuing: {queues: 4096, handSize: 6}}}}}
                        """)))
                .hasMessage("PriorityLevelConfiguration.flowcontrol.apiserver.k8s.io \"m\" is invalid:"
                        + " [spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive,"
                        + " spec.limited.limitResponse.queuing.handSize: Invalid value: 6: required entropy bits of"
                        + " deckSize 4096 and handSize 6 should not be greater than 60]");
    }

    @Test
    void aSchemaNamesSomebodyAndSomething() {
        assertThat(refused(() -> cluster.create(FLOW_SCHEMAS, """
                        {apiVersion: flowcontrol.apiserver.k8s.io/v1, kind: FlowSchema, metadata: {name: f},
                         spec: {matchingPrecedence: 1, rules: [{subjects: [{kind: User, group: {name: g}}],
                                nonResourceRules: [{verbs: [shout], nonResourceURLs: ['/a//b']}]}]}}
                        """)))
                .hasMessageContaining("only the schema named 'exempt' may have matchingPrecedence 1")
                .hasMessageContaining(
                        "spec.priorityLevelConfiguration.name: Required value: must reference a priority level")
                .hasMessageContaining(
                        "spec.rules[0].subjects[0].user: Required value: user is required when subject kind"
                                + " is 'User'")
                .hasMessageContaining(
                        "spec.rules[0].subjects[0].group: Forbidden: group is forbidden when subject kind is"
                                + " not 'Group'")
                .hasMessageContaining("spec.rules[0].nonResourceRules[0].verbs: Unsupported value: [\"shout\"]")
                .hasMessageContaining("must not contain double slash");
    }
}
