package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.apiserver.Cluster.yaml;
import static dev.coracle.machinery.object.Resources.IP_ADDRESSES;
import static dev.coracle.machinery.object.Resources.SERVICES;
import static dev.coracle.machinery.object.Resources.SERVICE_CIDRS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.client.Patch;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.store.KeyRange;
import dev.coracle.store.Op;
import dev.coracle.store.memory.MemoryStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An address is taken by an IPAddress of its name, whoever made it. */
class ServiceAddressStoryTest {
    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private static Unstructured service(String name, String spec) {
        return yaml("{apiVersion: v1, kind: Service, metadata: {name: " + name + "}, spec: {" + spec
                + "ports: [{port: 80}]}}");
    }

    private Unstructured create(String name, String spec) {
        return cluster.create(SERVICES, service(name, spec).toString());
    }

    private Unstructured range(String name, String cidr) {
        return cluster.create(
                SERVICE_CIDRS,
                "{apiVersion: networking.k8s.io/v1, kind: ServiceCIDR, metadata: {name: " + name
                        + ", finalizers: [a.b/held]}, spec: {cidrs: [" + cidr + "]}}");
    }

    private void ready(String range, String status) {
        cluster.admin.patch(
                SERVICE_CIDRS,
                "",
                range,
                Patch.merge(yaml("{status: {conditions: [{type: Ready, status: '" + status
                        + "', reason: R, message: '', lastTransitionTime: '2026-01-01T00:00:00Z'}]}}")),
                WriteOptions.STATUS);
    }

    private void byHand(String ip) {
        cluster.create(
                IP_ADDRESSES,
                "{apiVersion: networking.k8s.io/v1, kind: IPAddress, metadata: {name: " + ip
                        + "}, spec: {parentRef: {group: example.com, resource: gateways, name: g}}}");
    }

    private static Set<String> taken(Client client) {
        return client.list(IP_ADDRESSES, "", ListOptions.ALL).items().stream()
                .map(Revision::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void aServicesAddressIsWrittenDownAndGoesWithIt() {
        create("web", "clusterIP: 10.96.0.77, ");
        Unstructured address = cluster.admin.get(IP_ADDRESSES, "", "10.96.0.77").object();
        assertThat(address.labels())
                .containsEntry("ipaddress.kubernetes.io/managed-by", "ipallocator.k8s.io")
                .containsEntry("ipaddress.kubernetes.io/ip-family", "IPv4");
        assertThat(address.object("spec", "parentRef").map())
                .isEqualTo(yaml("{resource: services, namespace: default, name: web}")
                        .map());
        assertThat(address.uid()).isNotEmpty();
        assertThat(address.string("metadata", "creationTimestamp")).isNotEmpty();
        create("headless", "clusterIP: None, ");
        String ip = create("any", "").string("spec", "clusterIP");
        assertThat(taken(cluster.admin)).containsExactlyInAnyOrder("10.96.0.77", ip);
        cluster.admin.delete(SERVICES, "default", "web", DeleteOptions.DEFAULT);
        cluster.admin.delete(SERVICES, "default", "any", DeleteOptions.DEFAULT);
        assertThat(taken(cluster.admin)).isEmpty();
    }

    @Test
    void aHeldServiceKeepsItsAddressToTheEnd() {
        create("web", "clusterIP: 10.96.0.77, ");
        cluster.merge(SERVICES, "web", "{metadata: {finalizers: [a.b/held]}}");
        cluster.admin.delete(SERVICES, "default", "web", DeleteOptions.DEFAULT);
        assertThat(taken(cluster.admin)).containsExactly("10.96.0.77");
        cluster.merge(SERVICES, "web", "{metadata: {finalizers: null}}");
        assertThat(taken(cluster.admin)).isEmpty();
    }

    @Test
    void aTypeWithoutAddressGivesItBackAndTheOtherWayTakesOne() {
        create("web", "clusterIP: 10.96.0.77, ");
        cluster.merge(SERVICES, "web", "{spec: {type: ExternalName, externalName: example.com}}");
        assertThat(taken(cluster.admin)).isEmpty();
        Unstructured back = cluster.merge(SERVICES, "web", "{spec: {type: ClusterIP, externalName: null}}");
        assertThat(taken(cluster.admin)).containsExactly(back.string("spec", "clusterIP"));
        cluster.merge(SERVICES, "web", "{metadata: {labels: {a: b}}}");
        assertThat(taken(cluster.admin)).containsExactly(back.string("spec", "clusterIP"));
    }

    @Test
    void whatSomebodyWroteByHandIsTakenAndIsNotRemoved() {
        byHand("10.96.0.50");
        StatusException e = refused(() -> create("web", "clusterIP: 10.96.0.50, "));
        assertThat(e.code()).isEqualTo(422);
        assertThat(e)
                .hasMessage("Service \"web\" is invalid: spec.clusterIPs: Invalid value: [\"10.96.0.50\"]: failed to"
                        + " allocate IP 10.96.0.50: provided IP is already allocated");
        create("web", "clusterIP: 10.96.0.51, ");
        cluster.admin.delete(IP_ADDRESSES, "", "10.96.0.51", DeleteOptions.DEFAULT);
        byHand("10.96.0.51");
        cluster.admin.delete(SERVICES, "default", "web", DeleteOptions.DEFAULT);
        assertThat(taken(cluster.admin)).containsExactly("10.96.0.50", "10.96.0.51");
    }

    @Test
    void aDryRunWritesNoAddress() {
        cluster.admin.create(SERVICES, "default", service("web", ""), new WriteOptions("", "ci", false, true));
        assertThat(taken(cluster.admin)).isEmpty();
    }

    @Test
    void anotherRangeIsServedWhileItIsReadyAndNotGoing() {
        assertThat(refused(() -> create("far", "clusterIP: 10.200.0.5, ")))
                .hasMessage("Service \"far\" is invalid: spec.clusterIPs: Invalid value: [\"10.200.0.5\"]: failed to"
                        + " allocate IP 10.200.0.5: the provided network does not match the current range");
        range("more", "10.200.0.0/29");
        create("far", "clusterIP: 10.200.0.5, ");
        for (String edge : List.of("10.200.0.0", "10.200.0.7", "10.200.0.8")) {
            assertThat(refused(() -> create("edge", "clusterIP: " + edge + ", ")))
                    .hasMessageEndingWith("the provided network does not match the current range");
        }
        ready("more", "False");
        assertThat(refused(() -> create("next", "clusterIP: 10.200.0.6, ")))
                .hasMessageEndingWith("the provided network does not match the current range");
        ready("more", "True");
        create("next", "clusterIP: 10.200.0.6, ");
        cluster.admin.delete(SERVICE_CIDRS, "", "more", DeleteOptions.DEFAULT);
        assertThat(refused(() -> create("late", "clusterIP: 10.200.0.1, ")))
                .hasMessageEndingWith("the provided network does not match the current range");
    }

    @Test
    void whenOneRangeIsFullTheNextServesAndThenNone() {
        ready("kubernetes", "False");
        range("a", "10.200.0.0/30");
        range("b", "10.201.0.0/30");
        Set<String> ips = new TreeSet<>();
        for (int i = 0; i < 4; i++) {
            ips.add(create("s" + i, "").string("spec", "clusterIP"));
        }
        assertThat(ips).containsExactly("10.200.0.1", "10.200.0.2", "10.201.0.1", "10.201.0.2");
        StatusException e = refused(() -> create("late", ""));
        assertThat(e.code()).isEqualTo(500);
        assertThat(e).hasMessage("Internal error occurred: failed to allocate a serviceIP: range is full");
    }

    /** The second server's caches are told of the first one's writes whenever the store comes to it. */
    @Test
    void ofTwoServersOverOneStoreOneAloneGetsAnAddress() throws Exception {
        try (var system = new SystemEnvironment((n, e) -> {});
                var store = new MemoryStore(system.environment());
                ApiServer one = ApiServer.over(store, system.environment());
                ApiServer two = ApiServer.over(store, system.environment())) {
            Client[] clients = {one.client(UserInfo.ADMIN), two.client(UserInfo.ADMIN)};
            // So few addresses that they are bound to meet.
            clients[0].create(
                    SERVICE_CIDRS,
                    "",
                    yaml("{apiVersion: networking.k8s.io/v1, kind: ServiceCIDR, metadata: {name: a},"
                            + " spec: {cidrs: [10.200.0.0/25]}}"),
                    WriteOptions.DEFAULT);
            clients[0].patch(
                    SERVICE_CIDRS,
                    "",
                    "kubernetes",
                    Patch.merge(yaml("{status: {conditions: [{type: Ready, status: 'False', reason: R, message: '',"
                            + " lastTransitionTime: '2026-01-01T00:00:00Z'}]}}")),
                    WriteOptions.STATUS);
            List<String> ips = Collections.synchronizedList(new ArrayList<>());
            List<StatusException> won = Collections.synchronizedList(new ArrayList<>());
            CountDownLatch done = new CountDownLatch(2);
            for (int c = 0; c < 2; c++) {
                int number = c;
                system.environment().tasks().start("client-" + c, () -> {
                    try {
                        for (int i = 0; i < 50; i++) {
                            ips.add(clients[number]
                                    .create(
                                            SERVICES,
                                            "default",
                                            service("s" + number + "-" + i, ""),
                                            WriteOptions.DEFAULT)
                                    .object()
                                    .string("spec", "clusterIP"));
                        }
                        clients[number].create(
                                SERVICES,
                                "default",
                                service("same" + number, "clusterIP: 10.200.0.1, "),
                                WriteOptions.DEFAULT);
                    } catch (StatusException e) {
                        won.add(e);
                    } finally {
                        done.countDown();
                    }
                });
            }
            done.await();
            assertThat(ips).hasSize(100).doesNotHaveDuplicates();
            assertThat(won)
                    .singleElement()
                    .satisfies(e -> assertThat(e)
                            .hasMessageEndingWith(
                                    "failed to allocate IP 10.200.0.1: provided IP is already allocated"));
            assertThat(taken(clients[0])).hasSize(101).containsAll(ips);
        }
    }

    @Test
    void aStoreOfBeforeThereWasAccountIsCaughtUpWithAtTheStart() {
        VirtualEnvironment world = new VirtualEnvironment(3);
        try (MemoryStore store = new MemoryStore(world.environment())) {
            try (ApiServer before = ApiServer.over(store, world.environment())) {
                before.client(UserInfo.ADMIN)
                        .create(SERVICES, "default", service("old", "clusterIP: 10.96.0.9, "), WriteOptions.DEFAULT);
            }
            store.txn(List.of(), List.of(new Op.Delete(KeyRange.prefix("/registry/ipaddresses/"))), List.of());
            try (ApiServer after = ApiServer.over(store, world.environment())) {
                assertThat(taken(after.client(UserInfo.ADMIN))).containsExactly("10.96.0.9");
            }
        }
    }
}
