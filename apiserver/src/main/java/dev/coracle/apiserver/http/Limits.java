package dev.coracle.apiserver.http;

import java.time.Duration;

/**
 * How much of everything the front door takes at once.
 *
 * @param connections open at a time; a further one is closed at once
 * @param reading with {@code mutating} the seats that priority levels share, those that stream apart (upstream's {@code
 *     max-requests-inflight})
 * @param mutating likewise (upstream's {@code max-mutating-requests-inflight})
 * @param idle how long a connection may stand without a request
 * @param arrival how long a request's body may take to arrive
 * @param write how long a client may leave what is streamed to it unread before it is cut off
 */
public record Limits(int connections, int reading, int mutating, Duration idle, Duration arrival, Duration write) {
    public static final Limits STANDARD =
            new Limits(8_000, 400, 200, Duration.ofSeconds(90), Duration.ofSeconds(60), Duration.ofSeconds(60));
}
