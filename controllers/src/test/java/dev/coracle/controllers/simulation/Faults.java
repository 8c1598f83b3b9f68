package dev.coracle.controllers.simulation;

import dev.coracle.machinery.object.StatusException;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Random;

/** What goes wrong, and how often; all of it drawn from one seed. */
final class Faults {
    private final Random random;
    private final double call;
    private final double crash;
    private final double watch;
    private boolean on = true;

    Faults(Random random) {
        this.random = random;
        // Some worlds are rough, some nearly well.
        this.call = random.nextDouble() * 0.15;
        this.crash = random.nextDouble() * 0.02;
        this.watch = random.nextDouble() * 0.1;
    }

    void stop() {
        on = false;
    }

    private boolean happens(double chance) {
        return on && random.nextDouble() < chance;
    }

    boolean callFails() {
        return happens(call);
    }

    /** Whether what fails was done all the same. */
    boolean afterwards() {
        return random.nextInt(3) == 0;
    }

    boolean crashes() {
        return happens(crash);
    }

    boolean watchEnds() {
        return happens(watch * 0.3);
    }

    /** Whether a watch that ended cannot be taken up where it was. */
    boolean forgotten() {
        return random.nextBoolean();
    }

    boolean doubled() {
        return happens(watch);
    }

    /** How late an event comes. */
    Duration delay() {
        if (!on) {
            return Duration.ZERO;
        }
        return random.nextInt(10) == 0
                ? Duration.ofMillis(random.nextInt(4_000))
                : Duration.ofMillis(random.nextInt(60));
    }

    /** How long the controllers stay away. */
    Duration away() {
        return Duration.ofMillis(random.nextInt(20_000));
    }

    /** @param done whether it hides that all was done; who asks too much is never told so then */
    StatusException refusal(boolean done) {
        return switch (done ? 1 + random.nextInt(3) : random.nextInt(4)) {
            case 0 ->
                new StatusException(
                        429,
                        "TooManyRequests",
                        "Too many requests, please try again later.",
                        new Unstructured(new LinkedHashMap<>()));
            case 1 -> new StatusException(504, "Timeout", "request did not complete within the allowed duration");
            case 2 -> StatusException.unavailable("the server is currently unable to handle the request");
            default -> StatusException.internal("something went wrong");
        };
    }
}
