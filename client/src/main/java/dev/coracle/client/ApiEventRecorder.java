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

    private record Written(String name, int count, Instant first) {}

    private final Client client;
    private final Environment environment;
    private final String component;
    private final String host;
    private final Map<String, Written> written = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Written> eldest) {
            return size() > REMEMBERED;
        }
    };

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
                .set(about.resourceVersion().isEmpty() ? null : about.resourceVersion(), "resourceVersion");
        Instant now = environment.clock().now();
        environment.tasks().start("event", () -> {
            try {
                write(involved, type, reason, message, now);
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.DEBUG, "event not written: " + reason, e);
            }
        });
    }

    private void write(Unstructured involved, String type, String reason, String message, Instant now) {
        String namespace = involved.stringOr("default", "namespace");
        String key = String.join("\0", involved.string("uid"), involved.string("name"), namespace, reason, message);
        Written before;
        synchronized (written) {
            before = written.get(key);
            Instant first = before == null ? now : before.first();
            String name = before == null
                    ? involved.string("name") + "."
                            + Long.toHexString(now.toEpochMilli() * 1_000_000 + now.getNano() % 1_000_000)
                    : before.name();
            written.put(key, new Written(name, before == null ? 1 : before.count() + 1, first));
            if (before == null) {
                before = new Written(name, 0, now);
            }
        }
        if (before.count() > 0) {
            Unstructured patch = new Unstructured(new LinkedHashMap<>())
                    .set(before.count() + 1, "count")
                    .set(Timestamps.format(now), "lastTimestamp");
            try {
                client.patch(Resources.EVENTS, namespace, before.name(), Patch.merge(patch), WriteOptions.DEFAULT);
                return;
            } catch (StatusException e) {
                if (!e.isNotFound()) {
                    throw e;
                }
            }
        }
        client.create(
                Resources.EVENTS, namespace, event(involved, type, reason, message, before, now), WriteOptions.DEFAULT);
    }

    private Unstructured event(
            Unstructured involved, String type, String reason, String message, Written before, Instant now) {
        Unstructured e = Unstructured.of("v1", "Event", involved.stringOr("default", "namespace"), before.name())
                .set(involved, "involvedObject")
                .set(reason, "reason")
                .set(message, "message")
                .set(component, "source", "component")
                .set(Timestamps.format(before.first()), "firstTimestamp")
                .set(Timestamps.format(now), "lastTimestamp")
                .set(before.count() + 1, "count")
                .set(type, "type")
                .set(component, "reportingComponent")
                .set(host, "reportingInstance");
        return host.isEmpty() ? e : e.set(host, "source", "host");
    }
}
