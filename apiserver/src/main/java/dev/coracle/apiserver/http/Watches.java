package dev.coracle.apiserver.http;

import dev.coracle.apiserver.definition.Column;
import dev.coracle.apiserver.definition.Columns;
import dev.coracle.apiserver.definition.ResourceDefinition;
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
import dev.coracle.machinery.schema.ProtobufWriter.Enclosed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Streams a watch as JSON lines, or as events in protobuf with their lengths before them. A client that lets too many events wait is cut off; it resumes or lists anew. */
final class Watches {
    private static final int BACKLOG = 10_000;
    /** What is sent together with what comes behind it. */
    static final int LITTLE = 16 << 10;

    private static final byte[] NEWLINE = {'\n'};
    /** What a client may ask for at most, to stay within what timers can count. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private static final Duration BOOKMARKS = Duration.ofMinutes(1);

    private final Environment environment;
    private final Tables tables;
    private final Registry registry;
    private final Encodings encodings;

    Watches(Environment environment, Tables tables, Registry registry, Encodings encodings) {
        this.encodings = encodings;
        this.registry = registry;
        this.environment = environment;
        this.tables = tables;
    }

    void serve(Client client, Request request, Answer answer, ResourceRoutes.Target t, ListOptions options) {
        var first = new Beginning(request, options, t);
        Duration timeout = timeout(request);
        String fields = options.fieldSelector();
        if (!t.name().isEmpty()) {
            fields = fields.isEmpty() ? "metadata.name=" + t.name() : fields + ",metadata.name=" + t.name();
        }
        var selected = new ListOptions(options.labelSelector(), fields, first.version(), 0, "", options.bookmarks());
        boolean messages = request.header("upgrade").equalsIgnoreCase("websocket");
        Representation wanted = Representation.stream(
                request,
                encodings.messages(
                        registry.definition(t.resource()).orElseThrow().kind()));
        Encoding encoding = encoding(wanted, request, t, messages);
        var backlog = new Backlog(BACKLOG);
        List<Timers.Timer> timers = new ArrayList<>();
        try (Client.Watch watch = client.watch(t.resource(), t.namespace(), selected, backlog)) {
            backlog.begun();
            answer.begun();
            timers.add(environment.timers().schedule(timeout, backlog::finish));
            if (options.bookmarks() && watch instanceof BookmarkedWatch marked) {
                if (first.told()) {
                    marked.bookmark(true);
                }
                timers.add(environment.timers().every(BOOKMARKS, () -> marked.bookmark(false)));
            }
            String stream = wanted.format() == Representation.Format.PROTOBUF ? ";stream=watch" : "";
            stream(backlog, encoding, answer, wanted.format().mediaType() + stream, messages);
        } finally {
            timers.forEach(Timers.Timer::cancel);
        }
    }

    private Encoding encoding(Representation wanted, Request request, ResourceRoutes.Target t, boolean messages) {
        boolean protobuf = wanted.format() == Representation.Format.PROTOBUF;
        return switch (wanted.shape()) {
            case TABLE -> rows(t, request.parameter("includeObject"));
            case METADATA ->
                protobuf
                        ? (event, out) -> message(
                                encodings.event(event.type().toString(), Tables.partial(event.revision())),
                                messages,
                                out)
                        : Watches::partial;
            case WHOLE ->
                protobuf
                        ? (event, out) ->
                                message(encodings.event(event.type().toString(), event.revision()), messages, out)
                        : Watches::line;
        };
    }

    /** @param alone whether what carries it says where it ends */
    private static void message(Enclosed event, boolean alone, Lines out) throws IOException {
        if (!alone) {
            out.add(Encodings.length(event));
        }
        out.add(event.head());
        out.add(event.message());
        out.add(event.tail());
    }

    private Duration timeout(Request request) {
        long standard = 1800 + environment.entropy().nextInt(1800);
        long wanted = Parameters.number(request, "timeoutSeconds", 0);
        return Duration.ofSeconds(wanted == 0 ? standard : Math.clamp(wanted, 0, LONGEST.toSeconds()));
    }

    /** @param messages whether each event is a message of its own */
    private static void stream(Backlog backlog, Encoding encoding, Answer answer, String mediaType, boolean messages) {
        try (Answer.Stream stream = answer.stream(200, mediaType)) {
            stream.onGone(backlog::drop);
            for (List<WatchEvent> some = backlog.take(); !some.isEmpty(); some = backlog.take()) {
                Lines lines = new Lines(stream, messages ? Integer.MAX_VALUE : LITTLE);
                for (WatchEvent event : some) {
                    encoding.write(event, lines);
                    if (messages) {
                        lines.flush();
                    }
                }
                lines.flush();
            }
        } catch (IOException e) {
            // The client went away: nothing is left to tell it.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Writes an event. It runs where the client is served, not where the change is made. */
    private interface Encoding {
        void write(WatchEvent event, Lines out) throws IOException;
    }

    /** Sends little together, and much as it lies in the cache: a copy for each of many watchers would fill the heap. */
    static final class Lines {
        private final Answer.Stream stream;
        private final int most;
        private final ByteArrayOutputStream little = new ByteArrayOutputStream();

        /** @param most is sent together; what is more goes alone */
        Lines(Answer.Stream stream, int most) {
            this.stream = stream;
            this.most = most;
        }

        void add(byte[] bytes) throws IOException {
            if (little.size() > most - bytes.length) {
                flush();
            }
            if (bytes.length > most) {
                stream.write(bytes);
            } else {
                little.writeBytes(bytes);
            }
        }

        void flush() throws IOException {
            if (little.size() > 0) {
                stream.write(little.toByteArray());
                little.reset();
            }
        }
    }

    private static void line(WatchEvent event, Lines out) throws IOException {
        out.add(("{\"type\":\"" + event.type() + "\",\"object\":").getBytes(StandardCharsets.US_ASCII));
        out.add(event.revision().json());
        out.add("}\n".getBytes(StandardCharsets.US_ASCII));
    }

    private static void partial(WatchEvent event, Lines out) throws IOException {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("type", event.type().toString());
        m.put("object", Tables.partial(event.revision()));
        out.add(Json.bytes(m));
        out.add(NEWLINE);
    }

    private Encoding rows(ResourceRoutes.Target t, String include) {
        boolean[] headed = {false};
        List<Column> columns = registry.definition(t.resource())
                .map(ResourceDefinition::columns)
                .orElse(Columns.STANDARD);
        return (event, out) -> {
            Map<String, Object> metadata = new LinkedHashMap<>(
                    Map.of("resourceVersion", "" + event.revision().version()));
            List<Revision> rows = event.type() == WatchEvent.Type.BOOKMARK ? List.of() : List.of(event.revision());
            Map<String, Object> m = new LinkedHashMap<>();
            m.put("type", event.type().toString());
            m.put("object", tables.table(columns, rows, metadata, !headed[0], include));
            headed[0] = true;
            out.add(Json.bytes(m));
            out.add(NEWLINE);
        };
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
                version = !wanted.isEmpty() && any
                        ? ""
                                + registry.version(registry.definition(t.resource())
                                        .orElseThrow()
                                        .storage())
                        : options.resourceVersion();
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
