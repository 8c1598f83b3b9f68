package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.apiserver.Cluster.yaml;
import static dev.coracle.machinery.object.Resources.CONFIG_MAPS;
import static dev.coracle.machinery.object.Resources.SECRETS;
import static dev.coracle.machinery.object.Resources.SERVICES;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.encryption.Encryption;
import dev.coracle.apiserver.encryption.EncryptionConfiguration;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WatchEvent;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.store.KeyRange;
import dev.coracle.store.Op;
import dev.coracle.store.Store;
import dev.coracle.store.embedded.EmbeddedStore;
import dev.coracle.store.memory.MemoryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets are sealed in the store: through servers that come and go over one store, with other keys each time. */
class EncryptionStoryTest {
    private static final String A = "/registry/secrets/default/a";
    private static final String B = "/registry/secrets/default/b";
    private static final String WORD = "correct-horse-battery-staple";

    private final VirtualEnvironment world = new VirtualEnvironment(42);
    private final Store store = new MemoryStore(world.environment());
    private ApiServer server = ApiServer.over(store, world.environment());

    @AfterEach
    void close() {
        server.close();
        store.close();
    }

    private static String provider(String field, String name, char letter) {
        String secret = Base64.getEncoder()
                .encodeToString(String.valueOf(letter).repeat(32).getBytes(UTF_8));
        return "{" + field + ": {keys: [{name: " + name + ", secret: " + secret + "}]}}";
    }

    private static EncryptionConfiguration configuration(String resource, String... providers) {
        return EncryptionConfiguration.parse(
                "f.yaml",
                "{apiVersion: apiserver.config.k8s.io/v1, kind: EncryptionConfiguration, resources: [{resources: [\""
                        + resource + "\"], providers: [" + String.join(", ", providers) + "]}]}");
    }

    private Client restart(String... providers) {
        return restart(configuration("secrets", providers));
    }

    private Client restart(EncryptionConfiguration configuration) {
        server.close();
        server = ApiServer.over(store, world.environment(), configuration);
        return server.client(UserInfo.ADMIN);
    }

    private static Unstructured secret(String name) {
        return yaml("{apiVersion: v1, kind: Secret, metadata: {name: " + name + "}, stringData: {word: " + WORD + "}}");
    }

    private static String encoded() {
        return Base64.getEncoder().encodeToString(WORD.getBytes(UTF_8));
    }

    private static String word(Client admin, String name) {
        return admin.get(SECRETS, "default", name).object().string("data", "word");
    }

    private String stored(String key) {
        return new String(store.range(KeyRange.key(key), 0, 0).kvs().getFirst().value(), ISO_8859_1);
    }

    @Test
    void aSecretIsPlainForClientsAndSealedInTheStore() {
        Client admin = restart(provider("secretbox", "one", 'a'));
        List<WatchEvent> seen = new ArrayList<>();
        Client.Watch watch = admin.watch(SECRETS, "", ListOptions.ALL, listener(seen, new ArrayList<>()));
        Revision made = admin.create(SECRETS, "default", secret("a"), WriteOptions.DEFAULT);
        assertThat(made.object().string("data", "word")).isEqualTo(encoded());
        assertThat(stored(A)).startsWith("k8s:enc:secretbox:v1:one:").doesNotContain(encoded());
        assertThat(seen)
                .singleElement()
                .satisfies(e ->
                        assertThat(e.revision().object().string("data", "word")).isEqualTo(encoded()));
        admin.patch(SECRETS, "default", "a", Patch.merge(yaml("{data: {more: eA==}}")), WriteOptions.DEFAULT);
        // As it was before, from the store's history.
        assertThat(admin.list(
                                SECRETS,
                                "default",
                                new ListOptions("", "", made.object().resourceVersion(), 0, "", false, "Exact"))
                        .items())
                .singleElement()
                .satisfies(r -> assertThat(r.object().strings("data")).containsOnlyKeys("word"));
        admin.delete(SECRETS, "default", "a", DeleteOptions.DEFAULT);
        assertThat(seen.getLast().type()).isEqualTo(WatchEvent.Type.DELETED);
        assertThat(seen.getLast().revision().object().string("data", "word")).isEqualTo(encoded());
        watch.close();
    }

    @Test
    void aNewKeyComesInAndTheOldOneLeavesByRewritingWhatThereIs() {
        String old = provider("aescbc", "old", 'a');
        String fresh = provider("aesgcm", "new", 'b');
        Client admin = restart("{identity: {}}");
        admin.create(SECRETS, "default", secret("a"), WriteOptions.DEFAULT);
        admin.create(SECRETS, "default", secret("b"), WriteOptions.DEFAULT);
        assertThat(stored(A)).contains(encoded());

        // What was plain stays readable, and is sealed when it is written, changed or not.
        admin = restart(old, "{identity: {}}");
        assertThat(word(admin, "a")).isEqualTo(encoded());
        rewrite(admin);
        assertThat(stored(A)).startsWith("k8s:enc:aescbc:v1:old:");

        admin = restart(fresh, old);
        assertThat(word(admin, "b")).isEqualTo(encoded());
        rewrite(admin);
        assertThat(stored(A)).startsWith("k8s:enc:aesgcm:v1:new:");
        assertThat(stored(B)).startsWith("k8s:enc:aesgcm:v1:new:");

        // Written as it would be today, a change of nothing is none again.
        String version = admin.get(SECRETS, "default", "a").object().resourceVersion();
        rewrite(admin);
        assertThat(admin.get(SECRETS, "default", "a").object().resourceVersion())
                .isEqualTo(version);

        admin = restart(fresh);
        assertThat(word(admin, "a")).isEqualTo(encoded());
        // And the way back: identity first writes plainly what it cannot read.
        admin = restart("{identity: {}}", fresh);
        rewrite(admin);
        assertThat(stored(A)).contains(encoded());
    }

    /** As {@code kubectl get secrets -A -o json | kubectl replace -f -} does. */
    private static void rewrite(Client admin) {
        for (Revision r : admin.list(SECRETS, "", ListOptions.ALL).items()) {
            admin.update(SECRETS, r.object().copy(), WriteOptions.DEFAULT);
        }
    }

    @Test
    void keysOfOneNameAreAllTried() {
        Client admin = restart(provider("secretbox", "key", 'a'));
        admin.create(SECRETS, "default", secret("a"), WriteOptions.DEFAULT);
        admin = restart(provider("secretbox", "key", 'b'), provider("secretbox", "key", 'a'));
        assertThat(word(admin, "a")).isEqualTo(encoded());
        rewrite(admin);
        assertThat(word(restart(provider("secretbox", "key", 'b')), "a")).isEqualTo(encoded());
    }

    @Test
    void whatCannotBeReadIsRefusedAloneAndNothingIsLost() {
        Client admin = restart(provider("secretbox", "one", 'a'));
        admin.create(SECRETS, "default", secret("a"), WriteOptions.DEFAULT);
        String before = stored(A);

        admin = restart(provider("aesgcm", "two", 'b'), "{identity: {}}");
        admin.create(SECRETS, "default", secret("b"), WriteOptions.DEFAULT);
        admin.create(
                CONFIG_MAPS,
                "default",
                yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}"),
                WriteOptions.DEFAULT);
        assertThat(word(admin, "b")).isEqualTo(encoded());

        Client client = admin;
        StatusException e = refused(() -> client.get(SECRETS, "default", "a"));
        assertThat(e.code()).isEqualTo(500);
        assertThat(e.reason()).isEqualTo("InternalError");
        assertThat(e).hasMessage("Internal error occurred: no matching prefix found");
        String all = "Internal error occurred: unable to transform key \"" + A + "\": no matching prefix found";
        assertThat(refused(() -> client.list(SECRETS, "", ListOptions.ALL))).hasMessage(all);
        assertThat(refused(() -> client.list(SECRETS, "default", ListOptions.ALL)))
                .hasMessage(all);
        assertThat(refused(() ->
                        client.watch(SECRETS, "", ListOptions.ALL, listener(new ArrayList<>(), new ArrayList<>()))))
                .hasMessage(all);
        // Another namespace's, and those of another name, are none of its business.
        assertThat(client.list(SECRETS, "kube-system", ListOptions.ALL).items()).isEmpty();
        assertThat(client.list(SECRETS, "default", ListOptions.fields("metadata.name=b"))
                        .items())
                .hasSize(1);

        assertThat(refused(() -> client.create(SECRETS, "default", secret("a"), WriteOptions.DEFAULT))
                        .code())
                .isEqualTo(409);
        assertThat(refused(() -> client.update(SECRETS, placed(secret("a")), WriteOptions.DEFAULT))
                        .code())
                .isEqualTo(500);
        assertThat(refused(() -> client.patch(
                                SECRETS, "default", "a", Patch.merge(yaml("{data: {}}")), WriteOptions.DEFAULT))
                        .code())
                .isEqualTo(500);
        assertThat(refused(() -> client.delete(SECRETS, "default", "a", DeleteOptions.DEFAULT))
                        .code())
                .isEqualTo(500);
        assertThat(stored(A)).isEqualTo(before);

        admin = restart(provider("aesgcm", "two", 'b'), provider("secretbox", "one", 'a'));
        assertThat(word(admin, "a")).isEqualTo(encoded());
        assertThat(word(admin, "b")).isEqualTo(encoded());
    }

    private static Unstructured placed(Unstructured secret) {
        return secret.set("default", "metadata", "namespace");
    }

    @Test
    void aWrongKeyOfTheSameNameIsSeenWhateverTheCipher() {
        for (String field : List.of("aesgcm", "aescbc", "secretbox")) {
            Client admin = restart(provider(field, "key", 'a'));
            admin.create(SECRETS, "default", secret("a"), WriteOptions.DEFAULT);
            for (char letter = 'b'; letter <= 'z'; letter++) {
                Client wrong = restart(provider(field, "key", letter));
                StatusException e = refused(() -> wrong.get(SECRETS, "default", "a"));
                assertThat(e.code()).isEqualTo(500);
                assertThat(e.getMessage()).doesNotContain(WORD).doesNotContain(encoded());
            }
            restart(provider(field, "key", 'a')).delete(SECRETS, "default", "a", DeleteOptions.DEFAULT);
        }
    }

    @Test
    void whoWatchesWhenSomethingUnreadableIsWrittenBeginsAnew() {
        Client admin = restart(provider("aesgcm", "one", 'a'));
        admin.create(SECRETS, "default", secret("a"), WriteOptions.DEFAULT);
        List<WatchEvent> seen = new ArrayList<>();
        List<StatusException> ended = new ArrayList<>();
        String from = admin.list(SECRETS, "", ListOptions.ALL).resourceVersion();
        admin.watch(SECRETS, "", ListOptions.ALL, listener(seen, ended));
        // One moves what is sealed to where it was not written.
        byte[] moved = store.range(KeyRange.key(A), 0, 0).kvs().getFirst().value();
        store.txn(List.of(), List.of(Op.put(B, moved)), List.of());
        assertThat(ended)
                .singleElement()
                .satisfies(e ->
                        assertThat(e).hasMessage("Internal error occurred: cipher: message authentication failed"));
        assertThat(refused(() -> admin.get(SECRETS, "default", "b")).code()).isEqualTo(500);
        assertThat(word(admin, "a")).isEqualTo(encoded());
        assertThat(refused(() -> admin.watch(SECRETS, "", ListOptions.ALL.from(from), listener(seen, ended)))
                        .code())
                .isEqualTo(410);
        // Who takes it away heals it.
        store.txn(List.of(), List.of(Op.delete(B)), List.of());
        assertThat(admin.list(SECRETS, "", ListOptions.ALL).items()).hasSize(1);
        assertThat(refused(() -> admin.get(SECRETS, "default", "b")).code()).isEqualTo(404);
    }

    @Test
    void everythingCanBeSealed() {
        Client admin = restart(configuration("*.*", provider("secretbox", "one", 'a'), "{identity: {}}"));
        admin.create(
                SERVICES,
                "default",
                yaml("{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {ports: [{port: 80}]}}"),
                WriteOptions.DEFAULT);
        assertThat(stored("/registry/services/specs/default/s")).startsWith("k8s:enc:secretbox:v1:one:");
        String ip = admin.get(SERVICES, "default", "s").object().string("spec", "clusterIP");
        assertThat(stored("/registry/ipaddresses/" + ip)).startsWith("k8s:enc:secretbox:v1:one:");
    }

    @Test
    void whatAnotherConfigurationWroteMayBeReadBesides() {
        EncryptionConfiguration own = configuration("secrets", provider("secretbox", "own", 'a'), "{identity: {}}");
        restart(own).create(SECRETS, "default", secret("a"), WriteOptions.DEFAULT);
        Client admin = restart(configuration("*.", provider("aescbc", "given", 'b'), "{identity: {}}")
                .readingAlso(own));
        assertThat(word(admin, "a")).isEqualTo(encoded());
        rewrite(admin);
        assertThat(stored(A)).startsWith("k8s:enc:aescbc:v1:given:");
    }

    @Test
    void aStartGoesOnWhereWhatItPublishesCannotBeRead() {
        var introduction = new Introduction(Map.of("client-ca-file", "one"));
        introduction.publish(registry(configuration("configmaps", provider("aesgcm", "one", 'a'))));
        String key = "/registry/configmaps/kube-system/extension-apiserver-authentication";
        String before = stored(key);
        introduction.publish(registry(configuration("configmaps", provider("aesgcm", "two", 'b'))));
        assertThat(stored(key)).isEqualTo(before);
    }

    private Registry registry(EncryptionConfiguration configuration) {
        return new Registry(
                store, world.environment(), "10.96.0.0/16", false, new Encryption(configuration, world.environment()));
    }

    @Test
    void sealsAndOpeningsAreCounted() {
        Client admin = restart(provider("aesgcm", "one", 'a'));
        admin.create(SECRETS, "default", secret("a"), WriteOptions.DEFAULT);
        String page = new String(server.telemetry().page("").text(), UTF_8);
        assertThat(page)
                .contains("apiserver_storage_transformation_operations_total{resource=\"secrets\",status=\"OK\","
                        + "transformation_type=\"to_storage\",transformer_prefix=\"k8s:enc:aesgcm:v1:\"} 1");
    }

    @Test
    void onTheDiskThePlainTextIsNowhereAfterRotationAndCompaction(@TempDir Path dir) throws IOException {
        assertThat(onDisk(dir.resolve("plain"), "{identity: {}}", "{identity: {}}"))
                .isTrue();
        String one = provider("aesgcm", "one", 'a');
        String two = provider("secretbox", "two", 'b');
        assertThat(onDisk(dir.resolve("sealed"), one, two)).isFalse();
    }

    /** Whether a Secret that was written, sealed with another key and removed lies there in words. */
    private static boolean onDisk(Path dir, String first, String second) throws IOException {
        Files.createDirectories(dir);
        try (var system = new SystemEnvironment((task, e) -> {
            throw new AssertionError(task, e);
        })) {
            for (List<String> providers : List.of(List.of(first), List.of(second, first), List.of(second))) {
                try (Store store = EmbeddedStore.open(dir, system.environment());
                        ApiServer server = ApiServer.over(
                                store,
                                system.environment(),
                                configuration("secrets", providers.toArray(String[]::new)))) {
                    Client admin = server.client(UserInfo.ADMIN);
                    if (admin.list(SECRETS, "", ListOptions.ALL).items().isEmpty()) {
                        admin.create(SECRETS, "default", secret("a"), WriteOptions.DEFAULT);
                        admin.create(SECRETS, "default", secret("b"), WriteOptions.DEFAULT);
                        admin.delete(SECRETS, "default", "b", DeleteOptions.DEFAULT);
                    }
                    rewrite(admin);
                    assertThat(word(admin, "a")).isEqualTo(encoded());
                    store.compact(store.revision());
                }
            }
        }
        try (Stream<Path> files = Files.walk(dir)) {
            return files.filter(Files::isRegularFile).anyMatch(EncryptionStoryTest::tells);
        }
    }

    private static boolean tells(Path file) {
        try {
            String text = Files.readString(file, ISO_8859_1);
            return text.contains(encoded()) || text.contains(WORD);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Client.WatchListener listener(List<WatchEvent> seen, List<StatusException> ended) {
        return new Client.WatchListener() {
            @Override
            public void onEvent(WatchEvent event) {
                seen.add(event);
            }

            @Override
            public void onClosed(StatusException cause) {
                ended.add(cause);
            }
        };
    }
}
