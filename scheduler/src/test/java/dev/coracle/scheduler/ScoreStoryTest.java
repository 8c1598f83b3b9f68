package dev.coracle.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.config.Fields;
import dev.coracle.scheduler.config.Problems;
import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.NodeScore;
import dev.coracle.scheduler.framework.Nominations;
import dev.coracle.scheduler.framework.Plugin;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.Snapshot;
import dev.coracle.scheduler.plugin.imagelocality.ImageLocality;
import dev.coracle.scheduler.plugin.nodeaffinity.NodeAffinity;
import dev.coracle.scheduler.plugin.noderesources.NodeResourcesBalancedAllocation;
import dev.coracle.scheduler.plugin.noderesources.NodeResourcesFit;
import dev.coracle.scheduler.plugin.noderesources.NodeResourcesFitArgs;
import dev.coracle.scheduler.plugin.tainttoleration.TaintToleration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Scores of single plugins, brought between 0 and 100. */
class ScoreStoryTest {
    @Test
    void wishesAgainstPodsCountAgainstANode() {
        NodeInfo free = node("free", "{}");
        NodeInfo one = node("one", "{'spec':{'taints':[" + wish("a") + "]}}");
        NodeInfo two = node("two", "{'spec':{'taints':[" + wish("a") + "," + wish("b") + "]}}");
        assertThat(scores(new TaintToleration(), "{}", free, one, two)).containsExactly(100, 50, 0);
        assertThat(scores(new TaintToleration(), "{'spec':{'tolerations':[{'operator':'Exists'}]}}", free, one, two))
                .containsExactly(100, 100, 100);
    }

    @Test
    void preferredLabelsCountByTheirWeight() {
        String preference = "{'spec':{'affinity':{'nodeAffinity':{'preferredDuringSchedulingIgnoredDuringExecution':["
                + "{'weight':30,'preference':{'matchExpressions':[{'key':'zone','operator':'In','values':['a']}]}},"
                + "{'weight':10,'preference':{'matchExpressions':[{'key':'disk','operator':'Exists'}]}}]}}}}";
        assertThat(scores(
                        new NodeAffinity(),
                        preference,
                        node("both", "{'metadata':{'labels':{'zone':'a','disk':'ssd'}}}"),
                        node("zone", "{'metadata':{'labels':{'zone':'a'}}}"),
                        node("none", "{}")))
                .containsExactly(100, 75, 0);
        assertThat(new NodeAffinity().preScore(cycle("{}", node("none", "{}")), List.of()))
                .as("a pod without preferences")
                .isNull();
    }

    @Test
    void theEmptierNodeIsBetterAndThoseWhoAskNothingCountALittle() {
        NodeInfo empty = node("empty", "{'status':{'allocatable':{'cpu':'1','memory':'1000Mi','pods':'10'}}}");
        NodeInfo used = empty.with(PodInfo.of(tree("{'metadata':{'uid':'u'},'spec':{'containers':[{}]}}")));
        assertThat(scores(new NodeResourcesFit(), "{'spec':{'containers':[{}]}}", empty, used))
                .as("100m and 200Mi each: 90 and 80, 80 and 60")
                .containsExactly(85, 70);
    }

    @Test
    void theFullerNodeIsBetterWhenTheProfileSaysSoOrTheOneInTheMiddle() {
        NodeInfo empty = node("empty", "{'status':{'allocatable':{'cpu':'10','memory':'10Gi','pods':'10'}}}");
        NodeInfo half = empty.with(PodInfo.of(asking("a", "4", "4Gi")));
        NodeInfo full = empty.with(PodInfo.of(asking("b", "8", "8Gi")));
        String pod = asking("new", "1", "1Gi").toString();
        assertThat(scores(fit("type: MostAllocated"), pod, empty, half, full)).containsExactly(10, 50, 90);
        assertThat(scores(fit("type: MostAllocated, resources: [{name: cpu, weight: 3}]"), pod, empty, half, full))
                .containsExactly(10, 50, 90);
        String hill = "type: RequestedToCapacityRatio, requestedToCapacityRatio: {shape: "
                + "[{utilization: 0, score: 0}, {utilization: 50, score: 10}, {utilization: 100, score: 4}]}";
        assertThat(scores(fit(hill), pod, empty, half, full)).containsExactly(20, 100, 52);
    }

    @Test
    void aDeviceCountsOnlyForPodsThatAskForIt() {
        String allocatable =
                "{'status':{'allocatable':{'cpu':'10','memory':'10Gi','pods':'10','example.com/gpu':'4'}}}";
        NodeInfo node = node("a", allocatable);
        String strategy = "type: LeastAllocated, resources: [{name: cpu}, {name: example.com/gpu, weight: 9}]";
        assertThat(scores(fit(strategy), asking("p", "1", "1Gi").toString(), node))
                .containsExactly(90);
        String gpu = "{'spec':{'containers':[{'resources':{'requests':{'cpu':'1','example.com/gpu':'2'}}}]}}";
        assertThat(scores(fit(strategy), gpu, node)).as("90 and nine times 50").containsExactly(54);
    }

    private static NodeResourcesFit fit(String strategy) {
        Object args = Yaml.parseAll("{scoringStrategy: {" + strategy + "}}").getFirst();
        return new NodeResourcesFit(NodeResourcesFitArgs.of(Fields.of("args", args, new Problems())));
    }

    @Test
    void threeSharesAreAsUnevenAsTheirDeviation() {
        Object args = Yaml.parseAll("{resources: [{name: cpu}, {name: memory}, {name: example.com/gpu}]}")
                .getFirst();
        var plugin = new NodeResourcesBalancedAllocation(
                NodeResourcesBalancedAllocation.Args.of(Fields.of("args", args, new Problems())));
        NodeInfo node =
                node("a", "{'status':{'allocatable':{'cpu':'10','memory':'10Gi','pods':'10','example.com/gpu':'10'}}}");
        String pod = "{'spec':{'containers':[{'resources':{'requests':"
                + "{'cpu':'6','memory':'0','example.com/gpu':'3'}}}]}}";
        assertThat(scores(plugin, pod, node))
                .as("shares 0.6, 0 and 0.3: 0.24 uneven; 50 + (50 + 75 - 100) / 2")
                .containsExactly(62);
    }

    @Test
    void aPodThatEvensANodeOutIsWelcomeThere() {
        NodeInfo even = node("even", "{'status':{'allocatable':{'cpu':'8','memory':'8Gi','pods':'10'}}}");
        NodeInfo uneven = even.with(PodInfo.of(asking("there", "6", "2Gi")));
        assertThat(scores(
                        new NodeResourcesBalancedAllocation(),
                        asking("new", "0", "2Gi").toString(),
                        even,
                        uneven))
                .as("50 + (50 + 87 - 100) / 2, and 50 + (50 + 87 - 75) / 2")
                .containsExactly(68, 81);
    }

    @Test
    void imagesThatAreThereCountByTheirSizeAndHowCommonTheyAre() {
        String images = "{'status':{'images':[{'names':['docker.io/app:latest','app:latest'],'sizeBytes':"
                + (1000L << 20) + "}]}}";
        String pod = "{'spec':{'containers':[{'image':'app'}]}}";
        NodeInfo has = node("has", images);
        assertThat(scores(new ImageLocality(), pod, has, node("too", images))).containsExactly(100, 100);
        assertThat(scores(new ImageLocality(), pod, has, node("not", "{}")))
                .as("half of 1000 MiB, less 23")
                .containsExactly(48, 0);
    }

    private static long[] scores(Plugin.Scores plugin, String pod, NodeInfo... nodes) {
        NodeScore score = plugin.preScore(cycle(pod, nodes), List.of(nodes));
        assertThat(score).isNotNull();
        long[] scores = new long[nodes.length];
        for (int i = 0; score != null && i < nodes.length; i++) {
            scores[i] = score.score(nodes[i]);
        }
        if (score != null) {
            score.normalize(scores);
        }
        return scores;
    }

    private static Cycle cycle(String pod, NodeInfo... nodes) {
        Map<String, Integer> index = new HashMap<>();
        for (NodeInfo n : nodes) {
            index.put(n.name(), index.size());
        }
        return new Cycle(PodInfo.of(tree(pod)), new Snapshot(List.of(nodes), index, 0, Map.of(), Nominations.NONE));
    }

    private static String wish(String key) {
        return "{'key':'" + key + "','effect':'PreferNoSchedule'}";
    }

    private static Unstructured asking(String uid, String cpu, String memory) {
        return tree("{'metadata':{'uid':'" + uid + "'},'spec':{'containers':[{'resources':{'requests':{'cpu':'" + cpu
                + "','memory':'" + memory + "'}}}]}}");
    }

    private static NodeInfo node(String name, String json) {
        return new NodeInfo(tree(json).set(name, "metadata", "name"));
    }

    private static Unstructured tree(String json) {
        return Unstructured.parse(json.replace('\'', '"'));
    }
}
