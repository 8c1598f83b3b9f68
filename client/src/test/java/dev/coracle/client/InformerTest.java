package dev.coracle.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.env.VirtualEnvironment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;

class InformerTest {
    private final VirtualEnvironment world = new VirtualEnvironment(7);
    private final ScriptedApi api = new ScriptedApi();
    private final ClientInformers informers = new ClientInformers(api, world.environment());
    private final Informer pods = informers.of(Resources.PODS);
    private final List<String> told = new ArrayList<>();

    private static Unstructured pod(String name) {
        return Unstructured.of("v1", "Pod", "default", name).set("node-" + name, "spec", "nodeName");
    }

    private void start() {
        pods.handle((before, after) -> told.add(
                before == null && after != null
                        ? "+" + after.name()
                        : after == null && before != null ? "-" + before.name() : "~" + name(after)));
        informers.start();
        world.settle();
    }

    private static String name(dev.coracle.machinery.object.@org.jspecify.annotations.Nullable Revision r) {
        return r == null ? "?" : r.name();
    }

    @Test
    void listsThenWatchesFromTheListsVersion() {
        api.put(Resources.PODS, pod("a"));
        assertThat(pods.synced()).isFalse();
        start();
        assertThat(pods.synced()).isTrue();
        assertThat(api.calls).containsExactly("list", "watch from 11");
        api.put(Resources.PODS, pod("b"));
        api.put(Resources.PODS, pod("a"));
        api.remove("default", "b");
        assertThat(told).containsExactly("+a", "+b", "~a", "-b");
        assertThat(pods.get("default", "b")).isEmpty();
        assertThat(pods.list("default")).hasSize(1);
        assertThat(pods.list("other")).isEmpty();
    }

    @Test
    void indexesFollowChanges() {
        start();
        api.put(Resources.PODS, pod("a"));
        pods.index("node", r -> List.of(r.object().string("spec", "nodeName")));
        assertThat(pods.byIndex("node", "node-a")).hasSize(1);
        api.put(Resources.PODS, pod("a").set("elsewhere", "spec", "nodeName"));
        assertThat(pods.byIndex("node", "node-a")).isEmpty();
        assertThat(pods.byIndex("node", "elsewhere")).hasSize(1);
        api.remove("default", "a");
        assertThat(pods.byIndex("node", "elsewhere")).isEmpty();
    }

    @Test
    void aDroppedWatchGoesOnWhereItWasAndTellsNothingTwice() {
        start();
        api.put(Resources.PODS, pod("a"));
        api.bookmark(Resources.PODS);
        long seen = api.version();
        api.drop(StatusException.unavailable("restarting"));
        api.put(Resources.PODS, pod("b"));
        world.advance(Duration.ofSeconds(1));
        assertThat(api.calls).containsExactly("list", "watch from 10", "watch from " + seen);
        assertThat(told).containsExactly("+a", "+b");
    }

    @Test
    void whatIsGoneIsListedAnewAfterAWhile() {
        start();
        api.put(Resources.PODS, pod("a"));
        api.put(Resources.PODS, pod("b"));
        told.clear();
        api.drop(StatusException.gone("too old resource version"));
        api.remove("default", "a");
        api.put(Resources.PODS, pod("c"));
        world.settle();
        assertThat(api.calls).as("a relist waits").containsExactly("list", "watch from 10");
        world.advance(Duration.ofSeconds(1));
        assertThat(api.calls).hasSize(4).contains("list", "watch from " + api.version());
        assertThat(told).containsExactly("+c", "-a");
    }

    @Test
    void aBrokenConnectionIsTriedAgainAndAgain() {
        api.put(Resources.PODS, pod("a"));
        api.failures.add(new UncheckedIOException(new IOException("refused")));
        start();
        assertThat(pods.synced()).isFalse();
        world.advance(Duration.ofSeconds(1));
        assertThat(pods.synced()).isTrue();
        api.failures.add(new UncheckedIOException(new IOException("reset")));
        api.failures.add(new UncheckedIOException(new IOException("reset")));
        api.drop(StatusException.unavailable("gone fishing"));
        world.advance(Duration.ofSeconds(5));
        api.put(Resources.PODS, pod("b"));
        assertThat(told).containsExactly("+a", "+b");
    }

    @Test
    void aServerThatEndsEveryWatchIsAskedEverLessOften() {
        start();
        api.calls.clear();
        for (int second = 0; second < 60; second++) {
            api.drop(StatusException.gone("no"));
            world.advance(Duration.ofSeconds(1));
        }
        assertThat(api.calls.stream().filter("list"::equals).count()).isBetween(4L, 12L);
        world.advance(Duration.ofMinutes(3));
        api.calls.clear();
        api.drop(StatusException.gone("once more"));
        world.advance(Duration.ofMillis(200));
        assertThat(api.calls).as("all was well for a while").contains("list");
    }

    @Test
    void handlersThatComeLateAreToldOfWhatThereIs() {
        start();
        api.put(Resources.PODS, pod("a"));
        List<String> late = new ArrayList<>();
        pods.handle((before, after) -> late.add(before + " " + name(after)));
        assertThat(late).containsExactly("null a");
    }

    @Test
    void informersAreSharedBySelection() {
        assertThat(informers.of(Resources.PODS)).isSameAs(pods);
        assertThat(informers.of(Resources.PODS, "spec.nodeName=n")).isNotSameAs(pods);
    }

    @Test
    void closingLeavesNoWatchAndNoTimer() {
        start();
        informers.close();
        assertThat(api.watches()).isZero();
        api.put(Resources.PODS, pod("a"));
        assertThat(told).isEmpty();
        api.calls.clear();
        world.advance(Duration.ofHours(1));
        assertThat(api.calls).isEmpty();
    }

    @Test
    void closingWhileWaitingForTheNextTryEndsTheTries() {
        api.failures.add(new UncheckedIOException(new IOException("refused")));
        start();
        informers.close();
        world.advance(Duration.ofHours(1));
        assertThat(api.calls).containsExactly("list");
    }

    @Test
    void anObjectThatSomeoneCannotBearStopsNothing() {
        pods.index("picky", r -> {
            if (r.name().equals("bad")) {
                throw new IllegalArgumentException("bad");
            }
            return List.of("good");
        });
        pods.handle((before, after) -> {
            throw new IllegalArgumentException("all are bad");
        });
        api.put(Resources.PODS, pod("bad"));
        api.put(Resources.PODS, pod("a"));
        start();
        api.put(Resources.PODS, pod("b"));
        api.remove("default", "bad");
        assertThat(told).containsExactly("+bad", "+a", "+b", "-bad");
        assertThat(pods.byIndex("picky", "good")).hasSize(2);
        assertThat(api.calls).containsExactly("list", "watch from 12");
    }

    @Test
    void handlersThatLookIntoEachOthersCopyDoNotWaitForOneAnother() throws Exception {
        var other = new ScriptedApi();
        var others = new ClientInformers(other, world.environment());
        Informer nodes = others.of(Resources.NODES);
        var both = new CyclicBarrier(2);
        pods.handle((before, after) -> {
            meet(both);
            nodes.list();
        });
        nodes.handle((before, after) -> {
            meet(both);
            pods.list();
        });
        informers.start();
        others.start();
        world.settle();
        try (var system = new SystemEnvironment((task, e) -> {})) {
            var one = system.environment().tasks().start("one", () -> api.put(Resources.PODS, pod("a")));
            var two = system.environment()
                    .tasks()
                    .start("two", () -> other.put(Resources.NODES, Unstructured.of("v1", "Node", "", "n")));
            assertThat(one.join(Duration.ofSeconds(10))).isTrue();
            assertThat(two.join(Duration.ofSeconds(10))).isTrue();
        }
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (InterruptedException | BrokenBarrierException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whoWaitsForTheFirstListIsToldOnce() {
        api.failures.add(new UncheckedIOException(new IOException("no server yet")));
        pods.whenSynced(() -> told.add("synced"));
        start();
        assertThat(told).isEmpty();
        world.advance(Duration.ofMinutes(5));
        assertThat(told).containsExactly("synced");
        pods.whenSynced(() -> told.add("at once"));
        assertThat(told).containsExactly("synced", "at once");
    }
}
