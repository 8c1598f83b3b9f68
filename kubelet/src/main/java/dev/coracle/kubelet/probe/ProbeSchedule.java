package dev.coracle.kubelet.probe;

import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.env.Timers;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Asks one container run one question again and again, and tells when the answer has changed: after {@code
 * successThreshold} or {@code failureThreshold} answers of a kind in a row.
 */
public final class ProbeSchedule {
    /** Told on threads of the schedule. */
    public interface Listener {
        /** A single answer that is not plain success: a failure, below the threshold or not, or a warning. */
        void onComplaint(ProbeKind kind, Prober.Answer answer);

        /** The threshold was reached. */
        void onResult(ProbeKind kind, boolean success);
    }

    private final ProbeKind kind;
    private final Unstructured probe;
    private final Prober.Question question;
    private final Prober prober;
    private final Environment environment;
    private final Listener listener;
    private int successes;
    private int failures;
    private boolean stopped;
    private Timers.@Nullable Timer timer;

    public ProbeSchedule(
            ProbeKind kind,
            Unstructured probe,
            Prober.Question question,
            Prober prober,
            Environment environment,
            Listener listener) {
        this.kind = kind;
        this.probe = probe;
        this.question = question;
        this.prober = prober;
        this.environment = environment;
        this.listener = listener;
    }

    /** @param running how long the container has run already */
    public void start(Duration running) {
        Duration delay =
                Duration.ofSeconds(probe.integer(0, "initialDelaySeconds")).minus(running);
        next(delay.isNegative() ? Duration.ZERO : delay);
    }

    private synchronized void next(Duration delay) {
        if (!stopped) {
            timer = environment.timers().schedule(delay, this::ask);
        }
    }

    private void ask() {
        synchronized (this) {
            if (stopped) {
                return;
            }
        }
        long began = environment.clock().nanos();
        Prober.Answer answer = prober.ask(question);
        boolean reached;
        synchronized (this) {
            if (stopped) {
                return;
            }
            successes = answer.success() ? successes + 1 : 0;
            failures = answer.success() ? 0 : failures + 1;
            reached = answer.success()
                    ? successes >= probe.integer(1, "successThreshold")
                    : failures >= probe.integer(3, "failureThreshold");
        }
        if (answer.result() != Prober.Result.SUCCESS) {
            listener.onComplaint(kind, answer);
        }
        if (reached) {
            listener.onResult(kind, answer.success());
        }
        Duration left = Duration.ofSeconds(Math.max(1, probe.integer(10, "periodSeconds")))
                .minus(environment.clock().elapsed(began));
        next(left.isNegative() ? Duration.ZERO : left);
    }

    /** Nothing is told after this returns but what is being told. Idempotent. */
    public synchronized void stop() {
        stopped = true;
        if (timer != null) {
            timer.cancel();
        }
    }
}
