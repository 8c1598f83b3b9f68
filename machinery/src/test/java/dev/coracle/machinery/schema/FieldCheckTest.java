package dev.coracle.machinery.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.StatusException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FieldCheckTest {
    private static final GroupVersionKind DEPLOYMENT = new GroupVersionKind("apps", "v1", "Deployment");
    private final Schemas schemas = Schemas.builtIn();

    private FieldCheck.Result check(String json) {
        List<String> duplicates = new ArrayList<>();
        @SuppressWarnings("unchecked")
        Map<String, Object> tree = (Map<String, Object>)
                Json.parse(json.getBytes(StandardCharsets.UTF_8), d -> duplicates.add(FieldValidation.duplicate(d)));
        String kind = (String) tree.getOrDefault("kind", "Deployment");
        Schema schema =
                schemas.of(kind.equals("Deployment") ? "apps/v1" : "v1", kind).orElseThrow();
        return FieldCheck.check(schema, tree, duplicates);
    }

    @Test
    void aGoodDeploymentIsGood() {
        var result = check("""
            {"apiVersion":"apps/v1","kind":"Deployment",
             "metadata":{"name":"web","labels":{"app.kubernetes.io/name":"web"},"creationTimestamp":null},
             "spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},
              "strategy":{"rollingUpdate":{"maxSurge":1,"maxUnavailable":"25%"}},
              "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[
               {"name":"web","image":"web:1","ports":[{"containerPort":80}],
                "resources":{"limits":{"cpu":1,"memory":"64Mi"}},
                "livenessProbe":{"httpGet":{"port":"http","path":"/"}}}]}}},
             "status":{}}""");
        assertThat(result.strictErrors()).isEmpty();
        assertThat(result.wrongType()).isEmpty();
    }

    @Test
    void unknownFieldsAreNamedByTheirPath() {
        var result = check("""
            {"spec":{"replica":2,"template":{"spec":{"containers":[{"name":"a"},{"imagee":"b"}]}}},
             "Status":{},"metadata":{"labels":{"anything":"goes"},"lables":{}}}""");
        assertThat(result.strictErrors())
                .containsExactly(
                        "unknown field \"spec.replica\"",
                        "unknown field \"spec.template.spec.containers[1].imagee\"",
                        "unknown field \"Status\"",
                        "unknown field \"metadata.lables\"");
        assertThat(result.wrongType()).isEmpty();
    }

    @Test
    void duplicateFieldsAreStrictErrorsToo() {
        assertThat(check("{\"spec\":{\"replicas\":1,\"replicas\":2,\"foo\":1}}").strictErrors())
                .containsExactly("duplicate field \"spec.replicas\"", "unknown field \"spec.foo\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"spec\":{\"replicas\":\"two\"}} "
                        + "| string into Go struct field DeploymentSpec.spec.replicas of type int32",
                "{\"spec\":{\"replicas\":1.5}} | number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
                "{\"spec\":{\"replicas\":3000000000}} "
                        + "| number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32",
                "{\"spec\":{\"paused\":\"true\"}} | string into Go struct field DeploymentSpec.spec.paused of type bool",
                "{\"spec\":[]} | array into Go struct field Deployment.spec of type v1.DeploymentSpec",
                "{\"metadata\":{\"labels\":{\"a\":1}}} | number into Go struct field ObjectMeta.metadata.labels of type string",
                "{\"metadata\":{\"labels\":\"a\"}} "
                        + "| string into Go struct field ObjectMeta.metadata.labels of type map[string]string",
                "{\"spec\":{\"template\":{\"spec\":{\"containers\":{}}}}} "
                        + "| object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container",
                "{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"env\":[{\"name\":\"A\",\"value\":8080}]}]}}}} "
                        + "| number into Go struct field EnvVar.spec.template.spec.containers.env.value of type string",
                "{\"spec\":{\"template\":{\"spec\":{\"restartPolicy\":true}}}} "
                        + "| bool into Go struct field PodSpec.spec.template.spec.restartPolicy of type v1.RestartPolicy",
                "{\"spec\":{\"strategy\":{\"rollingUpdate\":{\"maxSurge\":true}}}} | bool into Go struct field "
                        + "RollingUpdateDeployment.spec.strategy.rollingUpdate.maxSurge of type int32",
            })
    void wrongTypesAreToldAsGoTellsThem(String json, String message) {
        assertThat(check(json).wrongType()).contains("json: cannot unmarshal " + message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"kind\":\"Secret\",\"data\":{\"a\":\"no base64\"}} | illegal base64 data at input byte 2",
                "{\"kind\":\"Secret\",\"data\":{\"a\":\"YWI\"}} | illegal base64 data at input byte 3",
                "{\"metadata\":{\"creationTimestamp\":\"yesterday\"}} "
                        + "| parsing time \"yesterday\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"yesterday\" as \"2006\"",
                "{\"metadata\":{\"creationTimestamp\":\"2026-02-30T00:00:00Z\"}} "
                        + "| parsing time \"2026-02-30T00:00:00Z\": day out of range",
                "{\"kind\":\"PersistentVolumeClaim\",\"spec\":{\"resources\":{\"requests\":{\"storage\":\"lots\"}}}} "
                        + "| quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
            })
    void whatTypesDecodeThemselvesIsToldAsTheyTellIt(String json, String message) {
        assertThat(check(json).wrongType()).contains(message.replace("'^", "'^"));
    }

    @Test
    void theFirstWrongTypeIsTold() {
        assertThat(check("{\"spec\":{\"replicas\":\"a\",\"paused\":\"b\"}}")
                        .wrongType()
                        .orElse(""))
                .contains("replicas")
                .doesNotContain("paused");
    }

    @Test
    void goodTextsOfManyTypesPass() {
        assertThat(check("{\"kind\":\"Secret\",\"data\":{\"a\":\"YWI=\",\"b\":\"\",\"c\":\"YWJj\\n\"}}")
                        .wrongType())
                .isEmpty();
        assertThat(check("{\"metadata\":{\"creationTimestamp\":\"2028-02-29T23:59:59.123456+01:00\"}}")
                        .wrongType())
                .isEqualTo(Optional.empty());
    }

    @Test
    void whatHappensIsTheClientsChoiceExceptForWrongTypes() {
        var unknown = check("{\"spec\":{\"foo\":1,\"bar\":2}}");
        assertThat(FieldValidation.of("Ignore", "CreateOptions").judge(DEPLOYMENT, unknown))
                .isEmpty();
        assertThat(FieldValidation.of("", "CreateOptions").judge(DEPLOYMENT, unknown))
                .containsExactly("unknown field \"spec.foo\"", "unknown field \"spec.bar\"");
        assertThatThrownBy(() -> FieldValidation.of("Strict", "CreateOptions").judge(DEPLOYMENT, unknown))
                .isInstanceOfSatisfying(
                        StatusException.class, e -> assertThat(e.code()).isEqualTo(400))
                .hasMessage("Deployment in version \"v1\" cannot be handled as a Deployment: strict decoding error: "
                        + "unknown field \"spec.foo\", unknown field \"spec.bar\"");
        assertThatThrownBy(() -> FieldValidation.IGNORE.judge(DEPLOYMENT, check("{\"spec\":1}")))
                .hasMessage("Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal "
                        + "number into Go struct field Deployment.spec of type v1.DeploymentSpec");
        assertThatThrownBy(() -> FieldValidation.of("strict", "PatchOptions"))
                .isInstanceOfSatisfying(
                        StatusException.class, e -> assertThat(e.code()).isEqualTo(422))
                .hasMessageContaining("fieldValidation: Unsupported value: \"strict\"");
    }

    @Test
    void anApplyNamesElementsByTheirKeys() {
        @SuppressWarnings("unchecked")
        Map<String, Object> intent = (Map<String, Object>) Json.parse("""
            {"spec":{"replica":1,"replicas":"2","template":{"metadata":{"finalizers":["a",1]},"spec":{
             "tolerations":[{"keyy":"a"}],"containers":[{"name":"web","imagee":"a","args":[1],
              "ports":[{"containerPort":80,"hostIPs":1}]}]}}}}""");
        assertThat(AppliedFields.check(schemas.of("apps/v1", "Deployment").orElseThrow(), intent))
                .containsExactly(
                        ".spec.replica: field not declared in schema",
                        ".spec.replicas: expected numeric (int or float), got string",
                        ".spec.template.metadata.finalizers[=1]: expected string, got"
                                + " &value.valueUnstructured{Value:1}",
                        ".spec.template.spec.tolerations[0].keyy: field not declared in schema",
                        ".spec.template.spec.containers[name=\"web\"].imagee: field not declared in schema",
                        ".spec.template.spec.containers[name=\"web\"].args[0]: expected string, got"
                                + " &value.valueUnstructured{Value:1}",
                        ".spec.template.spec.containers[name=\"web\"].ports[containerPort=80,protocol=\"TCP\"].hostIPs:"
                                + " field not declared in schema");
    }

    @Test
    void unknownFieldsAreDroppedAndNothingElse() {
        Schema deployment = schemas.of("apps/v1", "Deployment").orElseThrow();
        Map<String, Object> tree = Json.parseObject("""
            {"foo":1,"metadata":{"labels":{"any":"key"},"managedFields":[{"fieldsV1":{"f:spec":{}}}]},
             "spec":{"replica":1,"replicas":null,"template":{"spec":{"containers":[{"name":"a","imagee":"b"}]}}}}""");
        UnknownFields.drop(deployment, tree);
        assertThat(Json.string(tree))
                .isEqualTo("{\"metadata\":{\"labels\":{\"any\":\"key\"},"
                        + "\"managedFields\":[{\"fieldsV1\":{\"f:spec\":{}}}]},\"spec\":{\"replicas\":null,"
                        + "\"template\":{\"spec\":{\"containers\":[{\"name\":\"a\"}]}}}}");
        Map<String, Object> patch = Json.parseObject(
                "{\"spec\":{\"foo\":null,\"strategy\":{\"$retainKeys\":[\"type\"],\"type\":\"Recreate\"}}}");
        UnknownFields.dropFromPatch(deployment, patch);
        assertThat(Json.string(patch))
                .isEqualTo("{\"spec\":{\"strategy\":{\"$retainKeys\":[\"type\"],\"type\":\"Recreate\"}}}");
    }
}
