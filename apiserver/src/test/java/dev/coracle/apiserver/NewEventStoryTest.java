package dev.coracle.apiserver;

import static dev.coracle.apiserver.Cluster.causes;
import static dev.coracle.apiserver.Cluster.refused;
import static dev.coracle.machinery.object.Resources.EVENTS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.client.ListOptions;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.Unstructured;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Events have two names for most that they tell, and are the same events. */
class NewEventStoryTest {
    private static final GroupVersionResource NEW = new GroupVersionResource("events.k8s.io", "v1", "events");
    private static final String EVENT = """
            {apiVersion: events.k8s.io/v1, kind: Event, metadata: {name: e}, eventTime: '2026-11-27T12:00:00.000000Z',
             type: Normal, reason: Scheduled, action: Binding, note: placed, reportingController: example.com/scheduler,
             reportingInstance: s-1, regarding: {kind: Pod, name: p, namespace: default}}
            """;

    private final Cluster cluster = new Cluster();

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void whatIsToldOneWayIsReadTheOther() {
        cluster.create(NEW, EVENT);
        Unstructured old = cluster.get(EVENTS, "e");
        assertThat(old.apiVersion()).isEqualTo("v1");
        assertThat(old.string("involvedObject", "name")).isEqualTo("p");
        assertThat(old.string("message")).isEqualTo("placed");
        assertThat(old.string("reportingComponent")).isEqualTo("example.com/scheduler");
        assertThat(old.has("regarding") || old.has("note") || old.has("reportingController"))
                .isFalse();

        cluster.create(EVENTS, """
                {apiVersion: v1, kind: Event, metadata: {name: old}, reason: Pulled, message: have it, count: 3,
                 source: {component: kubelet, host: 'n'}, firstTimestamp: '2026-11-27T12:00:00Z',
                 lastTimestamp: '2026-11-27T12:01:00Z', involvedObject: {kind: Pod, name: q, namespace: default}}
                """);
        Unstructured told = cluster.get(NEW, "old");
        assertThat(told.apiVersion()).isEqualTo("events.k8s.io/v1");
        assertThat(told.string("note")).isEqualTo("have it");
        assertThat(told.string("regarding", "name")).isEqualTo("q");
        assertThat(told.integer(0, "deprecatedCount")).isEqualTo(3);
        assertThat(told.string("deprecatedSource", "host")).isEqualTo("n");
        assertThat(told.string("deprecatedFirstTimestamp")).isEqualTo("2026-11-27T12:00:00Z");
    }

    @Test
    void eachNameSelects() {
        whatIsToldOneWayIsReadTheOther();
        var named = ListOptions.fields("regarding.name=p,reportingController=example.com/scheduler");
        assertThat(cluster.admin.list(NEW, "default", named).items()).hasSize(1);
        assertThat(refused(() -> cluster.admin.list(NEW, "default", ListOptions.fields("involvedObject.name=p")))
                        .code())
                .isEqualTo(400);
    }

    @Test
    void aSeriesGrowsAndTheRestStays() {
        cluster.create(NEW, EVENT);
        Unstructured grown =
                cluster.merge(NEW, "e", "{series: {count: 2, lastObservedTime: '2026-11-27T12:00:30.000000Z'}}");
        assertThat(grown.integer(0, "series", "count")).isEqualTo(2);
        assertThat(grown.string("note")).isEqualTo("placed");
        assertThat(refused(() -> cluster.merge(NEW, "e", "{series: {count: 1}}")))
                .hasMessage("Event \"e\" is invalid: series.count: Invalid value: \"\": should be at least 2");
        assertThat(refused(() -> cluster.merge(NEW, "e", "{note: other}")))
                .hasMessage("Event \"e\" is invalid: message: Invalid value: \"other\": field is immutable");
        // Who knows it by its older name may do as ever.
        assertThat(cluster.merge(EVENTS, "e", "{message: other}").string("message"))
                .isEqualTo("other");
    }

    @Test
    void theNewerGroupIsStricter() {
        assertThat(causes(refused(() -> cluster.create(NEW, """
                        {apiVersion: events.k8s.io/v1, kind: Event, metadata: {name: e}, deprecatedCount: 1,
                         regarding: {namespace: default}}
                        """))))
                .isEqualTo(
                        List.of("FieldValueRequired eventTime", "FieldValueInvalid type", "FieldValueInvalid count"));
        assertThat(causes(refused(() -> cluster.create(NEW, EVENT.replace("action: Binding,", "")))))
                .isEqualTo(List.of("FieldValueRequired action"));
        assertThat(causes(refused(() -> cluster.create(NEW, EVENT.replace("example.com/scheduler", "''")))))
                .startsWith("FieldValueRequired reportingController");
        assertThat(refused(() -> cluster.create(NEW, EVENT.replace("placed", "x".repeat(1025)))))
                .hasMessage("Event \"e\" is invalid: message: Invalid value: \"\": can have at most 1024 characters");
    }

    @Test
    void anEventLiesWhereWhatItIsAboutLies() {
        assertThat(refused(() -> cluster.create(EVENTS, """
                        {apiVersion: v1, kind: Event, metadata: {name: e}, involvedObject: {namespace: other}}
                        """)))
                .hasMessage("Event \"e\" is invalid: involvedObject.namespace: Invalid value: \"other\": does not match"
                        + " event.namespace");
        cluster.create(EVENTS, "{apiVersion: v1, kind: Event, metadata: {name: Of_a.Node}, involvedObject: {}}");
    }
}
