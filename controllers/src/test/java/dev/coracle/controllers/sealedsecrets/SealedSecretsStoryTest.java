package dev.coracle.controllers.sealedsecrets;

import static dev.coracle.controllers.World.condition;
import static dev.coracle.controllers.World.tree;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.WriteOptions;
import dev.coracle.client.pem.Pem;
import dev.coracle.controllers.World;
import dev.coracle.machinery.env.Entropy;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From a sealed value in a repository to a Secret that stays right, and all that may go wrong on the way. */
class SealedSecretsStoryTest {
    private static final String PASSWORD = "hunter2";
    private static final String UNMANAGED = "Resource \"db\" already exists and is not managed by SealedSecret";

    private final AtomicInteger made = new AtomicInteger();
    private World world;

    @BeforeEach
    void start() {
        world = new World(Path.of("unused"));
        Furniture.put(world.client());
        world.settle();
        world.run(w -> new KeyController(w, () -> Pairs.of(made.getAndIncrement() % 3)))
                .run(w -> new SealedSecretController(w, world.recorder()))
                .start();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    @Test
    void aSealedSecretBecomesASecret() {
        Unstructured sealed = create(sealed("db", "'labels':{'app':'db'},'annotations':{'a':'b'}"));
        assertThat(sealed.toString()).doesNotContain(PASSWORD);
        world.settle();

        Unstructured secret = secret("db");
        assertThat(value(secret, "password")).isEqualTo(PASSWORD);
        assertThat(value(secret, "user")).isEqualTo("eve");
        assertThat(secret.string("type")).isEqualTo("Opaque");
        assertThat(secret.labels()).containsExactlyEntriesOf(Map.of("app", "db"));
        assertThat(secret.annotations()).containsExactlyEntriesOf(Map.of("a", "b"));
        assertThat(secret.controllerOf()).hasValueSatisfying(owner -> {
            assertThat(owner.apiVersion()).isEqualTo("bitnami.com/v1alpha1");
            assertThat(owner.kind()).isEqualTo("SealedSecret");
            assertThat(owner.uid()).isEqualTo(sealed.uid());
        });
        Unstructured now = world.get(SealedSecrets.RESOURCE, "db");
        assertThat(condition(now, "Synced").string("status")).isEqualTo("True");
        assertThat(condition(now, "Synced").has("message")).isFalse();
        assertThat(condition(now, "Synced").has("lastUpdateTime")).isTrue();
        assertThat(now.integer(0, "status", "observedGeneration")).isEqualTo(1);
        assertThat(world.events("Unsealed")).containsExactly("SealedSecret unsealed successfully");
    }

    @Test
    void whatWasToldIsNotToldAgain() {
        create(sealed("db", ""));
        world.settle();
        String version = world.get(SealedSecrets.RESOURCE, "db").resourceVersion();
        String secret = secret("db").resourceVersion();
        world.advance(Duration.ofMinutes(30));
        assertThat(world.get(SealedSecrets.RESOURCE, "db").resourceVersion()).isEqualTo(version);
        assertThat(secret("db").resourceVersion()).isEqualTo(secret);
        assertThat(world.events("Unsealed")).hasSize(1);
    }

    @Test
    void keysAreRenewedEveryThirtyDaysAndTheOldOnesStillOpen() {
        Unstructured first = keys().getFirst();
        assertThat(first.name()).startsWith("sealed-secrets-key").isNotEqualTo("sealed-secrets-key");
        assertThat(first.string("type")).isEqualTo("kubernetes.io/tls");
        assertThat(value(first, "tls.key")).startsWith("-----BEGIN RSA PRIVATE KEY-----");
        X509Certificate certificate = certificate();
        assertThat(Duration.between(
                        certificate.getNotBefore().toInstant(),
                        certificate.getNotAfter().toInstant()))
                .isEqualTo(Duration.ofDays(3650));

        Unstructured old = sealed("db", "");
        world.advance(Duration.ofDays(29));
        assertThat(keys()).hasSize(1);
        world.advance(Duration.ofDays(1));
        assertThat(keys()).hasSize(2);
        assertThat(certificate().getPublicKey()).isNotEqualTo(certificate.getPublicKey());
        Unstructured young = sealed("young", "");

        create(old);
        create(young);
        world.settle();
        assertThat(value(secret("db"), "password")).isEqualTo(PASSWORD);
        assertThat(value(secret("young"), "password")).isEqualTo(PASSWORD);
        assertThat(world.events("ErrUnsealFailed")).isEmpty();
        world.advance(Duration.ofDays(61));
        assertThat(keys()).hasSize(4);
    }

    @Test
    void aSecretThatDriftsOrIsDeletedComesBack() {
        create(sealed("db", ""));
        world.settle();
        world.patch(Resources.SECRETS, "default", "db", "{'data':{'password':'eHh4','more':'eHh4'}}");
        world.settle();
        assertThat(value(secret("db"), "password")).isEqualTo(PASSWORD);
        assertThat(secret("db").strings("data")).containsOnlyKeys("password", "user");

        String uid = secret("db").uid();
        world.delete(Resources.SECRETS, "default", "db", "");
        world.settle();
        assertThat(secret("db").uid()).isNotEqualTo(uid);
        assertThat(value(secret("db"), "password")).isEqualTo(PASSWORD);
    }

    @Test
    void anotherToolsLabelsAreNotFoughtFor() {
        create(sealed("db", ""));
        world.settle();
        world.patch(Resources.SECRETS, "default", "db", "{'metadata':{'annotations':{'backup':'yes'}}}");
        world.settle();
        assertThat(secret("db").annotations()).containsKey("backup");
    }

    @Test
    void aNewValueReplacesTheOldOne() {
        create(sealed("db", ""));
        world.settle();
        Unstructured next = seal("{'apiVersion':'v1','kind':'Secret','metadata':{'name':'db','namespace':'default'},"
                + "'stringData':{'token':'t'}}");
        Unstructured now = world.get(SealedSecrets.RESOURCE, "db").copy().set(next.get("spec"), "spec");
        world.client().update(SealedSecrets.RESOURCE, now, WriteOptions.DEFAULT);
        world.settle();
        assertThat(secret("db").strings("data")).containsOnlyKeys("token");
        assertThat(world.get(SealedSecrets.RESOURCE, "db").integer(0, "status", "observedGeneration"))
                .isEqualTo(2);
    }

    @Test
    void somebodyElsesSecretIsLeftAlone() {
        world.create(Resources.SECRETS, "default", """
                {'apiVersion':'v1','kind':'Secret','metadata':{'name':'db'},'stringData':{'password':'mine'}}""");
        create(sealed("db", ""));
        world.settle();
        assertThat(value(secret("db"), "password")).isEqualTo("mine");
        assertThat(secret("db").ownerReferences()).isEmpty();
        Unstructured synced = condition(world.get(SealedSecrets.RESOURCE, "db"), "Synced");
        assertThat(synced.string("status")).isEqualTo("False");
        assertThat(synced.string("message")).isEqualTo("failed update: " + UNMANAGED);
        assertThat(world.events("ErrUpdateFailed")).containsExactly(UNMANAGED);

        world.patch(Resources.SECRETS, "default", "db", """
                {'metadata':{'annotations':{'sealedsecrets.bitnami.com/managed':'true'}}}""");
        world.settle();
        assertThat(value(secret("db"), "password")).as("given away").isEqualTo(PASSWORD);
        assertThat(secret("db").controllerOf()).isPresent();
        assertThat(condition(world.get(SealedSecrets.RESOURCE, "db"), "Synced").string("status"))
                .isEqualTo("True");
    }

    @Test
    void oneThatAsksForItIsAddedTo() {
        world.create(Resources.SECRETS, "default", """
                {'apiVersion':'v1','kind':'Secret','metadata':{'name':'db','labels':{'mine':'yes'},
                 'annotations':{'sealedsecrets.bitnami.com/patch':'true'}},
                 'stringData':{'password':'old','kept':'kept'}}""");
        create(sealed("db", "'labels':{'app':'db'}"));
        world.settle();
        assertThat(value(secret("db"), "password")).isEqualTo(PASSWORD);
        assertThat(value(secret("db"), "kept")).isEqualTo("kept");
        assertThat(secret("db").labels()).containsOnlyKeys("mine", "app");
        assertThat(secret("db").ownerReferences()).as("nor does it go with it").isEmpty();
    }

    @Test
    void damageIsToldByKeyAndNothingIsHalfApplied() {
        Unstructured sealed = sealed("db", "");
        sealed.set(
                "AAAA" + sealed.string("spec", "encryptedData", "password").substring(4),
                "spec",
                "encryptedData",
                "password");
        sealed.set("!notbase64", "spec", "encryptedData", "token");
        create(sealed);
        world.settle();
        assertThat(world.exists(Resources.SECRETS, "default", "db")).isFalse();
        String why = "no key could decrypt secret (password); illegal base64 data at input byte 0 (token)";
        Unstructured synced = condition(world.get(SealedSecrets.RESOURCE, "db"), "Synced");
        assertThat(synced.string("status")).isEqualTo("False");
        assertThat(synced.string("message")).isEqualTo(why);
        assertThat(world.events("ErrUnsealFailed")).containsExactly("Failed to unseal: " + why);

        world.advance(Duration.ofMinutes(30));
        assertThat(world.events("ErrUnsealFailed")).as("once").hasSize(1);
        assertThat(world.list(Resources.EVENTS, "default").toString() + synced).doesNotContain(PASSWORD);
    }

    @Test
    void damageDoesNotTakeAwayWhatWasThere() {
        create(sealed("db", ""));
        world.settle();
        world.patch(SealedSecrets.RESOURCE, "default", "db", "{'spec':{'encryptedData':{'password':'AAAA'}}}");
        world.settle();
        assertThat(value(secret("db"), "password")).isEqualTo(PASSWORD);
        assertThat(condition(world.get(SealedSecrets.RESOURCE, "db"), "Synced").string("message"))
                .isEqualTo("no key could decrypt secret (password)");
    }

    @Test
    void aStrictOneOpensInItsPlaceOnly() {
        Unstructured moved = sealed("db", "").set("renamed", "metadata", "name");
        create(moved);
        world.settle();
        assertThat(world.exists(Resources.SECRETS, "default", "renamed")).isFalse();
        assertThat(condition(world.get(SealedSecrets.RESOURCE, "renamed"), "Synced")
                        .string("message"))
                .isEqualTo("no key could decrypt secret (password, user)");
    }

    @Test
    void widerScopesOpenWhereTheySay() {
        namespace("elsewhere");
        Unstructured inNamespace = scoped(Scope.NAMESPACE_WIDE);
        assertThat(inNamespace.annotations())
                .containsExactlyEntriesOf(Map.of("sealedsecrets.bitnami.com/namespace-wide", "true"));
        create(inNamespace.copy().set("any", "metadata", "name"));
        createIn("elsewhere", inNamespace.copy());
        Unstructured inCluster = scoped(Scope.CLUSTER_WIDE);
        createIn("elsewhere", inCluster.copy().set("all", "metadata", "name"));
        // The annotation alone does not widen what was sealed strictly.
        create(sealed("db", "")
                .set("wide", "metadata", "name")
                .set("true", "metadata", "annotations", "sealedsecrets.bitnami.com/cluster-wide"));
        world.settle();
        assertThat(value(secret("any"), "password")).isEqualTo(PASSWORD);
        assertThat(world.exists(Resources.SECRETS, "elsewhere", "db")).isFalse();
        assertThat(world.exists(Resources.SECRETS, "elsewhere", "all")).isTrue();
        assertThat(world.exists(Resources.SECRETS, "default", "wide")).isFalse();
    }

    @Test
    void aKeyThatIsRestoredOpensWhatWaitedForIt() {
        Unstructured key = keys().getFirst();
        Unstructured sealed = sealed("db", "");
        world.delete(Resources.SECRETS, "kube-system", key.name(), "");
        world.settle();
        assertThat(keys()).as("a new one, for there must be one").hasSize(1);
        create(sealed);
        world.settle();
        assertThat(world.exists(Resources.SECRETS, "default", "db")).isFalse();
        Unstructured backup = Unstructured.of("v1", "Secret", "kube-system", "restored")
                .set(key.get("metadata", "labels"), "metadata", "labels")
                .set(key.get("type"), "type")
                .set(key.get("data"), "data");
        world.client().create(Resources.SECRETS, "kube-system", backup, WriteOptions.DEFAULT);
        world.settle();
        assertThat(value(secret("db"), "password")).isEqualTo(PASSWORD);
    }

    @Test
    void aKeyThatNobodyCanReadHarmsNoOther() {
        world.create(Resources.SECRETS, "kube-system", """
                {'apiVersion':'v1','kind':'Secret','metadata':{'name':'bad','labels':{
                 'sealedsecrets.bitnami.com/sealed-secrets-key':'active'}},'stringData':{'tls.key':'x','tls.crt':'y'}}""");
        world.create(Resources.SECRETS, "default", """
                {'apiVersion':'v1','kind':'Secret','metadata':{'name':'mine','labels':{
                 'sealedsecrets.bitnami.com/sealed-secrets-key':'active'}},'stringData':{'a':'b'}}""");
        create(sealed("db", ""));
        world.settle();
        assertThat(value(secret("db"), "password")).isEqualTo(PASSWORD);
    }

    @Test
    void textsAreFilledInAndKeysTakenOut() {
        Unstructured sealed = sealed("db", "");
        sealed.set("postgres://{{ .user }}:{{ .password }}@db", "spec", "template", "data", "url");
        sealed.object("spec", "template", "data").map().put("user", null);
        sealed.set(true, "spec", "template", "immutable");
        create(sealed);
        world.settle();
        assertThat(value(secret("db"), "url")).isEqualTo("postgres://eve:" + PASSWORD + "@db");
        assertThat(secret("db").strings("data")).containsOnlyKeys("password", "url");
        assertThat(secret("db").bool("immutable")).isTrue();

        world.patch(SealedSecrets.RESOURCE, "default", "db", "{'spec':{'template':{'data':{'url':'x'}}}}");
        world.settle();
        assertThat(world.events("ErrUpdateFailed"))
                .containsExactly("Error updating default/db: the target Secret is immutable. Once a Secret is marked as"
                        + " immutable, it is not possible to revert this change nor to mutate the contents of the data"
                        + " field. You can only delete and recreate the Secret.");
    }

    @Test
    void whatTheServerRefusesIsToldAndTriedAgain() {
        create(sealed("db", "'labels':{'app':'not a label'}"));
        world.advance(Duration.ofMinutes(5));
        assertThat(world.exists(Resources.SECRETS, "default", "db")).isFalse();
        assertThat(world.events("ErrUpdateFailed")).singleElement().asString().startsWith("Secret \"db\" is invalid: ");
        assertThat(condition(world.get(SealedSecrets.RESOURCE, "db"), "Synced").string("status"))
                .isEqualTo("False");
    }

    @Test
    void whatItsTypeLacksIsToldWithoutTheValues() {
        create(seal("{'apiVersion':'v1','kind':'Secret','metadata':{'name':'db','namespace':'default'},"
                + "'type':'kubernetes.io/ssh-auth','stringData':{'password':'" + PASSWORD + "'}}"));
        world.settle();
        assertThat(world.exists(Resources.SECRETS, "default", "db")).isFalse();
        assertThat(world.events("ErrUpdateFailed")).singleElement().asString().contains("data[ssh-privatekey]");
        assertThat(world.list(Resources.EVENTS, "default").toString() + world.get(SealedSecrets.RESOURCE, "db"))
                .doesNotContain(PASSWORD)
                .doesNotContain("aHVudGVyMg");
    }

    @Test
    void theCertificatesServiceLeadsToThisProcess() throws Exception {
        try (World other = new World(Path.of("unused"), List.of(), "127.0.0.1")) {
            Furniture.put(other.client());
            CertificateController[] front = new CertificateController[1];
            other.run(w -> front[0] = new CertificateController(w, "10.1.2.3")).start();
            Unstructured slice = slice(other);
            assertThat(slice.objects("endpoints").getFirst().stringList("addresses"))
                    .containsExactly("10.1.2.3");
            assertThat(slice.objects("ports").getFirst().integer(0, "port")).isEqualTo(front[0].port());
            other.delete(Resources.ENDPOINT_SLICES, "kube-system", "sealed-secrets-controller", "");
            other.settle();
            assertThat(slice(other).labels()).containsEntry("kubernetes.io/service-name", "sealed-secrets-controller");
            Furniture.put(other.client());
            Furniture.remove(other.client());
            assertThat(other.exists(Resources.SERVICES, "kube-system", "sealed-secrets-controller"))
                    .isFalse();
            Furniture.remove(other.client());
        }
    }

    private static Unstructured slice(World world) {
        return world.client()
                .get(Resources.ENDPOINT_SLICES, "kube-system", "sealed-secrets-controller")
                .object();
    }

    private void namespace(String name) {
        world.create(
                Resources.NAMESPACES, "", "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'" + name + "'}}");
    }

    private Unstructured sealed(String name, String metadata) {
        return seal(secret(name, metadata));
    }

    private Unstructured scoped(Scope scope) {
        return SealedSecrets.seal(SealedSecrets.scoped(tree(secret("db", "")), scope), publicKey(), entropy());
    }

    private static String secret(String name, String metadata) {
        return "{'apiVersion':'v1','kind':'Secret','metadata':{'name':'" + name + "','namespace':'default'"
                + (metadata.isEmpty() ? "" : "," + metadata) + "},'stringData':{'password':'" + PASSWORD
                + "'},'data':{'user':'ZXZl'}}";
    }

    private Unstructured seal(String secret) {
        return SealedSecrets.seal(tree(secret), publicKey(), entropy());
    }

    private static Entropy entropy() {
        return new VirtualEnvironment(3).environment().entropy();
    }

    private RSAPublicKey publicKey() {
        return (RSAPublicKey) certificate().getPublicKey();
    }

    private X509Certificate certificate() {
        try {
            return Pem.certificates(value(keys().getLast(), "tls.crt")).getFirst();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** The oldest first. */
    private List<Unstructured> keys() {
        return world.list(Resources.SECRETS, "kube-system").stream()
                .filter(s -> s.labels().containsKey("sealedsecrets.bitnami.com/sealed-secrets-key")
                        && !s.name().equals("bad"))
                .sorted(Comparator.comparing(s -> s.string("metadata", "creationTimestamp")))
                .toList();
    }

    private Unstructured create(Unstructured sealed) {
        return createIn("default", sealed);
    }

    private Unstructured createIn(String namespace, Unstructured sealed) {
        sealed.set(namespace, "metadata", "namespace");
        return world.client()
                .create(SealedSecrets.RESOURCE, namespace, sealed, WriteOptions.DEFAULT)
                .object();
    }

    private Unstructured secret(String name) {
        return world.get(Resources.SECRETS, name);
    }

    private static String value(Unstructured secret, String name) {
        return new String(Base64.getDecoder().decode(secret.string("data", name)), StandardCharsets.UTF_8);
    }
}
