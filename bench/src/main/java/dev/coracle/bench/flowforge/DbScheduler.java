package dev.coracle.bench.flowforge;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import dev.coracle.machinery.env.Environment;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;

/**
 * db-scheduler with the strategy that its documentation recommends for throughput on PostgreSQL. It deletes what is done,
 * where FlowForge keeps it with its result.
 */
final class DbScheduler implements Contender {
    /** The columns and indexes that the library asks for. */
    private static final String TABLE = """
            create table if not exists scheduled_tasks (
                task_name text not null, task_instance text not null, task_data bytea,
                execution_time timestamptz not null, picked boolean not null, picked_by text,
                last_success timestamptz, last_failure timestamptz, consecutive_failures int,
                last_heartbeat timestamptz, version bigint not null, priority smallint,
                primary key (task_name, task_instance))""";

    private final Jdbi jdbi;
    private final DataSource database;
    private final Environment environment;
    private final AtomicLong added = new AtomicLong();
    private final OneTimeTask<String> task;
    private final SchedulerClient client;
    private volatile Runnable done = () -> {};

    DbScheduler(Jdbi jdbi, DataSource database, Environment environment) {
        this.jdbi = jdbi;
        this.database = database;
        this.environment = environment;
        this.task = Tasks.oneTime("bench", String.class).execute((instance, context) -> done.run());
        this.client = SchedulerClient.Builder.create(database, task).build();
        jdbi.useHandle(h -> {
            h.execute(TABLE);
            h.execute("create index if not exists execution_time_idx on scheduled_tasks (execution_time)");
            h.execute("create index if not exists last_heartbeat_idx on scheduled_tasks (last_heartbeat)");
        });
    }

    @Override
    public String name() {
        return "db-scheduler";
    }

    @Override
    public void clear() {
        jdbi.useHandle(h -> h.execute("truncate scheduled_tasks"));
    }

    @Override
    public void add(String payload) {
        client.schedule(
                task.instance("" + added.getAndIncrement(), payload),
                environment.clock().now());
    }

    @Override
    public AutoCloseable work(int concurrency, Runnable told) {
        done = told;
        Scheduler scheduler = Scheduler.create(database, task)
                .threads(concurrency)
                .pollUsingLockAndFetch(0.5, 4)
                .pollingInterval(Duration.ofSeconds(1))
                .build();
        scheduler.start();
        return scheduler::stop;
    }

    @Override
    public boolean unfinished() {
        return jdbi.withHandle(h -> h.createQuery("select exists (select 1 from scheduled_tasks)")
                .mapTo(Boolean.class)
                .one());
    }
}
