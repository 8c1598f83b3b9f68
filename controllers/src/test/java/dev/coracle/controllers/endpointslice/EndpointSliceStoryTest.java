package dev.coracle.controllers.endpointslice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.controllers.Kubelet;
import dev.coracle.controllers.World;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Services find their pods. */
class EndpointSliceStoryTest {
    private World world;
    private Kubelet kubelet;

    @BeforeEach
    void start() {
        world = new World(Path.of("unused"));
        world.run(c -> new EndpointSliceController(c, world.recorder()));
        kubelet = world.kubelet();
        world.start();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    @Test
    void readyPodsAreThereAndEndingOnesSayThatTheyEnd() {
        kubelet.shutdown(Duration.ofSeconds(20));
        service("'ports':[{'port':80,'targetPort':'http'}]");
        world.settle();
        assertThat(slices()).hasSize(1);
        assertThat(slices().getFirst().objects("endpoints")).isEmpty();

        pod("a", 8080);
        pod("b", 8080);
        world.settle();
        assertThat(slices()).hasSize(1);
        Unstructured slice = slices().getFirst();
        assertThat(slice.name()).matches("web-[a-z0-9]{5}");
        assertThat(slice.labels()).containsEntry("kubernetes.io/service-name", "web");
        assertThat(slice.objects("ports").getFirst().integer(0, "port")).isEqualTo(8080);
        assertThat(slice.objects("endpoints")).hasSize(2).allMatch(e -> e.bool("conditions", "ready"));
        assertThat(endpoints().objects("subsets").getFirst().objects("addresses"))
                .hasSize(2);

        world.delete(Resources.PODS, "default", "a", "");
        world.settle();
        Unstructured a = endpoint("a");
        assertThat(a.bool("conditions", "ready")).isFalse();
        assertThat(a.bool("conditions", "serving")).isTrue();
        assertThat(a.bool("conditions", "terminating")).isTrue();
        assertThat(endpoints().objects("subsets").getFirst().objects("addresses"))
                .hasSize(1);

        world.advance(Duration.ofSeconds(30));
        assertThat(slices().getFirst().objects("endpoints")).hasSize(1);
    }

    @Test
    void podsThatAreNotReadyAreToldApartUnlessPublished() {
        service("'ports':[{'port':80}]");
        pod("a", 80);
        world.settle();
        unready("a");
        world.settle();
        assertThat(endpoint("a").bool("conditions", "ready")).isFalse();
        assertThat(endpoints().objects("subsets").getFirst().objects("notReadyAddresses"))
                .hasSize(1);
        assertThat(endpoints().objects("subsets").getFirst().has("addresses")).isFalse();

        world.patch(Resources.SERVICES, "default", "web", "{'spec':{'publishNotReadyAddresses':true}}");
        world.settle();
        assertThat(endpoint("a").bool("conditions", "ready")).isTrue();
        assertThat(endpoint("a").bool("conditions", "serving")).isFalse();
    }

    @Test
    void aNamedPortMayDifferFromPodToPod() {
        service("'clusterIP':'None','ports':[{'name':'web','port':80,'targetPort':'http'},"
                + "{'name':'raw','port':81,'targetPort':9000}]");
        pod("a", 8080);
        pod("b", 8081);
        world.settle();
        assertThat(slices()).hasSize(2).allSatisfy(s -> {
            assertThat(s.objects("endpoints")).hasSize(1);
            assertThat(s.labels()).containsKey("service.kubernetes.io/headless");
            assertThat(s.objects("ports")).hasSize(2);
        });
        assertThat(endpoints().objects("subsets")).hasSize(2);
    }

    @Test
    void manyEndpointsAreSplitAndAChangeTouchesOneSlice() {
        service("'ports':[{'port':80}]");
        for (int i = 0; i < 150; i++) {
            pod("p" + i, 80);
        }
        world.settle();
        assertThat(slices().stream().map(s -> s.objects("endpoints").size())).containsExactlyInAnyOrder(100, 50);
        List<String> before =
                slices().stream().map(Unstructured::resourceVersion).toList();
        unready("p17");
        world.settle();
        List<String> after =
                slices().stream().map(Unstructured::resourceVersion).toList();
        assertThat(after.stream().filter(v -> !before.contains(v))).hasSize(1);
    }

    @Test
    void theSelectorDecidesAndTheServiceTakesItsSlicesAlong() {
        service("'ports':[{'port':80}]");
        pod("a", 80);
        world.settle();
        world.patch(Resources.SERVICES, "default", "web", "{'spec':{'selector':{'app':'other'}}}");
        world.settle();
        assertThat(slices()).hasSize(1);
        assertThat(slices().getFirst().objects("endpoints")).isEmpty();
        assertThat(endpoints().has("subsets")).isFalse();

        world.delete(Resources.SERVICES, "default", "web", "");
        world.settle();
        assertThat(slices()).isEmpty();
        assertThat(world.exists(Resources.ENDPOINTS, "default", "web")).isFalse();
    }

    private void service(String spec) {
        world.create(
                Resources.SERVICES,
                "default",
                "{'apiVersion':'v1','kind':'Service','metadata':{'name':'web','labels':{'tier':'front'}},"
                        + "'spec':{'selector':{'app':'web'}," + spec + "}}");
    }

    private void pod(String name, int port) {
        world.create(
                Resources.PODS,
                "default",
                "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'" + name + "','labels':{'app':'web'}},'spec':{"
                        + "'containers':[{'name':'c','image':'app','ports':[{'name':'http','containerPort':" + port
                        + "}]}]}}");
    }

    private void unready(String pod) {
        world.patchStatus(
                Resources.PODS, "default", pod, "{'status':{'conditions':[{'type':'Ready','status':'False'}]}}");
    }

    private List<Unstructured> slices() {
        return world.list(Resources.ENDPOINT_SLICES, "default");
    }

    private Unstructured endpoint(String pod) {
        return slices().stream()
                .flatMap(s -> s.objects("endpoints").stream())
                .filter(e -> e.string("targetRef", "name").equals(pod))
                .findFirst()
                .orElseThrow();
    }

    private Unstructured endpoints() {
        return world.get(Resources.ENDPOINTS, "web");
    }
}
