package dev.coracle.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a cluster says of itself to strangers. */
class ClusterInfoStoryTest {
    private final ApiServer server = ApiServer.inMemory(new VirtualEnvironment(1).environment());
    private final SystemObjects objects = new SystemObjects(server.client(UserInfo.ADMIN));
    private final Client stranger = server.client(UserInfo.ANONYMOUS);

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void aStrangerReadsIt() {
        objects.tell("https://172.30.0.2:6443", "PEM");
        assertThat(info()).isEqualTo("""
                apiVersion: v1
                clusters:
                - cluster:
                    certificate-authority-data: UEVN
                    server: https://172.30.0.2:6443
                  name: ""
                contexts: null
                current-context: ""
                kind: Config
                users: null
                """);
    }

    @Test
    void andNothingBesides() {
        objects.tell("https://172.30.0.2:6443", "PEM");
        assertThatThrownBy(() -> stranger.list(Resources.CONFIG_MAPS, "kube-public", ListOptions.ALL))
                .hasMessageContaining("cannot list resource \"configmaps\"");
        assertThatThrownBy(() -> stranger.get(Resources.CONFIG_MAPS, "kube-public", "kube-root-ca.crt"))
                .hasMessageContaining("cannot get resource \"configmaps\"");
        assertThatThrownBy(() -> stranger.patch(
                        Resources.CONFIG_MAPS,
                        "kube-public",
                        "cluster-info",
                        Patch.merge(Unstructured.parse("{\"data\":{\"kubeconfig\":\"\"}}")),
                        WriteOptions.DEFAULT))
                .hasMessageContaining("cannot patch resource \"configmaps\"");
    }

    @Test
    void whatTheAdministratorMadeOfItStays() {
        objects.tell("https://172.30.0.2:6443", "PEM");
        server.client(UserInfo.ADMIN)
                .patch(
                        Resources.CONFIG_MAPS,
                        "kube-public",
                        "cluster-info",
                        Patch.merge(Unstructured.parse("{\"data\":{\"kubeconfig\":\"mine\"}}")),
                        WriteOptions.DEFAULT);
        objects.tell("https://172.30.0.2:6443", "PEM");
        assertThat(info()).isEqualTo("mine");
    }

    private String info() {
        return stranger.get(Resources.CONFIG_MAPS, "kube-public", "cluster-info")
                .object()
                .string("data", "kubeconfig");
    }
}
