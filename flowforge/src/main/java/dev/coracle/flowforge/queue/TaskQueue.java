package dev.coracle.flowforge.queue;

import dev.coracle.machinery.env.Entropy;
import dev.coracle.machinery.json.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * The queue, as SQL. Every transition names the state it starts from, so that of two who try only one succeeds: a worker
 * whose visibility timeout passed cannot finish a task that another has taken since (its attempt number is no longer the
 * row's). All times are the database's.
 */
public final class TaskQueue {
    private final Jdbi jdbi;
    private final Entropy entropy;

    public TaskQueue(Jdbi jdbi, Entropy entropy) {
        this.jdbi = jdbi;
        this.entropy = entropy;
    }

    /** Adds a task, or answers the one that was added under the same idempotency key. */
    public Task add(NewTask task) {
        return jdbi.inTransaction(h -> {
            List<Task> added = h.createQuery("""
                            insert into tasks (id, type, payload, status, priority, run_at, max_attempts, idempotency_key)
                            values (:id, :type, cast(:payload as jsonb), 'queued', :priority,
                                    now() + :delay * interval '1 millisecond', :max, :key)
                            on conflict (idempotency_key) do nothing
                            returning *""")
                    .bind("id", entropy.uuid())
                    .bind("type", task.type())
                    .bind("payload", Json.string(task.payload()))
                    .bind("priority", task.priority())
                    .bind("delay", task.delay().toMillis())
                    .bind("max", task.maxAttempts())
                    .bind("key", task.idempotencyKey())
                    .map((rs, ctx) -> read(rs))
                    .list();
            if (!added.isEmpty()) {
                return added.getFirst();
            }
            return h.createQuery("select * from tasks where idempotency_key = :key")
                    .bind("key", task.idempotencyKey())
                    .map((rs, ctx) -> read(rs))
                    .one();
        });
    }

    public Optional<Task> find(UUID id) {
        return jdbi.withHandle(h -> h.createQuery("select * from tasks where id = :id")
                .bind("id", id)
                .map((rs, ctx) -> read(rs))
                .findOne());
    }

    /** Newest first; {@code null} filters are open. */
    public List<Task> list(@Nullable String status, @Nullable String type, int limit, int offset) {
        return jdbi.withHandle(h -> h.createQuery("""
                        select * from tasks
                        where (cast(:status as text) is null or status = :status)
                          and (cast(:type as text) is null or type = :type)
                        order by created_at desc, id limit :limit offset :offset""")
                .bind("status", status)
                .bind("type", type)
                .bind("limit", limit)
                .bind("offset", offset)
                .map((rs, ctx) -> read(rs))
                .list());
    }

    /** A queued task will not run; false when it is no longer queued. */
    public boolean cancel(UUID id) {
        return update(
                "update tasks set status = 'cancelled', finished_at = now() where id = :id and status = 'queued'", id);
    }

    /** A dead or cancelled task is queued afresh; false when it is neither. */
    public boolean retry(UUID id) {
        return update("""
                update tasks set status = 'queued', run_at = now(), attempts = 0, error = null, finished_at = null
                where id = :id and status in ('dead', 'cancelled')""", id);
    }

    /** How many tasks are in each status, and how long the oldest due one has waited, in seconds. */
    public Map<String, Object> stats() {
        return jdbi.withHandle(h -> {
            Map<String, Object> counts = new LinkedHashMap<>();
            for (String s : List.of("queued", "running", "succeeded", "dead", "cancelled")) {
                counts.put(s, 0L);
            }
            h.createQuery("select status, count(*) as n from tasks group by status")
                    .map((rs, ctx) -> counts.put(rs.getString(1), rs.getLong(2)))
                    .list();
            Double wait = h.createQuery(
                            "select coalesce(extract(epoch from now() - min(run_at)), 0) from tasks where status = 'queued' and run_at <= now()")
                    .mapTo(Double.class)
                    .one();
            Map<String, Object> stats = new LinkedHashMap<>();
            stats.put("tasks", counts);
            stats.put("oldestWaitSeconds", wait);
            return stats;
        });
    }

    /** Takes up to {@code limit} due tasks for {@code worker}; each is its own until {@code visibility} has passed. */
    public List<Task> claim(String worker, int limit, Duration visibility) {
        return jdbi.inTransaction(h -> h.createQuery("""
                        update tasks set status = 'running', attempts = attempts + 1, locked_by = :worker,
                                         locked_until = now() + :visibility * interval '1 millisecond'
                        where id in (select id from tasks where status = 'queued' and run_at <= now()
                                     order by priority desc, run_at, id limit :limit for update skip locked)
                        returning *""")
                .bind("worker", worker)
                .bind("limit", limit)
                .bind("visibility", visibility.toMillis())
                .map((rs, ctx) -> read(rs))
                .list());
    }

    /** Prolongs the hold on a running task; false when it was lost. */
    public boolean extend(Task task, Duration visibility) {
        return jdbi.withHandle(
                h -> held(h, "update tasks set locked_until = now() + :visibility * interval '1 millisecond'", task)
                                .bind("visibility", visibility.toMillis())
                                .execute()
                        > 0);
    }

    /** Records success; false when the task was lost to another worker, whose result then counts. */
    public boolean succeed(Task task, @Nullable Object result) {
        return jdbi.withHandle(h -> held(
                                h,
                                "update tasks set status = 'succeeded', result = cast(:result as jsonb), error = null, finished_at = now()",
                                task)
                        .bind("result", Json.string(result))
                        .execute()
                > 0);
    }

    /**
     * Records a failed attempt: queued again after a backoff that doubles from one second to five minutes with up to
     * half of it as jitter, or dead after the last attempt.
     */
    public boolean fail(Task task, String error) {
        long base = Math.min(300_000, 1_000L << Math.min(20, task.attempts() - 1));
        long delay = base / 2 + entropy.nextInt((int) (base / 2) + 1);
        boolean dead = task.attempts() >= task.maxAttempts();
        return jdbi.withHandle(h -> held(h, """
                        update tasks set status = :status, error = :error, locked_by = null, locked_until = null,
                                         run_at = now() + :delay * interval '1 millisecond',
                                         finished_at = case when :dead then now() end""", task)
                        .bind("status", dead ? "dead" : "queued")
                        .bind("dead", dead)
                        .bind("error", error)
                        .bind("delay", delay)
                        .execute()
                > 0);
    }

    /** Puts back what workers held that are gone; a task on its last attempt is dead. Returns how many. */
    public int reclaim() {
        return jdbi.withHandle(h -> h.execute("""
                update tasks set status = case when attempts >= max_attempts then 'dead' else 'queued' end,
                                 error = 'worker ' || locked_by || ' did not finish in time',
                                 finished_at = case when attempts >= max_attempts then now() end,
                                 run_at = now(), locked_by = null, locked_until = null
                where status = 'running' and locked_until < now()"""));
    }

    private static org.jdbi.v3.core.statement.Update held(Handle h, String update, Task task) {
        return h.createUpdate(update
                        + " where id = :id and status = 'running' and locked_by = :worker and attempts = :attempt")
                .bind("id", task.id())
                .bind("worker", task.lockedBy())
                .bind("attempt", task.attempts());
    }

    private boolean update(String sql, UUID id) {
        return jdbi.withHandle(h -> h.createUpdate(sql).bind("id", id).execute() > 0);
    }

    private static Task read(ResultSet rs) throws SQLException {
        String result = rs.getString("result");
        OffsetDateTime finished = rs.getObject("finished_at", OffsetDateTime.class);
        return new Task(
                rs.getObject("id", UUID.class),
                rs.getString("type"),
                Json.parse(rs.getString("payload")),
                rs.getString("status"),
                rs.getInt("priority"),
                rs.getObject("run_at", OffsetDateTime.class).toInstant(),
                rs.getInt("attempts"),
                rs.getInt("max_attempts"),
                rs.getString("idempotency_key"),
                rs.getString("locked_by"),
                result == null ? null : Json.parse(result),
                rs.getString("error"),
                rs.getObject("created_at", OffsetDateTime.class).toInstant(),
                finished == null ? null : finished.toInstant());
    }
}
