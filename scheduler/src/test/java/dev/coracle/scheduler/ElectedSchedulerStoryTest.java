package dev.coracle.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.ListOptions;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two schedulers with the rights that a scheduler has: one decides. */
class ElectedSchedulerStoryTest {
    private final VirtualEnvironment time = new VirtualEnvironment(5);
    private final ApiServer server = ApiServer.inMemory(time.environment());
    private final Client admin = server.client(UserInfo.ADMIN);
    private final ElectedScheduler first = scheduler("one");
    private final ElectedScheduler second = scheduler("two");

    private ElectedScheduler scheduler(String identity) {
        return new ElectedScheduler(
                server.client(UserInfo.component("system:kube-scheduler")),
                server.client(UserInfo.component("system:kube-controller-manager")),
                time.environment(),
                KubeSchedulerConfiguration.DEFAULT,
                KubeSchedulerConfiguration.ELECTION,
                identity);
    }

    @AfterEach
    void close() {
        first.close();
        second.close();
        server.close();
    }

    @Test
    void theOtherGoesOnWhenTheFirstStops() {
        Unstructured node = Unstructured.of("v1", "Node", "", "n")
                .set("4", "status", "allocatable", "cpu")
                .set("110", "status", "allocatable", "pods");
        admin.create(Resources.NODES, "", node, WriteOptions.DEFAULT);
        admin.update(
                Resources.NODES,
                admin.get(Resources.NODES, "", "n")
                        .object()
                        .copy()
                        .set(node.object("status").map(), "status"),
                WriteOptions.STATUS);
        first.start();
        pass(1);
        second.start();
        pod("early");
        pass(5);
        assertThat(nodeOf("early")).isEqualTo("n");
        assertThatThrownBy(() -> second.why("default", "early"))
                .hasMessage("this scheduler does not lead: another one decides");

        first.close();
        pod("late");
        pass(5);
        assertThat(nodeOf("late")).isEqualTo("n");
        Unstructured lease =
                admin.get(Resources.LEASES, "kube-system", "kube-scheduler").object();
        assertThat(lease.string("spec", "holderIdentity")).isEqualTo("two");
        assertThat(admin.list(Resources.EVENTS, "kube-system", ListOptions.ALL).items())
                .extracting(e -> e.object().string("source", "component") + ": "
                        + e.object().string("message"))
                .containsExactly("default-scheduler: one became leader", "default-scheduler: two became leader");
    }

    private void pass(int seconds) {
        time.advance(Duration.ofSeconds(seconds));
    }

    private void pod(String name) {
        admin.create(
                Resources.PODS,
                "default",
                Unstructured.parse("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"" + name
                        + "\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}"),
                WriteOptions.DEFAULT);
    }

    private String nodeOf(String pod) {
        return admin.get(Resources.PODS, "default", pod).object().string("spec", "nodeName");
    }
}
