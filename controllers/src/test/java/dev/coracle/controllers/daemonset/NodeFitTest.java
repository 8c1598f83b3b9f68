package dev.coracle.controllers.daemonset;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.World;
import dev.coracle.machinery.object.Unstructured;
import org.junit.jupiter.api.Test;

/** Which nodes a daemon is for. */
class NodeFitTest {
    private static final NodeFit RUN = new NodeFit(true, true);
    private static final NodeFit STAY = new NodeFit(false, true);

    @Test
    void aNodeIsFitUnlessSomethingSaysOtherwise() {
        assertThat(fit("", "")).isEqualTo(RUN);
        assertThat(fit("'nodeName':'n'", "")).isEqualTo(RUN);
        assertThat(fit("'nodeName':'other'", "")).isEqualTo(NodeFit.NONE);
        assertThat(fit("'nodeSelector':{'disk':'ssd'}", "")).isEqualTo(RUN);
        assertThat(fit("'nodeSelector':{'disk':'hdd'}", "")).isEqualTo(NodeFit.NONE);
    }

    @Test
    void requiredAffinityIsOneOfItsTerms() {
        assertThat(affinity("{'matchExpressions':[{'key':'disk','operator':'In','values':['ssd']}]}"))
                .isEqualTo(RUN);
        assertThat(affinity("{'matchExpressions':[{'key':'disk','operator':'NotIn','values':['ssd']}]}"))
                .isEqualTo(NodeFit.NONE);
        assertThat(affinity("{'matchExpressions':[{'key':'gpu','operator':'Exists'}]},"
                        + "{'matchExpressions':[{'key':'cores','operator':'Gt','values':['3']}]}"))
                .isEqualTo(RUN);
        assertThat(affinity("{'matchFields':[{'key':'metadata.name','operator':'In','values':['other']}]}"))
                .isEqualTo(NodeFit.NONE);
        assertThat(affinity("{}")).as("an empty term").isEqualTo(NodeFit.NONE);
    }

    @Test
    void taintsDriveOffAndOutUnlessTolerated() {
        assertThat(fit("", "{'key':'k','value':'v','effect':'NoSchedule'}")).isEqualTo(STAY);
        assertThat(fit("", "{'key':'k','value':'v','effect':'NoExecute'}")).isEqualTo(NodeFit.NONE);
        assertThat(fit("", "{'key':'k','value':'v','effect':'PreferNoSchedule'}"))
                .isEqualTo(RUN);
        String tolerations = "'tolerations':[{'key':'k','operator':'Equal','value':'v'}]";
        assertThat(fit(tolerations, "{'key':'k','value':'v','effect':'NoExecute'}"))
                .isEqualTo(RUN);
        assertThat(fit(tolerations, "{'key':'k','value':'w','effect':'NoExecute'}"))
                .isEqualTo(NodeFit.NONE);
        assertThat(fit("'tolerations':[{'operator':'Exists'}]", "{'key':'k','effect':'NoSchedule'}"))
                .isEqualTo(RUN);
    }

    @Test
    void whatAilsANodeDoesNotDriveItsDaemonsOff() {
        for (String name : new String[] {"not-ready", "unreachable"}) {
            assertThat(fit("", "{'key':'node.kubernetes.io/" + name + "','effect':'NoExecute'}"))
                    .isEqualTo(RUN);
        }
        for (String name : new String[] {"disk-pressure", "memory-pressure", "pid-pressure", "unschedulable"}) {
            assertThat(fit("", "{'key':'node.kubernetes.io/" + name + "','effect':'NoSchedule'}"))
                    .isEqualTo(RUN);
        }
        String network = "{'key':'node.kubernetes.io/network-unavailable','effect':'NoSchedule'}";
        assertThat(fit("", network)).isEqualTo(STAY);
        assertThat(fit("'hostNetwork':true", network)).isEqualTo(RUN);
    }

    @Test
    void aTolerationWithAnEndBecomesOneWithout() {
        Unstructured spec = Template.spec(set("'tolerations':[{'key':'node.kubernetes.io/not-ready',"
                + "'operator':'Exists','effect':'NoExecute','tolerationSeconds':300}]"));
        assertThat(spec.objects("tolerations")).hasSize(6).noneMatch(t -> t.has("tolerationSeconds"));
    }

    private static NodeFit affinity(String terms) {
        return fit(
                "'affinity':{'nodeAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':{"
                        + "'nodeSelectorTerms':[" + terms + "]}}}",
                "");
    }

    private static NodeFit fit(String spec, String taints) {
        Unstructured node = World.tree("{'metadata':{'name':'n','labels':{'disk':'ssd','cores':'4'}},'spec':{"
                + "'unschedulable':true,'taints':[" + taints + "]}}");
        return NodeFit.of(Template.spec(set(spec)), node);
    }

    private static Unstructured set(String spec) {
        return World.tree("{'spec':{'template':{'spec':{" + spec + "}}}}");
    }
}
