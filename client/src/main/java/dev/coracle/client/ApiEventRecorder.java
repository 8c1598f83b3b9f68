package dev.coracle.client;

import dev.coracle.client.EventCorrelator.What;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;

/**
 * Writes {@code v1} Events through a client. The same event about the same object again raises the first one's count;
 * {@link EventCorrelator} says what counts as the same and how much is too much. One task writes them, in order, and there
 * is none when nothing is to be written.
 */
public final class ApiEventRecorder implements EventRecorder {
    private static final System.Logger LOG = System.getLogger("coracle.events");

    /** More than so many waiting to be written are not told. */
    private static final int WAITING = 4096;

    private static final int OTHER_NAMES = 5;

    /** One Event: what was seen, and how much of it is written. All under the recorder's lock. */
    private static final class Repeats {
        private final What what;
        private final Instant first;
        private String name;
        private String message = "";
        private String version = "";
        private Instant last;
        private int count;
        private boolean created;
        private boolean waiting;

        Repeats(What what, String name, Instant first) {
            this.what = what;
            this.name = name;
            this.first = first;
            this.last = first;
        }

        Snapshot snapshot() {
            return new Snapshot(what, name, message, version, first, last, count, created);
        }
    }

    private record Snapshot(
            What what,
            String name,
            String message,
            String version,
            Instant first,
            Instant last,
            int count,
            boolean created) {}

    private final Client client;
    private final Environment environment;
    private final String component;
    private final String host;
    private final EventCorrelator correlator = new EventCorrelator();
    private final Map<What, Repeats> seen = new EventCorrelator.Recent<>();
    private final Queue<Repeats> waiting = new ArrayDeque<>();
    private boolean writing;
    private long lastName;

    /** @param host the node's name, or {@code ""} for what runs on none */
    public ApiEventRecorder(Client client, Environment environment, String component, String host) {
        this.client = client;
        this.environment = environment;
        this.component = component;
        this.host = host;
    }

    @Override
    public void event(Unstructured about, String type, String reason, String message) {
        Unstructured involved = new Unstructured(new LinkedHashMap<>())
                .set(about.kind(), "kind")
                .set(about.namespace().isEmpty() ? null : about.namespace(), "namespace")
                .set(about.name(), "name")
                .set(about.uid().isEmpty() ? null : about.uid(), "uid")
                .set(about.apiVersion(), "apiVersion")
                .set(about.string("fieldPath").isEmpty() ? null : about.string("fieldPath"), "fieldPath");
        What what = new What(involved, type, reason, message);
        Instant now = environment.clock().now();
        synchronized (seen) {
            EventCorrelator.Telling telling = correlator.correlate(what, now);
            Repeats repeats =
                    seen.computeIfAbsent(telling.as(), w -> new Repeats(w, name(involved.string("name"), now), now));
            repeats.count++;
            repeats.last = now;
            repeats.message = telling.message();
            // Not part of what makes two events equal: the object may change between them.
            repeats.version = about.resourceVersion();
            // What waits already is written with its newest count.
            if (telling.silent() || repeats.waiting || waiting.size() >= WAITING) {
                return;
            }
            repeats.waiting = true;
            waiting.add(repeats);
            if (writing) {
                return;
            }
            writing = true;
        }
        environment.tasks().start("events", this::writeAll);
    }

    /** Upstream's {@code NAME.TIME}, in hexadecimal nanoseconds; no two alike from one recorder. Under the lock. */
    private String name(String involved, Instant now) {
        long nanos = now.toEpochMilli() * 1_000_000 + now.getNano() % 1_000_000;
        lastName = Math.max(lastName + 1, nanos);
        return involved + "." + Long.toHexString(lastName);
    }

    private void writeAll() {
        while (true) {
            Repeats next;
            Snapshot now;
            synchronized (seen) {
                next = waiting.poll();
                if (next == null) {
                    writing = false;
                    return;
                }
                next.waiting = false;
                now = next.snapshot();
            }
            write(now, next);
        }
    }

    private void write(Snapshot now, Repeats repeats) {
        try {
            if (!now.created() || !raised(now)) {
                create(now, repeats);
            }
            synchronized (seen) {
                repeats.created = true;
            }
        } catch (RuntimeException | Error e) {
            // Whatever it was, the writer lives on.
            LOG.log(
                    System.Logger.Level.DEBUG,
                    "event not written: " + now.what().reason(),
                    e);
        }
    }

    /** False when the Event is no longer there. */
    private boolean raised(Snapshot now) {
        Unstructured patch = new Unstructured(new LinkedHashMap<>())
                .set(now.count(), "count")
                .set(now.message(), "message")
                .set(Timestamps.format(now.last()), "lastTimestamp");
        try {
            client.patch(
                    Resources.EVENTS, now.what().namespace(), now.name(), Patch.merge(patch), WriteOptions.DEFAULT);
            return true;
        } catch (StatusException e) {
            if (e.isNotFound()) {
                return false;
            }
            throw e;
        }
    }

    /** Another component may have had the same instant: then under the next name. */
    private void create(Snapshot now, Repeats repeats) {
        String name = now.name();
        for (int attempt = 0; ; attempt++) {
            try {
                client.create(Resources.EVENTS, now.what().namespace(), object(now, name), WriteOptions.DEFAULT);
                return;
            } catch (StatusException e) {
                if (!e.isAlreadyExists() || attempt == OTHER_NAMES) {
                    throw e;
                }
            }
            synchronized (seen) {
                repeats.name = name(now.what().involved().string("name"), now.last());
                name = repeats.name;
            }
        }
    }

    private Unstructured object(Snapshot now, String name) {
        Unstructured involved = now.what().involved().copy();
        Unstructured e = Unstructured.of("v1", "Event", now.what().namespace(), name)
                .set(
                        now.version().isEmpty() ? involved : involved.set(now.version(), "resourceVersion"),
                        "involvedObject")
                .set(now.what().reason(), "reason")
                .set(now.message(), "message")
                .set(component, "source", "component")
                .set(Timestamps.format(now.first()), "firstTimestamp")
                .set(Timestamps.format(now.last()), "lastTimestamp")
                .set(now.count(), "count")
                .set(now.what().type(), "type")
                .set(component, "reportingComponent")
                .set(host, "reportingInstance");
        return host.isEmpty() ? e : e.set(host, "source", "host");
    }
}
