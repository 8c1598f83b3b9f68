package dev.coracle.flowforge;

import dev.coracle.flowforge.api.ApiService;
import dev.coracle.flowforge.worker.WorkerService;
import java.util.Map;

/** What the images start: one program, so that all services share one class path and one start-up cache. */
public final class Main {
    private static final String USAGE = "usage: flowforge api | worker | migrate";

    private Main() {}

    public static void main(String[] args) throws Exception {
        Map<String, String> env = System.getenv();
        switch (args.length == 1 ? args[0] : "") {
            case "api" -> ApiService.run(Settings.of(env));
            case "worker" -> WorkerService.run(Settings.of(env));
            case "migrate" -> Migrate.run(Settings.of(env));
            case "rehearse" -> Rehearsal.run(env);
            default -> {
                System.err.println(USAGE);
                System.exit(64);
            }
        }
    }
}
