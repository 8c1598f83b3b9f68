package dev.coracle.apiserver.flowcontrol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.coracle.apiserver.authentication.UserInfo;
import dev.coracle.apiserver.bootstrap.Bootstrap;
import dev.coracle.apiserver.builtin.flowcontrol.FlowSchemas;
import dev.coracle.apiserver.builtin.flowcontrol.PriorityLevels;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.apiserver.registry.WriteContext;
import dev.coracle.client.DeleteOptions;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.object.GroupVersionResource;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import dev.coracle.store.memory.MemoryStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is let in when there are more requests than seats. */
class FlowControlTest {
    private static final GroupVersionResource LEVELS = PriorityLevels.DEFINITION.resource();
    private static final GroupVersionResource SCHEMAS = FlowSchemas.DEFINITION.resource();

    private final SystemEnvironment system = new SystemEnvironment((name, e) -> e.printStackTrace());
    private final Environment environment = system.environment();
    private final MemoryStore store = new MemoryStore(environment);
    private final Registry registry = new Registry(store, environment, "10.96.0.0/16", false);
    private FlowControl flows;

    @AfterEach
    void close() {
        if (flows != null) {
            flows.close();
        }
        registry.close();
        store.close();
        system.close();
    }

    /** Of so many seats; the levels that there are from the start have 245 shares. */
    private void start(int seats, Duration patience) {
        Bootstrap.ensure(registry, environment.tasks());
        flows = new FlowControl(registry, environment, seats, patience);
        flows.start();
    }

    private void create(GroupVersionResource resource, String json) {
        registry.create(resource, "", Unstructured.parse(json.replace('\'', '"')), WriteContext.SERVER);
    }

    /** With 245 shares, so half of the seats; users whose name begins with {@code app} are its. */
    private void level(String name, String response) {
        create(
                LEVELS,
                "{'apiVersion':'flowcontrol.apiserver.k8s.io/v1','kind':'PriorityLevelConfiguration','metadata':{"
                        + "'name':'" + name + "'},'spec':{'type':'Limited','limited':{'nominalConcurrencyShares':245,"
                        + "'lendablePercent':0,'borrowingLimitPercent':0,'limitResponse':" + response + "}}}");
        create(
                SCHEMAS,
                "{'apiVersion':'flowcontrol.apiserver.k8s.io/v1','kind':'FlowSchema','metadata':{'name':'" + name
                        + "'},'spec':{'priorityLevelConfiguration':{'name':'" + name + "'},'matchingPrecedence':100,"
                        + "'distinguisherMethod':{'type':'ByUser'},'rules':[{'subjects':[{'kind':'Group','group':{'name':'apps'}}],"
                        + "'resourceRules':[{'verbs':['*'],'apiGroups':['*'],'resources':['*'],'clusterScope':true,"
                        + "'namespaces':['*']}],'nonResourceRules':[{'verbs':['*'],'nonResourceURLs':['*']}]}]}}");
        await().untilAsserted(() ->
                run(get(app("first")), flow -> assertThat(flow.level()).isEqualTo(name)));
    }

    private static UserInfo app(String name) {
        return new UserInfo(name, Set.of("apps", UserInfo.AUTHENTICATED));
    }

    private static Asked get(UserInfo user) {
        return new Asked(user, "get", "", "configmaps", "default", "/api/v1/namespaces/default/configmaps");
    }

    /** A request that lasts until it is told to end. */
    private final class Held {
        private final CountDownLatch end = new CountDownLatch(1);
        private final CompletableFuture<FlowControl.Flow> entered = new CompletableFuture<>();
        private final CompletableFuture<Void> over = new CompletableFuture<>();

        Held(Asked asked) {
            environment.tasks().start("request", () -> {
                try {
                    run(asked, flow -> {
                        entered.complete(flow);
                        try {
                            end.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    });
                    over.complete(null);
                } catch (StatusException e) {
                    entered.completeExceptionally(e);
                    over.completeExceptionally(e);
                }
            });
        }

        FlowControl.Flow entered() {
            return entered.join();
        }

        void end() {
            end.countDown();
            over.join();
        }
    }

    private FlowControl.Standing standing(String level) {
        return flows.standings().stream()
                .filter(s -> s.level().equals(level))
                .findFirst()
                .orElseThrow();
    }

    /** Sent by one who is there until he has his answer. */
    private static final class Patient implements FlowControl.Sender {
        private FlowControl.Flow flow;

        @Override
        public void found(FlowControl.Flow is) {
            flow = is;
        }

        @Override
        public Runnable whenGone(Runnable action) {
            return () -> {};
        }
    }

    private void run(Asked asked, Consumer<FlowControl.Flow> request) {
        Patient sender = new Patient();
        flows.run(asked, sender, seat -> request.accept(sender.flow));
    }

    private StatusException refused(Asked asked) {
        return Assertions.catchThrowableOfType(StatusException.class, () -> run(asked, flow -> {}));
    }

    @Test
    void whoIsGreedyWaitsBehindHimselfAndOthersGoBy() {
        start(4, Duration.ofMinutes(1));
        level("apps", "{'type':'Queue','queuing':{'queues':64,'handSize':4,'queueLengthLimit':50}}");
        assertThat(standing("apps").nominal()).isEqualTo(2);
        List<Held> greedy = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            greedy.add(new Held(get(app("greedy"))));
        }
        await().until(() -> standing("apps").waiting() == 18);
        assertThat(standing("apps").executing()).isEqualTo(2);

        Held modest = new Held(get(app("modest")));
        await().until(() -> standing("apps").waiting() == 19);
        // He came last, and goes before most: the greedy one's hand is four queues, and each is one among many.
        List<Held> served = new ArrayList<>(greedy);
        int ended = 0;
        while (!modest.entered.isDone()) {
            await().until(() -> modest.entered.isDone() || served.stream().anyMatch(h -> h.entered.isDone()));
            Held next =
                    served.stream().filter(h -> h.entered.isDone()).findFirst().orElse(modest);
            if (next != modest) {
                next.end();
                served.remove(next);
                ended++;
            }
        }
        assertThat(ended).isLessThan(9);
        FlowControl.Flow flow = modest.entered();
        assertThat(flow.schema()).isEqualTo("apps");
        assertThat(flow.headers())
                .containsEntry(
                        "x-kubernetes-pf-flowschema-uid",
                        registry.find(SCHEMAS, "", "apps")
                                .orElseThrow()
                                .object()
                                .uid())
                .containsEntry(
                        "x-kubernetes-pf-prioritylevel-uid",
                        registry.find(LEVELS, "", "apps").orElseThrow().object().uid());
        // Other levels are not concerned, and some have no limit.
        run(get(new UserInfo("ann", Set.of(UserInfo.AUTHENTICATED))), f -> {
            assertThat(f.level()).isEqualTo("global-default");
        });
        run(get(UserInfo.ADMIN), f -> assertThat(f.level()).isEqualTo("exempt"));

        modest.end();
        greedy.forEach(h -> h.end.countDown());
        greedy.forEach(h -> h.over.join());
        await().until(() -> standing("apps").executing() == 0);
        assertThat(flows.outcomes()).containsEntry(new FlowControl.Outcome("apps", "apps", ""), 22L);
    }

    @Test
    void whoFindsNoPlaceIsToldToComeAgain() {
        start(4, Duration.ofMillis(200));
        level("apps", "{'type':'Queue','queuing':{'queues':1,'handSize':1,'queueLengthLimit':1}}");
        Held first = new Held(get(app("a")));
        Held second = new Held(get(app("b")));
        first.entered();
        second.entered();
        Held third = new Held(get(app("c")));
        await().until(() -> standing("apps").waiting() == 1 || third.over.isDone());
        Patient fourth = new Patient();
        StatusException full = Assertions.catchThrowableOfType(
                StatusException.class, () -> flows.run(get(app("d")), fourth, seat -> {}));
        assertThat(fourth.flow.level()).as("he too may know where he was").isEqualTo("apps");
        assertThat(full.code()).isEqualTo(429);
        assertThat(full.reason()).isEqualTo("TooManyRequests");
        assertThat(full.getMessage()).isEqualTo("Too many requests, please try again later.");
        assertThat(full.details().integer(0, "retryAfterSeconds")).isEqualTo(1);
        // Nobody waits for ever.
        Assertions.assertThatThrownBy(third.over::join).hasCauseInstanceOf(StatusException.class);
        assertThat(standing("apps").waiting()).isZero();
        first.end();
        second.end();
        run(get(app("c")), f -> {});
        assertThat(flows.outcomes()).containsKey(new FlowControl.Outcome("apps", "apps", "time-out"));
    }

    @Test
    void aLevelWithoutQueuesRefusesAtOnce() {
        start(4, Duration.ofMinutes(1));
        level("apps", "{'type':'Reject'}");
        Held first = new Held(get(app("a")));
        Held second = new Held(get(app("b")));
        first.entered();
        second.entered();
        assertThat(refused(get(app("c"))).code()).isEqualTo(429);
        assertThat(flows.outcomes()).containsEntry(new FlowControl.Outcome("apps", "apps", "concurrency-limit"), 1L);
        first.end();
        run(get(app("c")), f -> {});
        second.end();
    }

    @Test
    void seatsThatNobodyNeedsAreLent() {
        start(28, Duration.ofMinutes(1));
        UserInfo ann = new UserInfo("ann", Set.of(UserInfo.AUTHENTICATED));
        int own = standing("global-default").nominal();
        List<Held> all = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            all.add(new Held(get(ann)));
        }
        await().until(() -> standing("global-default").executing()
                        + standing("global-default").waiting()
                == 60);
        assertThat(standing("global-default").executing()).isGreaterThan(own);
        // What others keep for themselves is theirs still.
        UserInfo node = new UserInfo("system:node:n", Set.of("system:nodes", UserInfo.AUTHENTICATED));
        run(get(node), f -> assertThat(f.level()).isEqualTo("system"));
        all.forEach(h -> h.end.countDown());
        all.forEach(h -> h.over.join());
    }

    @Test
    void aChangeOfTheConfigurationLeavesNobodyStanding() {
        start(4, Duration.ofMinutes(1));
        level("apps", "{'type':'Queue','queuing':{'queues':8,'handSize':2,'queueLengthLimit':50}}");
        List<Held> all = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            all.add(new Held(get(app("a" + i))));
        }
        await().until(() -> standing("apps").waiting() == 8);
        registry.update(
                LEVELS,
                "",
                "apps",
                WriteContext.SERVER,
                level -> level.copy().set(3L, "spec", "limited", "limitResponse", "queuing", "queues"));
        registry.delete(SCHEMAS, "", "apps", DeleteOptions.DEFAULT, WriteContext.SERVER);
        registry.delete(LEVELS, "", "apps", DeleteOptions.DEFAULT, WriteContext.SERVER);
        // Its schema is gone: they are everybody's now.
        await().untilAsserted(
                        () -> run(get(app("late")), f -> assertThat(f.level()).isEqualTo("global-default")));
        all.forEach(h -> h.end.countDown());
        all.forEach(h -> h.over.join());
        // Nor is anything left of the level.
        assertThat(flows.standings()).noneMatch(s -> s.level().equals("apps"));
    }

    @Test
    void whoGoesAwayLosesHisPlaceAtOnce() {
        start(4, Duration.ofHours(1));
        level("apps", "{'type':'Queue','queuing':{'queues':1,'handSize':1,'queueLengthLimit':1}}");
        Held first = new Held(get(app("a")));
        Held second = new Held(get(app("b")));
        first.entered();
        second.entered();
        for (int i = 0; i < 10_000; i++) {
            // The queue has one place, so each of them needs that of the one before.
            StatusException gone = Assertions.catchThrowableOfType(
                    StatusException.class,
                    () -> flows.run(
                            get(app("c")),
                            new FlowControl.Sender() {
                                @Override
                                public void found(FlowControl.Flow flow) {}

                                @Override
                                public Runnable whenGone(Runnable action) {
                                    action.run();
                                    return () -> {};
                                }
                            },
                            seat -> {}));
            assertThat(gone.code()).isEqualTo(429);
        }
        assertThat(standing("apps").waiting()).isZero();
        assertThat(standing("apps").executing()).isEqualTo(2);
        assertThat(flows.outcomes()).containsEntry(new FlowControl.Outcome("apps", "apps", "cancelled"), 10_000L);
        first.end();
        second.end();
        assertThat(standing("apps").executing()).isZero();
    }

    @Test
    void whatLastsLeavesItsSeatWhenItHasBegun() {
        start(4, Duration.ofMinutes(1));
        level("apps", "{'type':'Reject'}");
        flows.run(
                get(app("a")),
                new Patient(),
                one -> flows.run(get(app("b")), new Patient(), two -> {
                    assertThat(refused(get(app("c"))).code()).isEqualTo(429);
                    one.leave();
                    one.leave();
                    assertThat(standing("apps").executing()).isEqualTo(1);
                    run(get(app("c")), flow -> {});
                }));
        assertThat(standing("apps").executing()).isZero();
    }

    /** Some names are easily found that have the same hash in Java. */
    @Test
    void nobodyChoosesWhoseQueuesHeIsDealt() {
        assertThat("ar-team".hashCode()).isEqualTo("c4-team".hashCode());
        start(4, Duration.ofMinutes(1));
        level("apps", "{'type':'Queue','queuing':{'queues':10000000,'handSize':1,'queueLengthLimit':1}}");
        List<Held> greedy = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            greedy.add(new Held(get(app("ar-team"))));
        }
        await().until(() -> standing("apps").waiting() == 1);
        assertThat(refused(get(app("ar-team"))).code()).isEqualTo(429);
        Held other = new Held(get(app("c4-team")));
        await().until(() -> standing("apps").waiting() == 2 || other.over.isDone());
        greedy.forEach(h -> h.end.countDown());
        assertThat(other.entered().level()).isEqualTo("apps");
        other.end();
        greedy.forEach(h -> h.over.join());
    }

    @Test
    void whatIsMandatoryCountsEvenWhereSomebodyDeletedIt() {
        start(4, Duration.ofMinutes(1));
        for (String name : List.of("exempt", "catch-all")) {
            registry.delete(SCHEMAS, "", name, DeleteOptions.DEFAULT, WriteContext.SERVER);
            registry.delete(LEVELS, "", name, DeleteOptions.DEFAULT, WriteContext.SERVER);
        }
        registry.delete(LEVELS, "", "system", DeleteOptions.DEFAULT, WriteContext.SERVER);
        await().until(() -> flows.standings().stream().noneMatch(s -> s.level().equals("system")));
        run(get(UserInfo.ADMIN), f -> assertThat(f.level()).isEqualTo("exempt"));
        UserInfo nobody = new UserInfo("nobody", Set.of());
        run(get(nobody), f -> assertThat(f.schema()).isEqualTo("catch-all"));
    }
}
