package dev.coracle.kubelet.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.ClientInformers;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A kubelet, as the node it is, sees the Secrets and ConfigMaps of its pods and no others. */
class NamedObjectsStoryTest {
    private final VirtualEnvironment world = new VirtualEnvironment(5);
    private final List<String> told = new ArrayList<>();
    private ApiServer server;
    private Client admin;
    private Client node;
    private ClientInformers informers;
    private NamedObjects named;
    private NodeClient client;

    @BeforeEach
    void start() {
        server = ApiServer.inMemory(world.environment());
        admin = server.client(UserInfo.ADMIN);
        node = server.client(UserInfo.component("system:node:n1"));
        informers = new ClientInformers(node, world.environment());
        named = new NamedObjects(node, world.environment(), (r, ns, name) -> told.add(r.resource() + " " + name));
        client = new NodeClient(node, named);
        informers.of(Resources.PODS, "spec.nodeName=n1").handle(named::onChange);
        informers.start();
        world.settle();
    }

    @AfterEach
    void stop() {
        informers.close();
        named.close();
        server.close();
    }

    private void pod(String name, String nodeName, String secret) {
        create(Resources.PODS, """
                {'apiVersion':'v1','kind':'Pod','metadata':{'name':'%s','namespace':'default'},
                 'spec':{'nodeName':'%s','containers':[{'name':'main','image':'x'}],
                  'volumes':[{'name':'a','secret':{'secretName':'%s'}}]}}""".formatted(name, nodeName, secret));
    }

    private void secret(String name, String value) {
        create(Resources.SECRETS, """
                {'apiVersion':'v1','kind':'Secret','metadata':{'name':'%s','namespace':'default'},
                 'stringData':{'key':'%s'}}""".formatted(name, value));
    }

    private void create(GroupVersionResource resource, String json) {
        admin.create(resource, "default", Unstructured.parse(json.replace('\'', '"')), WriteOptions.DEFAULT);
        world.settle();
    }

    private void label(GroupVersionResource resource, String name) {
        admin.patch(
                resource,
                "default",
                name,
                Patch.merge(new Unstructured(new java.util.LinkedHashMap<>()).set("new", "metadata", "labels", "a")),
                WriteOptions.DEFAULT);
        world.settle();
    }

    private Revision get(String name) {
        return client.get(Resources.SECRETS, "default", name);
    }

    @Test
    void whatAPodNamesIsKnownAndItsChangesAreTold() {
        secret("s", "one");
        pod("web", "n1", "s");
        assertThat(get("s").object().string("data", "key")).isEqualTo("b25l");
        assertThat(told).as("what was there from the start is no news").isEmpty();
        label(Resources.SECRETS, "s");
        assertThat(get("s").labels()).containsEntry("a", "new");
        assertThat(told).containsExactly("secrets s");
    }

    @Test
    void whatIsMissingIsNotFoundUntilItComes() {
        pod("web", "n1", "late");
        assertThatThrownBy(() -> get("late")).hasMessage("secrets \"late\" not found");
        secret("late", "one");
        assertThat(get("late").name()).isEqualTo("late");
        assertThat(told).containsExactly("secrets late");
    }

    @Test
    void manyPodsShareOneWatchWhichEndsWithTheLast() {
        secret("s", "one");
        pod("a", "n1", "s");
        pod("b", "n1", "s");
        assertThat(named.size()).isEqualTo(1);
        admin.delete(Resources.PODS, "default", "a", DeleteOptions.NOW);
        world.settle();
        assertThat(get("s").name()).isEqualTo("s");
        admin.delete(Resources.PODS, "default", "b", DeleteOptions.NOW);
        world.settle();
        assertThat(named.size()).isZero();
        label(Resources.SECRETS, "s");
        assertThat(told).isEmpty();
        assertThatThrownBy(() -> get("s")).hasMessageContaining("no relationship found between node 'n1'");
    }

    @Test
    void endedPodsHoldNothing() {
        secret("s", "one");
        pod("job", "n1", "s");
        admin.patch(
                Resources.PODS,
                "default",
                "job",
                Patch.merge(Unstructured.parse("{\"status\":{\"phase\":\"Succeeded\"}}")),
                WriteOptions.STATUS);
        world.settle();
        assertThat(named.size()).isZero();
    }

    @Test
    void podsElsewhereAreNoneOfItsBusiness() {
        secret("theirs", "one");
        pod("web", "n2", "theirs");
        assertThat(named.size()).isZero();
        assertThatThrownBy(() -> get("theirs")).hasMessageContaining("is forbidden");
    }

    @Test
    void aPodThatIsGoneIsNotFoundThoughTheServerSaysForbidden() {
        pod("web", "n1", "s");
        assertThat(client.get(Resources.PODS, "default", "web").name()).isEqualTo("web");
        admin.delete(Resources.PODS, "default", "web", DeleteOptions.NOW);
        assertThatThrownBy(() -> client.get(Resources.PODS, "default", "web"))
                .isInstanceOfSatisfying(
                        StatusException.class, e -> assertThat(e.isNotFound()).isTrue());
    }
}
