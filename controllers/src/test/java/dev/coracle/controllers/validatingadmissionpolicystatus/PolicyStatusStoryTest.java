package dev.coracle.controllers.validatingadmissionpolicystatus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.WriteOptions;
import dev.coracle.controllers.World;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who writes a policy finds in its status what of it makes no sense. */
class PolicyStatusStoryTest {
    private static final GroupVersionResource POLICIES =
            new GroupVersionResource("admissionregistration.k8s.io", "v1", "validatingadmissionpolicies");

    private World world;

    @BeforeEach
    void start() {
        world = new World(Path.of("unused"));
        world.run(PolicyStatusController::new);
        world.start();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    private Unstructured policy(String group, String version, String resources, String expression) {
        world.create(POLICIES, "", """
                {'apiVersion':'admissionregistration.k8s.io/v1','kind':'ValidatingAdmissionPolicy',
                 'metadata':{'name':'p'},
                 'spec':{'matchConstraints':{'resourceRules':[{'apiGroups':['%s'],'apiVersions':['%s'],
                           'operations':['*'],'resources':[%s]}]},
                         'validations':[{'expression':'%s'}]}}
                """.formatted(group, version, resources, expression));
        world.settle();
        return read();
    }

    private Unstructured read() {
        return world.client().get(POLICIES, "", "p").object();
    }

    private static String warning(Unstructured policy) {
        return policy.objects("status", "typeChecking", "expressionWarnings")
                .getFirst()
                .string("warning");
    }

    @Test
    void aPolicyThatIsRightIsSeenAndHasNoWarnings() {
        Unstructured p = policy("apps", "v1", "'deployments'", "object.spec.replicas <= 3");
        assertThat(p.integer(0, "status", "observedGeneration")).isEqualTo(1);
        assertThat(p.has("status", "typeChecking")).isTrue();
        assertThat(p.objects("status", "typeChecking", "expressionWarnings")).isEmpty();
    }

    @Test
    void aFieldThatThereIsNotIsToldAndNoMoreWhenItIsMended() {
        Unstructured p = policy("apps", "v1", "'deployments'", "object.spec.missing > 1");
        assertThat(p.objects("status", "typeChecking", "expressionWarnings"))
                .singleElement()
                .satisfies(w -> assertThat(w.string("fieldRef")).isEqualTo("spec.validations[0].expression"));
        assertThat(warning(p)).isEqualTo("""
                apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'missing'
                 | object.spec.missing > 1
                 | ...........^
                """);
        assertThat(p.objects("metadata", "managedFields"))
                .anyMatch(m -> m.string("manager").equals("validatingadmissionpolicy-status-controller")
                        && m.string("subresource").equals("status"));
        Unstructured mended = p.copy();
        mended.objects("spec", "validations").getFirst().set("object.spec.replicas > 1", "expression");
        world.client().update(POLICIES, mended, WriteOptions.DEFAULT);
        world.settle();
        assertThat(read().integer(0, "status", "observedGeneration")).isEqualTo(2);
        assertThat(read().objects("status", "typeChecking", "expressionWarnings"))
                .isEmpty();
    }

    @Test
    void customKindsAreKnownByTheirDefinitions() {
        world.create(new GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions"), "", """
                {'apiVersion':'apiextensions.k8s.io/v1','kind':'CustomResourceDefinition',
                 'metadata':{'name':'widgets.example.com'},
                 'spec':{'group':'example.com','scope':'Namespaced',
                         'names':{'plural':'widgets','singular':'widget','kind':'Widget','listKind':'WidgetList'},
                         'versions':[{'name':'v1','served':true,'storage':true,'schema':{'openAPIV3Schema':{
                            'type':'object','properties':{'spec':{'type':'object','properties':{
                               'size':{'type':'integer'}}}}}}},
                            {'name':'v1alpha1','served':true,'storage':false,'schema':{'openAPIV3Schema':{
                            'type':'object','properties':{'size':{'type':'integer'}}}}}]}}
                """);
        world.settle();
        assertThat(warning(
                        policy("example.com", "v1", "'widgets'", "object.spec.size == \\\"x\\\" || object.size == 1")))
                .startsWith("example.com/v1, Kind=Widget: ERROR: <input>:1:18: found no matching overload for '_==_'")
                .contains("undefined field 'size'");
        world.delete(POLICIES, "", "p", "Background");
        assertThat(warning(policy("example.com", "v1alpha1", "'widgets'", "object.spec.size == 1")))
                .startsWith("example.com/v1alpha1, Kind=Widget: ERROR: <input>:1:7: undefined field 'spec'");
    }

    @Test
    void versionsThatAreNotPreferredAreKnownToo() {
        assertThat(warning(policy(
                        "autoscaling",
                        "v1",
                        "'horizontalpodautoscalers', 'nones'",
                        "object.spec.targetCPUUtilizationPercentage < 9 && object.spec.metrics.size() == 1")))
                .startsWith("autoscaling/v1, Kind=HorizontalPodAutoscaler: ")
                .contains("undefined field 'metrics'");
    }
}
