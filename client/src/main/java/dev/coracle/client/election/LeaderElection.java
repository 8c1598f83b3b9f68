package dev.coracle.client.election;

import java.time.Duration;

/**
 * Which Lease is fought for, and how.
 *
 * @param leaseDuration how long others wait for a leader of whom nothing is heard
 * @param renewDeadline how long a leader that cannot renew goes on trying before it gives up
 * @param retryPeriod between two attempts
 */
public record LeaderElection(
        String namespace, String name, Duration leaseDuration, Duration renewDeadline, Duration retryPeriod) {
    /** An attempt to become the leader waits so many periods longer at the most, lest all try at once. */
    static final double JITTER = 1.2;

    /** @throws IllegalArgumentException where a leader could act beside the next */
    public LeaderElection {
        if (leaseDuration.compareTo(renewDeadline) <= 0) {
            throw new IllegalArgumentException("leaseDuration must be greater than renewDeadline");
        }
        if (renewDeadline.toNanos() <= JITTER * retryPeriod.toNanos()) {
            throw new IllegalArgumentException("renewDeadline must be greater than retryPeriod*JitterFactor");
        }
    }

    /** With the times that the components of a cluster have: 15 s, 10 s and 2 s. */
    public static LeaderElection of(String namespace, String name) {
        return new LeaderElection(
                namespace, name, Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2));
    }
}
