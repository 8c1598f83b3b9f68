package dev.coracle.controllers.servicecidrs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.World;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A range serves from its first to its last address. */
class ServiceCidrStoryTest {
    private final World world = new World(Path.of("unused"));

    @BeforeEach
    void start() {
        world.run(c -> new ServiceCidrController(c, world.recorder()));
        world.start();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    private void range(String name, String cidrs) {
        world.create(
                Resources.SERVICE_CIDRS,
                "",
                "{'apiVersion':'networking.k8s.io/v1','kind':'ServiceCIDR','metadata':{'name':'" + name
                        + "'},'spec':{'cidrs':[" + cidrs + "]}}");
        world.settle();
    }

    private void service(String name, String ip) {
        world.create(
                Resources.SERVICES,
                "default",
                "{'apiVersion':'v1','kind':'Service','metadata':{'name':'" + name + "'},'spec':{'clusterIP':'" + ip
                        + "','ports':[{'port':80}]}}");
        world.settle();
    }

    private Unstructured find(String name) {
        return world.client().get(Resources.SERVICE_CIDRS, "", name).object();
    }

    private boolean exists(String name) {
        return world.exists(Resources.SERVICE_CIDRS, "", name);
    }

    private void delete(String name) {
        world.delete(Resources.SERVICE_CIDRS, "", name, "");
        world.settle();
    }

    @Test
    void aNewRangeIsHeldAndReadyAndThenLeftAlone() {
        range("more", "'10.200.0.0/24','2001:db8::/112'");
        for (String name : new String[] {"more", "kubernetes"}) {
            assertThat(find(name).finalizers()).containsExactly("networking.k8s.io/service-cidr-finalizer");
            Unstructured ready = World.condition(find(name), "Ready");
            assertThat(ready.string("status")).isEqualTo("True");
            assertThat(ready.string("message")).isEqualTo("Kubernetes Service CIDR is ready");
            assertThat(ready.get("reason")).isEqualTo("");
        }
        String version = find("more").resourceVersion();
        service("a", "10.200.0.5");
        world.advance(Duration.ofHours(1));
        assertThat(find("more").resourceVersion()).isEqualTo(version);
    }

    @Test
    void aRangeWithoutAddressesGoesAfterTheGracePeriod() {
        range("more", "'10.200.0.0/24'");
        delete("more");
        world.advance(Duration.ofSeconds(8));
        assertThat(exists("more")).isTrue();
        world.advance(Duration.ofSeconds(3));
        assertThat(exists("more")).isFalse();
    }

    @Test
    void aRangeWithAddressesStaysUntilTheLastIsGivenBack() {
        range("more", "'10.200.0.0/24'");
        service("a", "10.200.0.5");
        service("b", "10.200.0.6");
        delete("more");
        world.advance(Duration.ofMinutes(5));
        Unstructured ready = World.condition(find("more"), "Ready");
        assertThat(ready.string("status")).isEqualTo("False");
        assertThat(ready.string("reason")).isEqualTo("Terminating");
        assertThat(ready.string("message"))
                .isEqualTo("There are still IPAddresses referencing the ServiceCIDR, please remove them or create a"
                        + " new ServiceCIDR");
        world.delete(Resources.SERVICES, "default", "a", "");
        world.settle();
        assertThat(exists("more")).isTrue();
        world.delete(Resources.SERVICES, "default", "b", "");
        world.settle();
        assertThat(exists("more")).isFalse();
    }

    @Test
    void aRangeWithinAnotherGoesThoughAddressesAreInUse() {
        range("more", "'10.200.0.0/24'");
        service("a", "10.200.0.5");
        delete("more");
        world.advance(Duration.ofMinutes(1));
        assertThat(exists("more")).isTrue();
        range("wider", "'10.200.0.0/16'");
        world.settle();
        assertThat(exists("more")).isFalse();
        assertThat(exists("wider")).isTrue();
        delete("wider");
        world.advance(Duration.ofMinutes(1));
        assertThat(exists("wider")).as("alone with the address now").isTrue();
    }

    @Test
    void anAddressThatTheAllocatorDidNotWriteHoldsNothing() {
        range("more", "'10.200.0.0/24'");
        world.create(
                Resources.IP_ADDRESSES,
                "",
                "{'apiVersion':'networking.k8s.io/v1','kind':'IPAddress','metadata':{'name':'10.200.0.9'},"
                        + "'spec':{'parentRef':{'group':'example.com','resource':'gateways','name':'g'}}}");
        delete("more");
        world.advance(Duration.ofSeconds(11));
        assertThat(exists("more")).isFalse();
    }
}
