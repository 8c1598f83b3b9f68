package dev.coracle.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.DeleteOptions;
import dev.coracle.machinery.object.Resources;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InterPodAffinityStoryTest {
    private final Town town = new Town(7);

    @AfterEach
    void close() {
        town.close();
    }

    @Test
    void podsThatKeepApartNeedANodeEach() {
        town.nodes("a", "b", "c");
        for (int i = 0; i < 4; i++) {
            town.pod("apart-" + i, "'app':'apart'", anti("kubernetes.io/hostname", "apart"));
        }
        town.pass(1);
        assertThat(town.spread("apart")).isEqualTo(Map.of("", 1, "a", 1, "b", 1, "c", 1));
        String last = town.pods().stream()
                .filter(p -> p.string("spec", "nodeName").isEmpty())
                .findFirst()
                .orElseThrow()
                .name();
        assertThat(town.why(last))
                .isEqualTo("0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules."
                        + " preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.");
        town.nodes("d");
        town.pass(10);
        assertThat(town.nodeOf(last)).isEqualTo("d");
    }

    @Test
    void whoWantsToBeAloneKeepsOthersOutAndOneThatLeavesLetsTheZoneOn() {
        town.node("a1", "a", "8", "");
        town.node("a2", "a", "8", "");
        town.pod("alone", "'app':'alone'", anti("topology.kubernetes.io/zone", "guest"));
        town.pass(1);
        town.pod("guest", "'app':'guest'", "");
        town.pass(1);
        assertThat(town.why("guest"))
                .startsWith(
                        "0/2 nodes are available:" + " 2 node(s) didn't satisfy existing pods anti-affinity rules.");
        town.client.delete(Resources.PODS, "default", "alone", DeleteOptions.NOW);
        town.pass(1);
        assertThat(town.nodeOf("guest")).isNotEmpty();
    }

    @Test
    void theFirstOfItsKindGoesAnywhereAndTheOthersFollow() {
        town.node("a1", "a", "8", "");
        town.node("b1", "b", "8", "");
        town.node("b2", "b", "8", "");
        for (int i = 0; i < 5; i++) {
            town.pod("near-" + i, "'app':'near'", near("", "near"));
        }
        town.pass(1);
        assertThat(town.spread("near")).doesNotContainKey("");
        assertThat(town.spread("near").containsKey("a1"))
                .as("one zone or the other")
                .isNotEqualTo(town.spread("near").containsKey("b1")
                        || town.spread("near").containsKey("b2"));
    }

    @Test
    void companyInAnotherNamespaceCountsWhenItIsSelected() {
        town.nodes("a", "b");
        town.create(
                Resources.NAMESPACES,
                "",
                "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'data','labels':{'team':'red'}}}");
        town.pod("here", "'app':'client'", near("", "db"));
        town.pod("there", "'app':'client'", near("'namespaceSelector':{'matchLabels':{'team':'red'}},", "db"));
        town.pod("named", "'app':'client'", near("'namespaces':['data'],", "db"));
        town.pass(1);
        assertThat(town.why("here"))
                .isEqualTo("0/2 nodes are available: 2 node(s) didn't match pod affinity rules."
                        + " preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.");
        town.pod("data", "db", "'app':'db'", "", "");
        town.pass(10);
        assertThat(town.nodeOf("here")).isEmpty();
        assertThat(town.nodeOf("there")).isNotEmpty();
        assertThat(town.nodeOf("named")).isNotEmpty();
    }

    @Test
    void wishesAreHeededButBindNobody() {
        town.nodes("a", "b");
        town.pod("cache", "'app':'cache'", "'nodeName':'b',");
        town.pass(1);
        for (int i = 0; i < 3; i++) {
            town.pod("web-" + i, "'app':'web'", wish("podAffinity", "cache"));
            town.pod("batch-" + i, "'app':'batch'", wish("podAntiAffinity", "cache"));
        }
        town.pod("lonely", "'app':'lonely'", wish("podAffinity", "nobody"));
        town.pass(1);
        assertThat(town.spread("web")).isEqualTo(Map.of("b", 3));
        assertThat(town.spread("batch")).isEqualTo(Map.of("a", 3));
        assertThat(town.nodeOf("lonely")).isNotEmpty();
    }

    private static String anti(String key, String app) {
        return "'affinity':{'podAntiAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':[" + term(key, "", app)
                + "]}},";
    }

    private static String near(String namespaces, String app) {
        return "'affinity':{'podAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':["
                + term("topology.kubernetes.io/zone", namespaces, app) + "]}},";
    }

    private static String wish(String kind, String app) {
        return "'affinity':{'" + kind + "':{'preferredDuringSchedulingIgnoredDuringExecution':[{'weight':100,"
                + "'podAffinityTerm':" + term("kubernetes.io/hostname", "", app) + "}]}},";
    }

    private static String term(String key, String namespaces, String app) {
        return "{'topologyKey':'" + key + "'," + namespaces + "'labelSelector':{'matchLabels':{'app':'" + app + "'}}}";
    }
}
