package dev.coracle.flowforge.queue;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.coracle.flowforge.Database;
import dev.coracle.flowforge.Log;
import dev.coracle.flowforge.PostgresServer;
import dev.coracle.flowforge.worker.TaskType;
import dev.coracle.flowforge.worker.Worker;
import dev.coracle.machinery.env.SystemEnvironment;
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
        return queue.add(new NewTask(type, Map.of("n", 1L), priority, delay, 3, null));
    }

    @Test
    void theMostUrgentDueTaskIsClaimedFirstAndADelayedOneNotAtAll() {
        Task low = add("echo", 0, Duration.ZERO);
        Task high = add("echo", 10, Duration.ZERO);
        add("echo", 99, Duration.ofHours(1));

        List<Task> claimed = queue.claim("w", 10, Duration.ofSeconds(30));

        assertThat(claimed).extracting(Task::id).containsExactlyInAnyOrder(low.id(), high.id());
        assertThat(queue.claim("w2", 10, Duration.ofSeconds(30))).isEmpty();
        assertThat(claimed).allMatch(t -> t.attempts() == 1 && t.status().equals("running"));
    }

    @Test
    void theSameIdempotencyKeyAddsOneTask() {
        Task first = queue.add(new NewTask("echo", Map.of("n", 1L), 0, Duration.ZERO, 3, "order-7"));
        Task again = queue.add(new NewTask("echo", Map.of("n", 2L), 0, Duration.ZERO, 3, "order-7"));

        assertThat(again.id()).isEqualTo(first.id());
        assertThat(again.payload()).isEqualTo(Map.of("n", 1L));
        assertThat(queue.list(null, null, 10, 0)).hasSize(1);
    }

    @Test
    void aWorkerThatLostItsTaskCannotFinishIt() {
        add("echo", 0, Duration.ZERO);
        Task mine = queue.claim("slow", 1, Duration.ofMillis(-1)).getFirst();
        assertThat(queue.reclaim()).isEqualTo(1);
        Task theirs = queue.claim("quick", 1, Duration.ofSeconds(30)).getFirst();

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
            Task held = queue.claim("w", 1, Duration.ofSeconds(30)).getFirst();
            assertThat(held.attempts()).isEqualTo(attempt);
            assertThat(queue.fail(held, "boom")).isTrue();
            assertThat(queue.claim("w", 1, Duration.ofSeconds(30)))
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
        TaskType count = payload -> {
            done.add(payload.get("n"));
            runs.incrementAndGet();
            first.countDown();
            return payload;
        };
        var env = system.environment();
        Log log = new Log(env.clock(), System.out, "error", "test");
        Worker a = new Worker(queue, Map.of("count", count), env, log, "a", 3, Duration.ofMillis(50));
        Worker b = new Worker(queue, Map.of("count", count), env, log, "b", 3, Duration.ofMillis(50));
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
}
