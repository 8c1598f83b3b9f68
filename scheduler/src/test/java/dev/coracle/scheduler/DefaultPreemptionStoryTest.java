package dev.coracle.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DefaultPreemptionStoryTest {
    private final Town town = new Town(11);

    @BeforeEach
    void classes() {
        priority("low", -10, "PreemptLowerPriority");
        priority("high", 1000, "PreemptLowerPriority");
        priority("higher", 2000, "PreemptLowerPriority");
        priority("polite", 3000, "Never");
    }

    @AfterEach
    void close() {
        town.close();
    }

    @Test
    void theLessImportantGoesWithGraceAndTheNodeIsKeptForWhoMadeRoom() {
        town.node("a", "z", "1", "");
        town.asking("victim", "800m", "");
        town.pass(1);
        town.asking("vip", "800m", "'priorityClassName':'high',");
        town.pass(1);
        Unstructured victim = town.pod("victim");
        assertThat(victim.isDeleting()).isTrue();
        assertThat(victim.integer(0, "metadata", "deletionGracePeriodSeconds")).isEqualTo(30);
        Unstructured why = condition(victim, "DisruptionTarget");
        assertThat(why.string("reason")).isEqualTo("PreemptionByScheduler");
        assertThat(why.string("message"))
                .isEqualTo("default-scheduler: preempting to accommodate a higher priority pod");
        Unstructured vip = town.pod("vip");
        assertThat(town.events("Preempted")).containsExactly("victim: Preempted by pod " + vip.uid() + " on node a");
        assertThat(vip.string("status", "nominatedNodeName")).isEqualTo("a");
        assertThat(town.why("vip")).isEqualTo("0/1 nodes are available: 1 Insufficient cpu.");
        assertThat(town.nodeOf("vip")).as("the victim is not gone yet").isEmpty();

        town.asking("thief", "800m", "");
        town.pass(5);
        gone("victim");
        town.pass(10);
        assertThat(town.nodeOf("vip")).isEqualTo("a");
        assertThat(town.nodeOf("thief")).isEmpty();
        assertThat(town.events("Preempted")).hasSize(1);
    }

    @Test
    void theFewestAndLeastImportantGo() {
        town.node("a", "z", "2", "");
        town.node("b", "z", "2", "");
        on("a", "a-normal", "1500m", "");
        on("b", "b-low", "1", "'priorityClassName':'low',");
        on("b", "b-normal", "900m", "");
        town.pass(1);
        town.asking("vip", "1", "'priorityClassName':'high',");
        town.pass(1);
        assertThat(town.pod("b-low").isDeleting()).isTrue();
        assertThat(town.pod("b-normal").isDeleting()).isFalse();
        assertThat(town.pod("a-normal").isDeleting()).isFalse();
    }

    @Test
    void aBudgetTurnsTheChoiceElsewhereButStopsNobody() {
        town.node("a", "z", "1", "");
        town.node("b", "z", "1", "");
        on("a", "guarded", "800m", "'priorityClassName':'low',");
        on("b", "free", "800m", "");
        town.create(
                Resources.POD_DISRUPTION_BUDGETS,
                "default",
                "{'apiVersion':'policy/v1','kind':'PodDisruptionBudget','metadata':{'name':'g'},'spec':{"
                        + "'minAvailable':1,'selector':{'matchLabels':{'app':'guarded'}}}}");
        town.pass(1);
        town.asking("vip", "800m", "'priorityClassName':'high',");
        town.pass(1);
        assertThat(town.pod("free").isDeleting()).isTrue();
        assertThat(town.pod("guarded").isDeleting()).isFalse();
        town.asking("vip2", "800m", "'priorityClassName':'high',");
        town.pass(1);
        assertThat(town.pod("guarded").isDeleting()).isTrue();
    }

    @Test
    void whoNeverPreemptsWaitsAtTheHeadOfTheQueue() {
        town.node("a", "z", "1", "");
        town.asking("there", "800m", "");
        town.pass(1);
        town.asking("normal", "800m", "");
        town.asking("polite", "800m", "'priorityClassName':'polite',");
        town.pass(30);
        assertThat(town.pod("there").isDeleting()).isFalse();
        assertThat(town.why("polite"))
                .isEqualTo("0/1 nodes are available: 1 Insufficient cpu."
                        + " preemption: not eligible due to preemptionPolicy=Never.");
        gone("there");
        town.pass(1);
        assertThat(town.nodeOf("polite")).isEqualTo("a");
        assertThat(town.nodeOf("normal")).isEmpty();
    }

    @Test
    void equalsLeaveEachOtherAloneAndWhatIsTooBigPreemptsNobody() {
        town.node("a", "z", "1", "");
        town.asking("there", "800m", "");
        town.pass(1);
        town.asking("equal", "800m", "");
        town.asking("huge", "64", "'priorityClassName':'high',");
        town.pass(1);
        assertThat(town.pod("there").isDeleting()).isFalse();
        assertThat(town.why("equal"))
                .isEqualTo("0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available:"
                        + " 1 No preemption victims found for incoming pod.");
        assertThat(town.why("huge"))
                .isEqualTo("0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available:"
                        + " 1 Preemption is not helpful for scheduling.");
    }

    @Test
    void theMoreImportantTakesTheNodeFromOneThatWasToCome() {
        town.node("a", "z", "1", "");
        town.asking("victim", "800m", "");
        town.pass(1);
        town.asking("vip", "800m", "'priorityClassName':'high',");
        town.pass(1);
        assertThat(town.pod("vip").string("status", "nominatedNodeName")).isEqualTo("a");
        town.asking("boss", "800m", "'priorityClassName':'higher',");
        town.pass(1);
        gone("victim");
        town.pass(10);
        assertThat(town.nodeOf("boss")).isEqualTo("a");
        assertThat(town.nodeOf("vip")).isEmpty();
        assertThat(town.pod("vip").string("status", "nominatedNodeName")).isEmpty();
    }

    @Test
    void keepingApartAndSpreadingArePreemptedForToo() {
        town.nodes("a");
        town.pod("there", "'app':'apart'", "'nodeName':'a',");
        town.pass(1);
        town.pod(
                "vip",
                "'app':'apart'",
                "'priorityClassName':'high','affinity':{'podAntiAffinity':{"
                        + "'requiredDuringSchedulingIgnoredDuringExecution':[{'topologyKey':'kubernetes.io/hostname',"
                        + "'labelSelector':{'matchLabels':{'app':'apart'}}}]}},");
        town.pass(1);
        assertThat(town.pod("there").isDeleting()).isTrue();
        gone("there");
        town.pass(2);
        assertThat(town.nodeOf("vip")).isEqualTo("a");
    }

    @Test
    void aNominationThatIsTakenBackFreesTheNode() {
        town.node("a", "z", "1", "");
        town.asking("vip", "800m", "'priorityClassName':'high','nodeSelector':{'disk':'ssd'},");
        town.pass(1);
        nominate("'a'");
        town.asking("other", "800m", "");
        town.pass(1);
        assertThat(town.nodeOf("other")).as("the node is kept for the other").isEmpty();
        nominate("null");
        town.pass(2);
        assertThat(town.nodeOf("other")).isEqualTo("a");
    }

    @Test
    void whoIsNominatedGoesThereThoughOthersAreBetterAndElsewhereOnlyWhenItCannot() {
        town.node("roomy", "z", "8", "");
        town.node("tight", "z", "2", "");
        for (String name : new String[] {"fits", "grew"}) {
            String cpu = name.equals("fits") ? "1" : "3";
            town.asking(name, cpu, "'schedulingGates':[{'name':'example.com/wait'}],");
            town.client.patch(
                    Resources.PODS,
                    "default",
                    name,
                    Patch.merge(Town.tree("{'status':{'nominatedNodeName':'tight'}}")),
                    WriteOptions.STATUS);
            town.client.patch(
                    Resources.PODS,
                    "default",
                    name,
                    Patch.merge(Town.tree("{'spec':{'schedulingGates':null}}")),
                    WriteOptions.DEFAULT);
            town.pass(5);
        }
        town.asking("free", "1", "");
        town.pass(5);
        assertThat(town.nodeOf("fits")).isEqualTo("tight");
        assertThat(town.nodeOf("grew")).isEqualTo("roomy");
        assertThat(town.nodeOf("free")).isEqualTo("roomy");
    }

    private void nominate(String node) {
        town.client.patch(
                Resources.PODS,
                "default",
                "vip",
                Patch.merge(Town.tree("{'status':{'nominatedNodeName':" + node + "}}")),
                WriteOptions.STATUS);
        town.pass(1);
    }

    private void on(String node, String name, String cpu, String spec) {
        town.asking(name, cpu, spec + "'nodeName':'" + node + "',");
    }

    private void gone(String pod) {
        town.client.delete(Resources.PODS, "default", pod, DeleteOptions.NOW);
        assertThat(town.exists(pod)).isFalse();
    }

    private static Unstructured condition(Unstructured pod, String type) {
        return pod.objects("status", "conditions").stream()
                .filter(c -> c.string("type").equals(type))
                .findFirst()
                .orElseThrow();
    }

    private void priority(String name, int value, String policy) {
        town.create(
                Resources.PRIORITY_CLASSES,
                "",
                "{'apiVersion':'scheduling.k8s.io/v1','kind':'PriorityClass','metadata':{'name':'" + name
                        + "'},'value':" + value + ",'preemptionPolicy':'" + policy + "'}");
    }
}
