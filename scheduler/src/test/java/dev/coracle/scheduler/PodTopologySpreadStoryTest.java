package dev.coracle.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.DeleteOptions;
import dev.coracle.machinery.object.Resources;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PodTopologySpreadStoryTest {
    private static final String SKEWED = "node(s) didn't match pod topology spread constraints";

    private final Town town = new Town(5);

    @AfterEach
    void close() {
        town.close();
    }

    @Test
    void replicasOfASetSpreadEvenlyWithoutBeingTold() {
        town.nodes("a", "b", "c");
        town.create(
                Resources.SERVICES,
                "default",
                "{'apiVersion':'v1','kind':'Service','metadata':{'name':'web'},'spec':{'selector':{'app':'web'},"
                        + "'ports':[{'port':80}]}}");
        for (int i = 0; i < 6; i++) {
            town.pod("web-" + i, "'app':'web'", "");
        }
        town.pass(1);
        assertThat(town.spread("web")).isEqualTo(Map.of("a", 2, "b", 2, "c", 2));
    }

    @Test
    void noDomainGetsAheadOfAnotherThatCountsAndOneThatCannotTakeThemCounts() {
        town.nodes("a", "b");
        town.node("tainted", "z", "8", "'taints':[{'key':'control-plane','effect':'NoSchedule'}]");
        for (int i = 0; i < 4; i++) {
            town.pod("even-" + i, "'app':'even'", constraint("'maxSkew':1", "even"));
        }
        town.pass(1);
        assertThat(town.spread("even")).isEqualTo(Map.of("", 2, "a", 1, "b", 1));
        String waiting = town.pods().stream()
                .filter(p -> p.string("spec", "nodeName").isEmpty())
                .findFirst()
                .orElseThrow()
                .name();
        assertThat(town.why(waiting))
                .isEqualTo("0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 " + SKEWED
                        + ". preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling,"
                        + " 2 No preemption victims found for incoming pod.");

        for (int i = 0; i < 4; i++) {
            town.pod("honest-" + i, "'app':'honest'", constraint("'maxSkew':1,'nodeTaintsPolicy':'Honor'", "honest"));
        }
        town.pass(1);
        assertThat(town.spread("honest")).isEqualTo(Map.of("a", 2, "b", 2));
    }

    @Test
    void aPodThatLeavesMakesWayElsewhere() {
        town.nodes("a", "b");
        town.pod("one", "'app':'x'", "'nodeName':'a',");
        town.pod("two", "'app':'x'", "'nodeName':'a',");
        town.pod("three", "'app':'x'", "'nodeSelector':{'kubernetes.io/hostname':'a'}," + everyNode("x"));
        town.pass(1);
        assertThat(town.nodeOf("three")).as("a would be three ahead").isEmpty();
        town.client.delete(Resources.PODS, "default", "one", DeleteOptions.NOW);
        town.pass(1);
        assertThat(town.nodeOf("three")).as("a is one, and two with it").isEmpty();
        town.pod("four", "'app':'x'", "'nodeName':'b',");
        town.pass(10);
        assertThat(town.nodeOf("three")).as("b has one now").isEqualTo("a");
    }

    private static String everyNode(String app) {
        return constraint("'maxSkew':1,'nodeAffinityPolicy':'Ignore'", app);
    }

    @Test
    void withTooFewDomainsTheSmallestIsNothing() {
        town.nodes("a", "b");
        for (int i = 0; i < 4; i++) {
            town.pod("p-" + i, "'app':'p'", constraint("'maxSkew':1,'minDomains':3", "p"));
        }
        town.pass(1);
        assertThat(town.spread("p")).isEqualTo(Map.of("", 2, "a", 1, "b", 1));
        town.nodes("c");
        town.pass(10);
        assertThat(town.spread("p")).hasSize(3).doesNotContainKey("");
    }

    @Test
    void podsOfAnotherTemplateDoNotCountWhenTheirKeyIsNamed() {
        town.nodes("a", "b");
        town.pod("old", "'app':'r','pod-template-hash':'1'", "'nodeName':'a',");
        town.pod("old2", "'app':'r','pod-template-hash':'1'", "'nodeName':'a',");
        for (int i = 0; i < 4; i++) {
            town.pod(
                    "new-" + i,
                    "'app':'r','pod-template-hash':'2'",
                    constraint("'maxSkew':1,'matchLabelKeys':['pod-template-hash']", "r"));
        }
        town.pass(1);
        assertThat(town.spread("new")).isEqualTo(Map.of("a", 2, "b", 2));
    }

    @Test
    void aNodeWithoutTheLabelIsNoDomain() {
        town.nodes("a");
        town.pod(
                "p",
                "'app':'p'",
                "'topologySpreadConstraints':[{'maxSkew':1,'topologyKey':'rack','whenUnsatisfiable':'DoNotSchedule',"
                        + "'labelSelector':{'matchLabels':{'app':'p'}}}],");
        town.pass(1);
        assertThat(town.why("p")).startsWith("0/1 nodes are available: 1 " + SKEWED + " (missing required label).");
    }

    @Test
    void aWishSpreadsOverZones() {
        town.node("a1", "a", "8", "");
        town.node("a2", "a", "8", "");
        town.node("b1", "b", "8", "");
        town.pod("w-0", "'app':'w'", "'nodeName':'a1',");
        town.pod("w-1", "'app':'w'", "'nodeName':'a2',");
        town.pod(
                "w-2",
                "'app':'w'",
                "'topologySpreadConstraints':[{'maxSkew':1,'topologyKey':'topology.kubernetes.io/zone',"
                        + "'whenUnsatisfiable':'ScheduleAnyway','labelSelector':{'matchLabels':{'app':'w'}}}],");
        town.pass(1);
        assertThat(town.nodeOf("w-2")).isEqualTo("b1");
    }

    private static String constraint(String members, String app) {
        return "'topologySpreadConstraints':[{" + members
                + ",'topologyKey':'kubernetes.io/hostname','whenUnsatisfiable':'DoNotSchedule',"
                + "'labelSelector':{'matchLabels':{'app':'" + app + "'}}}],";
    }
}
