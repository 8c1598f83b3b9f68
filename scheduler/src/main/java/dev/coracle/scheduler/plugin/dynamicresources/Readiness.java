package dev.coracle.scheduler.plugin.dynamicresources;

import dev.coracle.machinery.env.Clock;
import dev.coracle.machinery.object.Unstructured;
import java.time.Duration;
import java.util.List;

/**
 * Whether the devices of a claim can be used already: one that has to be attached to its node first says which conditions tell
 * of that. When they do not come true in time, or the driver gives up, the claim is to have other devices.
 */
enum Readiness {
    READY,
    PENDING,
    LATE,
    FAILED;

    static final Duration PATIENCE = Duration.ofMinutes(10);

    static Readiness of(Unstructured claim, Clock clock) {
        Unstructured allocation = claim.object("status", "allocation");
        boolean ready = true;
        for (Unstructured result : allocation.objects("devices", "results")) {
            List<String> awaited = result.stringList("bindingConditions");
            if (awaited.isEmpty()) {
                continue;
            }
            List<String> holding = holding(claim, result);
            if (result.stringList("bindingFailureConditions").stream().anyMatch(holding::contains)) {
                return FAILED;
            }
            ready &= holding.containsAll(awaited);
        }
        if (ready) {
            return READY;
        }
        boolean late = allocation
                .time("allocationTimestamp")
                .map(since -> since.plus(PATIENCE).isBefore(clock.now()))
                .orElse(false);
        return late ? LATE : PENDING;
    }

    /** The conditions that its driver says are true of a device. */
    private static List<String> holding(Unstructured claim, Unstructured result) {
        return claim.objects("status", "devices").stream()
                .filter(d -> DeviceId.of(d).equals(DeviceId.of(result)))
                .flatMap(d -> d.objects("conditions").stream())
                .filter(c -> c.string("status").equals("True"))
                .map(c -> c.string("type"))
                .toList();
    }

    /** Whether the claim is to have other devices. */
    boolean isHopeless() {
        return this == LATE || this == FAILED;
    }
}
