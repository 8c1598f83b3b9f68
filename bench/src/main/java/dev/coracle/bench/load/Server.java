package dev.coracle.bench.load;

import dev.coracle.client.DeleteOptions;
import dev.coracle.client.ListOptions;
import dev.coracle.client.WriteOptions;
import dev.coracle.client.https.Endpoint;
import dev.coracle.client.https.HttpsClient;
import dev.coracle.client.https.RestClient;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.Resources;
import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One API server under load, and two namespaces of its own there: one with the objects that stand, which are read and
 * patched, and one for those that come and go, so that a list is as long at the end as in the beginning. Closed, both
 * are gone with what is in them.
 */
final class Server implements AutoCloseable {
    /** Where a write notes when it was sent, for watchers. */
    static final String SENT = "bench.coracle.dev/sent";

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);
    private static final int LOOKS = 60;

    private final String name;
    private final Environment environment;
    private final Kind kind;
    private final int objects;
    private final int size;
    private final HttpsClient client;
    private final Wire wire;
    private final String standing;
    private final String passing;
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger deleted = new AtomicInteger();
    private final AtomicInteger turn = new AtomicInteger();

    Server(String name, Endpoint endpoint, Environment environment, Kind kind, int objects, int size)
            throws IOException, GeneralSecurityException {
        this.name = name;
        this.environment = environment;
        this.kind = kind;
        this.objects = objects;
        this.size = size;
        this.client = new HttpsClient(endpoint, environment);
        this.wire = new Wire(endpoint, 2);
        this.standing = "load-" + environment.entropy().suffix(5);
        this.passing = standing + "-passing";
    }

    String name() {
        return name;
    }

    Wire wire() {
        return wire;
    }

    /** Makes the namespaces, and the objects that stand. */
    void prepare() throws InterruptedException {
        for (String namespace : new String[] {standing, passing}) {
            client.create(
                    Resources.NAMESPACES, "", Unstructured.of("v1", "Namespace", "", namespace), WriteOptions.DEFAULT);
            if (kind == Kind.PODS) {
                awaitAccount(namespace);
            }
        }
        for (int i = 0; i < objects; i++) {
            client.create(kind.resource(), standing, kind.object("object-" + i, size), WriteOptions.DEFAULT);
        }
    }

    /** Pods wait for it where accounts are; a server without controllers never has one, and needs none. */
    private void awaitAccount(String namespace) throws InterruptedException {
        for (int look = 0; look < LOOKS; look++) {
            try {
                client.get(Resources.SERVICE_ACCOUNTS, namespace, "default");
                return;
            } catch (StatusException e) {
                environment.sleep(BETWEEN_LOOKS);
            }
        }
    }

    Call create(int lane) {
        byte[] body = kind.object("made-" + made.getAndIncrement(), size).json();
        return new Call("POST", path(passing, ""), "application/json", body);
    }

    Call get(int lane) {
        return Call.get(path(standing, next()));
    }

    Call list(int lane) {
        return Call.get(path(standing, ""));
    }

    Call patch(int lane) {
        return patch(next());
    }

    /** A change to an object that stands, with the time of its sending. */
    Call patch(String object) {
        String body = "{\"metadata\":{\"annotations\":{\"" + SENT + "\":\""
                + environment.clock().nanos() + "\"}}}";
        return new Call(
                "PATCH",
                path(standing, object),
                "application/merge-patch+json",
                body.getBytes(StandardCharsets.US_ASCII));
    }

    /** One of those that {@link #create} made; null when none is left. */
    @Nullable
    Call delete(int lane) {
        int number = deleted.getAndIncrement();
        return number < made.get()
                ? new Call(
                        "DELETE",
                        path(passing, "made-" + number),
                        "application/json",
                        "{}".getBytes(StandardCharsets.US_ASCII))
                : null;
    }

    /** How many there are to delete. */
    int left() {
        // Every lane that found nothing counted one too many.
        deleted.set(Math.min(deleted.get(), made.get()));
        return made.get() - deleted.get();
    }

    /** A watch of the objects that stand, from now on. */
    Call watch() {
        String version = client.list(kind.resource(), standing, ListOptions.ALL.page(1, ""))
                .resourceVersion();
        return Call.get(path(standing, "") + "?watch=true&timeoutSeconds=3600&resourceVersion=" + version);
    }

    /** In turn, so that two lanes seldom meet at one object. */
    String next() {
        return "object-" + Math.floorMod(turn.getAndIncrement(), objects);
    }

    private String path(String namespace, String object) {
        return RestClient.path(kind.resource(), namespace, object, "");
    }

    /** A namespace empties itself only where there is a controller for it, so the objects go first. */
    @Override
    public void close() {
        try {
            for (String namespace : new String[] {passing, standing}) {
                remove(() -> client.connection()
                        .exchange("DELETE", path(namespace, ""), "application/json", "", new byte[0]));
                remove(() -> client.delete(Resources.NAMESPACES, "", namespace, DeleteOptions.DEFAULT));
            }
        } finally {
            client.close();
            wire.close();
        }
    }

    private void remove(Runnable removal) {
        try {
            removal.run();
        } catch (RuntimeException e) {
            System.err.println("what " + standing + " made at " + name + " is not all gone: " + e.getMessage());
        }
    }
}
