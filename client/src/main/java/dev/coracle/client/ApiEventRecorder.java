package dev.coracle.client;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Timestamps;
import dev.coracle.machinery.object.Unstructured;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes {@code v1} Events through a client. The same event about the same object again raises the first one's count, as
 * long as it is among the last few thousand that were written.
 */
public final class ApiEventRecorder implements EventRecorder {
    private static final System.Logger LOG = System.getLogger("coracle.events");
    private static final int REMEMBERED = 4096;

    private static final int OTHER_NAMES = 5;

    /** One Event: what was seen, and how much of it is written. All under the recorder's lock. */
    private static final class Repeats {
        private String name;
        private final Instant first;
        private Instant last;
        private int count;
        private boolean created;
        private boolean writing;

        Repeats(String name, Instant first) {
            this.name = name;
            this.first = first;
            this.last = first;
        }
    }

    private record Snapshot(String name, Instant first, Instant last, int count, boolean created) {}

    private record What(Unstructured involved, String type, String reason, String message) {
        String namespace() {
            return involved.stringOr("default", "namespace");
        }
    }

    private final Client client;
    private final Environment environment;
    private final String component;
    private final String host;
    private final Map<What, Repeats> seen = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<What, Repeats> eldest) {
            return size() > REMEMBERED;
        }
    };
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
                .set(about.apiVersion(), "apiVersion");
        // Not part of what makes two events equal: the object may change between them.
        What what = new What(involved, type, reason, message);
        String version = about.resourceVersion();
        Instant now = environment.clock().now();
        Repeats repeats;
        synchronized (seen) {
            repeats = seen.computeIfAbsent(what, w -> new Repeats(name(involved.string("name"), now), now));
            repeats.count++;
            repeats.last = now;
            if (repeats.writing) {
                // Whoever writes looks again when done, so that repeats never race and may share a write.
                return;
            }
            repeats.writing = true;
        }
        environment.tasks().start("event", () -> write(what, version, repeats));
    }

    /** Upstream's {@code NAME.TIME}, in hexadecimal nanoseconds; no two alike from one recorder. Under the lock. */
    private String name(String involved, Instant now) {
        long nanos = now.toEpochMilli() * 1_000_000 + now.getNano() % 1_000_000;
        lastName = Math.max(lastName + 1, nanos);
        return involved + "." + Long.toHexString(lastName);
    }

    private void write(What what, String version, Repeats repeats) {
        while (true) {
            Snapshot now;
            synchronized (seen) {
                now = new Snapshot(repeats.name, repeats.first, repeats.last, repeats.count, repeats.created);
            }
            boolean written = false;
            try {
                if (!now.created() || !raised(what, now)) {
                    create(what, version, now, repeats);
                }
                written = true;
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.DEBUG, "event not written: " + what.reason(), e);
            }
            synchronized (seen) {
                repeats.created |= written;
                if (!written || repeats.count == now.count()) {
                    repeats.writing = false;
                    return;
                }
            }
        }
    }

    /** False when the Event is no longer there. */
    private boolean raised(What what, Snapshot now) {
        Unstructured patch = new Unstructured(new LinkedHashMap<>())
                .set(now.count(), "count")
                .set(Timestamps.format(now.last()), "lastTimestamp");
        try {
            client.patch(Resources.EVENTS, what.namespace(), now.name(), Patch.merge(patch), WriteOptions.DEFAULT);
            return true;
        } catch (StatusException e) {
            if (e.isNotFound()) {
                return false;
            }
            throw e;
        }
    }

    /** Another component may have had the same instant: then under the next name. */
    private void create(What what, String version, Snapshot now, Repeats repeats) {
        String name = now.name();
        for (int attempt = 0; ; attempt++) {
            try {
                client.create(
                        Resources.EVENTS, what.namespace(), object(what, version, name, now), WriteOptions.DEFAULT);
                return;
            } catch (StatusException e) {
                if (!e.isAlreadyExists() || attempt == OTHER_NAMES) {
                    throw e;
                }
            }
            synchronized (seen) {
                repeats.name = name(what.involved().string("name"), now.last());
                name = repeats.name;
            }
        }
    }

    private Unstructured object(What what, String version, String name, Snapshot now) {
        Unstructured involved = what.involved().copy();
        Unstructured e = Unstructured.of("v1", "Event", what.namespace(), name)
                .set(version.isEmpty() ? involved : involved.set(version, "resourceVersion"), "involvedObject")
                .set(what.reason(), "reason")
                .set(what.message(), "message")
                .set(component, "source", "component")
                .set(Timestamps.format(now.first()), "firstTimestamp")
                .set(Timestamps.format(now.last()), "lastTimestamp")
                .set(now.count(), "count")
                .set(what.type(), "type")
                .set(component, "reportingComponent")
                .set(host, "reportingInstance");
        return host.isEmpty() ? e : e.set(host, "source", "host");
    }
}
