package dev.coracle.controllers.endpointslicemirroring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.World;
import dev.coracle.controllers.endpointslice.EndpointSliceController;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Endpoints that a person writes are found by those who read slices. */
class MirroringStoryTest {
    private static final String PORTS = "'ports':[{'name':'db','port':5432}]";

    private World world;

    @BeforeEach
    void start() {
        world = new World(Path.of("unused"));
        world.run(c -> new MirroringController(c, world.recorder()));
        world.run(c -> new EndpointSliceController(c, world.recorder()));
        world.start();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    @Test
    void handWrittenEndpointsBecomeASliceThatTheyOwn() {
        service("db", "");
        endpoints(
                "db",
                "'labels':{'team':'a'},'annotations':{'note':'b',"
                        + "'kubectl.kubernetes.io/last-applied-configuration':'{}'}",
                "{'addresses':[{'ip':'192.0.2.1','hostname':'one'}],'notReadyAddresses':[{'ip':'192.0.2.2'}]," + PORTS
                        + "}");
        world.settle();
        Unstructured slice = slice("db");
        assertThat(slice.name()).startsWith("db-");
        assertThat(slice.labels())
                .containsEntry("team", "a")
                .containsEntry("kubernetes.io/service-name", "db")
                .containsEntry("endpointslice.kubernetes.io/managed-by", "endpointslicemirroring-controller.k8s.io");
        assertThat(slice.annotations()).containsOnlyKeys("note");
        assertThat(slice.string("addressType")).isEqualTo("IPv4");
        assertThat(slice.objects("ports").getFirst().integer(0, "port")).isEqualTo(5432);
        assertThat(slice.objects("endpoints"))
                .extracting(Unstructured::toString)
                .containsExactly(
                        "{\"addresses\":[\"192.0.2.1\"],\"conditions\":{\"ready\":true},\"hostname\":\"one\"}",
                        "{\"addresses\":[\"192.0.2.2\"],\"conditions\":{\"ready\":false}}");
        assertThat(slice.controllerOf().orElseThrow().kind()).isEqualTo("Endpoints");
        assertThat(slice.controllerOf().orElseThrow().uid())
                .isEqualTo(world.get(Resources.ENDPOINTS, "db").uid());
    }

    @Test
    void aChangeIsFollowedInTheSameSliceAndNothingIsWrittenWhereNothingChanged() {
        service("db", "");
        endpoints("db", "", "{'addresses':[{'ip':'192.0.2.1'}]," + PORTS + "}");
        world.settle();
        Unstructured first = slice("db");
        subsets("db", "{'addresses':[{'ip':'192.0.2.1'},{'ip':'192.0.2.9'}]," + PORTS + "}");
        world.settle();
        assertThat(slice("db").name()).isEqualTo(first.name());
        assertThat(slice("db").objects("endpoints")).hasSize(2);

        String version = slice("db").resourceVersion();
        subsets("db", "{'addresses':[{'ip':'192.0.2.9'},{'ip':'192.0.2.1'}]," + PORTS + "}");
        world.settle();
        assertThat(slice("db").resourceVersion()).as("another order").isEqualTo(version);

        subsets("db", "{'addresses':[{'ip':'192.0.2.1'}],'ports':[{'name':'db','port':5433}]}");
        world.settle();
        assertThat(slice("db").name()).as("made into the new one").isEqualTo(first.name());
        assertThat(slice("db").objects("ports").getFirst().integer(0, "port")).isEqualTo(5433);

        world.patch(Resources.ENDPOINTS, "default", "db", "{'metadata':{'labels':{'team':'b'}}}");
        world.settle();
        assertThat(slice("db").labels()).containsEntry("team", "b");
    }

    @Test
    void familiesAndPortsAreToldApartAndEqualAddressesPutTogether() {
        service("db", "");
        endpoints(
                "db",
                "",
                "{'addresses':[{'ip':'192.0.2.1'},{'ip':'2001:db8::1'}],'ports':[{'name':'a','port':1}]},"
                        + "{'addresses':[{'ip':'192.0.2.1'},{'ip':'2001:db8::1'}],'ports':[{'name':'b','port':2}]},"
                        + "{'addresses':[{'ip':'192.0.2.7'}],'ports':[{'name':'c','port':3}]}");
        world.settle();
        assertThat(slices("db"))
                .extracting(
                        s -> s.string("addressType") + " " + s.objects("ports").size() + " "
                                + s.objects("endpoints").getFirst().stringList("addresses"))
                .containsExactlyInAnyOrder("IPv4 2 [192.0.2.1]", "IPv6 2 [2001:db8::1]", "IPv4 1 [192.0.2.7]");
    }

    @Test
    void thoseThatLeadNowhereAreNotMirrored() {
        for (String name : List.of("lock", "skip", "nobody")) {
            if (!name.equals("nobody")) {
                service(name, "");
            }
            String metadata = name.equals("lock")
                    ? "'annotations':{'control-plane.alpha.kubernetes.io/leader':'{}'}"
                    : name.equals("skip") ? "'labels':{'endpointslice.kubernetes.io/skip-mirror':'true'}" : "";
            endpoints(name, metadata, "{'addresses':[{'ip':'192.0.2.1'}]," + PORTS + "}");
        }
        world.settle();
        assertThat(world.list(Resources.ENDPOINT_SLICES, "default")).isEmpty();

        service("nobody", "");
        world.settle();
        assertThat(slices("nobody")).as("its Service came").hasSize(1);
        world.patch(
                Resources.ENDPOINTS,
                "default",
                "nobody",
                "{'metadata':{'labels':{'endpointslice.kubernetes.io/skip-mirror':'true'}}}");
        world.settle();
        assertThat(slices("nobody")).isEmpty();
    }

    @Test
    void theSlicesGoWhenTheEndpointsOrTheServiceGoOrASelectorComes() {
        for (String name : List.of("a", "b", "c")) {
            service(name, "");
            endpoints(name, "", "{'addresses':[{'ip':'192.0.2.1'}]," + PORTS + "}");
        }
        world.settle();
        assertThat(world.list(Resources.ENDPOINT_SLICES, "default")).hasSize(3);
        world.delete(Resources.ENDPOINTS, "default", "a", "");
        world.delete(Resources.SERVICES, "default", "b", "");
        world.patch(Resources.SERVICES, "default", "c", "{'spec':{'selector':{'app':'c'}}}");
        world.settle();
        assertThat(slices("a")).isEmpty();
        assertThat(slices("b")).isEmpty();
        assertThat(slices("c"))
                .as("of the controller for selectors")
                .extracting(s -> s.labels().get("endpointslice.kubernetes.io/managed-by"))
                .containsExactly("endpointslice-controller.k8s.io");
    }

    @Test
    void aSliceThatSomeoneDeletesOrChangesIsRestored() {
        service("db", "");
        endpoints("db", "", "{'addresses':[{'ip':'192.0.2.1'}]," + PORTS + "}");
        world.settle();
        world.patch(Resources.ENDPOINT_SLICES, "default", slice("db").name(), "{'endpoints':[]}");
        world.settle();
        assertThat(slice("db").objects("endpoints")).hasSize(1);
        world.delete(Resources.ENDPOINT_SLICES, "default", slice("db").name(), "");
        world.settle();
        assertThat(slice("db").objects("endpoints")).hasSize(1);
    }

    @Test
    void ofMoreThanAThousandAddressesTheRestIsToldOf() {
        service("db", "");
        String many = IntStream.range(0, 1002)
                .mapToObj(i -> "{'ip':'198.18." + i / 250 + "." + (1 + i % 250) + "'}")
                .collect(Collectors.joining(","));
        endpoints("db", "", "{'addresses':[" + many + "]," + PORTS + "}");
        world.settle();
        assertThat(slice("db").objects("endpoints")).hasSize(1000);
        assertThat(world.events("TooManyAddressesToMirror"))
                .containsOnly("A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset."
                        + " 2 addresses were skipped");
    }

    private void service(String name, String spec) {
        world.create(
                Resources.SERVICES,
                "default",
                "{'apiVersion':'v1','kind':'Service','metadata':{'name':'" + name + "'},'spec':{" + spec
                        + "'ports':[{'name':'db','port':80}]}}");
    }

    private void endpoints(String name, String metadata, String subsets) {
        world.create(
                Resources.ENDPOINTS,
                "default",
                "{'apiVersion':'v1','kind':'Endpoints','metadata':{'name':'" + name + "'"
                        + (metadata.isEmpty() ? "" : "," + metadata) + "},'subsets':[" + subsets + "]}");
    }

    private void subsets(String name, String subsets) {
        world.patch(Resources.ENDPOINTS, "default", name, "{'subsets':[" + subsets + "]}");
    }

    private List<Unstructured> slices(String service) {
        return world.list(Resources.ENDPOINT_SLICES, "default").stream()
                .filter(s -> service.equals(s.labels().get("kubernetes.io/service-name")))
                .toList();
    }

    private Unstructured slice(String service) {
        assertThat(slices(service)).hasSize(1);
        return slices(service).getFirst();
    }
}
