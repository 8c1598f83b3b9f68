package dev.coracle.apiserver.http;

import dev.coracle.apiserver.registry.BookmarkedWatch;
import dev.coracle.apiserver.registry.Registry;
import dev.coracle.client.Client;
import dev.coracle.client.ListOptions;
import dev.coracle.client.WatchEvent;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Timers;
import dev.coracle.machinery.json.Json;
import dev.coracle.machinery.object.GroupVersionKind;
import dev.coracle.machinery.object.Revision;
import dev.coracle.machinery.object.StatusException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Streams a watch as JSON lines. A client that lets too many events wait is cut off; it resumes or lists anew. */
final class Watches {
    private static final int BACKLOG = 10_000;
    private static final byte[] END = new byte[0];
    private static final Duration BOOKMARKS = Duration.ofMinutes(1);

    private final Environment environment;
    private final Tables tables;
    private final Registry registry;

    Watches(Environment environment, Tables tables, Registry registry) {
        this.registry = registry;
        this.environment = environment;
        this.tables = tables;
    }

    void serve(Client client, Request request, Answer answer, ResourceRoutes.Target t, ListOptions options) {
        var first = new Beginning(request, options, t);
        BlockingQueue<byte[]> lines = new LinkedBlockingQueue<>();
        String fields = options.fieldSelector();
        if (!t.name().isEmpty()) {
            fields = fields.isEmpty() ? "metadata.name=" + t.name() : fields + ",metadata.name=" + t.name();
        }
        boolean table = Tables.wanted(request.header("accept"));
        ListOptions selected =
                new ListOptions(options.labelSelector(), fields, first.version(), 0, "", options.bookmarks());
        boolean[] headed = {true};
        // What there is at the beginning may be more than may pile up later.
        boolean[] begun = {false};
        Client.Watch watch = client.watch(t.resource(), t.namespace(), selected, new Client.WatchListener() {
            @Override
            public void onEvent(WatchEvent event) {
                if (begun[0] && lines.size() > BACKLOG) {
                    lines.clear();
                    lines.add(END);
                } else {
                    lines.add(table ? row(event, t, headed, request.parameter("includeObject")) : line(event));
                }
            }

            @Override
            public void onClosed(StatusException cause) {
                lines.offer(END);
            }
        });
        begun[0] = true;
        List<Timers.Timer> timers = new ArrayList<>();
        long timeout = Parameters.number(
                request, "timeoutSeconds", 1800 + environment.entropy().nextInt(1800));
        timers.add(environment.timers().schedule(Duration.ofSeconds(timeout), () -> lines.add(END)));
        if (options.bookmarks() && watch instanceof BookmarkedWatch marked) {
            if (first.told()) {
                marked.bookmark(true);
            }
            timers.add(environment.timers().every(BOOKMARKS, () -> marked.bookmark(false)));
        }
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
            timers.forEach(Timers.Timer::cancel);
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
        List<Revision> rows = event.type() == WatchEvent.Type.BOOKMARK ? List.of() : List.of(event.revision());
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("type", event.type().toString());
        m.put("object", tables.table(t.resource(), rows, metadata, first[0], include));
        first[0] = false;
        byte[] json = Json.bytes(m);
        byte[] line = java.util.Arrays.copyOf(json, json.length + 1);
        line[json.length] = '\n';
        return line;
    }

    /** From where a watch begins, and whether it first tells what there is and when that ends. */
    private final class Beginning {
        private final String version;
        private final boolean told;

        /** @throws StatusException 422 for parameters that do not go together */
        Beginning(Request request, ListOptions options, ResourceRoutes.Target t) {
            String wanted = request.parameter("sendInitialEvents");
            String match = options.resourceVersionMatch();
            if (wanted.isEmpty() && !match.isEmpty()) {
                throw refusal("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
            }
            if (!wanted.isEmpty() && !match.equals("NotOlderThan")) {
                throw refusal("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
            }
            told = wanted.equals("true");
            boolean any = options.resourceVersion().isEmpty()
                    || options.resourceVersion().equals("0");
            if (told) {
                version = "";
            } else {
                version = !wanted.isEmpty() && any ? "" + registry.version(t.resource()) : options.resourceVersion();
            }
        }

        String version() {
            return version;
        }

        boolean told() {
            return told;
        }

        private static StatusException refusal(String why) {
            return StatusException.invalid(
                    new GroupVersionKind("meta.k8s.io", "v1", "ListOptions"),
                    "",
                    List.of(new StatusException.Cause(
                            "FieldValueForbidden", "Forbidden: " + why, "resourceVersionMatch")));
        }
    }
}
