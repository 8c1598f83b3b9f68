package dev.coracle.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.client.ApiResource;
import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.client.WatchEvent;
import dev.coracle.client.WriteOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Components of this process deal with the objects that another server keeps as with their own. */
@Timeout(60)
class AggregatedObjectsStoryTest extends ExtendedCluster {
    private static final GroupVersionResource WIDGET = new GroupVersionResource(ExtensionServer.GROUP, "v1", "widgets");

    @Test
    void theyAreWrittenListedAndDeletedInTheNameOfWhoAsks() throws Exception {
        install();
        Client collector =
                server.client(new UserInfo("system:serviceaccount:kube-system:gc", Set.of(UserInfo.MASTERS)));
        collector.create(WIDGET, "default", Unstructured.parse(ONE), WriteOptions.DEFAULT);
        var posted = extension.asked.take();
        assertThat(posted.peer()).isEqualTo("CN=front-proxy-client");
        assertThat(posted.header("X-Remote-User")).containsExactly("system:serviceaccount:kube-system:gc");
        assertThat(collector.list(WIDGET, "", ListOptions.ALL).items())
                .singleElement()
                .satisfies(w -> assertThat(w.name()).isEqualTo("one"));
        assertThat(collector.get(WIDGET, "default", "one").object().kind()).isEqualTo("Widget");
        collector.delete(WIDGET, "default", "one", DeleteOptions.of("u-1"));
        assertThat(extension.asked.stream().filter(a -> a.method().equals("DELETE")))
                .singleElement()
                .satisfies(a -> assertThat(a.body()).contains("u-1"));
        assertThat(collector.list(WIDGET, "", ListOptions.ALL).items()).isEmpty();
    }

    @Test
    void theyAreWatchedUntilWhoWatchesHasSeenEnough() throws Exception {
        install();
        var seen = new LinkedBlockingQueue<String>();
        var watch = admin.watch(WIDGET, "default", ListOptions.ALL, new Client.WatchListener() {
            @Override
            public void onEvent(WatchEvent event) {
                seen.add(event.type() + " " + event.revision().name());
            }

            @Override
            public void onClosed(StatusException cause) {
                seen.add("closed");
            }
        });
        extension.events.add("{\"type\":\"ADDED\",\"object\":" + ONE + "}");
        assertThat(seen.take()).isEqualTo("ADDED one");
        watch.close();
        assertThat(seen).isEmpty();
    }

    @Test
    void whoMayNotIsRefusedBeforeTheOtherServerIsAsked() throws Exception {
        install();
        Client bob = server.client(new UserInfo("bob", Set.of()));
        assertThatThrownBy(() -> bob.delete(WIDGET, "default", "one", DeleteOptions.DEFAULT))
                .hasMessageStartingWith("widgets.widgets.example.com \"one\" is forbidden: User \"bob\" cannot delete");
        assertThat(extension.asked).isEmpty();
    }

    @Test
    void theyAreAmongWhatThereIsAndWhenTheirServerIsAwayThatIsTold() throws Exception {
        assertThat(admin.discover().resources()).noneMatch(r -> r.kind().equals("Widget"));
        install();
        assertThat(admin.resources())
                .filteredOn(r -> r.kind().equals("Widget"))
                .containsExactly(
                        new ApiResource(WIDGET, "Widget", true, Set.of("create", "delete", "get", "list", "watch")));
        assertThat(admin.discover().failed()).isEmpty();
        extension.close();
        touchService();
        awaitCondition("False FailedDiscoveryCheck");
        assertThat(admin.discover().failed())
                .containsExactly(
                        Map.entry("widgets.example.com/v1", "stale GroupVersion discovery: widgets.example.com/v1"));
        assertThatThrownBy(() -> admin.list(WIDGET, "", ListOptions.ALL))
                .isInstanceOfSatisfying(
                        StatusException.class, e -> assertThat(e.code()).isEqualTo(503));
        admin.delete(API_SERVICES, "", NAME, DeleteOptions.DEFAULT);
        assertThat(admin.discover().failed()).isEmpty();
    }
}
