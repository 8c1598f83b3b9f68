package dev.coracle.controllers.servicecidrs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Client;
import dev.coracle.controllers.Calls;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.World;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What somebody did to the account of addresses is put right. */
class AddressRepairStoryTest {
    private static final String OURS = "'labels':{'ipaddress.kubernetes.io/managed-by':'ipallocator.k8s.io',"
            + "'ipaddress.kubernetes.io/ip-family':'IPv4'}";

    private final World world = new World(Path.of("unused"));

    @BeforeEach
    void start() {
        world.run(c -> new AddressRepairController(c, world.recorder()));
        world.start();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    private void service(String name, String ip) {
        world.create(
                Resources.SERVICES,
                "default",
                "{'apiVersion':'v1','kind':'Service','metadata':{'name':'" + name + "'},'spec':{'clusterIP':'" + ip
                        + "','ports':[{'port':80}]}}");
        world.settle();
    }

    private void address(String ip, String metadata, String parent) {
        world.create(
                Resources.IP_ADDRESSES,
                "",
                "{'apiVersion':'networking.k8s.io/v1','kind':'IPAddress','metadata':{'name':'" + ip + "'"
                        + (metadata.isEmpty() ? "" : "," + metadata) + "},'spec':{'parentRef':{" + parent + "}}}");
    }

    private static String of(String service) {
        return "'resource':'services','namespace':'default','name':'" + service + "'";
    }

    private void remove(String ip) {
        world.delete(Resources.IP_ADDRESSES, "", ip, "");
    }

    private Unstructured get(String ip) {
        return world.client().get(Resources.IP_ADDRESSES, "", ip).object();
    }

    private boolean exists(String ip) {
        return world.exists(Resources.IP_ADDRESSES, "", ip);
    }

    @Test
    void nothingIsSaidOfServicesThatComeAndGo() {
        for (int i = 1; i < 50; i++) {
            service("s" + i, "10.96.0." + i);
        }
        for (int i = 1; i < 50; i++) {
            world.delete(Resources.SERVICES, "default", "s" + i, "");
        }
        world.advance(Duration.ofMinutes(5));
        assertThat(world.list(Resources.EVENTS, "default")).isEmpty();
        assertThat(world.list(Resources.IP_ADDRESSES, "")).isEmpty();
    }

    @Test
    void oneThatIsMissingIsWrittenAnew() {
        service("a", "10.96.0.9");
        remove("10.96.0.9");
        world.settle();
        assertThat(get("10.96.0.9").string("spec", "parentRef", "name")).isEqualTo("a");
        assertThat(Account.isLabelled(get("10.96.0.9"))).isTrue();
        assertThat(world.events("ClusterIPNotAllocated"))
                .containsExactly("Cluster IP [IPv4]: 10.96.0.9 is not allocated; repairing");
    }

    @Test
    void oneThatIsSaidToBeSomebodyElsesIsWrittenAnew() {
        service("a", "10.96.0.9");
        service("b", "10.96.0.10");
        remove("10.96.0.9");
        address("10.96.0.9", "", "'group':'example.com','resource':'gateways','name':'g'");
        remove("10.96.0.10");
        address("10.96.0.10", OURS, of("gone"));
        world.settle();
        assertThat(get("10.96.0.9").string("spec", "parentRef", "name")).isEqualTo("a");
        assertThat(get("10.96.0.10").string("spec", "parentRef", "name")).isEqualTo("b");
        assertThat(world.events("ClusterIPNotAllocated"))
                .containsExactlyInAnyOrder(
                        "the ClusterIP [IPv4]: 10.96.0.9 for Service default/a has a wrong reference; repairing",
                        "the ClusterIP [IPv4]: 10.96.0.10 for Service default/b has a wrong reference; repairing");
    }

    @Test
    void labelsThatSomebodyTookAwayComeBack() {
        service("a", "10.96.0.9");
        world.patch(
                Resources.IP_ADDRESSES,
                "",
                "10.96.0.9",
                "{'metadata':{'labels':{'ipaddress.kubernetes.io/managed-by':'me'}}}");
        world.settle();
        assertThat(Account.isLabelled(get("10.96.0.9"))).isTrue();
    }

    @Test
    void oneOfAServiceThatIsGoneLeaks60SecondsAndNoLonger() {
        address("10.96.0.9", OURS, of("gone"));
        world.advance(Duration.ofSeconds(55));
        assertThat(exists("10.96.0.9")).isTrue();
        world.advance(Duration.ofSeconds(10));
        assertThat(exists("10.96.0.9")).isFalse();
        assertThat(world.events("IPAddressNotAllocated"))
                .containsExactly("IPAddress: 10.96.0.9 for Service default/gone appears to have leaked: cleaning up");
    }

    @Test
    void oneThatItsServiceDoesNotHaveOrThatIsNoServicesIsRemoved() {
        service("a", "10.96.0.9");
        address("10.96.0.10", OURS, of("a"));
        address("10.96.0.11", OURS, "'group':'example.com','resource':'gateways','namespace':'n','name':'g'");
        world.advance(Duration.ofSeconds(5));
        assertThat(List.of(exists("10.96.0.9"), exists("10.96.0.10"), exists("10.96.0.11")))
                .containsExactly(true, false, false);
        assertThat(world.events("IPAddressWrongReference"))
                .containsExactly("IPAddress: 10.96.0.10 for Service default/a has a wrong reference; cleaning up");
        assertThat(world.events("IPAddressNotAllocated"))
                .containsExactly("IPAddress 10.96.0.11 appears to have been modified, not referencing a Service"
                        + " &ParentReference{Group:example.com,Resource:gateways,Namespace:n,Name:g,}: cleaning up");
    }

    /** Whoever is told of an address first finds its Service as it was before. */
    @Test
    void anAddressThatIsAheadOfItsServiceIsLeftAlone() {
        world.create(
                Resources.SERVICES,
                "default",
                "{'apiVersion':'v1','kind':'Service','metadata':{'name':'a'},"
                        + "'spec':{'type':'ExternalName','externalName':'example.com'}}");
        address("10.96.0.10", OURS, of("a"));
        world.settle();
        assertThat(exists("10.96.0.10")).isTrue();
        assertThat(world.events("IPAddressWrongReference")).isEmpty();
    }

    /** Whoever is told of a Service first finds no address yet: the answer is as old as that. */
    @Test
    void aServiceThatIsAheadOfItsAddressIsNotTalkedAbout() throws Exception {
        try (World behind = new World(Path.of("unused"))) {
            behind.run(c -> new AddressRepairController(
                    seeing(
                            c,
                            Calls.refusing(
                                    c.client(),
                                    (call, arguments) ->
                                            call.equals("get") && arguments[0].equals(Resources.IP_ADDRESSES),
                                    () -> StatusException.notFound(Resources.IP_ADDRESSES, "10.96.0.9"))),
                    behind.recorder()));
            behind.start();
            behind.create(Resources.SERVICES, "default", service("a"));
            behind.settle();
            // What makes the loop look, and find an answer that is behind.
            behind.patch(
                    Resources.IP_ADDRESSES,
                    "",
                    "10.96.0.9",
                    "{'metadata':{'labels':{'ipaddress.kubernetes.io/managed-by':'me'}}}");
            behind.settle();
            assertThat(behind.list(Resources.EVENTS, "default")).isEmpty();
        }
    }

    @Test
    void nothingIsLeftForAServiceThatGoesMeanwhile() throws Exception {
        AtomicBoolean gone = new AtomicBoolean();
        try (World swift = new World(Path.of("unused"))) {
            Client client = Calls.answering(swift.client(), (call, arguments) -> {
                if (call.equals("create") && arguments[0].equals(Resources.IP_ADDRESSES) && !gone.getAndSet(true)) {
                    swift.delete(Resources.SERVICES, "default", "a", "");
                }
                return Optional.empty();
            });
            swift.run(c -> new AddressRepairController(seeing(c, client), swift.recorder()));
            swift.start();
            swift.create(Resources.SERVICES, "default", service("a"));
            swift.settle();
            swift.delete(Resources.IP_ADDRESSES, "", "10.96.0.9", "");
            swift.settle();
            assertThat(gone).isTrue();
            assertThat(swift.exists(Resources.IP_ADDRESSES, "", "10.96.0.9")).isFalse();
            assertThat(swift.list(Resources.EVENTS, "default")).isEmpty();
        }
    }

    private static ControllerContext seeing(ControllerContext world, Client client) {
        return new ControllerContext(client, world.informers(), world.environment(), world.config());
    }

    private static String service(String name) {
        return "{'apiVersion':'v1','kind':'Service','metadata':{'name':'" + name
                + "'},'spec':{'clusterIP':'10.96.0.9','ports':[{'port':80}]}}";
    }

    @Test
    void whatIsNotTheAllocatorsIsNobodysBusiness() {
        address("10.96.0.9", "", "'group':'example.com','resource':'gateways','name':'g'");
        address("10.96.0.10", "", of("gone"));
        world.advance(Duration.ofMinutes(10));
        assertThat(exists("10.96.0.9")).isTrue();
        assertThat(exists("10.96.0.10")).isTrue();
        assertThat(world.list(Resources.EVENTS, "default")).isEmpty();
    }

    @Test
    void aServiceWhoseRangeIsGoneIsToldOf() {
        world.create(
                Resources.SERVICE_CIDRS,
                "",
                "{'apiVersion':'networking.k8s.io/v1','kind':'ServiceCIDR','metadata':{'name':'more'},"
                        + "'spec':{'cidrs':['10.200.0.0/24']}}");
        service("a", "10.200.0.9");
        world.delete(Resources.SERVICE_CIDRS, "", "more", "");
        remove("10.200.0.9");
        world.settle();
        assertThat(world.events("ClusterIPOutOfRange"))
                .containsExactly("Cluster IP [IPv4]: 10.200.0.9 is not within any configured Service CIDR; please"
                        + " recreate service");
        assertThat(exists("10.200.0.9")).isFalse();
    }
}
