package dev.coracle.bench.flowforge;

import com.zaxxer.hikari.HikariDataSource;
import dev.coracle.bench.Figures;
import dev.coracle.bench.Program;
import dev.coracle.bench.Table;
import dev.coracle.flowforge.Database;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.flywaydb.core.Flyway;
import org.jdbi.v3.core.Jdbi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "flowforge",
        description = "Tasks per second through FlowForge's queue and through db-scheduler's.",
        mixinStandardHelpOptions = true)
public final class Tasks implements Callable<Integer> {
    private static final int ADDING = 4;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(5);

    @Option(names = "--tasks", defaultValue = "3000", description = "In each run (default: ${DEFAULT-VALUE}).")
    private int tasks;

    @Option(
            names = "--concurrency",
            split = ",",
            defaultValue = "4,16",
            description = "Tasks at once (default: ${DEFAULT-VALUE}).")
    private List<Integer> concurrency = List.of();

    @Option(names = "--runs", defaultValue = "3", description = "Of each, in turns (default: ${DEFAULT-VALUE}).")
    private int runs;

    /** What one run came to, in tasks per second. */
    private record Run(double added, double done) {}

    public static void main(String[] args) {
        Program.run(new Tasks(), args);
    }

    @Override
    public Integer call() throws Exception {
        Path home = Path.of(System.getProperty("coracle.dist", "."));
        try (var system = new SystemEnvironment((task, e) -> e.printStackTrace(System.err));
                Postgres postgres = Postgres.start(home);
                HttpClient http = HttpClient.newHttpClient()) {
            var settings = postgres.settings();
            Flyway.configure()
                    .dataSource(settings.jdbcUrl(), settings.dbUser(), settings.dbPassword())
                    .connectRetries(30)
                    .connectRetriesInterval(1)
                    .load()
                    .migrate();
            int most = concurrency.stream().mapToInt(c -> c).max().orElse(1);
            try (HikariDataSource pool = Database.pool(settings, most + ADDING + 2)) {
                Jdbi jdbi = Jdbi.create(pool);
                List<Contender> contenders = List.of(
                        new FlowForgeQueue(jdbi, system.environment(), http),
                        new DbScheduler(jdbi, pool, system.environment()));
                System.out.print(compare(contenders, system.environment()));
            }
        }
        return 0;
    }

    private Table compare(List<Contender> contenders, Environment environment) throws Exception {
        Table table = new Table(1, "queue", "at once", "added/s", "done/s");
        for (int workers : concurrency) {
            List<List<Run>> all = List.of(new ArrayList<>(), new ArrayList<>());
            // The first run of each is not counted.
            for (int run = 0; run <= runs; run++) {
                for (int c = 0; c < contenders.size(); c++) {
                    int which = run % 2 == 0 ? c : contenders.size() - 1 - c;
                    Run one = run(contenders.get(which), workers, environment);
                    if (run > 0) {
                        all.get(which).add(one);
                    }
                }
            }
            double[] added = new double[2];
            double[] done = new double[2];
            for (int c = 0; c < contenders.size(); c++) {
                added[c] = Figures.median(all.get(c).stream().map(Run::added).toList());
                done[c] = Figures.median(all.get(c).stream().map(Run::done).toList());
                table.row(List.of(
                        contenders.get(c).name(), "" + workers, Figures.number(added[c]), Figures.number(done[c])));
            }
            table.row(List.of("ratio", "", Figures.ratio(added[0], added[1]), Figures.ratio(done[0], done[1])));
        }
        return table;
    }

    /** First all are added, then all are done, so that neither waits for the other. */
    private Run run(Contender contender, int workers, Environment environment) throws Exception {
        contender.clear();
        long began = environment.clock().nanos();
        var adding = new CountDownLatch(ADDING);
        for (int thread = 0; thread < ADDING; thread++) {
            int first = thread;
            environment.tasks().start("adding", () -> {
                for (int i = first; i < tasks; i += ADDING) {
                    contender.add("task " + i);
                }
                adding.countDown();
            });
        }
        adding.await();
        double added = perSecond(environment, began);
        var left = new CountDownLatch(tasks);
        began = environment.clock().nanos();
        try (AutoCloseable working = contender.work(workers, left::countDown)) {
            if (!left.await(10, TimeUnit.MINUTES)) {
                throw new IllegalStateException(contender.name() + " left " + left.getCount() + " tasks undone");
            }
            while (contender.unfinished()) {
                environment.sleep(BETWEEN_LOOKS);
            }
            return new Run(added, perSecond(environment, began));
        }
    }

    private double perSecond(Environment environment, long since) {
        return tasks * 1e9 / environment.clock().elapsed(since).toNanos();
    }
}
