package dev.coracle.apiserver.admission.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.admission.policy.TypeChecking.Warning;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.machinery.schema.Schemas;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a policy says that cannot be said of what it is about. */
class TypeCheckingStoryTest {
    private static final GroupVersionKind WIDGET = new GroupVersionKind("example.com", "v1", "Widget");

    private final Schemas schemas = Schemas.builtIn();
    private final Map<String, GroupVersionKind> kinds = new LinkedHashMap<>(Map.of(
            "apps/v1/deployments", new GroupVersionKind("apps", "v1", "Deployment"),
            "apps/v1/replicasets", new GroupVersionKind("apps", "v1", "ReplicaSet"),
            "/v1/pods", new GroupVersionKind("", "v1", "Pod"),
            "apiextensions.k8s.io/v1/customresourcedefinitions",
                    new GroupVersionKind("apiextensions.k8s.io", "v1", "CustomResourceDefinition"),
            "example.com/v1/widgets", WIDGET));
    private final List<GroupVersionKind> asked = new ArrayList<>();
    private String widget = "{type: object}";

    private final TypeChecking.Kinds served = new TypeChecking.Kinds() {
        @Override
        public List<GroupVersionKind> of(GroupVersionResource r) {
            return Optional.ofNullable(kinds.get(r.group() + "/" + r.version() + "/" + r.resource())).stream()
                    .toList();
        }

        @Override
        public Optional<KindSchema> schema(GroupVersionKind kind) {
            asked.add(kind);
            return kind.equals(WIDGET)
                    ? Optional.of(new KindSchema.Custom(yaml(widget).map()))
                    : schemas.of(kind).map(KindSchema.BuiltIn::new);
        }
    };

    @SuppressWarnings("unchecked")
    private static Unstructured yaml(String text) {
        return new Unstructured((Map<String, Object>) Yaml.parseAll(text).getFirst());
    }

    private List<Warning> check(String group, String resources, String spec) {
        return new TypeChecking(schemas, served).check(yaml("""
                {spec: {matchConstraints: {resourceRules: [
                   {apiGroups: ['%s'], apiVersions: [v1], resources: [%s]}]}, %s}}
                """.formatted(group, resources, spec)));
    }

    private List<String> issues(String group, String resource, String... expressions) {
        List<String> issues = new ArrayList<>();
        for (String e : expressions) {
            check(group, resource, "validations: [{expression: \"%s\"}]".formatted(e))
                    .forEach(w -> issues.add(
                            w.warning().lines().findFirst().orElse("").replaceFirst("^.*: ERROR: <input>:", "")));
        }
        return issues;
    }

    @Test
    void aFieldThatAKindDoesNotHaveIsToldOfEachKind() {
        assertThat(check("apps", "replicasets, deployments", """
                validations: [{expression: object.replicas > 1},
                              {expression: object.spec.replicas > 1, messageExpression: "'no ' + object.metadata.nam"}]
                """))
                .containsExactly(
                        new Warning("spec.validations[0].expression", """
                        apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'
                         | object.replicas > 1
                         | ......^

                        apps/v1, Kind=ReplicaSet: ERROR: <input>:1:7: undefined field 'replicas'
                         | object.replicas > 1
                         | ......^
                        """),
                        new Warning("spec.validations[1].messageExpression", """
                        apps/v1, Kind=Deployment: ERROR: <input>:1:24: undefined field 'nam'
                         | 'no ' + object.metadata.nam
                         | .......................^

                        apps/v1, Kind=ReplicaSet: ERROR: <input>:1:24: undefined field 'nam'
                         | 'no ' + object.metadata.nam
                         | .......................^
                        """));
    }

    @Test
    void fieldsOfBuiltInKindsHaveTheTypesOfTheirSchemas() {
        assertThat(issues(
                        "",
                        "pods",
                        "object.spec.containers.all(c, c.image.startsWith('a') && c.ports.all(p, p.containerPort > 1024))",
                        "object.metadata.labels['a'] == 'b' && oldObject.metadata.namespace == object.metadata.__namespace__",
                        "object.metadata.creationTimestamp < timestamp('2020-01-01T00:00:00Z')",
                        "object.spec.containers[0].livenessProbe.httpGet.port == 80",
                        "has(object.spec.hostNetwork) && object.spec.hostNetwork",
                        "object == null || request.userInfo.username == namespaceObject.metadata.name",
                        "authorizer.group('').resource('pods').check('get').allowed()"))
                .isEmpty();
        assertThat(issues(
                        "",
                        "pods",
                        "object.spec.containers.all(c, c.image == 1)",
                        "object.metadata.labels == 'x'",
                        "object.spec.containers[0].port == 80",
                        "has(object.spec.hostNet)",
                        "params.x == 1",
                        // Neither a string nor a number for certain.
                        "object.spec.containers[0].resources.limits.cpu == '1'",
                        "authorizer.allowed()"))
                .containsExactly(
                        "1:39: found no matching overload for '_==_' applied to '(string, int)' (candidates: (%A0, %A0))",
                        "1:24: found no matching overload for '_==_' applied to '(map(string, string), string)'"
                                + " (candidates: (%A0, %A0))",
                        "1:26: undefined field 'port'",
                        "1:4: undefined field 'hostNet'",
                        "1:1: undeclared reference to 'params' (in container '')",
                        "1:36: undefined field 'limits'",
                        "1:19: found no matching overload for 'allowed' applied to"
                                + " 'kubernetes.authorization.Authorizer.()' (candidates:"
                                + " kubernetes.authorization.Decision.())");
    }

    @Test
    void aKindWithinItselfEndsThere() {
        String schema = "object.spec.versions[0].schema.openAPIV3Schema";
        assertThat(issues(
                        "apiextensions.k8s.io",
                        "customresourcedefinitions",
                        schema + ".type == 'object'",
                        schema + ".not.type == 'object'"))
                .containsExactly("1:51: undefined field 'type'");
    }

    @Test
    void fieldsOfCustomKindsHaveTheTypesOfTheirDefinitions() {
        widget = """
                {type: object, properties: {spec: {type: object, properties: {
                   size: {type: integer}, a-b: {type: string}, at: {type: string, format: date-time},
                   any: {x-kubernetes-preserve-unknown-fields: true}, either: {x-kubernetes-int-or-string: true},
                   kept: {type: object, x-kubernetes-preserve-unknown-fields: true},
                   open: {type: object, additionalProperties: {type: array, items: {type: boolean}}},
                   true: {type: object, additionalProperties: true},
                   template: {type: object, x-kubernetes-embedded-resource: true}}}}}
                """;
        assertThat(issues(
                        "example.com",
                        "widgets",
                        "object.spec.size > 1 && object.spec.a__dash__b == '' && object.spec.either == 1",
                        "object.spec.open.x[0] && object.spec.template.metadata.labels.x == 'y'",
                        "object.metadata.annotations.x == object.kind && has(object.spec.kept)",
                        "object.spec.at > timestamp('2020-01-01T00:00:00Z')"))
                .isEmpty();
        assertThat(issues(
                        "example.com",
                        "widgets",
                        "object.spec.size == 'x'",
                        "has(object.spec.any)",
                        "object.spec.kept.x == 1",
                        "object.status.x == 1",
                        "object.spec.template.spec.x == 1"))
                .containsExactly(
                        "1:18: found no matching overload for '_==_' applied to '(int, string)' (candidates: (%A0,"
                                + " %A0))",
                        "1:4: undefined field 'any'",
                        "1:17: undefined field 'x'",
                        "1:7: undefined field 'status'",
                        "1:21: undefined field 'spec'");
    }

    @Test
    void variablesAreOfTheirTypesAndParametersOfTheirKind() {
        widget = "{type: object, properties: {most: {type: integer}}}";
        assertThat(check("apps", "deployments", """
                paramKind: {apiVersion: example.com/v1, kind: Widget},
                variables: [{name: 'n', expression: object.spec.replicas}, {name: broken, expression: object.none},
                            {name: spec, expression: object.spec}],
                validations: [{expression: variables.n <= params.most},
                              {expression: variables.n == 'x'},
                              {expression: variables.other},
                              {expression: params.least == 1},
                              {expression: variables.broken.x == 1 && variables.spec.none == 1}]
                """))
                .extracting(Warning::fieldRef)
                .containsExactly(
                        "spec.validations[1].expression",
                        "spec.validations[2].expression",
                        "spec.validations[3].expression");
        assertThat(check("apps", "deployments", """
                paramKind: {apiVersion: none.example.com/v1, kind: None}, validations: [{expression: params.x == 1}]
                """).getFirst().warning()).contains("undeclared reference to 'params'");
    }

    @Test
    void whatIsNotNamedIsNotLookedAt() {
        assertThat(issues("apps", "'*'", "object.none")).isEmpty();
        assertThat(issues("*", "pods", "object.none")).isEmpty();
        assertThat(issues("", "pods/status, nones", "object.none")).isEmpty();
        assertThat(asked).isEmpty();
    }

    @Test
    void tenKindsOfARuleAreEnough() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            kinds.put("example.com/v1/r" + i, new GroupVersionKind("example.com", "v1", "R" + i));
            names.add("r" + i);
        }
        check("example.com", String.join(", ", names), "validations: [{expression: 'true'}]");
        assertThat(asked).hasSize(10).doesNotHaveDuplicates();
    }

    @Test
    void anExpressionAsDeepAsItMayBeComesToAnEnd() {
        assertThat(issues("", "pods", "(".repeat(5000) + "object" + ")".repeat(5000)))
                .hasSize(1);
        assertThat(issues("", "pods", "object" + ".spec".repeat(3000))).hasSize(1);
    }
}
