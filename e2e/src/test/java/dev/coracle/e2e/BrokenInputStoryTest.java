package dev.coracle.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.e2e.harness.Coracle;
import dev.coracle.e2e.harness.DemoCluster;
import dev.coracle.e2e.harness.Kubectl;
import dev.coracle.e2e.harness.RawApi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is wrong is told with the code, the reason and the field that upstream tells, and nothing of it is stored. */
@ExtendWith(DemoCluster.class)
class BrokenInputStoryTest {
    private static final String NS = "broken";
    private static final String DEPLOYMENTS = "/apis/apps/v1/namespaces/broken/deployments";
    private static final String MAPS = "/api/v1/namespaces/broken/configmaps";

    private final Kubectl kubectl;
    private final RawApi api;
    private String before = "";

    BrokenInputStoryTest(Kubectl kubectl, Coracle coracle) {
        this.kubectl = kubectl;
        this.api = RawApi.of(coracle);
    }

    @BeforeAll
    static void namespace(Kubectl kubectl) {
        kubectl.apply("""
                apiVersion: v1
                kind: Namespace
                metadata: {name: broken}
                ---
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: whole, namespace: broken}
                data: {a: "1"}
                """);
    }

    @AfterAll
    static void clean(Kubectl kubectl) {
        kubectl.ok("delete", "namespace", NS);
    }

    private String stored() {
        return kubectl.ok(
                "get",
                "deployments,configmaps,pods,services,secrets",
                "-n",
                NS,
                "-o",
                "jsonpath={range .items[*]}{.kind}/{.metadata.name}:{.metadata.resourceVersion}{'\\n'}{end}");
    }

    @BeforeEach
    void see() {
        kubectl.ok("wait", "--for=jsonpath={.metadata.name}=kube-root-ca.crt", "cm/kube-root-ca.crt", "-n", NS);
        before = stored();
    }

    @AfterEach
    void nothingIsStored() {
        assertThat(stored()).isEqualTo(before);
    }

    private static String deployment(String name, String spec) {
        return "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"" + name + "\"},\"spec\":"
                + spec + "}";
    }

    private static final String TEMPLATE =
            "\"template\":{\"metadata\":{\"labels\":{\"app\":\"a\"}},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}";
    private static final String SELECTOR = "\"selector\":{\"matchLabels\":{\"app\":\"a\"}}";

    @Test
    void malformedYaml() {
        assertThat(kubectl.with("apiVersion: v1\nkind: [ConfigMap\n", "apply", "-n", NS, "-f", "-")
                        .refused())
                .contains("error parsing STDIN: error converting YAML to JSON: yaml: ");
        var reply = api.ask("POST", MAPS, "application/yaml", "apiVersion: v1\nkind: [ConfigMap\n");
        assertThat(reply.code()).isEqualTo(400);
        assertThat(reply.reason()).isEqualTo("BadRequest");
        assertThat(api.post(MAPS, "{\"kind\":").code()).isEqualTo(400);
    }

    @Test
    void unknownKindAndPath() {
        assertThat(kubectl.with("apiVersion: v1\nkind: Podd\nmetadata: {name: x}\n", "apply", "-n", NS, "-f", "-")
                        .refused())
                .contains("no matches for kind \"Podd\" in version \"v1\"")
                .contains("ensure CRDs are installed first");
        var reply = api.post("/api/v1/namespaces/broken/podds", "{}");
        assertThat(reply.code()).isEqualTo(404);
        assertThat(reply.reason()).isEqualTo("NotFound");
        assertThat(reply.message()).isEqualTo("the server could not find the requested resource");
    }

    @Test
    void wrongType() {
        var reply = api.post(DEPLOYMENTS, deployment("x", "{\"replicas\":\"two\"," + SELECTOR + "," + TEMPLATE + "}"));
        assertThat(reply.code()).isEqualTo(400);
        assertThat(reply.reason()).isEqualTo("BadRequest");
        assertThat(reply.message())
                .contains("Deployment in version \"v1\" cannot be handled as a Deployment")
                .contains("DeploymentSpec.spec.replicas of type int32");
    }

    @Test
    void missingRequiredField() {
        var reply = api.post(
                DEPLOYMENTS,
                deployment(
                        "x",
                        "{" + SELECTOR
                                + ",\"template\":{\"metadata\":{\"labels\":{\"app\":\"a\"}},\"spec\":{\"containers\":[{\"name\":\"c\"}]}}}"));
        assertThat(reply.code()).isEqualTo(422);
        assertThat(reply.reason()).isEqualTo("Invalid");
        assertThat(reply.message())
                .isEqualTo("Deployment.apps \"x\" is invalid: spec.template.spec.containers[0].image: Required value");
        assertThat(reply.fields()).containsExactly("spec.template.spec.containers[0].image");
    }

    @Test
    void severalMistakesAreToldAtOnce() {
        var reply = api.post(
                DEPLOYMENTS,
                deployment("Upper", "{\"replicas\":-1," + SELECTOR.replace("\"a\"", "\"b\"") + "," + TEMPLATE + "}"));
        assertThat(reply.code()).isEqualTo(422);
        assertThat(reply.fields()).contains("metadata.name", "spec.replicas", "spec.template.metadata.labels");
        assertThat(reply.message()).contains("`selector` does not match template `labels`");
    }

    @Test
    void unknownField() {
        assertThat(kubectl.with(
                                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndatta: {a: b}\n",
                                "create",
                                "-n",
                                NS,
                                "-f",
                                "-")
                        .refused())
                .contains("strict decoding error: unknown field \"datta\"");
    }

    @Test
    void overLargeBody() {
        String large = "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"x\"},\"data\":{\"a\":\""
                + "x".repeat(4 << 20) + "\"}}";
        var reply = api.post(MAPS, large);
        assertThat(reply.code()).isEqualTo(413);
        assertThat(reply.reason()).isEqualTo("RequestEntityTooLarge");
        // A body that may pass, of an object that may not.
        String data = large.replace("x".repeat(4 << 20), "x".repeat((1 << 20) + 1));
        assertThat(api.post(MAPS, data).code()).isEqualTo(422);
        assertThat(api.post(MAPS, data).message()).contains("Too long: may not be more than 1048576 bytes");
    }

    @Test
    void wrongResourceVersion() {
        String put =
                "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"whole\",\"namespace\":\"broken\","
                        + "\"resourceVersion\":\"1\"},\"data\":{\"a\":\"2\"}}";
        var reply = api.ask("PUT", MAPS + "/whole", "application/json", put);
        assertThat(reply.code()).isEqualTo(409);
        assertThat(reply.reason()).isEqualTo("Conflict");
        assertThat(reply.message())
                .isEqualTo("Operation cannot be fulfilled on configmaps \"whole\": the object has been modified; please"
                        + " apply your changes to the latest version and try again");
    }

    @Test
    void twiceTheSameAndNoneAtAll() {
        var twice = api.post(MAPS, "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"whole\"}}");
        assertThat(twice.code()).isEqualTo(409);
        assertThat(twice.reason()).isEqualTo("AlreadyExists");
        assertThat(twice.message()).isEqualTo("configmaps \"whole\" already exists");
        var none = api.ask("DELETE", MAPS + "/none", "application/json", "");
        assertThat(none.code()).isEqualTo(404);
        assertThat(none.message()).isEqualTo("configmaps \"none\" not found");
        assertThat(kubectl.run("get", "pod", "none", "-n", NS).refused())
                .contains("Error from server (NotFound): pods \"none\" not found");
    }
}
