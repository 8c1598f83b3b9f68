package dev.coracle.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.object.Unstructured;
import dev.coracle.scheduler.framework.Cycle;
import dev.coracle.scheduler.framework.Diagnosis;
import dev.coracle.scheduler.framework.Filtering;
import dev.coracle.scheduler.framework.NodeInfo;
import dev.coracle.scheduler.framework.NodeSelector;
import dev.coracle.scheduler.framework.Nominations;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.Request;
import dev.coracle.scheduler.framework.Snapshot;
import dev.coracle.scheduler.framework.Status;
import dev.coracle.scheduler.plugin.nodeaffinity.NodeAffinity;
import dev.coracle.scheduler.plugin.nodename.NodeName;
import dev.coracle.scheduler.plugin.nodeports.NodePorts;
import dev.coracle.scheduler.plugin.noderesources.NodeResourcesFit;
import dev.coracle.scheduler.plugin.nodeunschedulable.NodeUnschedulable;
import dev.coracle.scheduler.plugin.tainttoleration.TaintToleration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Plugins that look at one node at a time. */
class FilterStoryTest {
    @Test
    void aTaintRulesOutAllButThoseWhoTolerateIt() {
        NodeInfo node =
                node("{'spec':{'taints':[{'key':'node-role.kubernetes.io/control-plane','effect':'NoSchedule'}]}}");
        assertThat(judge("{}", node).reasons()).containsExactly("node(s) had untolerated taint(s)");
        assertThat(judge("{}", node).resolvable()).isFalse();
        assertThat(judge("{'spec':{'tolerations':[{'operator':'Exists'}]}}", node)
                        .fits())
                .isTrue();
        assertThat(judge("{'spec':{'tolerations':[{'key':'other','operator':'Exists'}]}}", node)
                        .fits())
                .isFalse();
    }

    @Test
    void aCordonedNodeTakesNobody() {
        assertThat(judge("{}", node("{'spec':{'unschedulable':true}}")).reasons())
                .containsExactly("node(s) were unschedulable");
    }

    @Test
    void aMereWishAgainstANodeIsNoFilter() {
        assertThat(judge("{}", node("{'spec':{'taints':[{'key':'a','effect':'PreferNoSchedule'}]}}"))
                        .fits())
                .isTrue();
    }

    @Test
    void selectorsAndAffinityLookAtLabels() {
        NodeInfo node = node("{'metadata':{'name':'n','labels':{'zone':'a','cores':'8'}}}");
        assertThat(judge("{'spec':{'nodeSelector':{'zone':'a'}}}", node).fits()).isTrue();
        assertThat(judge("{'spec':{'nodeSelector':{'zone':'b'}}}", node).reasons())
                .containsExactly("node(s) didn't match Pod's node affinity/selector");
        assertThat(judge(affinity("{'key':'cores','operator':'Gt','values':['4']}"), node)
                        .fits())
                .isTrue();
        assertThat(judge(affinity("{'key':'zone','operator':'NotIn','values':['a']}"), node)
                        .fits())
                .isFalse();
        assertThat(judge(affinity("{'key':'zone','operator':'Gt','values':['1']}"), node)
                        .fits())
                .isFalse();
    }

    @Test
    void anEmptyTermSelectsNothing() {
        assertThat(NodeSelector.term(tree("{}")).matches(node("{}"))).isFalse();
    }

    @Test
    void allThatIsLackingIsNamed() {
        NodeInfo node = node("{'status':{'allocatable':{'cpu':'1','memory':'1Gi','pods':'1','example.com/gpu':'1'}}}");
        node = node.with(there(pod("500m", "512Mi")));
        Status verdict = judge(pod("600m", "2Gi"), node);
        assertThat(verdict.reasons()).containsExactly("Too many pods", "Insufficient cpu", "Insufficient memory");
        assertThat(verdict.resolvable()).as("2Gi never fit into 1Gi").isFalse();
        assertThat(judge(pod("600m", "1Gi"), node).resolvable()).isTrue();
        node = node.without("there");
        assertThat(judge(pod("600m", "1Gi"), node).fits()).isTrue();
        assertThat(judge(tree("{'spec':{'containers':[{'resources':{'requests':{'example.com/gpu':'2'}}}]}}"), node)
                        .reasons())
                .containsExactly("Insufficient example.com/gpu");
    }

    @Test
    void aHostPortIsTakenPerAddressAndProtocol() {
        NodeInfo node = node("{}");
        node = node.with(there(port("{'hostPort':80,'hostIP':'10.0.0.1'}")));
        assertThat(judge(port("{'hostPort':80}"), node).reasons())
                .containsExactly("node(s) didn't have free ports for the requested pod ports");
        assertThat(judge(port("{'hostPort':80,'hostIP':'10.0.0.2'}"), node).fits())
                .isTrue();
        assertThat(judge(port("{'hostPort':80,'protocol':'UDP'}"), node).fits()).isTrue();
    }

    @Test
    void aDiagnosisReadsAsUpstreams() {
        Diagnosis diagnosis = new Diagnosis(3);
        diagnosis.add(Status.unresolvable("node(s) had untolerated taint(s)"));
        diagnosis.add(Status.unschedulable("Insufficient cpu"));
        diagnosis.add(Status.unschedulable("Insufficient cpu"));
        assertThat(diagnosis.message())
                .isEqualTo("0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu.");
        assertThat(new Diagnosis(0).message()).isEqualTo("no nodes available to schedule pods");
    }

    @Test
    void initContainersCountByTheLargestPhaseAndSidecarsStay() {
        Request r = Request.of(tree("{'spec':{'overhead':{'cpu':'5m'},'containers':["
                + "{'resources':{'requests':{'cpu':'100m'}}},{'resources':{'limits':{'cpu':'100m'}}}],"
                + "'initContainers':[{'restartPolicy':'Always','resources':{'requests':{'cpu':'50m'}}},"
                + "{'resources':{'requests':{'cpu':'300m'}}}]}}"));
        assertThat(r.amount("cpu")).isEqualTo(355);
    }

    @Test
    void ofAPodThatIsResizedTheMostOfWhatItAsksForAndHasCounts() {
        String pod =
                "{'spec':{'containers':[{'name':'c','resources':{'requests':{'cpu':'%s','memory':'1'}}}]},'status':{"
                        + "'conditions':[{'type':'PodResizePending','reason':'%s'}],'containerStatuses':[{'name':'c',"
                        + "'allocatedResources':{'cpu':'200m'},'resources':{'requests':{'cpu':'300m','memory':'1'}}}]}}";
        assertThat(Request.of(tree(pod.formatted("100m", ""))).amount("cpu")).isEqualTo(300);
        assertThat(Request.of(tree(pod.formatted("400m", "Deferred"))).amount("cpu"))
                .isEqualTo(400);
        assertThat(Request.of(tree(pod.formatted("400m", "Infeasible"))).amount("cpu"))
                .as("what the node can never give")
                .isEqualTo(300);
        assertThat(Request.of(tree(pod.formatted("400m", "Infeasible"))).amount("memory"))
                .isEqualTo(1);
    }

    private static Status judge(String pod, NodeInfo node) {
        return judge(tree(pod), node);
    }

    private static Status judge(Unstructured pod, NodeInfo node) {
        var snapshot = new Snapshot(List.of(node), Map.of(node.name(), 0), 0, Map.of(), Nominations.NONE);
        return Filtering.of(
                        List.of(
                                new NodeUnschedulable(),
                                new NodeName(),
                                new TaintToleration(),
                                new NodeAffinity(),
                                new NodePorts(),
                                new NodeResourcesFit()),
                        new Cycle(PodInfo.of(pod), snapshot))
                .filter(node);
    }

    private static PodInfo there(Unstructured pod) {
        return PodInfo.of(pod.set("there", "metadata", "uid"));
    }

    private static String affinity(String expression) {
        return "{'spec':{'affinity':{'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':"
                + "{'nodeSelectorTerms':[{'matchExpressions':[" + expression + "]}]}}}}}";
    }

    private static Unstructured pod(String cpu, String memory) {
        return tree(
                "{'spec':{'containers':[{'resources':{'requests':{'cpu':'" + cpu + "','memory':'" + memory + "'}}}]}}");
    }

    private static Unstructured port(String port) {
        return tree("{'spec':{'containers':[{'ports':[" + port + "]}]}}");
    }

    private static NodeInfo node(String json) {
        Unstructured node = tree(json);
        return new NodeInfo(node.has("status") ? node : node.set("110", "status", "allocatable", "pods"));
    }

    private static Unstructured tree(String json) {
        return Unstructured.parse(json.replace('\'', '"'));
    }
}
