package dev.coracle.controllers.externalsecrets;

import dev.coracle.client.Reconciler.Result;
import dev.coracle.machinery.cron.GoDuration;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.time.Instant;
import java.util.TreeMap;

/** When an ExternalSecret is to be fetched again, by its policy and by what it was when that was done last. */
final class Refresh {
    private static final Duration HOUR = Duration.ofHours(1);
    /** Whatever is asked for, no store is asked more often. */
    private static final Duration SHORTEST = Duration.ofSeconds(1);

    private final Unstructured externalSecret;
    private final String policy;
    private final Duration interval;

    private Refresh(Unstructured externalSecret, String policy, Duration interval) {
        this.externalSecret = externalSecret;
        this.policy = policy;
        this.interval = interval;
    }

    static Refresh of(Unstructured externalSecret) {
        String text = externalSecret.string("spec", "refreshInterval");
        Duration interval = HOUR;
        try {
            interval = text.isEmpty() ? HOUR : GoDuration.parse(text);
        } catch (IllegalArgumentException e) {
            // The schema lets none through; an hour is what is meant by none.
        }
        boolean shorter = interval.isPositive() && interval.compareTo(SHORTEST) < 0;
        return new Refresh(
                externalSecret,
                externalSecret.stringOr("Periodic", "spec", "refreshPolicy"),
                shorter ? SHORTEST : interval);
    }

    /** What the ExternalSecret is like: {@code status.syncedResourceVersion} says what it was like. */
    static String version(Unstructured externalSecret) {
        return externalSecret.generation() + "-"
                + Hash.of(new TreeMap<>(externalSecret.labels()).toString()
                        + new TreeMap<>(externalSecret.annotations()));
    }

    boolean isDue(Instant now) {
        String synced = externalSecret.string("status", "syncedResourceVersion");
        Instant last = externalSecret.time("status", "refreshTime").orElse(Instant.EPOCH);
        boolean never = synced.isEmpty() || last.equals(Instant.EPOCH);
        boolean changed = !synced.equals(version(externalSecret));
        return switch (policy) {
            case "CreatedOnce" -> never;
            case "OnChange" -> never || changed;
            default ->
                never || interval.isPositive() && (changed || last.isAfter(now) || !now.isBefore(last.plus(interval)));
        };
    }

    /** When to look again, at something that was fetched last at {@code last}. */
    Result next(Instant last, Instant now) {
        if (!policy.equals("Periodic") || !interval.isPositive()) {
            return Result.DONE;
        }
        Duration rest = Duration.between(now, last.plus(interval));
        return Result.after(rest.compareTo(SHORTEST) < 0 ? SHORTEST : rest);
    }

    Result next(Instant now) {
        return next(externalSecret.time("status", "refreshTime").orElse(now), now);
    }
}
