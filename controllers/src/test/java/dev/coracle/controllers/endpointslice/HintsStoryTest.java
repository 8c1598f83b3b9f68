package dev.coracle.controllers.endpointslice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.World;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Traffic that stays near. */
class HintsStoryTest {
    private World world;

    @BeforeEach
    void start() {
        world = new World(Path.of("unused"));
        world.run(c -> new EndpointSliceController(c, world.recorder()));
        world.kubelet();
        world.start();
        node("n1", "east");
        node("n2", "west");
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    @ParameterizedTest
    @CsvSource({"PreferClose,false", "PreferSameZone,false", "PreferSameNode,true"})
    void whereTheFieldAsksForItEachEndpointIsForItsZoneOrItsNode(String distribution, boolean nodes) {
        service("'trafficDistribution':'" + distribution + "',", "");
        pod("a", "n1");
        pod("b", "n2");
        world.settle();
        assertThat(endpoint("a").string("zone")).isEqualTo("east");
        assertThat(forZone("a")).isEqualTo("east");
        assertThat(forZone("b")).isEqualTo("west");
        assertThat(endpoint("a").objects("hints", "forNodes").stream().map(n -> n.string("name")))
                .isEqualTo(nodes ? List.of("n1") : List.of());

        unready("a");
        world.settle();
        assertThat(endpoint("a").has("hints")).as("nobody is to come").isFalse();

        world.patch(Resources.SERVICES, "default", "web", "{'spec':{'trafficDistribution':null}}");
        world.settle();
        assertThat(endpoint("b").has("hints")).isFalse();
        assertThat(endpoint("b").string("zone")).isEqualTo("west");
    }

    @Test
    void aNodeThatMovesTakesItsEndpointsAlong() {
        service("'trafficDistribution':'PreferClose',", "");
        pod("a", "n1");
        world.settle();
        world.patch(Resources.NODES, "", "n1", "{'metadata':{'labels':{'topology.kubernetes.io/zone':'north'}}}");
        world.settle();
        assertThat(forZone("a")).isEqualTo("north");
    }

    @Test
    void byTheAnnotationZonesLendToOneAnotherAndBothAreTold() {
        service("", "'annotations':{'service.kubernetes.io/topology-mode':'Auto'},");
        for (String pod : List.of("a", "b", "c")) {
            pod(pod, "n1");
        }
        pod("d", "n2");
        world.settle();
        assertThat(List.of(forZone("a"), forZone("b"), forZone("c"), forZone("d")))
                .containsExactlyInAnyOrder("east", "east", "west", "west");
        assertThat(forZone("d")).isEqualTo("west");
        assertThat(world.events("TopologyAwareHintsEnabled"))
                .containsExactly("Topology Aware Hints has been enabled, addressType: IPv4");

        for (String pod : List.of("a", "b", "c")) {
            unready(pod);
        }
        world.settle();
        assertThat(endpoint("d").has("hints")).isFalse();
        assertThat(world.events("TopologyAwareHintsDisabled"))
                .last()
                .isEqualTo("Insufficient number of endpoints (1 endpoints, 2 zones), addressType: IPv4");
    }

    @Test
    void whereANodeIsNowhereNobodyIsSentAnywhere() {
        node("n3", "");
        service("", "'annotations':{'service.kubernetes.io/topology-mode':'Auto'},");
        pod("a", "n1");
        pod("b", "n2");
        world.settle();
        assertThat(endpoint("a").has("hints")).isFalse();
        assertThat(world.events("TopologyAwareHintsDisabled"))
                .last()
                .isEqualTo("Insufficient Node information: allocatable CPU or zone not specified on one or more nodes,"
                        + " addressType: IPv4");
        world.delete(Resources.NODES, "", "n3", "");
        world.settle();
        assertThat(forZone("a")).isEqualTo("east");

        world.patch(
                Resources.SERVICES,
                "default",
                "web",
                "{'metadata':{'annotations':{'service.kubernetes.io/topology-mode':null}}}");
        world.settle();
        assertThat(endpoint("a").has("hints")).isFalse();
        assertThat(world.events("TopologyAwareHintsDisabled"))
                .last()
                .isEqualTo("Topology Aware Hints has been disabled, addressType: IPv4");
    }

    private void node(String name, String zone) {
        String labels = zone.isEmpty() ? "" : ",'labels':{'topology.kubernetes.io/zone':'" + zone + "'}";
        world.create(
                Resources.NODES,
                "",
                "{'apiVersion':'v1','kind':'Node','metadata':{'name':'" + name + "'" + labels + "}}");
        world.patchStatus(
                Resources.NODES,
                "",
                name,
                "{'status':{'allocatable':{'cpu':'4'},'conditions':[{'type':'Ready','status':'True'}]}}");
    }

    private void service(String spec, String metadata) {
        world.create(
                Resources.SERVICES,
                "default",
                "{'apiVersion':'v1','kind':'Service','metadata':{" + metadata + "'name':'web'},'spec':{" + spec
                        + "'selector':{'app':'web'},'ports':[{'port':80}]}}");
    }

    private void pod(String name, String node) {
        world.create(
                Resources.PODS,
                "default",
                "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'" + name + "','labels':{'app':'web'}},'spec':{"
                        + "'nodeName':'" + node + "','containers':[{'name':'c','image':'app'}]}}");
    }

    private void unready(String pod) {
        world.patchStatus(
                Resources.PODS, "default", pod, "{'status':{'conditions':[{'type':'Ready','status':'False'}]}}");
    }

    private Unstructured endpoint(String pod) {
        return world.list(Resources.ENDPOINT_SLICES, "default").stream()
                .flatMap(s -> s.objects("endpoints").stream())
                .filter(e -> e.string("targetRef", "name").equals(pod))
                .findFirst()
                .orElseThrow();
    }

    private String forZone(String pod) {
        return endpoint(pod).objects("hints", "forZones").getFirst().string("name");
    }
}
