package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.apiserver.Cluster.yaml;
import static dev.coracle.machinery.object.Resources.CONFIG_MAPS;
import static dev.coracle.machinery.object.Resources.PODS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What users change by expressions (KEP-3962). */
class MutatingPolicyStoryTest {
    private static final GroupVersionResource POLICIES =
            new GroupVersionResource("admissionregistration.k8s.io", "v1", "mutatingadmissionpolicies");
    private static final GroupVersionResource BINDINGS =
            new GroupVersionResource("admissionregistration.k8s.io", "v1", "mutatingadmissionpolicybindings");

    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private Unstructured policy(String name, String spec) {
        Unstructured made = cluster.admin
                .create(POLICIES, "", yaml("""
                {apiVersion: admissionregistration.k8s.io/v1, kind: MutatingAdmissionPolicy, metadata: {name: %s},
                 spec: {matchConstraints: {resourceRules: [
                          {apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [configmaps, pods]}]},
                        reinvocationPolicy: Never, %s}}
                """.formatted(name, spec)), WriteOptions.DEFAULT)
                .object();
        cluster.admin.create(BINDINGS, "", yaml("""
                {apiVersion: admissionregistration.k8s.io/v1, kind: MutatingAdmissionPolicyBinding,
                 metadata: {name: %s}, spec: {policyName: %s}}
                """.formatted(name, name)), WriteOptions.DEFAULT);
        return made;
    }

    private void change(GroupVersionResource resource, String name, String patch) {
        cluster.admin.patch(resource, "", name, Patch.merge(yaml(patch)), WriteOptions.DEFAULT);
    }

    private static String apply(String expression) {
        return "mutations: [{patchType: ApplyConfiguration, applyConfiguration: {expression: \"%s\"}}]"
                .formatted(expression);
    }

    private static String patch(String expression) {
        return "mutations: [{patchType: JSONPatch, jsonPatch: {expression: \"%s\"}}]".formatted(expression);
    }

    private Unstructured map(String name, String data) {
        return cluster.create(
                CONFIG_MAPS,
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: %s}, data: {%s}}".formatted(name, data));
    }

    private Unstructured pod(String name) {
        return cluster.create(PODS, """
                {apiVersion: v1, kind: Pod, metadata: {name: %s},
                 spec: {containers: [{name: a, image: a:1}, {name: b, image: b:1, env: [{name: X, value: x}]}]}}
                """.formatted(name));
    }

    @Test
    void whatIsAppliedIsMergedIntoTheObjectAndNothingElseIsTouched() {
        policy(
                "p",
                apply("Object{metadata: Object.metadata{labels: {'team': object.metadata.name}},"
                        + " data: {'y': 'new'}}"));
        Unstructured made = map("a", "x: '1', 'y': '2'");
        assertThat(made.labels()).containsEntry("team", "a");
        assertThat(made.strings("data")).isEqualTo(Map.of("x", "1", "y", "new"));
    }

    @Test
    void aListMergesByItsKeysAndDefaultsFollow() {
        policy(
                "p",
                apply(
                        "Object{spec: Object.spec{initContainers: [Object.spec.initContainers{name: 'proxy',"
                                + " image: 'proxy', restartPolicy: 'Always'}], containers: object.spec.containers.map(c,"
                                + " Object.spec.containers{name: c.name, env: [Object.spec.containers.env{name: 'E', value: 'e'}]})}}"));
        Unstructured spec = pod("p").object("spec");
        assertThat(spec.objects("initContainers").getFirst().string("imagePullPolicy"))
                .isEqualTo("Always");
        assertThat(spec.objects("containers"))
                .extracting(c -> c.string("image"))
                .containsExactly("a:1", "b:1");
        assertThat(spec.objects("containers").get(1).objects("env"))
                .extracting(e -> e.string("name"))
                .containsExactly("X", "E");
    }

    @Test
    void aJsonPatchIsMadeOfTheObject() {
        policy("p", patch("""
                has(object.data) ? [JSONPatch{op: 'test', path: '/data/x', value: '1'},
                   JSONPatch{op: 'add', path: '/metadata/labels', value: {'a/b': 'c'}},
                   JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('d/e'), value: object.data.x},
                   JSONPatch{op: 'copy', from: '/data/x', path: '/data/z'}] : []""".replace("\n", " ")));
        Unstructured made = map("a", "x: '1'");
        assertThat(made.labels()).isEqualTo(Map.of("a/b", "c", "d/e", "1"));
        assertThat(made.strings("data")).containsEntry("z", "1");
        assertThat(map("other", "x: '2'").labels()).isEmpty();
    }

    @Test
    void eachPolicySeesWhatThoseBeforeItMadeAndOneThatWantsIsAskedAgain() {
        policy("a", apply("Object{data: {'a': string(has(object.data.b))}}"));
        policy(
                "c",
                apply("Object{data: {'c': string(has(object.data.b))}}")
                        .concat(", variables: [{name: unused, expression: 'object.none.none'}]"));
        policy("b", apply("Object{data: {'b': 'b'}}"));
        assertThat(map("m", "x: '1'").strings("data"))
                .containsEntry("a", "false")
                .containsEntry("c", "true");
        change(POLICIES, "a", "{spec: {reinvocationPolicy: IfNeeded}}");
        assertThat(map("o", "x: '1'").strings("data")).containsEntry("a", "true");
    }

    @Test
    void conditionsParametersAndUpdatesAndDeletions() {
        map("params", "to: 'given'");
        policy(
                "p",
                "paramKind: {apiVersion: v1, kind: ConfigMap},"
                        + " matchConditions: [{name: c, expression: \"object != null && object.metadata.name != 'out'\"}],"
                        + " variables: [{name: to, expression: 'params.data.to'}], "
                        + apply("Object{data: {'p': variables.to}}"));
        change(BINDINGS, "p", """
                {spec: {paramRef: {name: params, parameterNotFoundAction: Deny}}}""");
        map("a", "");
        map("out", "x: '1'");
        assertThat(cluster.merge(CONFIG_MAPS, "a", "{data: {p: null, q: '1'}}").strings("data"))
                .isEqualTo(Map.of("p", "given", "q", "1"));
        assertThat(cluster.merge(CONFIG_MAPS, "out", "{data: {q: '1'}}").strings("data"))
                .doesNotContainKey("p");
        cluster.admin.delete(CONFIG_MAPS, "default", "a", DeleteOptions.DEFAULT);
    }

    @Test
    void aFailureIsARefusalUnlessThatIsIgnored() {
        policy("p", apply("Object{data: {'p': object.none}}"));
        StatusException e = refused(() -> map("a", "x: '1'"));
        assertThat(e.getMessage())
                .startsWith("policy 'p' with binding 'p' denied request: expression 'Object{data: {'p': object.none}}'"
                        + " resulted in error: no such key: none");
        assertThat(e.code()).isEqualTo(403);
        assertThat(e.reason()).isEqualTo("Invalid");
        assertThat(e.details().objects("causes")).hasSize(1);
        change(POLICIES, "p", "{spec: {failurePolicy: Ignore}}");
        map("a", "x: '1'");
    }

    @Test
    void whatWouldReplaceAWholeIsRefusedAndSoIsAnObjectOfAnotherPlace() {
        policy("p", apply("Object{spec: Object.spec{containers: [Object.spec.containers{name: 'a', args: ['x']}]}}"));
        assertThat(refused(() -> pod("p")).getMessage())
                .endsWith("error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or"
                        + " structs: .spec.containers[0].args");
        change(POLICIES, "p", "{spec: {%s}}".formatted(apply("Object{spec: Object.other{x: 1}}")));
        assertThat(refused(() -> pod("p")).getMessage())
                .endsWith(
                        "type mismatch: unexpected type name \"Object.other\", expected \"Object.spec\", which matches"
                                + " field name path from root Object type");
        change(POLICIES, "p", "{spec: {%s}}".formatted(apply("Object{spec: Object.spec{hostNetwork: 'yes'}}")));
        assertThat(refused(() -> pod("p")).code()).isEqualTo(500);
    }

    @Test
    void aLoopThatWouldTakeForEverIsEnded() {
        String ten = "[0,1,2,3,4,5,6,7,8,9]";
        policy(
                "p",
                apply("Object{data: {'p': string(%s.map(a, %s.map(b, %s.map(c, %s.map(d, %s.map(e, %s.map(f,"
                                .formatted(ten, ten, ten, ten, ten, ten)
                        + " a*b*c*d*e*f)))))).size())}}"));
        assertThat(refused(() -> map("a", "x: '1'")).getMessage())
                .endsWith("resulted in error: operation cancelled: actual cost limit exceeded");
    }

    @Test
    void onePolicyThatMakesNoSenseIsRefusedInUpstreamsWords() {
        StatusException e = refused(() -> cluster.admin.create(POLICIES, "", yaml("""
                {apiVersion: admissionregistration.k8s.io/v1, kind: MutatingAdmissionPolicy, metadata: {name: p},
                 spec: {mutations: [
                   {patchType: Other}, {},
                   {patchType: JSONPatch, applyConfiguration: {expression: 'Object{}'}},
                   {patchType: ApplyConfiguration, applyConfiguration: {expression: '1'}},
                   {patchType: JSONPatch, jsonPatch: {expression: "[JSONPatch{op: 'add', pth: '/x'}]"}}]}}
                """), WriteOptions.DEFAULT));
        assertThat(e.code()).isEqualTo(422);
        assertThat(e.details().objects("causes"))
                .extracting(c -> c.string("field") + ": "
                        + c.string("message").lines().findFirst().orElse(""))
                .containsExactlyInAnyOrderElementsOf(List.of(
                        "spec.matchConstraints: Required value",
                        "spec.mutations[0].patchType: Unsupported value: \"Other\": supported values:"
                                + " \"ApplyConfiguration\", \"JSONPatch\"",
                        "spec.mutations[1].patchType: Required value",
                        "spec.mutations[2].jsonPatch: Required value: must be specified when patchType is JSONPatch",
                        "spec.mutations[2].applyConfiguration: Invalid value: \"{applyConfiguration}\": must not be"
                                + " specified when patchType is JSONPatch",
                        "spec.mutations[3].applyConfiguration.expression: Invalid value: \"1\": must evaluate to Object but"
                                + " got int",
                        "spec.mutations[4].jsonPatch.expression: Invalid value: \"[JSONPatch{op: 'add', pth:"
                                + " '/x'}]\": compilation failed: ERROR: <input>:1:26: undefined field 'pth'",
                        "spec.reinvocationPolicy: Required value"));
    }

    @Test
    void variablesOfAMutationMayBeMadeOfObjectsAndAreNotOfConditions() {
        policy(
                "p",
                apply("Object{data: variables.made}")
                        .concat(", variables: [{name: whole, expression: \"Object{data: {'p': 'q'}}\"},"
                                + " {name: made, expression: variables.whole.data}]"));
        assertThat(map("a", "x: '1'").object("data").strings()).containsEntry("p", "q");
        assertThat(refused(() -> policy("q", apply("variables.other"))))
                .hasMessageContaining("undefined field 'other'");
    }
}
