package dev.coracle.controllers.namespace;

import static dev.coracle.controllers.World.condition;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.ApiResource;
import dev.coracle.client.Discovered;
import dev.coracle.client.ForwardingClient;
import dev.coracle.client.ListOptions;
import dev.coracle.client.RevisionList;
import dev.coracle.controllers.ControllerContext;
import dev.coracle.controllers.World;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A namespace is not let go while another server may still keep something in it. */
class UnknownContentStoryTest {
    private static final GroupVersionResource WIDGETS =
            new GroupVersionResource("widgets.example.com", "v1", "widgets");

    private final World world = new World(Path.of("unused"));
    private volatile Map<String, String> failed = Map.of();
    private volatile boolean away;

    @BeforeEach
    void start() {
        var client = new ForwardingClient(world.client()) {
            @Override
            public Discovered discover() {
                List<ApiResource> all = new ArrayList<>(to.resources());
                all.add(new ApiResource(WIDGETS, "Widget", true, Set.of("list", "watch", "delete")));
                return new Discovered(all, failed);
            }

            @Override
            public RevisionList list(GroupVersionResource resource, String namespace, ListOptions options) {
                if (!resource.equals(WIDGETS)) {
                    return to.list(resource, namespace, options);
                }
                if (away) {
                    throw StatusException.unavailable("the server is currently unable to handle the request");
                }
                return new RevisionList(List.of(), "1", "", 0);
            }
        };
        world.run(all -> new NamespaceController(
                new ControllerContext(client, all.informers(), all.environment(), all.config())));
        world.start();
        world.create(Resources.NAMESPACES, "", "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'shop'}}");
        world.create(
                Resources.CONFIG_MAPS, "shop", "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'till'}}");
        world.settle();
    }

    @AfterEach
    void close() throws Exception {
        world.close();
    }

    @Test
    void aServerThatIsAwayKeepsTheNamespaceAndNothingElse() {
        away = true;
        world.delete(Resources.NAMESPACES, "", "shop", "");
        world.settle();
        assertThat(world.list(Resources.CONFIG_MAPS, "shop")).isEmpty();
        assertThat(condition(namespace(), "NamespaceDeletionContentFailure").string("message"))
                .isEqualTo("Failed to delete all resource types, 1 remaining: "
                        + "the server is currently unable to handle the request");
        away = false;
        world.advance(Duration.ofMinutes(5));
        assertThat(world.exists(Resources.NAMESPACES, "", "shop")).isFalse();
    }

    @Test
    void kindsThatNobodyCanTellOfKeepIt() {
        failed = Map.of("widgets.example.com/v1", "stale GroupVersion discovery: widgets.example.com/v1");
        world.delete(Resources.NAMESPACES, "", "shop", "");
        world.settle();
        Unstructured told = condition(namespace(), "NamespaceDeletionDiscoveryFailure");
        assertThat(told.string("status") + " " + told.string("reason")).isEqualTo("True DiscoveryFailed");
        assertThat(told.string("message"))
                .isEqualTo("Discovery failed for some groups, 1 failing: unable to retrieve the complete list of server"
                        + " APIs: widgets.example.com/v1: stale GroupVersion discovery: widgets.example.com/v1");
        failed = Map.of();
        world.advance(Duration.ofMinutes(5));
        assertThat(world.exists(Resources.NAMESPACES, "", "shop")).isFalse();
    }

    private Unstructured namespace() {
        return world.client().get(Resources.NAMESPACES, "", "shop").object();
    }
}
