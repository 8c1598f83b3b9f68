package dev.coracle.flowforge.queue;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.coracle.flowforge.Database;
import dev.coracle.flowforge.Log;
import dev.coracle.flowforge.PostgresServer;
import dev.coracle.flowforge.metrics.Exposition;
import dev.coracle.flowforge.metrics.WorkMetrics;
import dev.coracle.flowforge.type.TaskType;
import dev.coracle.flowforge.type.Tools;
import dev.coracle.flowforge.type.Work;
import dev.coracle.flowforge.worker.Worker;
import dev.coracle.machinery.env.SystemEnvironment;
import java.net.http.HttpClient;
import java.sql.Connection;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The queue's promises, on a real PostgreSQL. */
class TaskQueueTest {
    private static PostgresServer postgres;
    private static HikariDataSource pool;
    private static SystemEnvironment system;
    private static TaskQueue queue;

    @BeforeAll
    static void database() throws Exception {
        postgres = PostgresServer.start();
        system = new SystemEnvironment((name, e) -> e.printStackTrace());
        var s = postgres.settings();
        Flyway.configure()
                .dataSource(s.jdbcUrl(), s.dbUser(), s.dbPassword())
                .connectRetries(30)
                .connectRetriesInterval(1)
                .load()
                .migrate();
        pool = Database.pool(s, 12);
        queue = new TaskQueue(Jdbi.create(pool), system.environment().entropy());
    }

    @AfterAll
    static void stop() throws Exception {
        pool.close();
        system.close();
        postgres.close();
    }

    @BeforeEach
    void empty() {
        Jdbi.create(pool).useHandle(h -> h.execute("truncate tasks"));
    }

    private static Task add(String type, int priority, Duration delay) {
        return queue.add(new NewTask(type, Map.of("n", 1L), priority, delay, 3, null))
                .task();
    }

    @Test
    void theMostUrgentDueTaskIsClaimedFirstAndADelayedOneNotAtAll() {
        Task low = add("echo", 0, Duration.ZERO);
        Task high = add("echo", 10, Duration.ZERO);
        add("echo", 99, Duration.ofHours(1));

        List<Task> claimed = claim("w", 10, Duration.ofSeconds(30));

        assertThat(claimed).extracting(Task::id).containsExactlyInAnyOrder(low.id(), high.id());
        assertThat(claim("w2", 10, Duration.ofSeconds(30))).isEmpty();
        assertThat(claimed).allMatch(t -> t.attempts() == 1 && t.status().equals("running"));
    }

    private static List<Task> claim(String worker, int limit, Duration visibility) {
        return queue.claim(worker, List.of("echo", "fail"), limit, visibility);
    }

    @Test
    void theSameIdempotencyKeyAddsOneTask() {
        Added first = queue.add(new NewTask("echo", Map.of("n", 1L), 0, Duration.ZERO, 3, "order-7"));
        Added again = queue.add(new NewTask("echo", Map.of("n", 1L), 0, Duration.ZERO, 3, "order-7"));
        Added other = queue.add(new NewTask("echo", Map.of("n", 2L), 0, Duration.ZERO, 3, "order-7"));

        assertThat(first.outcome()).isEqualTo(Added.Outcome.QUEUED);
        assertThat(again).isEqualTo(new Added(first.task(), Added.Outcome.REPEATED));
        assertThat(other).isEqualTo(new Added(first.task(), Added.Outcome.KEY_TAKEN));
        assertThat(queue.list(null, null, 10, 0)).hasSize(1);
    }

    @Test
    void aTypeThatAWorkerDoesNotKnowWaitsForOneThatDoes() {
        Task task = add("new-in-v2", 0, Duration.ZERO);

        assertThat(claim("v1", 10, Duration.ofSeconds(30))).isEmpty();
        assertThat(queue.claim("v2", List.of("new-in-v2"), 10, Duration.ofSeconds(30)))
                .extracting(Task::id)
                .containsExactly(task.id());
    }

    @Test
    void theCountsFollowEveryChange() {
        add("echo", 0, Duration.ZERO);
        add("echo", 0, Duration.ofHours(1));
        Task failing = add("fail", 0, Duration.ofHours(1));
        assertThat(counts("echo")).containsEntry("queued", 2L).containsEntry("running", 0L);

        Task held = claim("w", 1, Duration.ofSeconds(30)).getFirst();
        assertThat(counts("echo")).containsEntry("queued", 1L).containsEntry("running", 1L);

        queue.extend(held, Duration.ofSeconds(60));
        queue.succeed(held, null);
        queue.cancel(failing.id());
        assertThat(counts("echo")).containsEntry("running", 0L).containsEntry("succeeded", 1L);
        assertThat(counts("fail")).containsEntry("queued", 0L).containsEntry("cancelled", 1L);

        Jdbi.create(pool).useHandle(h -> h.execute("delete from tasks where type = 'echo'"));
        assertThat(counts("echo").values()).containsOnly(0L);
    }

    @Test
    void countsAreTrueWhenManyChangeTheQueueAtOnce() throws Exception {
        try (var clients = java.util.concurrent.Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 8; i++) {
                clients.submit(() -> {
                    for (int n = 0; n < 50; n++) {
                        add("echo", 0, Duration.ZERO);
                        add("fail", 0, Duration.ZERO);
                        claim("w", 3, Duration.ofSeconds(30)).forEach(t -> queue.succeed(t, null));
                    }
                });
            }
        }
        for (String type : List.of("echo", "fail")) {
            Map<String, Long> counted = Task.noneInAnyStatus();
            Jdbi.create(pool)
                    .useHandle(
                            h -> h.createQuery("select status, count(*) from tasks where type = :type group by status")
                                    .bind("type", type)
                                    .map((rs, ctx) -> counted.put(rs.getString(1), rs.getLong(2)))
                                    .list());
            assertThat(counts(type)).isEqualTo(counted);
            assertThat(counted.values().stream().mapToLong(n -> n).sum()).isEqualTo(400);
        }
    }

    @Test
    void askingHowTheQueueStandsReadsNoTaskBeyondTheOldestOfEachType() throws Exception {
        try (Connection connection = pool.getConnection()) {
            Jdbi jdbi = Jdbi.create(connection);
            String fill = "insert into tasks (id, type, payload, status, run_at)"
                    + " select gen_random_uuid(), ?, '{}', ?, now() from generate_series(1, 5000)";
            jdbi.useHandle(h -> {
                h.execute(fill, "echo", "succeeded");
                h.execute(fill, "fail", "queued");
                h.execute("vacuum analyze tasks");
            });
            long before = tuplesRead(jdbi);

            var stats = new TaskQueue(jdbi, system.environment().entropy()).stats();

            assertThat(stats).extracting(w -> w.tasks().get("queued")).contains(5000L);
            assertThat(tuplesRead(jdbi) - before).isBetween(1L, 50L);
        }
    }

    /** How many rows of the table and entries of its indexes have been read, this connection's to the last. */
    private static long tuplesRead(Jdbi jdbi) {
        return jdbi.withHandle(h -> {
            h.execute("select pg_stat_force_next_flush()");
            return h.createQuery("select t.seq_tup_read + coalesce(t.idx_tup_fetch, 0) + "
                            + "(select sum(idx_tup_read) from pg_stat_user_indexes i where i.relid = t.relid)"
                            + " from pg_stat_user_tables t where relname = 'tasks'")
                    .mapTo(Long.class)
                    .one();
        });
    }

    private static Map<String, Long> counts(String type) {
        return queue.stats().stream()
                .filter(w -> w.type().equals(type))
                .findFirst()
                .orElseThrow()
                .tasks();
    }

    @Test
    void aResultOrAnErrorThatTheDatabaseCannotKeepIsKeptWithoutWhatItCannot() {
        Task good = add("echo", 0, Duration.ZERO);
        Task bad = add("fail", 0, Duration.ZERO);
        for (Task held : claim("w", 2, Duration.ofSeconds(30))) {
            if (held.id().equals(good.id())) {
                assertThat(queue.succeed(held, Map.of("body", List.of("a\0b\uD83D"))))
                        .isTrue();
            } else {
                assertThat(queue.fail(held, "no\0")).isTrue();
            }
        }
        assertThat(queue.find(good.id()).orElseThrow().result()).isEqualTo(Map.of("body", List.of("a\uFFFDb\uFFFD")));
        assertThat(queue.find(bad.id()).orElseThrow().error()).isEqualTo("no\uFFFD");
    }

    @Test
    void aWorkerThatLostItsTaskCannotFinishIt() {
        add("echo", 0, Duration.ZERO);
        Task mine = claim("slow", 1, Duration.ofMillis(-1)).getFirst();
        assertThat(queue.reclaim()).containsExactly(new PutBack("echo", false));
        Task theirs = claim("quick", 1, Duration.ofSeconds(30)).getFirst();

        assertThat(queue.succeed(mine, "late")).isFalse();
        assertThat(queue.extend(mine, Duration.ofSeconds(1))).isFalse();
        assertThat(queue.succeed(theirs, "done")).isTrue();
        assertThat(queue.find(mine.id()).orElseThrow().result()).isEqualTo("done");
    }

    @Test
    void aFailedTaskIsTriedAgainLaterAndDeadAfterItsLastAttempt() {
        Task task = add("fail", 0, Duration.ZERO);
        for (int attempt = 1; attempt <= 3; attempt++) {
            Jdbi.create(pool).useHandle(h -> h.execute("update tasks set run_at = now()"));
            Task held = claim("w", 1, Duration.ofSeconds(30)).getFirst();
            assertThat(held.attempts()).isEqualTo(attempt);
            assertThat(queue.fail(held, "boom")).isTrue();
            assertThat(claim("w", 1, Duration.ofSeconds(30)))
                    .as("not due before its backoff")
                    .isEmpty();
        }
        Task dead = queue.find(task.id()).orElseThrow();
        assertThat(dead.status()).isEqualTo("dead");
        assertThat(dead.error()).isEqualTo("boom");
        assertThat(queue.retry(task.id())).isTrue();
        assertThat(queue.cancel(task.id())).isTrue();
        assertThat(queue.cancel(task.id())).as("already cancelled").isFalse();
    }

    @Test
    void twoWorkersDoEachTaskOnceAndFinishWhatTheyHoldWhenClosed() throws Exception {
        Set<Object> done = ConcurrentHashMap.newKeySet();
        AtomicInteger runs = new AtomicInteger();
        var first = new CountDownLatch(1);
        Work work = (payload, tools) -> {
            done.add(payload.get("n"));
            runs.incrementAndGet();
            first.countDown();
            return payload;
        };
        Worker a = worker("a", work);
        Worker b = worker("b", work);
        Set<Object> wanted = new HashSet<>();
        for (long n = 0; n < 100; n++) {
            queue.add(new NewTask("count", Map.of("n", n), 0, Duration.ZERO, 3, null));
            wanted.add(n);
        }
        a.start();
        b.start();
        first.await();
        Awaitility.await().until(() -> queue.list("succeeded", null, 500, 0).size() == 100);
        a.close();
        b.close();

        assertThat(done).isEqualTo(wanted);
        assertThat(runs).hasValue(100);
        assertThat(queue.list("running", null, 500, 0)).isEmpty();
    }

    private static Worker worker(String name, Work work) {
        var env = system.environment();
        return new Worker(
                queue,
                List.of(new TaskType("count", "", List.of(), true, Map.of(), work)),
                new Tools(env, HttpClient.newHttpClient()),
                new WorkMetrics(new Exposition(), List.of("count")),
                new Log(env.clock(), System.out, "error", "test"),
                name,
                3,
                Duration.ofMillis(50));
    }
}
