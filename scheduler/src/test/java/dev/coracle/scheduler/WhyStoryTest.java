package dev.coracle.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Somebody asks why a pod is where it is. */
class WhyStoryTest {
    private final Town town = new Town(11);

    @AfterEach
    void close() {
        town.close();
    }

    private Unstructured why(String pod) {
        var asked = town.scheduler.asked("default", pod);
        town.pass(1);
        return new Unstructured(asked.join());
    }

    private static Unstructured node(Unstructured why, String name) {
        return why.objects("nodes").stream()
                .filter(n -> n.string("name").equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void everyNodeSaysWhoRefusedThePodThereAndWhatWouldHelp() {
        town.node("small", "a", "2", "");
        town.node("tainted", "a", "8", "'taints':[{'key':'team','value':'red','effect':'NoSchedule'}]");
        town.node("cordoned", "a", "8", "'unschedulable':true");
        town.node("plain", "a", "8", "");
        town.client.patch(
                Resources.NODES,
                "",
                "small",
                Patch.merge(Unstructured.parse("{\"metadata\":{\"labels\":{\"disk\":\"ssd\"}}}")),
                WriteOptions.DEFAULT);
        town.asking("web", "3", "'nodeSelector':{'disk':'ssd'},");
        town.pass(1);

        Unstructured why = why("web");
        assertThat(why.string("node")).isEmpty();
        assertThat(why.string("message")).startsWith("0/4 nodes are available: ");
        assertThat(node(why, "small").map())
                .containsEntry("plugin", "NodeResourcesFit")
                .containsEntry("remedy", "asks for 3 cpu, and 2 of 2 is free");
        assertThat(node(why, "tainted").map())
                .containsEntry("plugin", "TaintToleration")
                .containsEntry("remedy", "a toleration of team=red:NoSchedule");
        assertThat(node(why, "cordoned").map())
                .containsEntry("plugin", "NodeUnschedulable")
                .containsEntry("remedy", "kubectl uncordon cordoned");
        assertThat(node(why, "plain").map())
                .containsEntry("plugin", "NodeAffinity")
                .containsEntry("remedy", "kubectl label node plain disk=ssd");
    }

    @Test
    void aPodThatWasPlacedShowsTheScoresAsTheyWereThen() {
        town.nodes("a", "b");
        town.asking("first", "2", "");
        town.pass(1);
        town.asking("second", "2", "");
        town.pass(1);
        String busy = town.nodeOf("first");

        Unstructured why = why("second");
        assertThat(why.string("node")).isNotEqualTo(busy).isNotEmpty();
        Unstructured chosen = node(why, why.string("node"));
        assertThat(chosen.integer(0, "total")).isGreaterThan(node(why, busy).integer(0, "total"));
        assertThat(chosen.object("scores").map().values().stream()
                        .mapToLong(s -> (Long) s)
                        .sum())
                .isEqualTo(chosen.integer(0, "total"));
    }

    @Test
    void whoWasNotTriedIsToldWhy() {
        town.nodes("a");
        town.pod("gated", "'app':'x'", "'schedulingGates':[{'name':'example.com/later'}],");
        town.pod("other", "'app':'x'", "'schedulerName':'theirs',");
        town.pass(1);
        for (var e : Map.of(
                        "gated", "the pod is not tried before its scheduling gates are removed: example.com/later",
                        "other", "no profile of this scheduler is called \"theirs\": the pod waits for another",
                        "nobody", "pods \"nobody\" not found")
                .entrySet()) {
            assertThatThrownBy(() -> why(e.getKey()))
                    .isInstanceOf(CompletionException.class)
                    .hasRootCauseMessage(e.getValue());
        }
    }
}
