package dev.coracle.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.client.election.LeaderElection;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;

/** What a file may say, and what is said of one that says something else. */
class KubeSchedulerConfigurationTest {
    private static final String HEAD = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n";

    @Test
    void whatIsNotSaidIsAsUpstreamHasIt() {
        KubeSchedulerConfiguration c = KubeSchedulerConfiguration.parse(HEAD);
        assertThat(c.firstBackoff()).isEqualTo(Duration.ofSeconds(1));
        assertThat(c.lastBackoff()).isEqualTo(Duration.ofSeconds(10));
        assertThat(c.profiles()).hasSize(1);
        var profile = c.profiles().getFirst();
        assertThat(profile.schedulerName()).isEqualTo("default-scheduler");
        assertThat(profile.percentageOfNodes()).isZero();
        assertThat(profile.sets().at().get(Point.FILTER))
                .startsWith("NodeUnschedulable", "NodeName", "TaintToleration");
        assertThat(profile.sets().at().get(Point.SCORE))
                .containsExactly(
                        "TaintToleration",
                        "NodeAffinity",
                        "NodeResourcesFit",
                        "VolumeBinding",
                        "PodTopologySpread",
                        "InterPodAffinity",
                        "NodeResourcesBalancedAllocation",
                        "ImageLocality");
        assertThat(profile.sets().weights())
                .containsEntry("TaintToleration", 3L)
                .containsEntry("NodeAffinity", 2L)
                .containsEntry("ImageLocality", 1L);
    }

    @Test
    void aPointNamesItsOwnFirstAndLeavesOutWhatItDisables() {
        assertThat(at(Point.SCORE, """
                score:
                  disabled: [{name: TaintToleration}, {name: PodTopologySpread}]
                  enabled: [{name: ImageLocality, weight: 7}, {name: NodeAffinity}]
                """))
                .containsExactly(
                        "ImageLocality",
                        "NodeAffinity",
                        "NodeResourcesFit",
                        "VolumeBinding",
                        "InterPodAffinity",
                        "NodeResourcesBalancedAllocation");
        assertThat(at(Point.FILTER, "score: {disabled: [{name: TaintToleration}]}"))
                .as("only its score is disabled")
                .contains("TaintToleration");
        assertThat(at(Point.SCORE, "score: {disabled: [{name: '*'}], enabled: [{name: ImageLocality}]}"))
                .containsExactly("ImageLocality");
        assertThat(at(Point.FILTER, "preFilter: {disabled: [{name: NodePorts}]}"))
                .doesNotContain("NodePorts");
    }

    @Test
    void multiPointIsForEveryPoint() {
        assertThat(at(Point.FILTER, "multiPoint: {disabled: [{name: TaintToleration}]}"))
                .doesNotContain("TaintToleration");
        String few = "multiPoint: {disabled: [{name: '*'}], enabled: "
                + "[{name: PrioritySort}, {name: DefaultBinder}, {name: NodeResourcesFit, weight: 5}]}";
        assertThat(at(Point.FILTER, few)).containsExactly("NodeResourcesFit");
        assertThat(at(Point.SCORE, few)).containsExactly("NodeResourcesFit");
        assertThat(at(Point.POST_FILTER, few)).isEmpty();
    }

    @Test
    void aPointsWeightGoesBeforeThatOfMultiPointAndNoneIsOne() {
        var weights = sets("""
                multiPoint: {enabled: [{name: NodeAffinity, weight: 4}, {name: TaintToleration}]}
                score: {enabled: [{name: NodeAffinity, weight: 9}]}
                """).weights();
        assertThat(weights).containsEntry("NodeAffinity", 9L).containsEntry("TaintToleration", 1L);
    }

    @Test
    void whatNobodyKnowsIsRefusedWithItsPath() {
        refused("percentage: 5", "strict decoding error: unknown field \"percentage\"");
        refused(
                "profiles: [{schedulerName: a, plugins: {scores: {}}}, {schedulerName: b, weight: 3}]",
                "strict decoding error: unknown field \"profiles[0].plugins.scores\","
                        + " unknown field \"profiles[1].weight\"");
        refused(
                "profiles: [{pluginConfig: [{name: NodeResourcesFit, args: {strategy: {}}}]}]",
                "strict decoding error: unknown field \"profiles[0].pluginConfig[0].args.strategy\"");
        refused(
                "profiles: [{plugins: {score: {enabled: [{name: Coscheduling}]}}}]",
                "profiles[0].plugins.score.enabled[0].name: Invalid value: \"Coscheduling\":"
                        + " ScorePlugin \"Coscheduling\" does not exist");
        refused(
                "profiles: [{plugins: {score: {enabled: [{name: NodeName}]}}}]",
                "profiles[0].plugins.score.enabled[0].name: Invalid value: \"NodeName\":"
                        + " plugin \"NodeName\" does not extend ScorePlugin plugin");
        refused(
                "profiles: [{plugins: {filter: {enabled: [{name: NodeName}, {name: NodeName}]}}}]",
                "profiles[0].plugins.filter.enabled[1].name: Invalid value: \"NodeName\":"
                        + " plugin \"NodeName\" already registered as \"FilterPlugin\"");
        refused(
                "profiles: [{pluginConfig: [{name: Other, args: {}}]}]",
                "profiles[0].pluginConfig[0].name: Invalid value: \"Other\": plugin \"Other\" does not exist");
        refused("extenders: [{urlPrefix: http://a}]", "extenders: Forbidden: this scheduler calls no extenders");
        assertThatThrownBy(() -> KubeSchedulerConfiguration.parse("apiVersion: v1\nkind: Pod\n"))
                .hasMessageContaining("no kind \"Pod\" is registered for version \"v1\"");
    }

    @Test
    void whatIsOutOfRangeIsRefusedInUpstreamsWords() {
        refused(
                "percentageOfNodesToScore: 101",
                "percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100]");
        refused(
                "profiles: [{percentageOfNodesToScore: -1}]",
                "profiles[0].percentageOfNodesToScore: Invalid value: -1: not in valid range [0-100]");
        refused("podInitialBackoffSeconds: 0", "podInitialBackoffSeconds: Invalid value: 0: must be greater than 0");
        refused(
                "podInitialBackoffSeconds: 20",
                "podMaxBackoffSeconds: Invalid value: 10: must be greater than or equal to PodInitialBackoffSeconds");
        refused("parallelism: 0", "parallelism: Invalid value: 0: should be an integer value greater than zero");
        refused("parallelism: many", "parallelism: Invalid value: \"many\": must be an integer");
        refused(
                "profiles: [{schedulerName: a}, {schedulerName: a}]",
                "profiles[1].schedulerName: Duplicate value: \"profiles[0].schedulerName\"");
        refused("profiles: [{schedulerName: a}, {}]", "profiles[1].schedulerName: Required value");
        refused(
                "profiles: [{plugins: {queueSort: {disabled: [{name: '*'}]}}}]",
                "profiles[0].plugins.queueSort: Invalid value: 0: only one queue sort plugin required for profile with"
                        + " scheduler name \"default-scheduler\", but got 0");
    }

    @Test
    void argumentsAreRefusedInUpstreamsWords() {
        refusedArgs(
                "NodeResourcesFit",
                "{scoringStrategy: {type: Best}}",
                "scoringStrategy.type: Unsupported value: \"Best\": supported values: \"LeastAllocated\","
                        + " \"MostAllocated\", \"RequestedToCapacityRatio\"");
        refusedArgs(
                "NodeResourcesFit",
                "{scoringStrategy: {type: LeastAllocated, resources: [{name: cpu, weight: 101}]}}",
                "scoringStrategy.resources[0].weight: Invalid value: 101:"
                        + " resource weight of cpu not in valid range (0, 100]");
        refusedArgs(
                "NodeResourcesFit",
                "{scoringStrategy: {type: RequestedToCapacityRatio}}",
                "scoringStrategy.requestedToCapacityRatio: Required value:"
                        + " must be specified when type is RequestedToCapacityRatio");
        refusedArgs(
                "NodeResourcesFit",
                "{scoringStrategy: {type: RequestedToCapacityRatio, requestedToCapacityRatio: {shape:"
                        + " [{utilization: 50, score: 1}, {utilization: 50, score: 2}]}}}",
                "scoringStrategy.requestedToCapacityRatio.shape[1].utilization: Invalid value: 50:"
                        + " values must be sorted in increasing order");
        refusedArgs(
                "NodeResourcesBalancedAllocation",
                "{resources: [{name: cpu, weight: 2}]}",
                "resources[0].weight: Invalid value: 2: must be 1");
        refusedArgs(
                "PodTopologySpread",
                "{defaultConstraints: [{maxSkew: 1, topologyKey: zone, whenUnsatisfiable: ScheduleAnyway}]}",
                "defaultingType: Invalid value: \"System\": when .defaultConstraints are not empty");
        refusedArgs(
                "PodTopologySpread",
                "{defaultingType: List, defaultConstraints: [{maxSkew: 1, topologyKey: zone,"
                        + " whenUnsatisfiable: ScheduleAnyway, labelSelector: {}}]}",
                "defaultConstraints[0].labelSelector: Forbidden:"
                        + " constraint must not define a selector, as they deduced for each pod");
        refusedArgs(
                "InterPodAffinity",
                "{hardPodAffinityWeight: 101}",
                "hardPodAffinityWeight: Invalid value: 101: not in valid range [0, 100]");
        refusedArgs(
                "NodeAffinity",
                "{addedAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms:"
                        + " [{matchExpressions: [{key: a, operator: Near}]}]}}}",
                "addedAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]"
                        + ".matchExpressions[0].operator: Unsupported value: \"Near\": supported values:"
                        + " \"DoesNotExist\", \"Exists\", \"Gt\", \"In\", \"Lt\", \"NotIn\"");
        refusedArgs(
                "DefaultPreemption",
                "{minCandidateNodesPercentage: 101}",
                "minCandidateNodesPercentage: Invalid value: 101: not in valid range [0, 100]");
        refusedArgs(
                "VolumeBinding",
                "{bindTimeoutSeconds: -1}",
                "bindTimeoutSeconds: Invalid value: -1: invalid BindTimeoutSeconds, should not be a negative value");
        refusedArgs(
                "VolumeBinding",
                "{kind: NodeAffinityArgs}",
                "kind: Invalid value: \"NodeAffinityArgs\": has to match plugin args VolumeBindingArgs");
    }

    private static PluginSets sets(String plugins) {
        String indented = plugins.strip().replace("\n", "\n    ");
        return KubeSchedulerConfiguration.parse(HEAD + "profiles:\n- plugins:\n    " + indented + "\n")
                .profiles()
                .getFirst()
                .sets();
    }

    private static List<String> at(Point point, String plugins) {
        return sets(plugins).at().getOrDefault(point, List.of());
    }

    private static void refused(String yaml, String message) {
        assertThatThrownBy(() -> KubeSchedulerConfiguration.parse(HEAD + yaml + "\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    private static void refusedArgs(String plugin, String args, String message) {
        refused(
                "profiles: [{pluginConfig: [{name: " + plugin + ", args: " + args + "}]}]",
                "profiles[0].pluginConfig[0].args." + message);
    }

    @Test
    void aLeaderIsElectedWhereTheFileAsksForIt() {
        assertThat(KubeSchedulerConfiguration.DEFAULT.election()).isEmpty();
        assertThat(KubeSchedulerConfiguration.DEFAULT.elected().election())
                .contains(LeaderElection.of("kube-system", "kube-scheduler"));
        assertThat(KubeSchedulerConfiguration.parse(HEAD + "leaderElection: {leaderElect: false}\n")
                        .election())
                .isEmpty();
        assertThat(KubeSchedulerConfiguration.parse(HEAD + "leaderElection:\n  leaderElect: true\n"
                                + "  leaseDuration: 1m30s\n  renewDeadline: 60s\n  retryPeriod: 500ms\n"
                                + "  resourceLock: leases\n  resourceName: mine\n  resourceNamespace: shop\n")
                        .election())
                .contains(new LeaderElection(
                        "shop", "mine", Duration.ofSeconds(90), Duration.ofSeconds(60), Duration.ofMillis(500)));
    }

    @Test
    void anElectionInWhichTwoCouldLeadIsRefused() {
        assertElection("leaseDuration: 10s")
                .hasMessage("leaderElection.leaseDuration: Invalid value: \"10s\":"
                        + " leaseDuration must be greater than renewDeadline");
        assertElection("retryPeriod: 9s")
                .hasMessageContaining("renewDeadline must be greater than retryPeriod*JitterFactor");
        assertElection("retryPeriod: 0s")
                .hasMessage("leaderElection.retryPeriod: Invalid value: \"0s\": must be greater than zero");
        assertElection("leaseDuration: soon")
                .hasMessageStartingWith("leaderElection.leaseDuration: Invalid value: \"soon\"");
        assertElection("resourceLock: endpoints")
                .hasMessage("leaderElection.resourceLock: Invalid value: \"endpoints\":"
                        + " resourceLock value must be \"leases\"");
        assertElection("leaseLength: 1s").hasMessageContaining("unknown field \"leaderElection.leaseLength\"");
    }

    private static AbstractThrowableAssert<?, ?> assertElection(String field) {
        return assertThatThrownBy(() -> KubeSchedulerConfiguration.parse(HEAD + "leaderElection: {" + field + "}\n"));
    }
}
