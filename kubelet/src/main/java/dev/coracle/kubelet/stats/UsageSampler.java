package dev.coracle.kubelet.stats;

import dev.coracle.machinery.env.Clock;
import dev.coracle.runtime.CriException;
import dev.coracle.runtime.RuntimeService;
import dev.coracle.runtime.RuntimeService.ContainerState;
import dev.coracle.runtime.RuntimeService.ContainerStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Processor use is a rate, so it takes two readings of the counter: the present one, and the one before it that is at least
 * {@link #WINDOW} old; for a container that was not measured before, its start.
 */
public final class UsageSampler {
    /** Readings closer than this tell little. */
    static final Duration WINDOW = Duration.ofSeconds(5);

    /** One container's use, averaged over {@code window} up to {@code time}. */
    public record ContainerUsage(
            String namespace,
            String pod,
            String container,
            Instant time,
            Duration window,
            long nanocores,
            long memoryBytes) {}

    private record Reading(long atNanos, long cpuNanos) {}

    private final RuntimeService runtime;
    private final Clock clock;
    private final Map<String, List<Reading>> readings = new HashMap<>();

    public UsageSampler(RuntimeService runtime, Clock clock) {
        this.runtime = runtime;
        this.clock = clock;
    }

    /** The running containers of the node. */
    public synchronized List<ContainerUsage> sample() {
        List<ContainerUsage> all = new ArrayList<>();
        List<ContainerStatus> running = runtime.listContainers().stream()
                .filter(c -> c.state() == ContainerState.RUNNING)
                .toList();
        readings.keySet().retainAll(running.stream().map(ContainerStatus::id).toList());
        for (ContainerStatus c : running) {
            measure(c).ifPresent(all::add);
        }
        return all;
    }

    private Optional<ContainerUsage> measure(ContainerStatus c) {
        RuntimeService.ContainerStats stats;
        try {
            stats = runtime.containerStats(c.id());
        } catch (CriException e) {
            // It has ended since it was listed.
            return Optional.empty();
        }
        Instant now = clock.now();
        long at = now.getEpochSecond() * 1_000_000_000L + now.getNano();
        List<Reading> past =
                readings.computeIfAbsent(c.id(), id -> new ArrayList<>(List.of(new Reading(c.startedAtNanos(), 0))));
        // Of those that are old enough only the newest matters.
        while (past.size() > 1 && at - past.get(1).atNanos() >= WINDOW.toNanos()) {
            past.removeFirst();
        }
        Reading before = past.getFirst();
        long window = Math.max(1_000_000, at - before.atNanos());
        long used = Math.max(0, stats.cpuUsageNanos() - before.cpuNanos());
        past.add(new Reading(at, stats.cpuUsageNanos()));
        return Optional.of(new ContainerUsage(
                c.labels().getOrDefault("io.kubernetes.pod.namespace", ""),
                c.labels().getOrDefault("io.kubernetes.pod.name", ""),
                c.name(),
                now,
                Duration.ofNanos(window),
                Math.round(used * 1e9 / window),
                stats.memoryWorkingSetBytes()));
    }
}
