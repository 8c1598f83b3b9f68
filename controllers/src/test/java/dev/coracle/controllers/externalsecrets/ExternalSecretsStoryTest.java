package dev.coracle.controllers.externalsecrets;

import static dev.coracle.controllers.World.condition;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.World;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From a secret in a Vault to one in the cluster that follows it, and all that may go wrong on the way. */
class ExternalSecretsStoryTest {
    private static final String PASSWORD = "hunter2-of-the-vault";
    private static final String DB =
            "'data':[{'secretKey':'password','remoteRef':{'key':'apps/db','property':'password'}}]";

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private LoopbackVault vault;
    private LoopbackSecretsManager aws;
    private World world;

    @BeforeEach
    void start() throws Exception {
        vault = new LoopbackVault();
        vault.put("apps/db", Map.of("password", PASSWORD, "user", "eve"));
        aws = new LoopbackSecretsManager();
        aws.put("apps/db", "{\"password\":\"" + PASSWORD + "\"}");
        world = new World(Path.of("unused"));
        Furniture.put(world.client());
        world.settle();
        world.create(Resources.NAMESPACES, "", "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'shop'}}");
        world.create(Resources.SECRETS, "default", """
                {'apiVersion':'v1','kind':'Secret','metadata':{'name':'credentials'},'stringData':{
                 'token':'%s','id':'%s','key':'%s\\n'}}""".formatted(
                        LoopbackVault.TOKEN, LoopbackSecretsManager.KEY_ID, LoopbackSecretsManager.KEY));
        world.run(w -> new StoreController(w, world.recorder(), aws.endpoint(), outbound()))
                .run(w -> new ExternalSecretController(w, world.recorder(), aws.endpoint(), outbound()))
                .start();
        store("SecretStore", "vault", "");
        world.settle();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
        vault.close();
        aws.close();
        threads.close();
    }

    private HttpOutbound outbound() {
        return new HttpOutbound(threads, Duration.ofSeconds(30));
    }

    @Test
    void aSecretIsFetched() {
        apply("db", DB);
        Unstructured secret = secret("db");
        assertThat(value(secret, "password")).isEqualTo(PASSWORD);
        assertThat(secret.strings("data")).containsOnlyKeys("password");
        assertThat(secret.string("type")).isEqualTo("Opaque");
        assertThat(secret.labels()).containsEntry("reconcile.external-secrets.io/managed", "true");
        Unstructured now = get("db");
        assertThat(secret.controllerOf()).hasValueSatisfying(owner -> {
            assertThat(owner.apiVersion()).isEqualTo("external-secrets.io/v1");
            assertThat(owner.kind()).isEqualTo("ExternalSecret");
            assertThat(owner.uid()).isEqualTo(now.uid());
        });
        assertReady(now, "True", "SecretSynced", "secret synced");
        assertThat(now.string("status", "binding", "name")).isEqualTo("db");
        assertThat(now.time("status", "refreshTime")).isPresent();
        assertThat(now.string("status", "syncedResourceVersion")).startsWith("1-");
        assertThat(world.events("Created")).containsExactly("secret created");
        Unstructured store = world.get(ExternalSecrets.STORES, "vault");
        assertReady(store, "True", "Valid", "store validated");
        assertThat(store.string("status", "capabilities")).isEqualTo("ReadOnly");
        assertThat(reads()).as("once").hasSize(1);
        assertNothingIsTold();
    }

    @Test
    void itFollowsTheStoreAtItsInterval() {
        apply("db", DB);
        vault.put("apps/db", Map.of("password", "rotated"));
        world.advance(Duration.ofMinutes(59));
        assertThat(value(secret("db"), "password")).isEqualTo(PASSWORD);
        assertThat(reads()).hasSize(1);
        world.advance(Duration.ofMinutes(2));
        assertThat(value(secret("db"), "password")).isEqualTo("rotated");
        assertThat(world.events("Updated")).containsExactly("secret updated");
        String version = secret("db").resourceVersion();
        world.advance(Duration.ofHours(10));
        assertThat(reads()).hasSize(12);
        assertThat(secret("db").resourceVersion()).as("nothing new since").isEqualTo(version);
    }

    @Test
    void policiesSayWhenItFollows() {
        apply("once", "'refreshPolicy':'CreatedOnce'," + DB);
        apply("onchange", "'refreshPolicy':'OnChange'," + DB);
        apply("never", "'refreshInterval':'0'," + DB);
        apply("often", "'refreshInterval':'1ms'," + DB);
        vault.put("apps/db", Map.of("password", "rotated"));
        for (String name : List.of("once", "onchange", "never")) {
            world.patch(ExternalSecrets.RESOURCE, "default", name, "{'metadata':{'labels':{'a':'b'}}}");
        }
        vault.calls.clear();
        world.advance(Duration.ofSeconds(10));
        assertThat(value(secret("once"), "password")).isEqualTo(PASSWORD);
        assertThat(value(secret("onchange"), "password")).isEqualTo("rotated");
        assertThat(value(secret("never"), "password")).isEqualTo(PASSWORD);
        assertThat(value(secret("often"), "password")).isEqualTo("rotated");
        assertThat(reads()).as("each second at the most").hasSizeLessThan(13);
    }

    @Test
    void aSecretThatDriftsOrIsDeletedComesBack() {
        apply("db", DB);
        world.patch(Resources.SECRETS, "default", "db", "{'data':{'password':'eHh4'}}");
        world.settle();
        assertThat(value(secret("db"), "password")).isEqualTo(PASSWORD);
        world.delete(Resources.SECRETS, "default", "db", "");
        world.settle();
        assertThat(value(secret("db"), "password")).isEqualTo(PASSWORD);
    }

    @Test
    void aStoreThatDoesNotAnswerHarmsNothing() throws Exception {
        apply("db", DB);
        int port = vault.port();
        vault.close();
        world.advance(Duration.ofMinutes(61));
        assertThat(value(secret("db"), "password")).as("kept").isEqualTo(PASSWORD);
        assertReady(get("db"), "False", "SecretSyncedError", "could not get secret data from provider");
        assertThat(world.events("UpdateFailed"))
                .first()
                .isEqualTo("error processing spec.data[0] (key: apps/db), err: the desired SecretStore vault is not"
                        + " ready");
        Unstructured store = world.get(ExternalSecrets.STORES, "vault");
        assertReady(
                store,
                "False",
                "ValidationFailed",
                "unable to validate store: invalid vault credentials: GET http://127.0.0.1:" + port
                        + "/v1/auth/token/lookup-self: connection refused");
        assertThat(world.events("ValidationFailed")).as("told once").hasSize(1);
        apply("other", DB);
        assertThat(exists("other")).isFalse();

        vault = new LoopbackVault(null, port);
        vault.put("apps/db", Map.of("password", "back"));
        world.advance(Duration.ofMinutes(11));
        assertThat(value(secret("db"), "password")).isEqualTo("back");
        assertThat(value(secret("other"), "password")).as("woken by the store").isEqualTo("back");
        assertReady(get("db"), "True", "SecretSynced", "secret synced");
    }

    @Test
    void nothingIsHalfApplied() {
        apply("db", DB);
        String version = secret("db").resourceVersion();
        vault.put("apps/db", Map.of("password", "new"));
        patch(
                "db",
                "'data':[{'secretKey':'password','remoteRef':{'key':'apps/db','property':'password'}},"
                        + "{'secretKey':'more','remoteRef':{'key':'apps/db','property':'nope'}}]");
        assertThat(secret("db").resourceVersion()).isEqualTo(version);
        assertReady(get("db"), "False", "SecretSyncedError", "could not get secret data from provider");
        assertThat(world.events("UpdateFailed"))
                .containsExactly("error processing spec.data[1] (key: apps/db), err: cannot find secret data for key:"
                        + " \"nope\"");
        assertNothingIsTold();
    }

    @Test
    void aSealedVaultIsAskedLessAndLess() {
        apply("db", "'refreshInterval':'10m'," + DB);
        world.advance(Duration.ofMinutes(9));
        vault.failing = 503;
        vault.calls.clear();
        // Read by what is ready still.
        world.advance(Duration.ofMinutes(51));
        assertThat(vault.calls).hasSizeLessThan(20);
        assertThat(value(secret("db"), "password")).isEqualTo(PASSWORD);
        assertThat(world.list(Resources.EVENTS, "default").toString()).contains("Vault is sealed, [redacted]");
        assertNothingIsTold();
    }

    @Test
    void whatWasDeletedThereIsKeptHereUnlessAskedFor() {
        apply("retain", DB);
        apply("delete", "'target':{'deletionPolicy':'Delete'}," + DB);
        apply("merge", "'target':{'deletionPolicy':'Merge'}," + DB);
        world.patch(Resources.SECRETS, "default", "merge", "{'data':{'mine':'eHh4'}}");
        vault.delete("apps/db");
        world.advance(Duration.ofMinutes(61));

        assertThat(value(secret("retain"), "password")).isEqualTo(PASSWORD);
        assertReady(get("retain"), "False", "SecretSyncedError", "could not get secret data from provider");
        assertThat(world.events("UpdateFailed"))
                .containsExactly("error processing spec.data[0] (key: apps/db), err: Secret does not exist");
        assertThat(exists("delete")).isFalse();
        assertReady(get("delete"), "True", "SecretDeleted", "secret deleted due to DeletionPolicy=Delete");
        assertThat(world.events("Deleted")).containsExactly("secret deleted due to DeletionPolicy=Delete");
        assertThat(secret("merge").strings("data")).containsOnlyKeys("mine");
        assertReady(get("merge"), "True", "SecretSynced", "secret synced");

        vault.put("apps/db", Map.of("password", "again"));
        world.advance(Duration.ofMinutes(61));
        for (String name : List.of("retain", "delete", "merge")) {
            assertThat(value(secret(name), "password")).isEqualTo("again");
        }
    }

    @Test
    void nobodyElsesSecretIsDeletedBecauseTheStoreHasNone() {
        world.create(Resources.SECRETS, "default", """
                {'apiVersion':'v1','kind':'Secret','metadata':{'name':'theirs'},'stringData':{'a':'b'}}""");
        apply("theirs", "'target':{'deletionPolicy':'Delete'},'data':[{'secretKey':'a','remoteRef':{'key':'none'}}]");
        assertThat(exists("theirs")).isTrue();
        assertReady(get("theirs"), "False", "SecretSyncedError", "could not delete secret");
    }

    @Test
    void creationPoliciesSayWhoseTheSecretIs() {
        apply("merge", "'target':{'name':'app','creationPolicy':'Merge'}," + DB);
        assertThat(exists("app")).isFalse();
        assertReady(get("merge"), "True", "SecretMissing", "secret will not be created due to CreationPolicy=Merge");
        world.create(Resources.SECRETS, "default", """
                {'apiVersion':'v1','kind':'Secret','metadata':{'name':'app','labels':{'mine':'yes'}},
                 'stringData':{'kept':'kept'}}""");
        world.settle();
        assertThat(value(secret("app"), "kept")).isEqualTo("kept");
        assertThat(value(secret("app"), "password")).isEqualTo(PASSWORD);
        assertThat(secret("app").labels()).containsEntry("mine", "yes");
        assertThat(secret("app").ownerReferences()).isEmpty();
        assertReady(get("merge"), "True", "SecretSynced", "secret synced");

        apply("orphan", "'target':{'creationPolicy':'Orphan'}," + DB);
        assertThat(value(secret("orphan"), "password")).isEqualTo(PASSWORD);
        assertThat(secret("orphan").ownerReferences()).isEmpty();
        apply("none", "'target':{'creationPolicy':'None'}," + DB);
        assertThat(exists("none")).isFalse();
        assertReady(get("none"), "True", "SecretSynced", "secret synced");

        apply("no", "'target':{'creationPolicy':'Merge','deletionPolicy':'Delete'}," + DB);
        assertReady(get("no"), "False", "SecretSyncedError", "could not update secret");
        assertThat(world.events("UpdateFailed"))
                .containsExactly("deletionPolicy=Delete must not be used when the controller doesn't own the secret."
                        + " Please set creationPolicy=Owner");

        apply("first", "'target':{'name':'one'}," + DB);
        apply("second", "'target':{'name':'one'}," + DB);
        assertReady(get("second"), "False", "SecretSyncedError", "target is owned by another ExternalSecret");
        assertThat(secret("one").controllerOf())
                .hasValueSatisfying(o -> assertThat(o.name()).isEqualTo("first"));
    }

    @Test
    void keysThatAreNoLongerNamedGo() {
        apply("db", "'dataFrom':[{'extract':{'key':'apps/db'}}]");
        assertThat(secret("db").strings("data")).containsOnlyKeys("password", "user");
        patch("db", "'dataFrom':null," + DB);
        assertThat(secret("db").strings("data")).containsOnlyKeys("password");
        patch("db", "'target':{'name':'renamed'}");
        assertThat(exists("renamed")).isTrue();
        assertThat(exists("db")).as("orphaned").isFalse();
    }

    @Test
    void manyAreFoundByName() {
        vault.put("apps/web", Map.of("k", "v"));
        apply("all", "'dataFrom':[{'find':{'path':'apps','name':{'regexp':'web'}}}]");
        assertThat(secret("all").strings("data")).containsOnlyKeys("apps_web");
        assertThat(value(secret("all"), "apps_web")).isEqualTo("{\"k\":\"v\"}");
    }

    @Test
    void textsAreFilledIn() {
        apply("db", """
                'target':{'immutable':true,'template':{'type':'example.com/db','metadata':{
                 'labels':{'user':'{{ .user }}'},'annotations':{'a':'b'}},
                 'data':{'url':'postgres://{{ .user }}:{{ .password | urlquery }}@db','b64':'{{ .user | b64enc }}'}}},
                'dataFrom':[{'extract':{'key':'apps/db'}}]""");
        Unstructured secret = secret("db");
        assertThat(value(secret, "url")).isEqualTo("postgres://eve:" + PASSWORD + "@db");
        assertThat(value(secret, "b64")).isEqualTo("ZXZl");
        assertThat(secret.strings("data")).containsOnlyKeys("url", "b64");
        assertThat(secret.string("type")).isEqualTo("example.com/db");
        assertThat(secret.labels()).containsEntry("user", "eve");
        assertThat(secret.bool("immutable")).isTrue();
        vault.put("apps/db", Map.of("password", "rotated", "user", "eve"));
        world.advance(Duration.ofMinutes(61));
        assertReady(get("db"), "False", "SecretSyncedError", "could not update secret, target is immutable");
    }

    @Test
    void whatATemplateSpoilsIsToldWithoutTheValue() {
        apply("bad", "'target':{'template':{'data':{'x':'{{ .nope }}'}}}," + DB);
        apply("worse", "'target':{'template':{'metadata':{'labels':{'p':'{{ .password }} is no label'}}}}," + DB);
        assertThat(exists("bad")).isFalse();
        assertReady(get("bad"), "False", "SecretSyncedError", "could not update secret");
        assertReady(get("worse"), "False", "SecretSyncedError", "could not update secret");
        assertThat(world.events("UpdateFailed"))
                .containsExactlyInAnyOrder(
                        "unable to mutate secret bad: could not apply template: could not execute template: unable to"
                                + " execute template at key x: template: x:1: executing \"x\" at <.nope>: map has no"
                                + " entry for key \"nope\"",
                        "unable to update secret worse: it is invalid: metadata.labels");
        assertNothingIsTold();
    }

    @Test
    void wrongCredentialsAreToldAtTheStoreAndPutRight() {
        apply("db", DB);
        vault.token = "hvs.another";
        world.advance(Duration.ofMinutes(6));
        Unstructured store = world.get(ExternalSecrets.STORES, "vault");
        assertThat(condition(store, "Ready").string("reason")).isEqualTo("InvalidProviderConfig");
        assertThat(condition(store, "Ready").string("message"))
                .startsWith("unable to validate store: invalid vault credentials: Error making API request.")
                .endsWith("* permission denied");
        world.patch(Resources.SECRETS, "default", "credentials", "{'stringData':{'token':'hvs.another'}}");
        world.settle();
        assertReady(world.get(ExternalSecrets.STORES, "vault"), "True", "Valid", "store validated");

        world.delete(Resources.SECRETS, "default", "credentials", "");
        world.settle();
        assertReady(
                world.get(ExternalSecrets.STORES, "vault"),
                "False",
                "InvalidProviderConfig",
                "unable to create client");
        assertThat(world.events("InvalidProviderConfig"))
                .last()
                .isEqualTo("cannot get Vault token: cannot get Kubernetes secret \"credentials\" from namespace"
                        + " \"default\": secrets \"credentials\" not found");
        assertNothingIsTold();
    }

    @Test
    void awsIsAskedToo() {
        world.create(ExternalSecrets.STORES, "default", """
                {'apiVersion':'external-secrets.io/v1','kind':'SecretStore','metadata':{'name':'aws'},'spec':{
                 'provider':{'aws':{'service':'SecretsManager','region':'eu-central-1','auth':{'secretRef':{
                 'accessKeyIDSecretRef':{'name':'credentials','key':'id'},
                 'secretAccessKeySecretRef':{'name':'credentials','key':'key'}}}}}}}""");
        world.create(ExternalSecrets.RESOURCE, "default", externalSecret("db", "SecretStore", "aws", DB));
        world.settle();
        assertThat(value(secret("db"), "password")).isEqualTo(PASSWORD);
        aws.secrets.clear();
        world.advance(Duration.ofMinutes(61));
        assertReady(get("db"), "False", "SecretSyncedError", "could not get secret data from provider");
        assertNothingIsTold();
    }

    @Test
    void aStoreOfTheClusterIsForWhomItSays() {
        store(
                "ClusterSecretStore",
                "shared",
                ",'conditions':[{'namespaces':['shop']},{'namespaceRegexes':['^team-']}]");
        for (String namespace : List.of("default", "shop")) {
            world.create(ExternalSecrets.RESOURCE, namespace, externalSecret("db", "ClusterSecretStore", "shared", DB));
        }
        world.settle();
        assertThat(exists("db")).isFalse();
        assertThat(world.events("UpdateFailed"))
                .last()
                .isEqualTo("error processing spec.data[0] (key: apps/db), err: using cluster store \"shared\" is not"
                        + " allowed from namespace \"default\": denied by spec.condition");
        assertThat(world.exists(Resources.SECRETS, "shop", "db")).isTrue();
    }

    @Test
    void aStoreOfANamespaceReachesForNoOthersSecrets() {
        world.create(
                ExternalSecrets.STORES, "shop", store("SecretStore", "thief", "", ",'namespace':'default'", "token"));
        world.settle();
        Unstructured store =
                world.client().get(ExternalSecrets.STORES, "shop", "thief").object();
        assertReady(store, "False", "InvalidProviderConfig", "unable to create client");
        assertThat(world.list(Resources.EVENTS, "shop").toString())
                .contains("namespace should either be empty or match the namespace of the SecretStore");
    }

    @Test
    void storesOfAnotherClassAreLeftToOthers() {
        store("SecretStore", "theirs", ",'controller':'other'");
        world.create(ExternalSecrets.RESOURCE, "default", externalSecret("db", "SecretStore", "theirs", DB));
        world.settle();
        assertThat(get("db").has("status")).isFalse();
        assertThat(world.get(ExternalSecrets.STORES, "theirs").has("status")).isFalse();
    }

    // ---- the test's own

    private void apply(String name, String spec) {
        world.create(ExternalSecrets.RESOURCE, "default", externalSecret(name, "SecretStore", "vault", spec));
        world.settle();
    }

    private void patch(String name, String spec) {
        world.patch(ExternalSecrets.RESOURCE, "default", name, "{'spec':{" + spec + "}}");
        world.settle();
    }

    private static String externalSecret(String name, String kind, String store, String spec) {
        return "{'apiVersion':'external-secrets.io/v1','kind':'ExternalSecret','metadata':{'name':'" + name
                + "'},'spec':{'secretStoreRef':{'kind':'" + kind + "','name':'" + store + "'}," + spec + "}}";
    }

    private void store(String kind, String name, String more) {
        boolean ofCluster = kind.equals("ClusterSecretStore");
        world.create(
                ofCluster ? ExternalSecrets.CLUSTER_STORES : ExternalSecrets.STORES,
                ofCluster ? "" : "default",
                store(kind, name, more, ofCluster ? ",'namespace':'default'" : "", "token"));
    }

    private String store(String kind, String name, String more, String where, String key) {
        return "{'apiVersion':'external-secrets.io/v1','kind':'" + kind + "','metadata':{'name':'" + name
                + "'},'spec':{'provider':{'vault':{'server':'" + vault.address()
                + "','path':'secret','auth':{'tokenSecretRef':{'name':'credentials','key':'" + key + "'" + where
                + "}}}}" + more + "}}";
    }

    private List<String> reads() {
        return vault.calls.stream().filter(c -> c.contains("/data/")).toList();
    }

    private Unstructured get(String name) {
        return world.get(ExternalSecrets.RESOURCE, name);
    }

    private Unstructured secret(String name) {
        return world.get(Resources.SECRETS, name);
    }

    private boolean exists(String name) {
        return world.exists(Resources.SECRETS, "default", name);
    }

    private static String value(Unstructured secret, String key) {
        return new String(Base64.getDecoder().decode(secret.string("data", key)), StandardCharsets.UTF_8);
    }

    private static void assertReady(Unstructured o, String status, String reason, String message) {
        Unstructured ready = condition(o, "Ready");
        assertThat(List.of(ready.string("status"), ready.string("reason"), ready.string("message")))
                .isEqualTo(List.of(status, reason, message));
    }

    /** In nothing that more may read than Secrets. */
    private void assertNothingIsTold() {
        List<Unstructured> all = new ArrayList<>(world.list(Resources.EVENTS, "default"));
        all.addAll(world.list(ExternalSecrets.RESOURCE, "default"));
        all.addAll(world.list(ExternalSecrets.STORES, "default"));
        assertThat(all.toString())
                .doesNotContain(PASSWORD)
                .doesNotContain("hvs.")
                .doesNotContain(LoopbackSecretsManager.KEY)
                .doesNotContain(LoopbackSecretsManager.KEY_ID);
    }
}
