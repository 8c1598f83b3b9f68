package dev.coracle.flowforge;

import dev.coracle.flowforge.api.ApiService;
import dev.coracle.flowforge.worker.WorkerService;
import dev.coracle.machinery.env.SystemEnvironment;
import dev.coracle.machinery.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.jdbi.v3.core.Jdbi;

/** Both services on loopback, with a PostgreSQL of their own; the worker only once it is asked for. */
public final class RunningFlowForge implements AutoCloseable {
    public static final String KEY = "key";

    /** An answer of the API. */
    public record Answer(int status, Map<String, Object> body, HttpResponse<String> whole) {
        public String text(String field) {
            return String.valueOf(body.get(field));
        }
    }

    private final PostgresServer postgres;
    private final SystemEnvironment system = new SystemEnvironment((name, e) -> e.printStackTrace());
    private final ApiService api;
    private final WorkerService worker;
    private final HttpClient http = HttpClient.newHttpClient();
    private boolean working;

    private RunningFlowForge(PostgresServer postgres) {
        this.postgres = postgres;
        Log log = new Log(system.environment().clock(), System.out, "error", "test");
        this.api = new ApiService(postgres.settings(), system.environment(), log);
        this.worker = new WorkerService(postgres.settings(), system.environment(), log);
    }

    public static RunningFlowForge start() throws Exception {
        PostgresServer postgres = PostgresServer.start();
        Migrate.run(postgres.settings());
        RunningFlowForge running = new RunningFlowForge(postgres);
        running.api.start();
        return running;
    }

    public void startWorker() {
        worker.start();
        working = true;
    }

    public String url() {
        return "http://127.0.0.1:" + api.port();
    }

    public String workerUrl() {
        return "http://127.0.0.1:" + worker.port();
    }

    public Jdbi database() {
        var s = postgres.settings();
        return Jdbi.create(s.jdbcUrl(), s.dbUser(), s.dbPassword());
    }

    public Answer get(String path) throws Exception {
        return send("GET", path, "", "X-API-Key", KEY);
    }

    public Answer post(String path, String body, String... headers) throws Exception {
        String[] all = new String[headers.length + 2];
        System.arraycopy(headers, 0, all, 2, headers.length);
        all[0] = "X-API-Key";
        all[1] = KEY;
        return send("POST", path, body, all);
    }

    public Answer send(String method, String path, String body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url() + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        boolean json = response.headers().firstValue("Content-Type").orElse("").startsWith("application/json");
        return new Answer(response.statusCode(), json ? Json.parseObject(response.body()) : Map.of(), response);
    }

    public String text(String url) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Override
    public void close() throws Exception {
        if (working) {
            worker.close();
        }
        api.close();
        system.close();
        http.close();
        postgres.close();
    }
}
