package dev.coracle.flowforge.queue;

import dev.coracle.machinery.env.Entropy;
import dev.coracle.machinery.json.Json;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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

    /** Adds a task, unless one was added under the same idempotency key. */
    public Added add(NewTask task) {
        String fingerprint = task.fingerprint();
        return jdbi.inTransaction(h -> {
            List<Task> added = h.createQuery("""
                            insert into tasks (id, type, payload, status, priority, run_at, max_attempts,
                                               idempotency_key, request)
                            values (:id, :type, cast(:payload as jsonb), 'queued', :priority,
                                    now() + :delay * interval '1 millisecond', :max, :key, :request)
                            on conflict (idempotency_key) do nothing
                            returning *""")
                    .bind("id", entropy.uuid())
                    .bind("type", task.type())
                    .bind("payload", Json.string(task.payload()))
                    .bind("priority", task.priority())
                    .bind("delay", task.delay().toMillis())
                    .bind("max", task.maxAttempts())
                    .bind("key", task.idempotencyKey())
                    .bind("request", fingerprint)
                    .map((rs, ctx) -> read(rs))
                    .list();
            if (!added.isEmpty()) {
                return new Added(added.getFirst(), Added.Outcome.QUEUED);
            }
            // Tasks of before the fingerprint have none; there a key alone tells, as it did then.
            return h.createQuery(
                            "select *, coalesce(request = :request, true) as same from tasks where idempotency_key = :key")
                    .bind("request", fingerprint)
                    .bind("key", task.idempotencyKey())
                    .map((rs, ctx) -> new Added(
                            read(rs), rs.getBoolean("same") ? Added.Outcome.REPEATED : Added.Outcome.KEY_TAKEN))
                    .one();
        });
    }

    /** Whether the database is there, and the table in it. @throws RuntimeException when not */
    public void ping() {
        jdbi.useHandle(h -> h.execute("select 1 from tasks limit 1"));
    }

    public Optional<Task> find(UUID id) {
        return jdbi.withHandle(h -> h.createQuery("select * from tasks where id = :id")
                .bind("id", id)
                .map((rs, ctx) -> read(rs))
                .findOne());
    }

    /** Newest first; {@code null} filters are open. */
    public List<Task> list(@Nullable String status, @Nullable String type, int limit, int offset) {
        String where = (status == null ? "" : " and status = :status") + (type == null ? "" : " and type = :type");
        return jdbi.withHandle(h -> {
            var query = h.createQuery("select * from tasks where true" + where
                            + " order by created_at desc, id limit :limit offset :offset")
                    .bind("limit", limit)
                    .bind("offset", offset);
            if (status != null) {
                query.bind("status", status);
            }
            if (type != null) {
                query.bind("type", type);
            }
            return query.map((rs, ctx) -> read(rs)).list();
        });
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

    /**
     * How each type stands that there ever was. Read from counters and the first entries of an index: however many tasks
     * there are, this costs the same.
     */
    public List<Waiting> stats() {
        return jdbi.withHandle(h -> {
            Map<String, Map<String, Long>> counts = new TreeMap<>();
            h.createQuery("select type, status, sum(n) as n from task_counts group by type, status")
                    .map((rs, ctx) -> counts.computeIfAbsent(rs.getString("type"), t -> Task.noneInAnyStatus())
                            .put(rs.getString("status"), rs.getLong("n")))
                    .list();
            Map<String, Double> waits = new HashMap<>();
            h.createQuery("""
                            select type, coalesce(extract(epoch from now() - (
                                select min(run_at) from tasks
                                where tasks.type = known.type and status = 'queued' and run_at <= now())), 0) as wait
                            from (select distinct type from task_counts) known""")
                    .map((rs, ctx) -> waits.put(rs.getString("type"), rs.getDouble("wait")))
                    .list();
            return counts.entrySet().stream()
                    .map(e -> new Waiting(e.getKey(), e.getValue(), waits.getOrDefault(e.getKey(), 0.0)))
                    .toList();
        });
    }

    /**
     * Takes up to {@code limit} due tasks for {@code worker}; each is its own until {@code visibility} has passed.
     *
     * @param types what the worker can do: while services are updated one by one, a type that only newer workers know
     *     waits for them
     */
    public List<Task> claim(String worker, Collection<String> types, int limit, Duration visibility) {
        return jdbi.inTransaction(h -> h.createQuery("""
                        update tasks set status = 'running', attempts = attempts + 1, locked_by = :worker,
                                         locked_until = now() + :visibility * interval '1 millisecond'
                        where id in (select id from tasks where status = 'queued' and run_at <= now()
                                       and type = any(:types)
                                     order by priority desc, run_at, id limit :limit for update skip locked)
                        returning *""")
                .bind("worker", worker)
                .bindArray("types", String.class, List.copyOf(types))
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
                        .bind("result", Json.string(Storable.clean(result)))
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
        boolean dead = task.onLastAttempt();
        return jdbi.withHandle(h -> held(h, """
                        update tasks set status = :status, error = :error, locked_by = null, locked_until = null,
                                         run_at = now() + :delay * interval '1 millisecond',
                                         finished_at = case when :dead then now() end""", task)
                        .bind("status", dead ? "dead" : "queued")
                        .bind("dead", dead)
                        .bind("error", Storable.clean(error))
                        .bind("delay", delay)
                        .execute()
                > 0);
    }

    /** Puts back what workers held that are gone; a task on its last attempt is dead. */
    public List<PutBack> reclaim() {
        return jdbi.withHandle(h -> h.createQuery("""
                        update tasks set status = case when attempts >= max_attempts then 'dead' else 'queued' end,
                                         error = 'worker ' || locked_by || ' did not finish in time',
                                         finished_at = case when attempts >= max_attempts then now() end,
                                         run_at = now(), locked_by = null, locked_until = null
                        where status = 'running' and locked_until < now()
                        returning type, status""")
                .map((rs, ctx) ->
                        new PutBack(rs.getString("type"), rs.getString("status").equals("dead")))
                .list());
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
