package dev.coracle.apiserver.http;

import dev.coracle.client.Client;
import dev.coracle.client.ListOptions;
import dev.coracle.client.WatchEvent;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Timers;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.StatusException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Streams a watch as JSON lines. A client that lets too many events wait is cut off; it resumes or lists anew. */
final class Watches {
    private static final int BACKLOG = 10_000;
    private static final byte[] END = new byte[0];

    private final Environment environment;
    private final Tables tables;

    Watches(Environment environment, Tables tables) {
        this.environment = environment;
        this.tables = tables;
    }

    void serve(Client client, Request request, Answer answer, ResourceRoutes.Target t, ListOptions options) {
        BlockingQueue<byte[]> lines = new LinkedBlockingQueue<>(BACKLOG);
        String fields = options.fieldSelector();
        if (!t.name().isEmpty()) {
            fields = fields.isEmpty() ? "metadata.name=" + t.name() : fields + ",metadata.name=" + t.name();
        }
        boolean table = Tables.wanted(request.header("accept"));
        ListOptions selected =
                new ListOptions(options.labelSelector(), fields, options.resourceVersion(), 0, "", options.bookmarks());
        boolean[] first = {true};
        Client.Watch watch = client.watch(t.resource(), t.namespace(), selected, new Client.WatchListener() {
            @Override
            public void onEvent(WatchEvent event) {
                if (!lines.offer(table ? row(event, t, first, request.parameter("includeObject")) : line(event))) {
                    lines.clear();
                    lines.offer(END);
                }
            }

            @Override
            public void onClosed(StatusException cause) {
                lines.offer(END);
            }
        });
        long timeout = request.parameter("timeoutSeconds").isEmpty()
                ? 1800 + environment.entropy().nextInt(1800)
                : Long.parseLong(request.parameter("timeoutSeconds"));
        Timers.Timer timer = environment.timers().schedule(Duration.ofSeconds(timeout), () -> lines.offer(END));
        try (watch;
                Answer.Stream stream = answer.stream(200, "application/json;stream=watch")) {
            stream.onGone(() -> {
                lines.clear();
                lines.offer(END);
            });
            for (byte[] line = lines.take(); line != END; line = lines.take()) {
                stream.write(line);
            }
        } catch (IOException e) {
            // The client went away: nothing is left to tell it.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            timer.cancel();
        }
    }

    private static byte[] line(WatchEvent event) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(event.revision().json().length + 40);
        out.writeBytes(("{\"type\":\"" + event.type() + "\",\"object\":").getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(event.revision().json());
        out.writeBytes("}\n".getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    private byte[] row(WatchEvent event, ResourceRoutes.Target t, boolean[] first, String include) {
        Map<String, Object> metadata = new LinkedHashMap<>(
                Map.of("resourceVersion", "" + event.revision().version()));
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("type", event.type().toString());
        m.put("object", tables.table(t.resource(), List.of(event.revision()), metadata, first[0], include));
        first[0] = false;
        byte[] json = Json.bytes(m);
        byte[] line = java.util.Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        return line;
    }
}
