package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.apiserver.Cluster.yaml;
import static dev.coracle.apiserver.admission.webhook.WebhookServer.allowed;
import static dev.coracle.apiserver.admission.webhook.WebhookServer.patching;
import static dev.coracle.machinery.object.Resources.CONFIG_MAPS;
import static dev.coracle.machinery.object.Resources.DEPLOYMENTS;
import static dev.coracle.machinery.object.Resources.NAMESPACES;
import static dev.coracle.machinery.object.Resources.PODS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.admission.webhook.WebhookServer;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.store.Store;
import dev.coracle.store.memory.MemoryStore;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What webhooks are asked, and what follows from their answers. */
class WebhookStoryTest {
    private static final GroupVersionResource MUTATING =
            new GroupVersionResource("admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations");
    private static final GroupVersionResource VALIDATING =
            new GroupVersionResource("admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations");
    private static final String MAPS =
            "{operations: ['*'], apiGroups: [''], apiVersions: [v1], resources: [configmaps]}";

    private final SystemEnvironment system = new SystemEnvironment((n, e) -> {});
    private final ApiServer server = ApiServer.inMemory(system.environment());
    private final Client admin = server.client(UserInfo.ADMIN);
    private WebhookServer hooks;

    @BeforeEach
    void start() throws Exception {
        hooks = new WebhookServer(system.environment());
    }

    @AfterEach
    void close() {
        server.close();
        hooks.close();
        system.close();
    }

    private Unstructured configure(GroupVersionResource kind, String name, String path, String rule, String more)
            throws Exception {
        String text = """
                {apiVersion: admissionregistration.k8s.io/v1, kind: %s, metadata: {name: %s},
                 webhooks: [{name: %s.example.com, clientConfig: %s, rules: [%s], sideEffects: None,
                             admissionReviewVersions: [v1]%s}]}
                """.formatted(
                        kind.equals(MUTATING) ? "MutatingWebhookConfiguration" : "ValidatingWebhookConfiguration",
                        name,
                        name,
                        hooks.client(path),
                        rule,
                        more.isEmpty() ? "" : ", " + more);
        return admin.create(kind, "", yaml(text), WriteOptions.DEFAULT).object();
    }

    private Unstructured map(String name) {
        return admin.create(
                        CONFIG_MAPS,
                        "default",
                        yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: %s}, data: {k: v}}".formatted(name)),
                        WriteOptions.DEFAULT)
                .object();
    }

    private Unstructured onlyQuestion() {
        assertThat(hooks.asked).hasSize(1);
        return hooks.asked.removeFirst();
    }

    // ---- configurations

    @Test
    void aConfigurationIsCompletedAndCountsItsGenerations() throws Exception {
        Unstructured c = configure(MUTATING, "a", "/a", MAPS, "");
        Unstructured w = c.objects("webhooks").getFirst();
        assertThat(w.string("failurePolicy")).isEqualTo("Fail");
        assertThat(w.string("matchPolicy")).isEqualTo("Equivalent");
        assertThat(w.string("reinvocationPolicy")).isEqualTo("Never");
        assertThat(w.integer(0, "timeoutSeconds")).isEqualTo(10);
        assertThat(w.has("namespaceSelector")).isTrue();
        assertThat(w.objects("rules").getFirst().string("scope")).isEqualTo("*");
        assertThat(c.generation()).isEqualTo(1);
        Unstructured next = c.copy();
        next.objects("webhooks").getFirst().set(5, "timeoutSeconds");
        assertThat(admin.update(MUTATING, next, WriteOptions.DEFAULT).object().generation())
                .isEqualTo(2);
    }

    @Test
    void aConfigurationThatMakesNoSenseIsRefusedInUpstreamsWords() {
        StatusException e = refused(() -> admin.create(VALIDATING, "", yaml("""
                {apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration, metadata: {name: a},
                 webhooks: [{name: short, clientConfig: {url: 'http://user@h/p?q'}, admissionReviewVersions: [v7],
                             timeoutSeconds: 31, matchConditions: [{name: c, expression: 'objekt.x'}],
                             rules: [{operations: ['*', CREATE], apiGroups: [''], apiVersions: [v1],
                                      resources: ['pods/*', pods/status]}]}]}
                """), WriteOptions.DEFAULT));
        assertThat(e.code()).isEqualTo(422);
        assertThat(e.details().objects("causes").stream()
                        .map(c -> c.string("field") + ": " + c.string("message"))
                        .toList())
                .contains(
                        "webhooks[0].name: Invalid value: \"short\": should be a domain with at least three segments"
                                + " separated by dots",
                        "webhooks[0].rules[0].operations: Invalid value: [\"*\",\"CREATE\"]: if '*' is present, must not"
                                + " specify other operations",
                        "webhooks[0].rules[0].resources[1]: Invalid value: \"pods/status\": if 'pods/*' is present, must"
                                + " not specify pods/status",
                        "webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun",
                        "webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30"
                                + " seconds",
                        "webhooks[0].clientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL scheme;"
                                + " desired format: https://host[/path]",
                        "webhooks[0].clientConfig.url: Invalid value: \"user\": user information is not permitted in the"
                                + " URL",
                        "webhooks[0].clientConfig.url: Invalid value: \"q\": query parameters are not permitted in the"
                                + " URL",
                        "webhooks[0].admissionReviewVersions: Invalid value: [\"v7\"]: must include at least one of v1,"
                                + " v1beta1")
                .anyMatch(m -> m.startsWith("webhooks[0].matchConditions[0].expression: Invalid value: \"objekt.x\":"
                        + " compilation failed: ERROR: <input>:1:1: undeclared reference to 'objekt'"));
    }

    @Test
    void noWebhookIsAskedAboutWebhooks() throws Exception {
        hooks.responds("/no", r -> Unstructured.parse("{\"allowed\":false}"));
        String all = "{operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*']}";
        configure(VALIDATING, "a", "/no", all, "");
        configure(VALIDATING, "b", "/no", all, "");
        assertThat(refused(() -> map("m")).code()).isEqualTo(400);
        hooks.asked.clear();
        admin.delete(VALIDATING, "", "a", DeleteOptions.DEFAULT);
        admin.delete(VALIDATING, "", "b", DeleteOptions.DEFAULT);
        assertThat(hooks.asked).isEmpty();
        map("m");
    }

    // ---- questions

    @Test
    void aWebhookIsToldAllOfACreation() throws Exception {
        hooks.responds("/v", r -> allowed());
        configure(VALIDATING, "a", "/v", MAPS, "");
        Unstructured made = map("m");
        Unstructured asked = onlyQuestion();
        assertThat(asked.string("testedVersion")).isEqualTo("admission.k8s.io/v1");
        assertThat(asked.string("uid")).hasSize(36);
        assertThat(asked.get("kind")).hasToString("{group=, version=v1, kind=ConfigMap}");
        assertThat(asked.get("requestKind")).isEqualTo(asked.get("kind"));
        assertThat(asked.get("resource")).hasToString("{group=, version=v1, resource=configmaps}");
        assertThat(asked.get("requestResource")).isEqualTo(asked.get("resource"));
        assertThat(asked.string("name")).isEqualTo("m");
        assertThat(asked.string("namespace")).isEqualTo("default");
        assertThat(asked.string("operation")).isEqualTo("CREATE");
        assertThat(asked.string("userInfo", "username")).isEqualTo("kubernetes-admin");
        assertThat(asked.stringList("userInfo", "groups")).containsExactly("system:authenticated", "system:masters");
        assertThat(asked.string("object", "metadata", "uid")).isEqualTo(made.uid());
        assertThat(asked.map()).containsEntry("oldObject", null).containsEntry("dryRun", false);
        assertThat(asked.string("options", "kind")).isEqualTo("CreateOptions");
    }

    @Test
    void oldAndNewObjectAreThereForUpdatesAndTheOldOneForDeletions() throws Exception {
        map("m");
        hooks.responds("/v", r -> allowed());
        configure(VALIDATING, "a", "/v", MAPS, "");
        admin.patch(CONFIG_MAPS, "default", "m", Patch.merge(yaml("{data: {k: w}}")), WriteOptions.DEFAULT);
        Unstructured update = onlyQuestion();
        assertThat(update.string("operation")).isEqualTo("UPDATE");
        assertThat(update.string("object", "data", "k")).isEqualTo("w");
        assertThat(update.string("oldObject", "data", "k")).isEqualTo("v");
        assertThat(update.string("options", "kind")).isEqualTo("UpdateOptions");
        admin.delete(CONFIG_MAPS, "default", "m", DeleteOptions.DEFAULT);
        Unstructured deletion = onlyQuestion();
        assertThat(deletion.string("operation")).isEqualTo("DELETE");
        assertThat(deletion.map()).containsEntry("object", null);
        assertThat(deletion.string("oldObject", "data", "k")).isEqualTo("w");
        assertThat(deletion.string("options", "kind")).isEqualTo("DeleteOptions");
    }

    @Test
    void subresourcesAreAskedForByTheirNames() throws Exception {
        admin.create(DEPLOYMENTS, "default", yaml("""
                {apiVersion: apps/v1, kind: Deployment, metadata: {name: d},
                 spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}},
                        spec: {containers: [{name: c, image: i}]}}}}
                """), WriteOptions.DEFAULT);
        hooks.responds("/v", r -> allowed());
        String rule = "{operations: [UPDATE], apiGroups: [apps], apiVersions: ['*'], resources: [deployments/scale,"
                + " '*/status']}";
        configure(VALIDATING, "a", "/v", rule, "");
        admin.patch(
                DEPLOYMENTS, "default", "d", Patch.merge(yaml("{metadata: {labels: {x: 'y'}}}")), WriteOptions.DEFAULT);
        assertThat(hooks.asked).isEmpty();
        admin.patch(
                DEPLOYMENTS,
                "default",
                "d",
                Patch.merge(yaml("{spec: {replicas: 3}}")),
                new WriteOptions("scale", "t", false, false));
        Unstructured scale = onlyQuestion();
        assertThat(scale.string("subResource")).isEqualTo("scale");
        assertThat(scale.string("kind", "kind")).isEqualTo("Scale");
        assertThat(scale.integer(0, "object", "spec", "replicas")).isEqualTo(3);
        assertThat(scale.integer(0, "oldObject", "spec", "replicas")).isEqualTo(1);
        admin.patch(DEPLOYMENTS, "default", "d", Patch.merge(yaml("{status: {replicas: 1}}")), WriteOptions.STATUS);
        assertThat(onlyQuestion().string("object", "kind")).isEqualTo("Deployment");
    }

    @Test
    void anEvictionIsAskedAboutAsOneAndNotAsADeletion() throws Exception {
        admin.create(PODS, "default", yaml("""
                {apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: i}]}}
                """), WriteOptions.DEFAULT);
        hooks.responds("/v", r -> allowed());
        String rule = "{operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['pods', 'pods/eviction']}";
        configure(VALIDATING, "a", "/v", rule, "");
        admin.post(PODS, "default", "p", "eviction", yaml("""
                {apiVersion: policy/v1, kind: Eviction, metadata: {name: p, namespace: default}}
                """));
        Unstructured eviction = onlyQuestion();
        assertThat(eviction.string("operation")).isEqualTo("CREATE");
        assertThat(eviction.string("object", "kind")).isEqualTo("Eviction");
    }

    @Test
    void anOldWebhookIsAskedInItsVersion() throws Exception {
        hooks.responds("/v", r -> allowed());
        Unstructured c = configure(VALIDATING, "a", "/v", MAPS, "").copy();
        c.objects("webhooks").getFirst().set(List.of("v7", "v1beta1", "v1"), "admissionReviewVersions");
        admin.update(VALIDATING, c, WriteOptions.DEFAULT);
        map("m");
        assertThat(onlyQuestion().string("testedVersion")).isEqualTo("admission.k8s.io/v1beta1");
    }

    @Test
    void theConnectionIsUsedAgain() throws Exception {
        hooks.responds("/v", r -> allowed());
        configure(VALIDATING, "a", "/v", MAPS, "");
        map("a");
        map("b");
        map("c");
        assertThat(hooks.ports).hasSize(3);
        assertThat(hooks.ports.stream().distinct()).hasSize(1);
    }

    // ---- who is asked

    @Test
    void selectorsChooseByTheLabelsOfNamespaceAndObject() throws Exception {
        hooks.responds("/v", r -> allowed());
        configure(VALIDATING, "a", "/v", MAPS, "namespaceSelector: {matchLabels: {watched: 'yes'}}");
        configure(VALIDATING, "b", "/v", MAPS, "objectSelector: {matchExpressions: [{key: tier, operator: Exists}]}");
        map("m");
        assertThat(hooks.asked).isEmpty();
        admin.patch(
                CONFIG_MAPS,
                "default",
                "m",
                Patch.merge(yaml("{metadata: {labels: {tier: a}}}")),
                WriteOptions.DEFAULT);
        onlyQuestion();
        // The old object's label is enough.
        admin.patch(CONFIG_MAPS, "default", "m", Patch.merge(yaml("{metadata: {labels: null}}")), WriteOptions.DEFAULT);
        onlyQuestion();
        admin.patch(
                NAMESPACES,
                "",
                "default",
                Patch.merge(yaml("{metadata: {labels: {watched: 'yes'}}}")),
                WriteOptions.DEFAULT);
        map("o");
        onlyQuestion();
    }

    @Test
    void aNamespaceIsSelectedByItsOwnLabels() throws Exception {
        hooks.responds("/v", r -> allowed());
        String rule =
                "{operations: [CREATE], apiGroups: [''], apiVersions: [v1], resources: [namespaces], scope: Cluster}";
        configure(VALIDATING, "a", "/v", rule, "namespaceSelector: {matchLabels: {watched: 'yes'}}");
        admin.create(
                NAMESPACES, "", yaml("{apiVersion: v1, kind: Namespace, metadata: {name: a}}"), WriteOptions.DEFAULT);
        assertThat(hooks.asked).isEmpty();
        admin.create(
                NAMESPACES,
                "",
                yaml("{apiVersion: v1, kind: Namespace, metadata: {name: b, labels: {watched: 'yes'}}}"),
                WriteOptions.DEFAULT);
        assertThat(onlyQuestion().string("namespace")).isEqualTo("b");
    }

    @Test
    void conditionsChooseByAnythingOfTheRequest() throws Exception {
        hooks.responds("/v", r -> allowed());
        configure(VALIDATING, "a", "/v", MAPS, """
                matchConditions: [{name: one, expression: "request.operation == 'CREATE' && oldObject == null"},
                                  {name: two, expression: "object.metadata.name.startsWith('w')"},
                                  {name: three, expression: "object.data.all(k, size(k) < 9)"}]
                """);
        map("m");
        assertThat(hooks.asked).isEmpty();
        map("w");
        onlyQuestion();
    }

    @Test
    void aConditionThatFailsIsAFailureOfTheWebhook() throws Exception {
        hooks.responds("/v", r -> allowed());
        String broken = "matchConditions: [{name: one, expression: \"object.data.none == 'x'\"}]";
        configure(VALIDATING, "a", "/v", MAPS, broken);
        StatusException e = refused(() -> map("m"));
        assertThat(e.code()).isEqualTo(403);
        assertThat(e.getMessage())
                .startsWith("configmaps \"m\" is forbidden: expression 'object.data.none == 'x'' resulted in error: ");
        admin.delete(VALIDATING, "", "a", DeleteOptions.DEFAULT);
        configure(VALIDATING, "b", "/v", MAPS, broken + ", failurePolicy: Ignore");
        map("m");
        assertThat(hooks.asked).isEmpty();
    }

    // ---- refusals

    @Test
    void aRefusalCarriesWhatTheWebhookSays() throws Exception {
        hooks.responds(
                "/v",
                r -> Unstructured.parse(
                        "{\"allowed\":false,\"status\":{\"code\":418,\"reason\":\"Teapot\",\"message\":\"too short\"}}"));
        configure(VALIDATING, "a", "/v", MAPS, "");
        StatusException e = refused(() -> map("m"));
        assertThat(e).hasMessage("admission webhook \"a.example.com\" denied the request: too short");
        assertThat(e.code()).isEqualTo(418);
        assertThat(e.reason()).isEqualTo("Teapot");
        hooks.responds("/w", r -> Unstructured.parse("{\"allowed\":false}"));
        admin.delete(VALIDATING, "", "a", DeleteOptions.DEFAULT);
        configure(MUTATING, "b", "/w", MAPS, "");
        assertThat(refused(() -> map("m")))
                .hasMessage("admission webhook \"b.example.com\" denied the request without explanation");
    }

    @Test
    void aDryRunGoesOnlyToWebhooksThatLeaveNothingBehind() throws Exception {
        hooks.responds("/v", r -> allowed());
        configure(VALIDATING, "a", "/v", MAPS, "");
        var dry = new WriteOptions("", "t", false, true);
        admin.create(CONFIG_MAPS, "default", yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: m}}"), dry);
        Unstructured asked = onlyQuestion();
        assertThat(asked.bool("dryRun")).isTrue();
        assertThat(asked.stringList("options", "dryRun")).containsExactly("All");
    }

    @Test
    void validatingWebhooksAreAskedAtOnceAndWarningsReachTheClient() throws Exception {
        var both = new CyclicBarrier(2);
        hooks.responds("/v", r -> {
            try {
                both.await();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            return allowed().set(List.of("mind the gap"), "warnings");
        });
        configure(VALIDATING, "a", "/v", MAPS, "");
        configure(VALIDATING, "b", "/v", MAPS, "");
        map("m");
        assertThat(hooks.asked).hasSize(2);
    }

    // ---- changes

    @Test
    void oneAfterAnotherChangesTheObjectAndDefaultsAreFilledInAgain() throws Exception {
        hooks.responds(
                "/port",
                r -> patching("[{\"op\":\"add\",\"path\":\"/spec/containers/-\",\"value\":{\"name\":\"side\","
                        + "\"image\":\"s\"}}]"));
        hooks.responds("/see", r -> allowed());
        String pods = "{operations: [CREATE], apiGroups: [''], apiVersions: [v1], resources: [pods]}";
        configure(MUTATING, "a", "/port", pods, "");
        configure(MUTATING, "b", "/see", pods, "");
        Unstructured pod =
                admin.create(PODS, "default", yaml("""
                {apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: i}]}}
                """), WriteOptions.DEFAULT).object();
        Unstructured side = pod.objects("spec", "containers").get(1);
        assertThat(side.string("terminationMessagePath")).isEqualTo("/dev/termination-log");
        assertThat(side.string("imagePullPolicy")).isEqualTo("Always");
        assertThat(hooks.asked
                        .get(1)
                        .object("object")
                        .objects("spec", "containers")
                        .get(1))
                .isEqualTo(side);
    }

    @Test
    void whatIsTheServersToDecideNoWebhookChanges() throws Exception {
        hooks.responds(
                "/m",
                r -> patching("[{\"op\":\"replace\",\"path\":\"/metadata/uid\",\"value\":\"mine\"},"
                        + "{\"op\":\"add\",\"path\":\"/metadata/generation\",\"value\":9},"
                        + "{\"op\":\"add\",\"path\":\"/unknown\",\"value\":1}]"));
        configure(MUTATING, "a", "/m", MAPS, "");
        Unstructured made = map("m");
        assertThat(made.uid()).hasSize(36);
        assertThat(made.generation()).isZero();
        assertThat(made.has("unknown")).isFalse();
        hooks.responds(
                "/n", r -> patching("[{\"op\":\"add\",\"path\":\"/metadata/namespace\",\"value\":\"kube-system\"}]"));
        configure(MUTATING, "b", "/n", MAPS, "");
        assertThat(refused(() -> map("o")).code()).isEqualTo(400);
    }

    @Test
    void whatAWebhookMakesIsValidated() throws Exception {
        hooks.responds("/m", r -> patching("[{\"op\":\"add\",\"path\":\"/data/a~1b\",\"value\":\"x\"}]"));
        configure(MUTATING, "a", "/m", MAPS, "");
        assertThat(refused(() -> map("m")).code()).isEqualTo(422);
        hooks.responds("/t", r -> patching("[{\"op\":\"add\",\"path\":\"/data/k\",\"value\":{\"no\":\"text\"}}]"));
        admin.delete(MUTATING, "", "a", DeleteOptions.DEFAULT);
        configure(MUTATING, "b", "/t", MAPS, "failurePolicy: Ignore");
        StatusException e = refused(() -> map("m"));
        assertThat(e.code()).isEqualTo(500);
        assertThat(e.getMessage()).startsWith("Internal error occurred: json: cannot unmarshal");
    }

    @Test
    void whoWasAskedBeforeAChangeIsAskedAgainIfHeWants() throws Exception {
        hooks.responds("/seen", r -> allowed());
        hooks.responds(
                "/label",
                r -> r.has("object", "metadata", "labels", "l")
                        ? allowed()
                        : patching("[{\"op\":\"add\",\"path\":\"/metadata/labels\",\"value\":{\"l\":\"v\"}}]"));
        configure(MUTATING, "a", "/seen", MAPS, "reinvocationPolicy: IfNeeded");
        configure(MUTATING, "b", "/seen", MAPS, "");
        configure(MUTATING, "c", "/label", MAPS, "reinvocationPolicy: IfNeeded");
        map("m");
        // a, b and c; then a alone: c has seen what it made itself.
        assertThat(hooks.asked).hasSize(4);
        assertThat(hooks.asked.get(0).has("object", "metadata", "labels")).isFalse();
        assertThat(hooks.asked.get(3).string("object", "metadata", "labels", "l"))
                .isEqualTo("v");
    }

    @Test
    void aDeletionCannotBeChanged() throws Exception {
        map("m");
        hooks.responds("/m", r -> patching("[{\"op\":\"add\",\"path\":\"/data/x\",\"value\":\"y\"}]"));
        configure(MUTATING, "a", "/m", MAPS, "");
        assertThat(refused(() -> admin.delete(CONFIG_MAPS, "default", "m", DeleteOptions.DEFAULT)))
                .hasMessage(
                        "Internal error occurred: admission webhook \"a.example.com\" attempted to modify the object,"
                                + " which is not supported for this operation");
    }

    // ---- webhooks that fail

    private String failure(String path) throws Exception {
        configure(MUTATING, "f", path, MAPS, "timeoutSeconds: 1");
        StatusException e = refused(() -> map("m"));
        assertThat(e.code()).isEqualTo(500);
        assertThat(e.reason()).isEqualTo("InternalError");
        admin.delete(MUTATING, "", "f", DeleteOptions.DEFAULT);
        String start = "Internal error occurred: failed calling webhook \"f.example.com\": ";
        assertThat(e.getMessage()).startsWith(start);
        return e.getMessage().substring(start.length());
    }

    @Test
    void aWebhookThatIsNotThereIsAFailureUnlessThatIsIgnored() throws Exception {
        int port = hooks.port();
        String gone = "https://127.0.0.1:" + port + "/v?timeout=10s";
        configure(VALIDATING, "a", "/v", MAPS, "");
        configure(VALIDATING, "b", "/v", MAPS, "failurePolicy: Ignore");
        hooks.close();
        assertThat(refused(() -> map("m")))
                .hasMessage("Internal error occurred: failed calling webhook \"a.example.com\": failed to call webhook:"
                        + " Post \"" + gone + "\": dial tcp 127.0.0.1:" + port + ": connect: connection refused");
        admin.delete(VALIDATING, "", "a", DeleteOptions.DEFAULT);
        map("m");
    }

    @Test
    void aWebhookThatHangsIsGivenUp() throws Exception {
        var released = new CountDownLatch(1);
        hooks.at("/hangs", (exchange, request) -> {
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        hooks.at("/drips", (exchange, request) -> {
            exchange.sendResponseHeaders(200, 0);
            try {
                while (!released.await(100, java.util.concurrent.TimeUnit.MILLISECONDS)) {
                    exchange.getResponseBody().write(' ');
                    exchange.getResponseBody().flush();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        String at = "failed to call webhook: Post \"https://127.0.0.1:" + hooks.port();
        assertThat(failure("/hangs")).isEqualTo(at + "/hangs?timeout=1s\": context deadline exceeded");
        assertThat(failure("/drips")).isEqualTo(at + "/drips?timeout=1s\": context deadline exceeded");
        released.countDown();
    }

    @Test
    void anAnswerThatIsNoneIsAFailure() throws Exception {
        String good = "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"response\":%s}";
        hooks.sends("/text", 200, "hello");
        hooks.sends("/empty", 200, "");
        hooks.sends("/bare", 200, "{}");
        hooks.sends("/uid", 200, good.formatted("{\"uid\":\"other\",\"allowed\":true}"));
        hooks.sends("/kind", 200, "{\"response\":{\"uid\":\"UID\",\"allowed\":true}}");
        hooks.sends("/type", 200, good.formatted("{\"uid\":\"UID\",\"allowed\":true,\"patch\":\"W10=\"}"));
        hooks.sends("/patch", 200, good.formatted("{\"uid\":\"UID\",\"allowed\":true,\"patchType\":\"JSONPatch\"}"));
        hooks.sends(
                "/merge",
                200,
                good.formatted("{\"uid\":\"UID\",\"allowed\":true,\"patchType\":\"MergePatch\",\"patch\":\"e30=\"}"));
        hooks.sends("/error", 500, "out of \"luck\"");
        hooks.sends("/missing", 404, "");
        hooks.sends("/large", 200, " ".repeat(9 << 20));
        hooks.sends("/deep", 200, "[".repeat(100_000));
        String invalid = "received invalid webhook response: ";
        assertThat(failure("/text"))
                .startsWith("failed to call webhook: couldn't get version/kind; json parse error: ");
        assertThat(failure("/empty")).startsWith("failed to call webhook: 0-length response");
        assertThat(failure("/bare")).isEqualTo(invalid + "webhook response was absent");
        assertThat(failure("/uid"))
                .startsWith(invalid + "expected response.uid=\"")
                .endsWith("got \"other\"");
        assertThat(failure("/kind"))
                .isEqualTo(invalid + "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got /,"
                        + " Kind=");
        assertThat(failure("/type")).isEqualTo(invalid + "webhook returned response.patch but not response.patchType");
        assertThat(failure("/patch")).isEqualTo(invalid + "webhook returned response.patchType but not response.patch");
        assertThat(failure("/merge")).isEqualTo("unsupported patch type \"MergePatch\"");
        assertThat(failure("/error"))
                .isEqualTo("failed to call webhook: an error on the server (\"out of \\\"luck\\\"\") has prevented the"
                        + " request from succeeding");
        assertThat(failure("/missing"))
                .isEqualTo("failed to call webhook: the server could not find the requested resource");
        assertThat(failure("/large")).isEqualTo("failed to call webhook: the response is larger than 8388608 bytes");
        assertThat(failure("/deep")).startsWith("failed to call webhook: couldn't get version/kind");
        map("m");
    }

    @Test
    void aServerBeginsThoughNoWebhookAnswers() throws Exception {
        Store store = new MemoryStore(system.environment());
        var view = new GroupVersionResource("rbac.authorization.k8s.io", "v1", "clusterroles");
        String all = "{operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*']}";
        try (ApiServer first = ApiServer.over(store, system.environment())) {
            Client client = first.client(UserInfo.ADMIN);
            client.delete(view, "", "view", DeleteOptions.DEFAULT);
            client.create(VALIDATING, "", yaml("""
                    {apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingWebhookConfiguration,
                     metadata: {name: a},
                     webhooks: [{name: a.example.com, clientConfig: %s, rules: [%s], sideEffects: None,
                                 admissionReviewVersions: [v1]}]}
                    """.formatted(hooks.client("/none"), all)), WriteOptions.DEFAULT);
        }
        hooks.close();
        try (ApiServer second = ApiServer.over(store, system.environment())) {
            Client client = second.client(UserInfo.ADMIN);
            assertThat(client.get(view, "", "view").name()).isEqualTo("view");
            assertThat(refused(() -> client.delete(view, "", "view", DeleteOptions.DEFAULT))
                            .code())
                    .isEqualTo(500);
        }
        store.close();
    }

    @Test
    void aCertificateOfSomebodyElseIsNotTaken() throws Exception {
        hooks.responds("/v", r -> allowed());
        try (var other = new WebhookServer(system.environment())) {
            Unstructured c = configure(VALIDATING, "a", "/v", MAPS, "").copy();
            c.objects("webhooks").getFirst().set(other.caBundle(), "clientConfig", "caBundle");
            admin.update(VALIDATING, c, WriteOptions.DEFAULT);
            assertThat(refused(() -> map("m")).getMessage())
                    .endsWith("tls: failed to verify certificate: x509: certificate signed by unknown authority");
            assertThat(hooks.asked).isEmpty();
        }
    }
}
