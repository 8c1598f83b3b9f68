package dev.coracle.apiserver.aggregation;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.UnaryOperator;

/**
 * How extension servers are reached.
 *
 * @param way where one is found that has this address; a test's own, where there is no network
 * @param patience for the answer to a request that is no watch
 * @param probe for the answer to a request of this server itself
 */
public record Reach(UnaryOperator<InetSocketAddress> way, Duration patience, Duration probe) {
    public static final Reach STANDARD =
            new Reach(UnaryOperator.identity(), Duration.ofSeconds(60), Duration.ofSeconds(5));
}
