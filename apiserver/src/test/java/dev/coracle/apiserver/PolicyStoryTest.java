package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.apiserver.Cluster.yaml;
import static dev.coracle.machinery.object.Resources.CONFIG_MAPS;
import static dev.coracle.machinery.object.Resources.DEPLOYMENTS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What users forbid by expressions. */
class PolicyStoryTest {
    private static final GroupVersionResource POLICIES =
            new GroupVersionResource("admissionregistration.k8s.io", "v1", "validatingadmissionpolicies");
    private static final GroupVersionResource BINDINGS =
            new GroupVersionResource("admissionregistration.k8s.io", "v1", "validatingadmissionpolicybindings");

    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private Unstructured policy(String spec) {
        return cluster.admin
                .create(POLICIES, "", yaml("""
                {apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicy, metadata: {name: p},
                 spec: {matchConstraints: {resourceRules: [
                          {apiGroups: ['', apps], apiVersions: [v1], operations: ['*'],
                           resources: [configmaps, deployments]}]},
                        %s}}
                """.formatted(spec)), WriteOptions.DEFAULT)
                .object();
    }

    private void binding(String name, String spec) {
        cluster.admin.create(BINDINGS, "", yaml("""
                {apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicyBinding,
                 metadata: {name: %s}, spec: {policyName: p, %s}}
                """.formatted(name, spec)), WriteOptions.DEFAULT);
    }

    private Unstructured map(String name, String data) {
        return cluster.create(
                CONFIG_MAPS,
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: %s}, data: {%s}}".formatted(name, data));
    }

    @Test
    void aPolicyHoldsOnceItIsBound() {
        policy("validations: [{expression: \"object.data.size() <= 1\"}]");
        map("a", "x: '1', 'y': '2'");
        binding("b", "validationActions: [Deny]");
        StatusException e = refused(() -> map("c", "x: '1', 'y': '2'"));
        assertThat(e)
                .hasMessage(
                        "configmaps \"c\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request:"
                                + " failed expression: object.data.size() <= 1");
        assertThat(e.code()).isEqualTo(422);
        assertThat(e.reason()).isEqualTo("Invalid");
        assertThat(e.details().objects("causes").getFirst().string("message"))
                .startsWith("ValidatingAdmissionPolicy 'p' with binding 'b' denied request");
        map("c", "x: '1'");
        cluster.admin.delete(BINDINGS, "", "b", DeleteOptions.DEFAULT);
        map("d", "x: '1', 'y': '2'");
    }

    @Test
    void messagesAndReasonsAreTheAuthors() {
        policy("""
                validations: [{expression: "object.metadata.name != 'a'", message: ' not a ', reason: Forbidden},
                              {expression: "object.metadata.name != 'b'", message: fallback,
                               messageExpression: "'no ' + object.metadata.name + ' by ' + request.userInfo.username"},
                              {expression: "object.metadata.name != 'c'", message: fallback,
                               messageExpression: "string(object.none)"}]
                """);
        binding("b", "validationActions: [Deny]");
        StatusException a = refused(() -> map("a", ""));
        assertThat(a.getMessage()).endsWith("denied request: not a");
        assertThat(a.code()).isEqualTo(403);
        assertThat(refused(() -> map("b", "")).getMessage()).endsWith("denied request: no b by kubernetes-admin");
        assertThat(refused(() -> map("c", "")).getMessage()).endsWith("denied request: fallback");
    }

    @Test
    void oldAndNewObjectNamespaceAndVariablesCanBeSpokenOf() {
        policy("""
                variables: [{name: kept, expression: "oldObject == null ? {} : oldObject.data"},
                            {name: both, expression: "variables.kept.all(k, k in object.data)"},
                            {name: broken, expression: "object.none.none"}],
                matchConditions: [{name: writes, expression: "request.operation != 'DELETE'"}],
                validations: [{expression: "variables.both", message: keys stay},
                              {expression: "namespaceObject.metadata.name == 'default'"},
                              {expression: "!has(object.data.broken) || variables.broken == 1"}]
                """);
        binding("b", "validationActions: [Deny]");
        map("a", "x: '1'");
        assertThat(refused(() -> cluster.merge(CONFIG_MAPS, "a", "{data: {x: null, 'y': '2'}}"))
                        .getMessage())
                .endsWith("denied request: keys stay");
        cluster.merge(CONFIG_MAPS, "a", "{data: {'y': '2'}}");
        assertThat(refused(() -> map("c", "broken: 'yes'")).getMessage())
                .contains("composited variable \"broken\" fails to evaluate: expression 'object.none.none' resulted in"
                        + " error: ");
        cluster.admin.delete(CONFIG_MAPS, "default", "a", DeleteOptions.DEFAULT);
    }

    @Test
    void anExpressionThatFailsIsARefusalUnlessThatIsIgnored() {
        Unstructured p =
                policy("validations: [{expression: \"object.data.x == '1'\"}]").copy();
        assertThat(p.string("spec", "failurePolicy")).isEqualTo("Fail");
        binding("b", "validationActions: [Deny]");
        assertThat(refused(() -> map("a", "")).getMessage())
                .contains("expression 'object.data.x == '1'' resulted in error: ");
        cluster.admin.update(POLICIES, p.set("Ignore", "spec", "failurePolicy"), WriteOptions.DEFAULT);
        map("a", "");
        assertThat(refused(() -> map("b", "x: '2'")).getMessage()).contains("failed expression");
    }

    @Test
    void parametersAreObjectsThatBindingsName() {
        policy("""
                paramKind: {apiVersion: v1, kind: ConfigMap},
                matchConditions: [{name: not-itself, expression: "request.resource.resource == 'deployments'"}],
                validations: [{expression: "params == null || object.spec.replicas <= int(params.data.most)",
                               messageExpression: "'at most ' + params.data.most"}]
                """);
        binding(
                "named",
                "validationActions: [Deny],"
                        + " paramRef: {name: limits, namespace: default, parameterNotFoundAction: Deny}");
        assertThat(refused(() -> deployment(1)).getMessage())
                .endsWith("failed to configure binding: no params found for policy binding with `Deny`"
                        + " parameterNotFoundAction");
        // The parameters are judged by the policy too, where they are of a kind that it selects.
        assertThat(refused(() -> map("limits", "most: '3'")).getMessage()).contains("no params found");
        cluster.admin.delete(BINDINGS, "", "named", DeleteOptions.DEFAULT);
        map("limits", "most: '3'");
        binding(
                "named",
                "validationActions: [Deny],"
                        + " paramRef: {name: limits, namespace: default, parameterNotFoundAction: Deny}");
        assertThat(refused(() -> deployment(4)).getMessage()).endsWith("denied request: at most 3");
        cluster.admin.delete(BINDINGS, "", "named", DeleteOptions.DEFAULT);
        binding(
                "chosen",
                "validationActions: [Deny],"
                        + " paramRef: {selector: {matchLabels: {limit: 'yes'}}, parameterNotFoundAction: Allow}");
        deployment(9);
        cluster.admin.delete(DEPLOYMENTS, "default", "d", DeleteOptions.DEFAULT);
        cluster.admin.patch(
                CONFIG_MAPS,
                "default",
                "limits",
                Patch.merge(yaml("{metadata: {labels: {limit: 'yes'}}}")),
                WriteOptions.DEFAULT);
        assertThat(refused(() -> deployment(9)).getMessage()).endsWith("denied request: at most 3");
    }

    private void deployment(int replicas) {
        cluster.create(DEPLOYMENTS, """
                {apiVersion: apps/v1, kind: Deployment, metadata: {name: d},
                 spec: {replicas: %s, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}},
                        spec: {containers: [{name: c, image: i}]}}}}
                """.formatted(replicas));
    }

    @Test
    void aWarningLetsPassAndABindingNarrows() {
        policy("validations: [{expression: \"false\", message: never}]");
        binding("warns", "validationActions: [Warn, Audit]");
        binding(
                "elsewhere",
                "validationActions: [Deny]," + " matchResources: {namespaceSelector: {matchLabels: {strict: 'yes'}}}");
        binding(
                "named",
                "validationActions: [Deny], matchResources: {resourceRules: [{apiGroups: [''],"
                        + " apiVersions: [v1], operations: [CREATE], resources: [configmaps], resourceNames: [bad]}],"
                        + " excludeResourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: ['*'],"
                        + " resources: ['*']}]}");
        map("good", "");
        assertThat(refused(() -> map("bad", "")).getMessage()).contains("with binding 'named' denied request: never");
        cluster.admin.patch(
                Resources.NAMESPACES,
                "",
                "default",
                Patch.merge(yaml("{metadata: {labels: {strict: 'yes'}}}")),
                WriteOptions.DEFAULT);
        assertThat(refused(() -> map("other", "")).getMessage()).contains("with binding 'elsewhere'");
    }

    @Test
    void whatSomebodyMayDoElseCanBeAsked() {
        policy("""
                validations: [
                  {expression: "authorizer.group('').resource('secrets').namespace('default').check('get').allowed()",
                   message: no secrets},
                  {expression: "authorizer.requestResource.check('impersonate').allowed()", message: not so much},
                  {expression: "!authorizer.path('/healthz').check('post').allowed()
                                || authorizer.serviceAccount('default', 'none').group('').resource('pods')
                                             .check('list').allowed()", message: nor that}]
                """);
        binding("b", "validationActions: [Deny]");
        assertThat(refused(() -> map("a", "")).getMessage()).endsWith("denied request: nor that");
        assertThat(refused(() -> cluster.server
                        .client(UserInfo.component("system:kube-controller-manager"))
                        .delete(CONFIG_MAPS, "default", "none", DeleteOptions.DEFAULT)))
                .matches(StatusException::isNotFound);
        cluster.admin.delete(BINDINGS, "", "b", DeleteOptions.DEFAULT);
        map("a", "");
        binding("c", "validationActions: [Deny]");
        cluster.admin.create(
                new GroupVersionResource("rbac.authorization.k8s.io", "v1", "clusterroles"),
                "",
                yaml("""
                {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: maps},
                 rules: [{apiGroups: [''], resources: [configmaps], verbs: ['*']}]}
                """),
                WriteOptions.DEFAULT);
        cluster.admin.create(
                new GroupVersionResource("rbac.authorization.k8s.io", "v1", "clusterrolebindings"),
                "",
                yaml("""
                {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: maps},
                 roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: maps},
                 subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: ann}]}
                """),
                WriteOptions.DEFAULT);
        assertThat(refused(() -> cluster.server
                                .client(UserInfo.component("ann"))
                                .delete(CONFIG_MAPS, "default", "a", DeleteOptions.DEFAULT))
                        .getMessage())
                .endsWith("denied request: no secrets");
    }

    @Test
    void aPolicyThatMakesNoSenseIsRefusedInUpstreamsWords() {
        StatusException e = refused(() -> policy("""
                variables: [{name: '1x', expression: 'object.'}],
                validations: [{expression: '1 + 1', reason: Teapot}, {expression: params.x == 1}]
                """));
        List<String> causes = e.details().objects("causes").stream()
                .map(c -> c.string("field") + ": " + c.string("message"))
                .toList();
        assertThat(causes)
                .contains(
                        "spec.variables[0].name: Invalid value: \"1x\": name is not a valid CEL identifier",
                        "spec.validations[0].expression: Invalid value: \"1 + 1\": must evaluate to bool but got int",
                        "spec.validations[0].reason: Unsupported value: \"Teapot\": supported values: \"Forbidden\","
                                + " \"Invalid\", \"RequestEntityTooLarge\"")
                .anyMatch(c ->
                        c.startsWith("spec.variables[0].expression: Invalid value: \"object.\": compilation failed"))
                .anyMatch(c -> c.contains("undeclared reference to 'params'"));
        assertThat(refused(() -> binding("b", "validationActions: [Deny, Warn], paramRef: {}"))
                        .getMessage())
                .contains("must not contain both Deny and Warn")
                .contains("spec.paramRef.parameterNotFoundAction: Required value");
    }

    private List<String> causes(String spec) {
        return refused(() -> policy(spec)).details().objects("causes").stream()
                .map(c -> c.string("field") + ": "
                        + c.string("message").lines().findFirst().orElse(""))
                .toList();
    }

    @Test
    void whatARequestANamespaceAndVariablesAreIsKnownBeforeAnyComes() {
        assertThat(causes("""
                variables: [{name: 'n', expression: '1'}, {name: late, expression: variables.later},
                            {name: later, expression: 'true'}],
                matchConditions: [{name: c, expression: variables.later}],
                validations: [{expression: request.user == 'x'},
                              {expression: namespaceObject.metadata.uid == ''},
                              {expression: variables.none},
                              {expression: variables.n},
                              {expression: object.spec.paused},
                              {expression: 'true', messageExpression: object.metadata.name}],
                auditAnnotations: [{key: a, valueExpression: 'true'}, {key: a, valueExpression: "'x'"},
                                   {key: '@', valueExpression: "'x'"}]
                """))
                .contains(
                        "spec.matchConditions[0].expression: Invalid value: \"variables.later\": compilation failed:"
                                + " ERROR: <input>:1:1: undeclared reference to 'variables' (in container '')",
                        "spec.variables[1].expression: Invalid value: \"variables.later\": compilation failed: ERROR:"
                                + " <input>:1:10: undefined field 'later'",
                        "spec.validations[0].expression: Invalid value: \"request.user == 'x'\": compilation failed:"
                                + " ERROR: <input>:1:8: undefined field 'user'",
                        "spec.validations[1].expression: Invalid value: \"namespaceObject.metadata.uid == ''\":"
                                + " compilation failed: ERROR: <input>:1:25: undefined field 'uid'",
                        "spec.validations[2].expression: Invalid value: \"variables.none\": compilation failed: ERROR:"
                                + " <input>:1:10: undefined field 'none'",
                        "spec.validations[3].expression: Invalid value: \"variables.n\": must evaluate to bool but got"
                                + " int",
                        "spec.validations[4].expression: Invalid value: \"object.spec.paused\": must evaluate to bool"
                                + " but got dyn",
                        "spec.validations[5].messageExpression: Invalid value: \"object.metadata.name\": must evaluate"
                                + " to string but got dyn",
                        "spec.auditAnnotations[0].valueExpression: Invalid value: \"true\": must evaluate to one of"
                                + " [string null_type] but got bool",
                        "spec.auditAnnotations[1].key: Duplicate value: \"a\"")
                .anyMatch(c -> c.startsWith("spec.auditAnnotations[2].key: Invalid value: \"p/@\": name part must"));
        policy("""
                variables: [{name: ns, expression: request.namespace}, {name: all, expression: object.spec.list},
                            {name: names, expression: "['a'].map(a, a + 'b')"}],
                validations: [{expression: "namespaceObject == null || 'x' in namespaceObject.metadata.labels"},
                              {expression: "variables.ns == namespaceObject.metadata.name"},
                              {expression: "variables.all.all(a, a in variables.names)"},
                              {expression: "request.options.dryRun == true || !has(request.dryRun)"},
                              {expression: "object.metadata.namespace == 'default'"}]
                """);
    }

    @Test
    void aLoopThatWouldTakeForEverIsEnded() {
        policy("""
                validations: [{expression: "object.data.all(a, object.data.all(b, object.data.all(c, a != '' || b != c)))"}]
                """);
        binding("b", "validationActions: [Deny]");
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            many.append(i == 0 ? "" : ",").append("k").append(i).append(": v");
        }
        assertThat(refused(() -> map("a", many.toString())).getMessage()).contains("resulted in error: ");
    }

    @Test
    void theLibrariesThatKubernetesAddsAreThere() {
        List<String> holds = List.of(
                "quantity('200M').isGreaterThan(quantity('0.1G'))",
                "cidr('10.0.0.0/8').containsIP('10.1.2.3')",
                "url('https://a.io:80/x').getHost() == 'a.io:80'",
                "[1, 2].sum() == 3 && 'a1b'.find('[0-9]') == '1'",
                "semver('1.2.3').isLessThan(semver('1.10.0'))",
                "image('nginx').repository() == 'library/nginx' && image('nginx').registry() == 'index.docker.io'",
                "image('a.io:5000/b/c:1').tag() == '1' && image('a.io:5000/b/c').identifier() == 'latest'",
                "image('a.io/bc:1@sha256:' + '%s').containsDigest()".formatted("a".repeat(64)),
                "image('a.io/bc:1@sha256:' + '%s').tag() == ''".formatted("a".repeat(64)),
                "!isImage('A') && !isImage('a.io/bc@sha256:1') && !isImage('a:/b')");
        policy("validations: ["
                + holds.stream()
                        .map(e -> "{expression: \"" + e + "\", message: \"" + e.replace("'", "") + "\"}")
                        .collect(Collectors.joining(", "))
                + "]");
        binding("b", "validationActions: [Deny]");
        map("a", "x: '1'");
    }
}
