package dev.coracle.controllers.nodeipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.ControllersConfig;
import dev.coracle.controllers.World;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A node without a range for its pods gets one that no other has. */
class NodeIpamStoryTest {
    private final World world = new World(Path.of("unused"));
    private NodeIpamController controller;

    private void start(List<ClusterRange> ranges, String... reserved) {
        run(ranges, reserved);
        world.start();
    }

    private void run(List<ClusterRange> ranges, String... reserved) {
        world.run(c -> {
            ControllersConfig config = c.config().ranges(ranges, List.of(reserved));
            var context = new ControllerContext(c.client(), c.informers(), c.environment(), config);
            controller = new NodeIpamController(context, world.recorder());
            return controller;
        });
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    private void node(String name, String spec) {
        world.create(
                Resources.NODES,
                "",
                "{'apiVersion':'v1','kind':'Node','metadata':{'name':'" + name + "'},'spec':{" + spec + "}}");
        world.settle();
    }

    private Unstructured find(String name) {
        return world.client().get(Resources.NODES, "", name).object();
    }

    private String range(String name) {
        return find(name).string("spec", "podCIDR");
    }

    @Test
    void eachGetsTheNextAndOneThatBringsItsOwnKeepsIt() {
        start(List.of(new ClusterRange("10.244.0.0/16", 24)), "10.244.0.0/24", "10.96.0.0/16");
        node("own", "'podCIDR':'10.244.2.0/24','podCIDRs':['10.244.2.0/24']");
        String version = find("own").resourceVersion();
        node("a", "");
        node("b", "");
        assertThat(range("a")).as("0 is reserved").isEqualTo("10.244.1.0/24");
        assertThat(find("a").stringList("spec", "podCIDRs")).containsExactly("10.244.1.0/24");
        assertThat(range("b")).as("2 is another's").isEqualTo("10.244.3.0/24");
        assertThat(find("own").resourceVersion()).isEqualTo(version);
    }

    @Test
    void whenNoneIsLeftItIsToldAndOneThatIsLeftIsTaken() {
        start(List.of(new ClusterRange("10.0.0.0/23", 24)));
        node("a", "");
        node("b", "");
        node("c", "");
        assertThat(range("c")).isEmpty();
        assertThat(world.list(Resources.EVENTS, "default"))
                .filteredOn(e -> e.string("reason").equals("CIDRNotAvailable"))
                .singleElement()
                .satisfies(e -> {
                    assertThat(e.string("message")).isEqualTo("Node c status is now: CIDRNotAvailable");
                    assertThat(e.string("type")).isEqualTo("Normal");
                });

        world.delete(Resources.NODES, "", "a", "");
        world.settle();
        assertThat(range("c")).isEqualTo("10.0.0.0/24");
    }

    @Test
    void aRestartForgetsNothing() {
        start(List.of(new ClusterRange("10.0.0.0/22", 24)));
        node("a", "");
        node("wide", "'podCIDR':'10.0.1.0/25','podCIDRs':['10.0.1.0/25']");
        controller.close();
        node("meanwhile", "");
        assertThat(range("meanwhile")).isEmpty();

        run(List.of(new ClusterRange("10.0.0.0/22", 24)));
        world.settle();
        assertThat(range("meanwhile")).as("a half is taken too").isEqualTo("10.0.2.0/24");
    }

    @Test
    void ofTwoFamiliesEachNodeGetsOneOfEach() {
        start(List.of(new ClusterRange("10.244.0.0/16", 24), new ClusterRange("2001:db8::/48", 64)));
        node("a", "");
        node("b", "");
        assertThat(find("a").stringList("spec", "podCIDRs")).containsExactly("10.244.0.0/24", "2001:db8::/64");
        assertThat(find("b").stringList("spec", "podCIDRs")).containsExactly("10.244.1.0/24", "2001:db8:0:1::/64");
        assertThat(range("b")).isEqualTo("10.244.1.0/24");
    }

    @Test
    void withoutRangesNodesAreLeftAlone() {
        start(List.of());
        node("a", "");
        assertThat(range("a")).isEmpty();
        assertThat(world.events("CIDRNotAvailable")).isEmpty();
    }

    @Test
    void aRangeThatCannotBeCutIsRefused() {
        assertThatThrownBy(() -> new ClusterRange("10.244.0.0/24", 16)).hasMessageContaining("does not cut");
        assertThatThrownBy(() -> new ClusterRange("2001:db8::/32", 64)).hasMessageContaining("size is too big");
    }
}
