package dev.coracle.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import org.junit.jupiter.api.Test;

class FiltersTest {
    private static final VolumeClaims.Needs NO_VOLUMES = new VolumeClaims.Needs("", List.of(), List.of());

    @Test
    void aTaintRulesOutAllButThoseWhoTolerateIt() {
        NodeInfo node =
                node("{'spec':{'taints':[{'key':'node-role.kubernetes.io/control-plane','effect':'NoSchedule'}]}}");
        assertThat(judge("{}", node).reasons())
                .containsExactly("node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }");
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
        assertThat(Filters.matches(tree("{}"), tree("{}"))).isFalse();
    }

    @Test
    void allThatIsLackingIsNamed() {
        NodeInfo node = node("{'status':{'allocatable':{'cpu':'1','memory':'1Gi','pods':'1','example.com/gpu':'1'}}}");
        node.add("there", Request.of(pod("500m", "512Mi")));
        Filters.Verdict verdict = judge(pod("600m", "2Gi"), node);
        assertThat(verdict.reasons()).containsExactly("Too many pods", "Insufficient cpu", "Insufficient memory");
        assertThat(verdict.resolvable()).as("2Gi never fit into 1Gi").isFalse();
        assertThat(judge(pod("600m", "1Gi"), node).resolvable()).isTrue();
        node.remove("there");
        assertThat(judge(pod("600m", "1Gi"), node).fits()).isTrue();
        assertThat(judge(tree("{'spec':{'containers':[{'resources':{'requests':{'example.com/gpu':'2'}}}]}}"), node)
                        .reasons())
                .containsExactly("Insufficient example.com/gpu");
    }

    @Test
    void aHostPortIsTakenPerAddressAndProtocol() {
        NodeInfo node = node("{}");
        node.add("there", Request.of(port("{'hostPort':80,'hostIP':'10.0.0.1'}")));
        assertThat(judge(port("{'hostPort':80}"), node).reasons())
                .containsExactly("node(s) didn't have free ports for the requested pod ports");
        assertThat(judge(port("{'hostPort':80,'hostIP':'10.0.0.2'}"), node).fits())
                .isTrue();
        assertThat(judge(port("{'hostPort':80,'protocol':'UDP'}"), node).fits()).isTrue();
    }

    @Test
    void everyVolumeMustBeReachable() {
        Unstructured onA = tree("{'matchExpressions':[{'key':'zone','operator':'In','values':['a']}]}");
        Unstructured onB = tree("{'matchExpressions':[{'key':'zone','operator':'In','values':['b']}]}");
        NodeInfo node = node("{'metadata':{'labels':{'zone':'a'}}}");
        assertThat(judge(node, List.of(List.of(onA, onB)))).isEmpty();
        assertThat(judge(node, List.of(List.of(onA), List.of(onB))))
                .containsExactly("node(s) didn't match PersistentVolume's node affinity");
    }

    @Test
    void aDiagnosisReadsAsUpstreams() {
        Diagnosis diagnosis = new Diagnosis(3);
        diagnosis.add(Filters.Verdict.never("node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }"));
        diagnosis.add(new Filters.Verdict(List.of("Insufficient cpu"), true));
        diagnosis.add(new Filters.Verdict(List.of("Insufficient cpu"), true));
        assertThat(diagnosis.message())
                .isEqualTo("0/3 nodes are available: 1 node(s) had untolerated taint"
                        + " {node-role.kubernetes.io/control-plane: }, 2 Insufficient cpu."
                        + " preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling,"
                        + " 2 No preemption victims found for incoming pod.");
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

    private static Filters.Verdict judge(String pod, NodeInfo node) {
        return judge(tree(pod), node);
    }

    private static Filters.Verdict judge(Unstructured pod, NodeInfo node) {
        return Filters.judge(pod, Request.of(pod), NO_VOLUMES, node);
    }

    private static List<String> judge(NodeInfo node, List<List<Unstructured>> affinities) {
        return Filters.judge(
                        tree("{}"), Request.of(tree("{}")), new VolumeClaims.Needs("", List.of(), affinities), node)
                .reasons();
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
