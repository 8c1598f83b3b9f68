package dev.coracle.bench.load;

import dev.coracle.bench.Program;
import dev.coracle.client.https.Kubeconfig;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "load",
        description = {
            "Asks an API server as much as it answers, and tells how long that took.",
            "It makes two namespaces of its own and deletes them in the end."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class Load implements Callable<Integer> {
    /** Before deletes are measured there is so many times as much to delete as stands. */
    private static final int STOCK = 10;

    private static final int STOCKING = 8;

    @Spec
    private CommandSpec say = CommandSpec.create();

    @Option(names = "--kubeconfig", required = true, description = "Whom to ask.")
    private Path kubeconfig = Path.of("");

    @Option(names = "--beside", description = "Another server, measured in turns with the first.")
    private @Nullable Path beside;

    @Option(
            names = "--operations",
            split = ",",
            defaultValue = "create,get,list,watch,patch,delete",
            description = "Default: ${DEFAULT-VALUE}.")
    private List<Operation> operations = List.of();

    @Option(
            names = "--concurrency",
            split = ",",
            defaultValue = "1,16,64",
            description =
                    "Connections, each with one request under way; of watch, watchers (default: ${DEFAULT-VALUE}).")
    private List<Integer> concurrency = List.of();

    @Option(names = "--seconds", defaultValue = "5", description = "For each of these (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--warm-up",
            defaultValue = "2",
            description = "Seconds that do not count (default: ${DEFAULT-VALUE}).")
    private double warmUp;

    @Option(
            names = "--turns",
            defaultValue = "2",
            description = "In how many parts the seconds are spent, server by server (default: ${DEFAULT-VALUE}).")
    private int turns;

    @Option(
            names = "--kind",
            defaultValue = "configmaps",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Kind kind = Kind.CONFIGMAPS;

    @Option(
            names = "--objects",
            defaultValue = "100",
            description = "That stand, to be got, listed, watched and patched (default: ${DEFAULT-VALUE}).")
    private int objects;

    @Option(
            names = "--size",
            defaultValue = "1024",
            description = "Bytes of payload in each (default: ${DEFAULT-VALUE}).")
    private int size;

    @Option(
            names = "--write-rate",
            defaultValue = "100",
            description = "Writes a second while watching (default: ${DEFAULT-VALUE}).")
    private int writeRate;

    @Option(names = "--json", description = "JSON in place of the table.")
    private boolean json;

    public static void main(String[] args) {
        Program.run(new Load(), args);
    }

    @Override
    public Integer call() throws Exception {
        if (!(seconds > 0)
                || turns < 1
                || objects < 1
                || writeRate < 1
                || concurrency.stream().anyMatch(c -> c < 1)) {
            throw new IllegalArgumentException(
                    "--seconds, --turns, --objects, --write-rate and --concurrency must be more than 0");
        }
        try (var system = new SystemEnvironment((task, e) -> e.printStackTrace(System.err))) {
            List<Server> servers = new ArrayList<>();
            try {
                servers.add(server(kubeconfig, "measured", system.environment()));
                Path other = beside;
                if (other != null) {
                    servers.add(server(other, "beside", system.environment()));
                }
                for (Server s : servers) {
                    s.prepare();
                }
                Report report = measure(servers, system.environment());
                say.commandLine().getOut().print(json ? report.json() + "\n" : report.table());
                say.commandLine().getOut().flush();
            } finally {
                servers.forEach(Server::close);
            }
        }
        return 0;
    }

    private Server server(Path file, String name, Environment environment)
            throws IOException, GeneralSecurityException {
        return new Server(name, Kubeconfig.read(file).endpoint(), environment, kind, objects, size);
    }

    private Report measure(List<Server> servers, Environment environment) throws Exception {
        Report report = new Report();
        for (Operation operation : new TreeSet<>(operations)) {
            say.commandLine().getErr().println("measuring " + operation.name().toLowerCase(Locale.ROOT) + "…");
            for (Server s : servers) {
                if (operation != Operation.DELETE && warmUp > 0) {
                    run(operation, s, Collections.max(concurrency), duration(warmUp), environment);
                }
            }
            for (int lanes : concurrency) {
                report.add(row(operation, lanes, servers, environment));
            }
        }
        return report;
    }

    /** In turns, and every other turn the other way round. */
    private Row row(Operation operation, int lanes, List<Server> servers, Environment environment) throws Exception {
        List<Row.Result> results = servers.stream()
                .map(s -> new Row.Result(s.name(), new Measurement()))
                .toList();
        Duration part = duration(seconds).dividedBy(turns);
        for (int turn = 0; turn < turns; turn++) {
            for (int i = 0; i < servers.size(); i++) {
                int which = turn % 2 == 0 ? i : servers.size() - 1 - i;
                results.get(which).measured().add(run(operation, servers.get(which), lanes, part, environment));
            }
        }
        return new Row(operation, lanes, results);
    }

    private Measurement run(Operation operation, Server server, int lanes, Duration duration, Environment environment)
            throws Exception {
        if (operation == Operation.WATCH) {
            return new Watching(environment, writeRate).run(server, lanes, duration);
        }
        Lanes run = new Lanes(server.wire(), environment.clock());
        if (operation == Operation.DELETE) {
            while (server.left() < STOCK * objects) {
                run.run(server::create, STOCKING, Duration.ofMillis(200));
            }
        }
        return run.run(operation.calls(server), lanes, duration);
    }

    private static Duration duration(double seconds) {
        return Duration.ofNanos((long) (seconds * 1e9));
    }
}
