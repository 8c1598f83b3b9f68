package dev.coracle.controllers.serviceaccount;

import static dev.coracle.machinery.object.Resources.SECRETS;
import static dev.coracle.machinery.object.Resources.SERVICE_ACCOUNTS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.World;
import dev.coracle.machinery.object.Unstructured;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets that somebody makes to be filled with a token. */
class TokensStoryTest {
    private World world;

    @BeforeEach
    void start(@TempDir Path volumes) {
        world = new World(volumes).run(TokensController::new).start();
        account("robot");
    }

    @AfterEach
    void stop() throws Exception {
        world.close();
    }

    private void account(String name) {
        world.create(SERVICE_ACCOUNTS, "default", """
                {'apiVersion': 'v1', 'kind': 'ServiceAccount', 'metadata': {'name': '%s'}}""".formatted(name));
        world.settle();
    }

    private void secret(String name, String account) {
        world.create(SECRETS, "default", """
                {'apiVersion': 'v1', 'kind': 'Secret', 'type': 'kubernetes.io/service-account-token',
                 'metadata': {'name': '%s', 'annotations': {'kubernetes.io/service-account.name': '%s'}}}
                """.formatted(name, account));
        world.settle();
    }

    private static String text(Unstructured secret, String key) {
        return new String(Base64.getDecoder().decode(secret.string("data", key)), StandardCharsets.UTF_8);
    }

    @Test
    void aSecretIsFilledWithATokenOfTheAccountThatItNames() {
        secret("s", "robot");
        Unstructured s = world.get(SECRETS, "s");
        assertThat(text(s, "token")).isEqualTo("token of robot in s");
        assertThat(text(s, "namespace")).isEqualTo("default");
        assertThat(text(s, "ca.crt")).startsWith("-----BEGIN CERTIFICATE-----");
        assertThat(s.annotations())
                .containsEntry(
                        "kubernetes.io/service-account.uid",
                        world.get(SERVICE_ACCOUNTS, "robot").uid());
    }

    @Test
    void whatWasTakenOutComesBack() {
        secret("s", "robot");
        world.patch(SECRETS, "default", "s", "{'data': {'token': null, 'namespace': 'eA=='}}");
        world.settle();
        assertThat(text(world.get(SECRETS, "s"), "token")).isEqualTo("token of robot in s");
        assertThat(text(world.get(SECRETS, "s"), "namespace")).isEqualTo("default");
    }

    @Test
    void itGoesWithItsAccountAndIsNotOfAnotherOfThatName() {
        secret("s", "robot");
        world.delete(SERVICE_ACCOUNTS, "default", "robot", "Background");
        world.settle();
        assertThat(world.exists(SECRETS, "default", "s")).isFalse();
        secret("early", "later");
        assertThat(world.exists(SECRETS, "default", "early")).isFalse();
    }

    @Test
    void otherSecretsAreLeftAlone() {
        world.create(SECRETS, "default", """
                {'apiVersion': 'v1', 'kind': 'Secret', 'metadata': {'name': 'o',
                 'annotations': {'kubernetes.io/service-account.name': 'nobody'}}}""");
        world.settle();
        assertThat(world.get(SECRETS, "o").has("data")).isFalse();
    }
}
