package dev.coracle.controllers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.ClientInformers;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All controllers at once, on real threads: what virtual time cannot show is how they race. */
class ControllersStoryTest {
    private static final int DEPLOYMENTS = 10;
    private static final int REPLICAS = 5;

    @TempDir
    private Path volumes;

    private final Queue<String> uncaught = new ConcurrentLinkedQueue<>();
    private final SystemEnvironment system = new SystemEnvironment((task, e) -> uncaught.add(task + ": " + e));
    private ApiServer server;
    private Client client;
    private ClientInformers informers;
    private Controllers controllers;
    private Kubelet kubelet;

    @BeforeEach
    void start() {
        server = ApiServer.inMemory(system.environment());
        client = server.client(UserInfo.ADMIN);
        informers = new ClientInformers(client, system.environment());
        controllers = new Controllers(
                client, informers, system.environment(), new ControllersConfig(volumes, "PEM", Duration.ofSeconds(50)));
        controllers.start();
        kubelet = new Kubelet(client, informers, system.environment());
        informers.start();
        create(Resources.NODES, "", "{'apiVersion':'v1','kind':'Node','metadata':{'name':'node-1'}}");
        create(Resources.NAMESPACES, "", "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'shop'}}");
    }

    @AfterEach
    void close() throws Exception {
        kubelet.close();
        controllers.close();
        informers.close();
        server.close();
        system.close();
        assertThat(uncaught).isEmpty();
    }

    @Test
    void manyDeploymentsRollAtOnceAndAreNeverMoreThanAllowedAndAllGoesWithTheNamespace() {
        for (int i = 0; i < DEPLOYMENTS; i++) {
            deploy("web-" + i);
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> complete("v1"));
        assertThat(pods()).hasSize(DEPLOYMENTS * REPLICAS);
        assertThat(made()).as("no pod was made twice").hasSize(DEPLOYMENTS * REPLICAS);

        for (int i = 0; i < DEPLOYMENTS; i++) {
            client.patch(
                    Resources.DEPLOYMENTS,
                    "shop",
                    "web-" + i,
                    Patch.merge(World.tree(
                            "{'spec':{'template':{'spec':{'containers':[{'name':'c','image':'app:v2'}]}}}}")),
                    WriteOptions.DEFAULT);
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> complete("v2"));
        assertThat(made()).as("one pod of each version for each replica").hasSize(2 * DEPLOYMENTS * REPLICAS);
        await().untilAsserted(() -> assertThat(client.list(Resources.ENDPOINT_SLICES, "shop", ListOptions.ALL)
                        .items())
                .hasSize(DEPLOYMENTS)
                .allMatch(s -> s.object().objects("endpoints").size() == REPLICAS));

        client.delete(Resources.NAMESPACES, "", "shop", DeleteOptions.DEFAULT);
        await().atMost(Duration.ofSeconds(20))
                .until(() -> client.list(Resources.NAMESPACES, "", ListOptions.ALL).items().stream()
                        .noneMatch(n -> n.name().equals("shop")));
        for (GroupVersionResource r :
                List.of(Resources.PODS, Resources.REPLICA_SETS, Resources.DEPLOYMENTS, Resources.ENDPOINT_SLICES)) {
            assertThat(client.list(r, "shop", ListOptions.ALL).items()).isEmpty();
        }
    }

    private void deploy(String name) {
        create(
                Resources.SERVICES,
                "shop",
                "{'apiVersion':'v1','kind':'Service','metadata':{'name':'" + name + "'},'spec':{'selector':{'app':'"
                        + name + "'},'ports':[{'port':80}]}}");
        create(
                Resources.DEPLOYMENTS,
                "shop",
                "{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'" + name + "'},'spec':{'replicas':"
                        + REPLICAS + ",'selector':{'matchLabels':{'app':'" + name
                        + "'}},'template':{'metadata':{'labels':{'app':'" + name
                        + "'}},'spec':{'containers':[{'name':'c','image':'app:v1'}]}}}}");
    }

    private void create(GroupVersionResource resource, String namespace, String json) {
        client.create(resource, namespace, World.tree(json), WriteOptions.DEFAULT);
    }

    private List<Unstructured> pods() {
        return client.list(Resources.PODS, "shop", ListOptions.ALL).items().stream()
                .map(Revision::object)
                .toList();
    }

    private List<String> made() {
        return client.list(Resources.EVENTS, "shop", ListOptions.ALL).items().stream()
                .map(Revision::object)
                .filter(e -> e.string("reason").equals("SuccessfulCreate"))
                .map(e -> e.string("message"))
                .toList();
    }

    private boolean complete(String version) {
        boolean ready = client.list(Resources.DEPLOYMENTS, "shop", ListOptions.ALL).items().stream()
                .map(Revision::object)
                .allMatch(d -> d.integer(0, "status", "availableReplicas") == REPLICAS
                        && d.integer(0, "status", "updatedReplicas") == REPLICAS
                        && d.integer(0, "status", "replicas") == REPLICAS
                        && d.integer(0, "status", "observedGeneration") == d.generation());
        return ready
                && pods().size() == DEPLOYMENTS * REPLICAS
                && pods().stream()
                        .allMatch(p -> p.objects("spec", "containers")
                                .getFirst()
                                .string("image")
                                .equals("app:" + version));
    }
}
