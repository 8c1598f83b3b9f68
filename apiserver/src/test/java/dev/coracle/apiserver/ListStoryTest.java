package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.machinery.object.Resources.CONFIG_MAPS;
import static dev.coracle.machinery.object.Resources.PODS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.Client;
import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.client.RevisionList;
import dev.coracle.client.WatchEvent;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pages, versions, selectors and watches of one collection. */
class ListStoryTest {
    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    private void make(String name) {
        cluster.create(
                CONFIG_MAPS,
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: " + name + ", labels: {'n': " + name + "}}}");
    }

    private RevisionList list(ListOptions options) {
        return cluster.admin.list(CONFIG_MAPS, "default", options);
    }

    private static ListOptions version(String version, String match) {
        return new ListOptions("", "", version, 0, "", false, match);
    }

    private static List<String> names(RevisionList list) {
        return list.items().stream().map(Revision::name).toList();
    }

    @Test
    void allPagesShowTheCollectionAsItWasAtTheFirst() {
        for (String name : List.of("a", "b", "c", "d", "e")) {
            make(name);
        }
        RevisionList first = list(ListOptions.ALL.page(2, ""));
        assertThat(names(first)).containsExactly("a", "b");
        assertThat(first.remaining()).isEqualTo(3);
        cluster.admin.delete(CONFIG_MAPS, "default", "d", DeleteOptions.DEFAULT);
        make("bb");
        RevisionList second = list(ListOptions.ALL.page(2, first.continueToken()));
        assertThat(names(second)).containsExactly("c", "d");
        assertThat(second.resourceVersion()).isEqualTo(first.resourceVersion());
        RevisionList third = list(ListOptions.ALL.page(2, second.continueToken()));
        assertThat(names(third)).containsExactly("e");
        assertThat(second.remaining()).isEqualTo(1);
        assertThat(third.remaining()).isZero();
        assertThat(third.continueToken()).isEmpty();
        assertThat(names(list(ListOptions.ALL))).containsExactly("a", "b", "bb", "c", "e");
    }

    @Test
    void aPageIsFilledWithWhatTheSelectorFinds() {
        for (String name : List.of("a", "b", "c", "d", "e")) {
            make(name);
        }
        ListOptions some = new ListOptions("n in (b, d, e)", "", "", 2, "", false);
        RevisionList first = list(some);
        assertThat(names(first)).containsExactly("b", "d");
        assertThat(names(list(new ListOptions("n in (b, d, e)", "", "", 2, first.continueToken(), false))))
                .containsExactly("e");
    }

    @Test
    void aTokenThatIsNoneIsABadRequest() {
        assertThat(refused(() -> list(ListOptions.ALL.page(2, "bm90IGpzb24"))))
                .satisfies(e -> assertThat(e.code()).isEqualTo(400))
                .hasMessageStartingWith("continue key is not valid: ");
        make("a");
        make("b");
        String token = list(ListOptions.ALL.page(1, "")).continueToken();
        assertThat(refused(() -> list(new ListOptions("", "", "5", 1, token, false))))
                .hasMessage("specifying resource version is not allowed when using continue");
    }

    @Test
    void versionsArePastPresentAndNotYet() {
        make("a");
        String then = list(ListOptions.ALL).resourceVersion();
        make("b");
        assertThat(names(list(version(then, "Exact")))).containsExactly("a");
        assertThat(list(version(then, "Exact")).resourceVersion()).isEqualTo(then);
        assertThat(names(list(version(then, "NotOlderThan")))).containsExactly("a", "b");
        assertThat(names(list(version("0", "")))).containsExactly("a", "b");
        StatusException early = refused(() -> list(version("99999", "")));
        assertThat(early.code()).isEqualTo(504);
        assertThat(early).hasMessageStartingWith("Timeout: Too large resource version: 99999, current: ");
        assertThat(early.details().objects("causes").getFirst().string("reason"))
                .isEqualTo("ResourceVersionTooLarge");
        assertThat(refused(() -> list(version("x", ""))).code()).isEqualTo(400);
        assertThat(refused(() -> list(version("", "Exact"))))
                .hasMessage("ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden:"
                        + " resourceVersionMatch is forbidden unless resourceVersion is provided");
        assertThat(refused(() -> list(version("1", "Roughly"))))
                .hasMessage("ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Unsupported value:"
                        + " \"Roughly\": supported values: \"Exact\", \"NotOlderThan\"");
    }

    @Test
    void whatIsNoSelectorIsABadRequest() {
        for (String labels : List.of("a in (b", "=,", "a b", "a=b@", "-a", "a/b/c=d")) {
            assertThat(refused(() -> list(ListOptions.labels(labels))).code()).isEqualTo(400);
        }
        assertThat(refused(() -> list(ListOptions.fields("data.x=1"))))
                .satisfies(e -> assertThat(e.code()).isEqualTo(400))
                .hasMessage("\"data.x\" is not a known field selector: only \"metadata.name\","
                        + " \"metadata.namespace\"");
        assertThat(refused(() -> cluster.admin.list(Resources.PODS, "default", ListOptions.fields("data.x=1"))))
                .hasMessage("field label not supported: data.x");
    }

    @Test
    void whatIsAbsentReadsAsItsZero() {
        cluster.create(Resources.NODES, "{apiVersion: v1, kind: Node, metadata: {name: n1}}");
        cluster.create(
                Resources.NODES, "{apiVersion: v1, kind: Node, metadata: {name: n2}, spec: {unschedulable: true}}");
        assertThat(cluster.admin
                        .list(Resources.NODES, "", ListOptions.fields("spec.unschedulable=false"))
                        .items())
                .extracting(Revision::name)
                .containsExactly("n1");
        assertThat(cluster.admin
                        .list(Resources.NODES, "", ListOptions.fields("spec.unschedulable!=false"))
                        .items())
                .extracting(Revision::name)
                .containsExactly("n2");
        cluster.create(
                Resources.EVENTS,
                "{apiVersion: v1, kind: Event, metadata: {name: e}, involvedObject: {namespace: default},"
                        + " source: {component: kubelet}}");
        assertThat(cluster.admin
                        .list(Resources.EVENTS, "default", ListOptions.fields("source=kubelet"))
                        .items())
                .hasSize(1);
    }

    @Test
    void aWatchFromAVersionThatIsForgottenIsGone() {
        make("a");
        String version = list(ListOptions.ALL).resourceVersion();
        for (int i = 0; i < 2100; i++) {
            cluster.merge(CONFIG_MAPS, "a", "{data: {i: '" + i + "'}}");
        }
        List<WatchEvent> events = new ArrayList<>();
        StatusException gone = refused(() -> watch(version, events));
        assertThat(gone.code()).isEqualTo(410);
        assertThat(gone.reason()).isEqualTo("Expired");
        assertThat(gone).hasMessageStartingWith("too old resource version: " + version + " (");
        assertThat(events).isEmpty();
        try (Client.Watch now = watch("0", events)) {
            assertThat(events).hasSize(1);
            make("b");
        }
        make("c");
        assertThat(events.stream().map(e -> e.type() + " " + e.revision().name()))
                .containsExactly("ADDED a", "ADDED b");
    }

    private Client.Watch watch(String version, List<WatchEvent> events) {
        return cluster.admin.watch(CONFIG_MAPS, "default", ListOptions.ALL.from(version), new Client.WatchListener() {
            @Override
            public void onEvent(WatchEvent event) {
                events.add(event);
            }

            @Override
            public void onClosed(StatusException cause) {
                throw new AssertionError(cause);
            }
        });
    }

    @Test
    void podsCanBeSelectedByWhatTheirNodeAsksFor() {
        cluster.create(
                PODS, "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: c, image: i}]}}");
        assertThat(cluster.admin
                        .list(PODS, "", ListOptions.fields("spec.nodeName=,status.phase=Pending"))
                        .items())
                .hasSize(1);
        assertThat(cluster.admin
                        .list(PODS, "", ListOptions.fields("spec.nodeName!="))
                        .items())
                .isEmpty();
    }
}
