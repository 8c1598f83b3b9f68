package dev.coracle.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.ListOptions;
import dev.coracle.machinery.object.Resources;
import org.junit.jupiter.api.Test;

/** Schedulers that were told how to decide. */
class ProfilesStoryTest {
    @Test
    void eachProfileDecidesAboutItsOwnPodsAndNobodyAboutAStrangers() {
        try (Town town = Town.configured("""
                profiles:
                - schedulerName: default-scheduler
                - schedulerName: packing
                  pluginConfig:
                  - name: NodeResourcesFit
                    args: {scoringStrategy: {type: MostAllocated}}
                  plugins:
                    score: {disabled: [{name: NodeResourcesBalancedAllocation}, {name: PodTopologySpread}]}
                """)) {
            town.nodes("a", "b", "c");
            town.asking("first", "1", "'nodeName':'b',");
            town.pass(1);
            for (int i = 0; i < 6; i++) {
                town.asking("packed-" + i, "1", "'schedulerName':'packing',");
                town.pass(1);
            }
            assertThat(town.spread("packed-")).containsOnlyKeys("b").containsEntry("b", 6);
            town.asking("spread", "1", "");
            town.asking("stranger", "1", "'schedulerName':'theirs',");
            town.pass(60);
            assertThat(town.nodeOf("spread")).isIn("a", "c");
            assertThat(town.nodeOf("stranger")).isEmpty();
            assertThat(town.why("stranger")).isEmpty();
            assertThat(town.client
                            .list(Resources.EVENTS, "default", ListOptions.ALL)
                            .items())
                    .filteredOn(e ->
                            e.object().object("involvedObject").string("name").equals("packed-0"))
                    .allMatch(e -> e.object().string("source", "component").equals("packing"))
                    .isNotEmpty();
        }
    }

    @Test
    void aFilterThatIsDisabledKeepsNobodyOut() {
        try (Town town = Town.configured("""
                profiles:
                - schedulerName: default-scheduler
                - schedulerName: bold
                  plugins: {filter: {disabled: [{name: TaintToleration}]}}
                """)) {
            town.node("a", "z", "8", "'taints':[{'key':'k','effect':'NoSchedule'}]");
            town.pod("shy", "'app':'p'", "");
            town.pod("bold", "'app':'p'", "'schedulerName':'bold',");
            town.pass(1);
            assertThat(town.nodeOf("shy")).isEmpty();
            assertThat(town.nodeOf("bold")).isEqualTo("a");
        }
    }

    @Test
    void aProfileAddsItsOwnAffinityToThatOfItsPods() {
        try (Town town = Town.configured("""
                profiles:
                - pluginConfig:
                  - name: NodeAffinity
                    args:
                      addedAffinity:
                        requiredDuringSchedulingIgnoredDuringExecution:
                          nodeSelectorTerms:
                          - matchExpressions: [{key: topology.kubernetes.io/zone, operator: In, values: [east]}]
                """)) {
            town.node("a", "west", "8", "");
            town.pod("p", "'app':'p'", "");
            town.pass(1);
            assertThat(town.why("p"))
                    .startsWith("0/1 nodes are available: 1 node(s) didn't match scheduler-enforced node affinity.");
            town.node("b", "east", "8", "");
            town.pass(1);
            assertThat(town.nodeOf("p")).isEqualTo("b");
        }
    }

    @Test
    void aListOfConstraintsRulesOutForPodsThatHaveNone() {
        try (Town town = Town.configured("""
                profiles:
                - pluginConfig:
                  - name: PodTopologySpread
                    args:
                      defaultingType: List
                      defaultConstraints:
                      - {maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule}
                """)) {
            town.nodes("a", "b");
            town.node("c", "z", "8", "'unschedulable':true");
            town.create(
                    Resources.SERVICES,
                    "default",
                    "{'apiVersion':'v1','kind':'Service','metadata':{'name':'web'},"
                            + "'spec':{'selector':{'app':'web'},'ports':[{'port':80}]}}");
            town.pass(1);
            for (int i = 0; i < 3; i++) {
                town.pod("web-" + i, "'app':'web'", "");
            }
            town.pass(1);
            assertThat(town.spread("web-"))
                    .containsEntry("a", 1)
                    .containsEntry("b", 1)
                    .containsEntry("", 1);
            assertThat(town.pods().stream()
                            .filter(p -> p.string("spec", "nodeName").isEmpty())
                            .map(p -> town.why(p.name())))
                    .singleElement()
                    .asString()
                    .contains("2 node(s) didn't match pod topology spread constraints");
        }
    }

    @Test
    void aPodThatIsTriedInVainBacksOffAsLongAsItIsTold() {
        try (Town town = Town.configured("podInitialBackoffSeconds: 40\npodMaxBackoffSeconds: 40\n")) {
            town.node("a", "z", "1", "");
            town.asking("big", "2", "");
            town.pass(1);
            long tried = town.scheduler.attempts();
            town.node("b", "z", "4", "");
            town.asking("other", "100m", "");
            town.pass(1);
            assertThat(town.scheduler.attempts()).isGreaterThan(tried);
            assertThat(town.nodeOf("big"))
                    .as("no need to wait when nobody else is tried")
                    .isEqualTo("b");
        }
    }

    @Test
    void amongManyNodesAPartIsEnoughAndEachHasItsTurn() {
        try (Town town = Town.configured("percentageOfNodesToScore: 10\n")) {
            for (int i = 0; i < 300; i++) {
                town.node("n" + i, "z", "8", "");
            }
            town.pass(1);
            for (int i = 0; i < 30; i++) {
                town.asking("p-" + i, "1", "");
            }
            town.pass(5);
            assertThat(town.spread("p-")).doesNotContainKey("").hasSize(30);
            assertThat(town.spread("p-").keySet().stream()
                            .mapToInt(n -> Integer.parseInt(n.substring(1)) / 100)
                            .distinct())
                    .as("of each hundred")
                    .hasSize(3);
        }
    }

    @Test
    void whoseVolumeIsNotMadeInTimeGivesItsPlaceUpAndSaysSo() {
        try (Town town = Town.configured("""
                profiles:
                - pluginConfig:
                  - name: VolumeBinding
                    args: {bindTimeoutSeconds: 30}
                """)) {
            town.nodes("a");
            town.create(
                    Resources.STORAGE_CLASSES,
                    "",
                    "{'apiVersion':'storage.k8s.io/v1','kind':'StorageClass','metadata':{'name':'local'},"
                            + "'provisioner':'example.com/local','volumeBindingMode':'WaitForFirstConsumer'}");
            town.create(
                    Resources.PERSISTENT_VOLUME_CLAIMS,
                    "default",
                    "{'apiVersion':'v1','kind':'PersistentVolumeClaim','metadata':{'name':'data'},'spec':{"
                            + "'storageClassName':'local','accessModes':['ReadWriteOnce'],"
                            + "'resources':{'requests':{'storage':'1Gi'}}}}");
            town.asking("db", "800m", "'volumes':[{'name':'d','persistentVolumeClaim':{'claimName':'data'}}],");
            town.pass(25);
            assertThat(town.events("FailedScheduling")).isEmpty();
            town.pass(10);
            assertThat(town.events("FailedScheduling"))
                    .containsExactly("db: running PreBind plugin \"VolumeBinding\":"
                            + " binding volumes: context deadline exceeded");
        }
    }
}
