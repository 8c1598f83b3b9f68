package dev.coracle.flowforge;

import dev.coracle.flowforge.api.ApiService;
import dev.coracle.flowforge.worker.WorkerService;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.SystemEnvironment;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Migrates, serves and works for a moment, all in one process, then ends: with {@code -XX:AOTCacheOutput} the JVM writes
 * down which classes that took, and services that start with this cache are ready in a fraction of the time (JEP 483).
 * The image build runs it against a database of its own.
 */
final class Rehearsal {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Environment environment;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Settings api;
    private final Settings worker;

    private Rehearsal(Environment environment, Settings api, Settings worker) {
        this.environment = environment;
        this.api = api;
        this.worker = worker;
    }

    /** @param env as for the services; {@code WORKER_PORT} is where the worker serves its probes */
    static void run(Map<String, String> env) throws Exception {
        Map<String, String> workerEnv = new HashMap<>(env);
        workerEnv.put("PORT", env.getOrDefault("WORKER_PORT", "8081"));
        var system = new SystemEnvironment((name, e) -> {
            e.printStackTrace(System.err);
            Runtime.getRuntime().halt(1);
        });
        new Rehearsal(system.environment(), Settings.of(env), Settings.of(workerEnv)).run();
        // Both services end as on SIGTERM, so that their last steps are rehearsed too.
        System.exit(0);
    }

    private void run() throws Exception {
        Migrate.run(api);
        environment.tasks().start("api-service", () -> uninterrupted(() -> ApiService.run(api)));
        environment.tasks().start("worker-service", () -> uninterrupted(() -> WorkerService.run(worker)));
        await(api, "GET", "/ready", "", "ok");
        await(worker, "GET", "/ready", "", "ok");
        await(api, "GET", "/health", "", "ok");
        await(api, "GET", "/", "", "FlowForge");
        await(api, "GET", "/api", "", "FlowForge");
        await(worker, "GET", "/metrics", "", "succeeded");
        String task = send(api, "POST", "/api/tasks", "{\"type\":\"hash\",\"payload\":{\"text\":\"hello\"}}");
        String id = task.replaceAll("(?s).*\"id\":\"([^\"]+)\".*", "$1");
        await(api, "GET", "/api/tasks/" + id, "", "succeeded");
        await(api, "GET", "/api/tasks?status=succeeded", "", id);
        await(api, "GET", "/api/stats", "", "succeeded");
        await(api, "GET", "/metrics", "", "200");
    }

    private interface Service {
        void run() throws InterruptedException;
    }

    private static void uninterrupted(Service service) {
        try {
            service.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void await(Settings of, String method, String path, String body, String expected)
            throws InterruptedException {
        long began = environment.clock().nanos();
        String answer = "nothing";
        while (environment.clock().elapsed(began).compareTo(PATIENCE) < 0) {
            try {
                answer = send(of, method, path, body);
                if (answer.contains(expected)) {
                    return;
                }
            } catch (IOException e) {
                answer = e.toString();
            }
            environment.sleep(Duration.ofMillis(20));
        }
        throw new IllegalStateException(path + " never said " + expected + " but " + answer);
    }

    private String send(Settings of, String method, String path, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + of.port() + path))
                .timeout(Duration.ofSeconds(10))
                .header("X-API-Key", of.apiKey())
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }
}
