package dev.coracle.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.DeleteOptions;
import dev.coracle.machinery.object.Resources;
import dev.coracle.scheduler.KubeSchedulerConfiguration.ProfileSettings;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.WaitingPods;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Pods that have their node, and wait for others before they are bound there. */
class PermitStoryTest {
    /** Binds the pods of a gang when there is a place for three of it. */
    private record Gang(WaitingPods waiting) implements Plugin.Permits {
        @Override
        public String name() {
            return "Gang";
        }

        @Override
        public Permission permit(PodInfo pod, NodeInfo node) {
            if (pod.labels().containsKey("refused")) {
                return new Permission.Reject("this one never");
            }
            if (!pod.labels().containsKey("gang")) {
                return Permission.ALLOW;
            }
            List<WaitingPods.WaitingPod> others = waiting.list().stream()
                    .filter(w -> w.pending().contains(name()))
                    .toList();
            if (others.size() < 2) {
                return new Permission.Wait(Duration.ofSeconds(90));
            }
            others.forEach(w -> waiting.allow(w.pod().uid(), name()));
            return Permission.ALLOW;
        }
    }

    private static Town town() {
        KubeSchedulerConfiguration plain = KubeSchedulerConfiguration.DEFAULT;
        ProfileSettings p = plain.profiles().getFirst();
        Map<Point, List<String>> at = new EnumMap<>(p.sets().at());
        at.put(Point.PERMIT, List.of("Gang"));
        Map<String, Registry.Factory> factories = new HashMap<>(p.factories());
        factories.put("Gang", w -> Optional.of(new Gang(w.waiting())));
        var gang = new ProfileSettings(
                p.schedulerName(), 0, new PluginSets(at, p.sets().weights()), factories);
        return Town.of(new KubeSchedulerConfiguration(
                List.of(gang), plain.firstBackoff(), plain.lastBackoff(), plain.election()));
    }

    @Test
    void aGangIsBoundWhenAllOfItHasItsPlace() {
        try (Town town = town()) {
            town.node("a", "z", "4", "");
            member(town, "one", "1");
            member(town, "two", "1");
            town.pod("other", "'app':'p'", "");
            town.pass(30);
            assertThat(town.nodeOf("other")).as("is of no gang").isEqualTo("a");
            assertThat(town.nodeOf("one") + town.nodeOf("two")).isEmpty();
            town.asking("greedy", "3", "");
            town.pass(1);
            assertThat(town.nodeOf("greedy")).as("they keep their places").isEmpty();
            member(town, "three", "1");
            town.pass(1);
            assertThat(List.of(town.nodeOf("one"), town.nodeOf("two"), town.nodeOf("three")))
                    .containsOnly("a");
        }
    }

    @Test
    void whoWaitsTooLongGivesItsPlaceUpAndIsToldWhy() {
        try (Town town = town()) {
            town.node("a", "z", "1", "");
            member(town, "one", "800m");
            town.pass(1);
            town.asking("next", "800m", "");
            town.pass(80);
            assertThat(town.nodeOf("next")).isEmpty();
            assertThat(town.why("one")).isEmpty();
            town.pass(12);
            assertThat(town.why("one"))
                    .isEqualTo("0/1 nodes are available:"
                            + " 1 rejected due to timeout after waiting 1m30s at plugin Gang.");
            assertThat(town.events("FailedScheduling"))
                    .contains("one: 0/1 nodes are available:"
                            + " 1 rejected due to timeout after waiting 1m30s at plugin Gang.");
            assertThat(town.nodeOf("next")).as("the place is free").isEqualTo("a");
        }
    }

    @Test
    void whoIsRefusedIsNotBound() {
        try (Town town = town()) {
            town.node("a", "z", "1", "");
            town.pod("p", "'refused':'yes'", "");
            town.pass(1);
            assertThat(town.nodeOf("p")).isEmpty();
            assertThat(town.why("p")).isEqualTo("0/1 nodes are available: 1 this one never.");
            town.nodes("b");
            town.pass(60);
            assertThat(town.scheduler.attempts())
                    .as("its own leaving helps it not")
                    .isEqualTo(1);
        }
    }

    @Test
    void whoIsDeletedWhileItWaitsLeavesItsPlaceAndIsNoMoreOfTheGang() {
        try (Town town = town()) {
            town.node("a", "z", "1", "");
            member(town, "one", "400m");
            member(town, "two", "400m");
            town.pass(1);
            town.client.delete(Resources.PODS, "default", "one", DeleteOptions.NOW);
            town.pass(1);
            member(town, "three", "400m");
            town.pass(1);
            assertThat(town.nodeOf("two") + town.nodeOf("three"))
                    .as("two of three")
                    .isEmpty();
        }
    }

    @Test
    void aMoreImportantPodTakesThePlaceOfOneThatWaitsAndDeletesNobody() {
        try (Town town = town()) {
            town.node("a", "z", "1", "");
            town.create(
                    Resources.PRIORITY_CLASSES,
                    "",
                    "{'apiVersion':'scheduling.k8s.io/v1','kind':'PriorityClass','metadata':{'name':'high'},"
                            + "'value':1000}");
            member(town, "one", "800m");
            town.pass(1);
            town.asking("high", "800m", "'priorityClassName':'high',");
            town.pass(5);
            assertThat(town.nodeOf("high")).isEqualTo("a");
            assertThat(town.exists("one")).isTrue();
        }
    }

    private static void member(Town town, String name, String cpu) {
        town.pod("default", name, "'gang':'g'", "", ",'resources':{'requests':{'cpu':'" + cpu + "'}}");
    }
}
