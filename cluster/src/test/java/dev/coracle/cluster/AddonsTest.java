package dev.coracle.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.ListOptions;
import dev.coracle.controllers.Addon;
import dev.coracle.controllers.sealedsecrets.SealedSecrets;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a cluster has besides: remembered, put there and taken away. */
class AddonsTest {
    @Test
    void theyAreRememberedBetweenRuns(@TempDir Path dir) throws Exception {
        var paths = new ClusterPaths(dir, "one");
        Files.createDirectories(paths.dir());
        var description = new ClusterDescription("one", 0, 1, 0, 0);
        description.withAddons(List.of(Addon.SEALED_SECRETS)).write(paths);
        var read = ClusterDescription.read(paths).orElseThrow();
        assertThat(read.addons()).containsExactly(Addon.SEALED_SECRETS);
        assertThat(read.withPid(7)
                        .withProfile(Profile.SERVER)
                        .withLeaderElect(true)
                        .addons())
                .containsExactly(Addon.SEALED_SECRETS);
        read.withAddons(List.of()).write(paths);
        assertThat(ClusterDescription.read(paths)).hasValue(description);
    }

    @Test
    void everyUserMayAskForTheCertificateAndNoStranger() {
        var time = new VirtualEnvironment(1);
        try (ApiServer server = ApiServer.inMemory(time.environment())) {
            var objects = new SystemObjects(server.client(UserInfo.ADMIN));
            objects.addons(List.of());
            Client user = server.client(UserInfo.component("eve"));
            assertThatThrownBy(() -> service(user)).hasMessageContaining("cannot get resource \"services\"");
            objects.addons(List.of(Addon.SEALED_SECRETS));
            objects.addons(List.of(Addon.SEALED_SECRETS));
            time.advance(Duration.ofSeconds(1));
            service(user);
            assertThatThrownBy(() -> service(server.client(UserInfo.ANONYMOUS)))
                    .hasMessageContaining("cannot get resource \"services\"");
            assertThatThrownBy(() -> user.get(SealedSecrets.RESOURCE, "default", "db"))
                    .isInstanceOf(StatusException.class)
                    .hasMessageContaining("cannot get resource \"sealedsecrets\"");
            objects.addons(List.of());
            assertThatThrownBy(() -> service(user)).hasMessage("services \"sealed-secrets-controller\" not found");
        }
    }

    @Test
    void oneDoesNotBringAnother() {
        var time = new VirtualEnvironment(1);
        try (ApiServer server = ApiServer.inMemory(time.environment())) {
            Client admin = server.client(UserInfo.ADMIN);
            var objects = new SystemObjects(admin);
            objects.addons(List.of());
            assertThat(kinds(admin)).isEmpty();
            objects.addons(List.of(Addon.EXTERNAL_SECRETS));
            objects.addons(List.of(Addon.EXTERNAL_SECRETS));
            assertThat(kinds(admin))
                    .containsExactly(
                            "clustersecretstores.external-secrets.io",
                            "externalsecrets.external-secrets.io",
                            "secretstores.external-secrets.io");
        }
    }

    private static List<String> kinds(Client client) {
        var definitions = new GroupVersionResource("apiextensions.k8s.io", "v1", "customresourcedefinitions");
        return client.list(definitions, "", ListOptions.ALL).items().stream()
                .map(d -> d.name())
                .toList();
    }

    private static void service(Client client) {
        client.get(Resources.SERVICES, "kube-system", SealedSecrets.SERVICE);
    }
}
