package dev.coracle.controllers.election;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.ApiServer;
import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.EventRecorder;
import dev.coracle.client.ForwardingClient;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.client.election.LeaderElector;
import dev.coracle.controllers.ControllersConfig;
import dev.coracle.controllers.ElectedControllers;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two sets of controllers before one API server: one acts. */
class ElectionStoryTest {
    private final VirtualEnvironment time = new VirtualEnvironment(11);
    private final ApiServer server = ApiServer.inMemory(time.environment());
    private final Client admin = server.client(UserInfo.ADMIN);
    private final List<ElectedControllers> sets = new ArrayList<>();
    private final Wire firstWire = new Wire();
    private final Wire secondWire = new Wire();

    /** The way to the server of one set; it writes down when something but the lease is written over it. */
    private final class Wire extends ForwardingClient {
        private final List<Instant> writes = new ArrayList<>();
        private boolean cut;

        Wire() {
            super(server.client(UserInfo.component("system:kube-controller-manager")));
        }

        private void pass(GroupVersionResource resource) {
            if (!resource.equals(Resources.LEASES) && !resource.equals(Resources.EVENTS)) {
                writes.add(time.environment().clock().now());
            }
            reach();
        }

        private void reach() {
            if (cut) {
                throw new StatusException(503, "ServiceUnavailable", "connection refused");
            }
        }

        @Override
        public Revision get(GroupVersionResource resource, String namespace, String name) {
            reach();
            return super.get(resource, namespace, name);
        }

        @Override
        public Revision create(GroupVersionResource r, String namespace, Unstructured object, WriteOptions options) {
            pass(r);
            return super.create(r, namespace, object, options);
        }

        @Override
        public Revision update(GroupVersionResource r, Unstructured object, WriteOptions options) {
            pass(r);
            return super.update(r, object, options);
        }

        @Override
        public Revision patch(
                GroupVersionResource r, String namespace, String name, Patch patch, WriteOptions options) {
            pass(r);
            return super.patch(r, namespace, name, patch, options);
        }

        @Override
        public Revision delete(GroupVersionResource r, String namespace, String name, DeleteOptions options) {
            pass(r);
            return super.delete(r, namespace, name, options);
        }
    }

    private ElectedControllers start(Wire wire, String identity) {
        var config = new ControllersConfig(Path.of("unused"), "PEM", Duration.ofSeconds(50))
                .controllers(List.of("replicaset-controller", "namespace-controller"));
        var set = new ElectedControllers(wire, time.environment(), config, ElectedControllers.ELECTION, identity);
        sets.add(set);
        set.start();
        time.advance(Duration.ofMillis(100));
        return set;
    }

    @AfterEach
    void close() throws Exception {
        sets.forEach(ElectedControllers::close);
        server.close();
    }

    @Test
    void oneOfTwoActsAndTheOtherTakesOverWhenItStops() {
        ElectedControllers first = start(firstWire, "one");
        Unstructured lease = lease();
        assertThat(lease.string("spec", "holderIdentity")).isEqualTo("one");
        assertThat(lease.integer(0, "spec", "leaseDurationSeconds")).isEqualTo(15);
        assertThat(lease.integer(-1, "spec", "leaseTransitions")).isZero();
        assertThat(lease.string("spec", "acquireTime")).isEqualTo("2026-01-01T00:00:00.000000Z");

        start(secondWire, "two");
        replicaSet("early", 3);
        pass(20);
        assertThat(pods("early")).isEqualTo(3);
        assertThat(first.metrics()).isNotEmpty();
        assertThat(sets.getLast().metrics()).isEmpty();
        assertThat(secondWire.writes).isEmpty();
        assertThat(lease().string("spec", "acquireTime")).isEqualTo("2026-01-01T00:00:00.000000Z");
        assertThat(lease().time("spec", "renewTime").orElseThrow())
                .isAfter(time.environment().clock().now().minusSeconds(3));

        first.close();
        assertThat(lease().string("spec", "holderIdentity"))
                .as("released: nobody has to wait")
                .isEmpty();
        assertThat(lease().integer(0, "spec", "leaseDurationSeconds")).isEqualTo(1);
        replicaSet("late", 2);
        pass(5);
        assertThat(pods("late")).isEqualTo(2);
        assertThat(lease().string("spec", "holderIdentity")).isEqualTo("two");
        assertThat(lease().integer(0, "spec", "leaseTransitions")).isEqualTo(1);
        assertThat(told()).containsExactly("one became leader", "two became leader");
    }

    @Test
    void aLeaderThatIsCutOffStopsBeforeAnotherBegins() {
        start(firstWire, "one");
        start(secondWire, "two");
        pass(4);
        firstWire.cut = true;
        replicaSet("meanwhile", 3);
        // Each change is something to do for whoever still looks.
        for (int i = 0; i < 40; i++) {
            admin.patch(
                    Resources.REPLICA_SETS,
                    "default",
                    "meanwhile",
                    Patch.merge(Unstructured.parse("{\"spec\":{\"replicas\":" + (3 + i % 2) + "}}")),
                    WriteOptions.DEFAULT);
            pass(1);
        }
        assertThat(firstWire.writes).as("it tried, while it could not know").isNotEmpty();
        assertThat(secondWire.writes).isNotEmpty();
        assertThat(firstWire.writes.getLast()).isBefore(secondWire.writes.getFirst());
        assertThat(sets.getFirst().metrics()).isEmpty();
        assertThat(lease().string("spec", "holderIdentity")).isEqualTo("two");

        firstWire.cut = false;
        int writes = firstWire.writes.size();
        pass(40);
        assertThat(lease().string("spec", "holderIdentity")).isEqualTo("two");
        assertThat(firstWire.writes).hasSize(writes);
    }

    @Test
    void aLeaderThatWasCutOffForAMomentStays() {
        start(firstWire, "one");
        start(secondWire, "two");
        pass(4);
        firstWire.cut = true;
        pass(7);
        firstWire.cut = false;
        pass(30);
        assertThat(lease().string("spec", "holderIdentity")).isEqualTo("one");
        assertThat(lease().integer(0, "spec", "leaseTransitions")).isZero();
        assertThat(secondWire.writes).isEmpty();
    }

    @Test
    void aLeaderThatFindsAnotherInItsPlaceStopsAtOnceAndALeaseThatIsDeletedIsMadeAnew() {
        start(firstWire, "one");
        pass(4);
        admin.delete(Resources.LEASES, "kube-system", "kube-controller-manager", DeleteOptions.DEFAULT);
        pass(3);
        assertThat(lease().string("spec", "holderIdentity")).isEqualTo("one");
        assertThat(sets.getFirst().metrics()).isNotEmpty();

        admin.patch(
                Resources.LEASES,
                "kube-system",
                "kube-controller-manager",
                Patch.merge(Unstructured.parse("{\"spec\":{\"holderIdentity\":\"usurper\"}}")),
                WriteOptions.DEFAULT);
        pass(3);
        assertThat(sets.getFirst().metrics()).isEmpty();
        assertThat(lease().string("spec", "holderIdentity")).isEqualTo("usurper");
        pass(20);
        assertThat(lease().string("spec", "holderIdentity")).isEqualTo("one");
        assertThat(lease().integer(0, "spec", "leaseTransitions")).isEqualTo(1);
        assertThat(told()).contains("one became leader", "one stopped leading");
    }

    @Test
    void workThatGoesOnBehindTheElectorsBackWritesNoMore() {
        List<Client> leaders = new ArrayList<>();
        EventRecorder nobody = (about, type, reason, message) -> {};
        var elector = new LeaderElector<AutoCloseable>(
                firstWire, time.environment(), ElectedControllers.ELECTION, "one", nobody, c -> {
                    leaders.add(c);
                    return () -> {};
                });
        elector.start();
        pass(1);
        Client leader = leaders.getFirst();
        Unstructured map = Unstructured.of("v1", "ConfigMap", "default", "map");
        leader.create(Resources.CONFIG_MAPS, "default", map, WriteOptions.DEFAULT);

        firstWire.cut = true;
        pass(14);
        firstWire.cut = false;
        assertThatThrownBy(() -> leader.delete(Resources.CONFIG_MAPS, "default", "map", DeleteOptions.DEFAULT))
                .hasMessage("leader election lost");
        assertThat(admin.get(Resources.CONFIG_MAPS, "default", "map").name()).isEqualTo("map");
        elector.close();
    }

    private void pass(int seconds) {
        time.advance(Duration.ofSeconds(seconds));
    }

    private Unstructured lease() {
        return admin.get(Resources.LEASES, "kube-system", "kube-controller-manager")
                .object();
    }

    private List<String> told() {
        return admin.list(Resources.EVENTS, "kube-system", ListOptions.ALL).items().stream()
                .map(Revision::object)
                .filter(e -> e.string("reason").equals("LeaderElection"))
                .map(e -> e.string("message"))
                .toList();
    }

    private void replicaSet(String name, int replicas) {
        admin.create(
                Resources.REPLICA_SETS,
                "default",
                Unstructured.parse("""
                        {'apiVersion':'apps/v1','kind':'ReplicaSet','metadata':{'name':'%s'},'spec':{'replicas':%d,
                         'selector':{'matchLabels':{'app':'%s'}},'template':{'metadata':{'labels':{'app':'%s'}},
                         'spec':{'containers':[{'name':'c','image':'i'}]}}}}
                        """.formatted(name, replicas, name, name).replace('\'', '"')),
                WriteOptions.DEFAULT);
    }

    private long pods(String set) {
        return admin.list(Resources.PODS, "default", ListOptions.ALL).items().stream()
                .filter(p -> set.equals(p.object().labels().get("app")))
                .count();
    }
}
