package dev.coracle.cli.why;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.json.Yaml;
import dev.coracle.machinery.object.OwnerReference;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clusters in which one thing is broken, as kubelets and controllers would have told of it; and some in which nothing is. */
class WhyTest {
    private static final Instant NOW = Instant.parse("2026-01-01T01:00:00Z");

    private static final Set<String> CLUSTER =
            Set.of("Node", "Namespace", "StorageClass", "PersistentVolume", "IngressClass", "APIService", "Widget");

    private static final Unstructured NODE = Unstructured.parse("""
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1", "labels": {"disk": "ssd"}},
             "status": {"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"},
                        "conditions": [{"type": "Ready", "status": "True"}]}}""");

    /**
     * @param ask {@code Kind/name}
     * @param code expected of the first cause; {@code ""} where nothing is wrong
     * @param says what its sentence must contain
     */
    record Case(
            String name,
            String ask,
            String code,
            String about,
            List<String> says,
            Set<String> forbidden,
            List<Unstructured> objects,
            Map<String, String> logs) {
        @Override
        public String toString() {
            return name;
        }

        View view() {
            Clock clock = new Clock() {
                @Override
                public Instant now() {
                    return NOW;
                }

                @Override
                public long nanos() {
                    return 0;
                }
            };
            return new View(new Snapshot(objects, forbidden), clock, (pod, container, previous) -> {
                String log = logs.get(pod.name());
                if (log == null) {
                    throw new StatusException(400, "BadRequest", "no log");
                }
                return log;
            });
        }

        Unstructured asked() {
            return objects.stream()
                    .filter(o -> (o.kind() + "/" + o.name()).equals(ask))
                    .findFirst()
                    .orElseThrow();
        }
    }

    static List<Case> cases() throws IOException {
        List<Case> cases = new ArrayList<>();
        for (String file : List.of("pods.yaml", "workloads.yaml", "network.yaml", "healthy.yaml")) {
            try (InputStream in = WhyTest.class.getResourceAsStream(file)) {
                for (Object d : Yaml.parseAll(new String(in.readAllBytes(), StandardCharsets.UTF_8))) {
                    @SuppressWarnings("unchecked")
                    Unstructured c = new Unstructured((Map<String, Object>) d);
                    List<Unstructured> objects = new ArrayList<>();
                    c.objects("objects").forEach(o -> objects.add(whole(o)));
                    if (objects.stream().noneMatch(o -> o.kind().equals("Node")) && !c.bool("noNodes")) {
                        objects.add(whole(NODE.copy()));
                    }
                    cases.add(new Case(
                            c.string("name"),
                            c.string("ask"),
                            c.string("code"),
                            c.stringOr(c.string("ask"), "about"),
                            c.stringList("says"),
                            Set.copyOf(c.stringList("forbidden")),
                            objects,
                            c.strings("logs")));
                }
            }
        }
        return cases;
    }

    /** Says for an object what every API server does. */
    private static Unstructured whole(Unstructured o) {
        if (o.apiVersion().isEmpty()) {
            o.set("v1", "apiVersion");
        }
        o.set(o.kind() + "/" + o.name(), "metadata", "uid");
        if (!CLUSTER.contains(o.kind()) && o.namespace().isEmpty()) {
            o.set("shop", "metadata", "namespace");
        }
        if (!o.has("metadata", "creationTimestamp")) {
            o.set("2026-01-01T00:00:00Z", "metadata", "creationTimestamp");
        }
        if (o.has("owner")) {
            String[] owner = o.string("owner").split("/");
            o.addOwner(new OwnerReference(versions(owner[0]), owner[0], owner[1], o.string("owner"), true, true));
            o.remove("owner");
        }
        if (o.kind().equals("Event")) {
            String[] of = o.string("of").split("/");
            o.set("Warning", "type")
                    .set(of[0], "involvedObject", "kind")
                    .set(of[1], "involvedObject", "name")
                    .remove("of");
        }
        return o;
    }

    private static String versions(String kind) {
        return switch (kind) {
            case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet" -> "apps/v1";
            case "Job", "CronJob" -> "batch/v1";
            default -> "v1";
        };
    }

    static Stream<Case> broken() throws IOException {
        return cases().stream().filter(c -> !c.code().isEmpty());
    }

    static Stream<Case> healthy() throws IOException {
        return cases().stream().filter(c -> c.code().isEmpty());
    }

    @ParameterizedTest
    @MethodSource("broken")
    void theFirstCauseIsNamed(Case c) {
        Why why = Why.of(c.view(), c.asked());
        assertThat(why.findings()).hasSize(1);
        Finding found = why.findings().getFirst();
        assertThat(found.code()).as(found.cause()).isEqualTo(c.code());
        assertThat(found.about().kind() + "/" + found.about().name()).isEqualTo(c.about());
        assertThat(found.cause()).contains(c.says()).endsWith(found.cause().strip());
        assertThat(found.remedy()).isNotBlank();
        assertThat(found.evidence()).isNotEmpty();
        assertThat(found.way().getFirst()).isEqualTo(Subject.of(c.asked()));
        assertThat(found.way().getLast()).isEqualTo(found.about());
    }

    @ParameterizedTest
    @MethodSource("broken")
    void lookingThroughTheWholeClusterFindsIt(Case c) {
        Why why = Why.everything(c.view(), "");
        if (Set.of("Suspended", "Paused").contains(c.code())) {
            assertThat(why.findings()).as("it was somebody's will").isEmpty();
        } else {
            assertThat(why.findings()).extracting(Finding::code).contains(c.code());
        }
        Json.bytes(why.json());
    }

    @ParameterizedTest
    @MethodSource("healthy")
    void whatWorksIsNotBlamed(Case c) {
        assertThat(Why.of(c.view(), c.asked()).findings()).isEmpty();
        assertThat(Why.everything(c.view(), "").findings()).isEmpty();
    }

    @Test
    void thereAreManyWaysToBreakACluster() throws IOException {
        Set<String> codes = new TreeSet<>(broken().map(Case::code).toList());
        assertThat(codes).hasSizeGreaterThanOrEqualTo(40);
    }

    @Test
    void noSecretIsTold() throws IOException {
        for (Case c : cases()) {
            String text = Why.everything(c.view(), "").text("the cluster");
            assertThat(text).doesNotContain("aHVudGVyMg==").doesNotContain("hunter2");
        }
    }

    @Test
    void whatMayNotBeReadIsSaidAndNotTakenForMissing() throws IOException {
        Case c = cases().stream()
                .filter(k -> k.name().equals("a config map that may not be read"))
                .findFirst()
                .orElseThrow();
        Why why = Why.of(c.view(), c.asked());
        assertThat(why.findings()).extracting(Finding::code).containsExactly("ContainerConfigError");
        assertThat(why.unread()).anyMatch(u -> u.startsWith("configmaps in shop"));
        assertThat(why.text("it")).contains("Not looked at, for want of rights or an answer:");
    }

    @Test
    void podsThatMayNotBeReadAreNotSaidToBeMissing() throws IOException {
        Case c = named("a service whose pods may not be read");
        Why why = Why.of(c.view(), c.asked());
        assertThat(why.findings()).isEmpty();
        assertThat(why.text("it"))
                .startsWith("Nothing is wrong with it, as far as it could be looked at.\n")
                .contains("pods in shop: ");
    }

    @Test
    void aNamespaceThatDoesNotExistIsNotWell() throws IOException {
        Case c = named("what waits for its first consumer, is scaled to nothing, cordoned, suspended by nobody");
        assertThat(Why.everything(c.view(), "shop").findings()).isEmpty();
        assertThat(Why.everything(c.view(), "shpo").text("it")).contains("There is no namespace of that name");
    }

    @Test
    void aNodesStaticPodIsLookedAt() throws IOException {
        Case c = named("a node's own pod that crashes");
        assertThat(Why.everything(c.view(), "").findings())
                .extracting(Finding::code)
                .containsExactly("ApplicationFailed");
    }

    private static Case named(String name) throws IOException {
        return cases().stream().filter(k -> k.name().equals(name)).findFirst().orElseThrow();
    }
}
