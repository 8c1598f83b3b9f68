package dev.coracle.e2e.harness;

import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * Users who ask FlowForge without a pause, each request on a connection of its own: health, a new task, that task again.
 * Nothing is tried twice; what fails is kept.
 */
public final class Load implements AutoCloseable {
    private final FlowForge flowforge;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicLong answered = new AtomicLong();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
    private final Set<String> versions = ConcurrentHashMap.newKeySet();
    private final List<Thread> users;

    private Load(FlowForge flowforge, int users) {
        this.flowforge = flowforge;
        this.users = IntStream.range(0, users)
                .mapToObj(i -> Thread.ofVirtual().name("user-" + i).start(this::use))
                .toList();
    }

    public static Load of(FlowForge flowforge, int users) {
        return new Load(flowforge, users);
    }

    private void use() {
        while (!ended.get()) {
            ask("GET /health", () -> expect(200, flowforge.get("/health")));
            ask("POST /api/tasks", () -> {
                var answer = flowforge.post(
                        "/api/tasks", "{\"type\":\"hash\",\"payload\":{\"text\":\"" + answered.get() + "\"}}");
                expect(201, answer);
                String id = answer.json().string("id");
                acknowledged.add(id);
                expect(200, flowforge.get("/api/tasks/" + id));
            });
        }
    }

    private void ask(String what, Runnable request) {
        try {
            request.run();
            answered.incrementAndGet();
        } catch (RuntimeException | AssertionError e) {
            if (!ended.get()) {
                failures.add(what + ": " + e.getMessage());
            }
        }
    }

    private void expect(int status, FlowForge.Answer answer) {
        if (answer.status() != status) {
            throw new AssertionError("answered " + answer);
        }
        if (!answer.version().isEmpty()) {
            versions.add(answer.version());
        }
    }

    /** Ends the load, once every user has the answer to the last request. */
    @Override
    public void close() {
        ended.set(true);
        for (Thread user : users) {
            try {
                user.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    public long answered() {
        return answered.get();
    }

    /** What went wrong, one line each. */
    public List<String> failures() {
        return List.copyOf(failures);
    }

    /** Forgets the failures so far: a story that breaks the cluster expects some. */
    public void forgive() {
        failures.clear();
    }

    /** Ids of the tasks whose creation was acknowledged. */
    public List<String> acknowledged() {
        return List.copyOf(acknowledged);
    }

    /** Which versions of api-service have answered since the last call. */
    public Set<String> versions() {
        Set<String> seen = Set.copyOf(versions);
        versions.clear();
        return seen;
    }
}
