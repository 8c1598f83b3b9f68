package dev.coracle.scheduler;

import dev.coracle.scheduler.framework.Plugin.Permission;
import dev.coracle.scheduler.framework.PodInfo;
import dev.coracle.scheduler.framework.WaitingPods;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Pods that wait for permission, each plugin's for so long at most. Who waits is under this object's lock, for plugins look
 * at it from threads of their own; what they say is done on the scheduler's loop.
 */
final class Permits implements WaitingPods {
    private static final Duration LONGEST = Duration.ofMinutes(15);

    private record Limit(String plugin, Duration timeout, long deadline) {}

    /** @param rejected is told the plugin and why */
    private record Held(
            PodInfo pod,
            String node,
            Map<String, Limit> pending,
            Runnable allowed,
            BiConsumer<String, String> rejected) {}

    private final Map<String, Held> held = new LinkedHashMap<>();
    private final Consumer<Runnable> loop;

    /** @param loop runs things on the scheduler's loop */
    Permits(Consumer<Runnable> loop) {
        this.loop = loop;
    }

    @Override
    public synchronized List<WaitingPod> list() {
        return held.values().stream()
                .map(h -> new WaitingPod(h.pod, h.node, Set.copyOf(h.pending.keySet())))
                .toList();
    }

    @Override
    public void allow(String uid, String plugin) {
        loop.accept(() -> {
            Held free = free(uid, plugin);
            if (free != null) {
                free.allowed.run();
            }
        });
    }

    private synchronized @Nullable Held free(String uid, String plugin) {
        Held h = held.get(uid);
        if (h == null || h.pending.remove(plugin) == null || !h.pending.isEmpty()) {
            return null;
        }
        return held.remove(uid);
    }

    @Override
    public void reject(String uid, String plugin, String message) {
        loop.accept(() -> drop(uid, plugin, message));
    }

    private void drop(String uid, String plugin, String message) {
        Held h = remove(uid);
        if (h != null) {
            h.rejected.accept(plugin, message);
        }
    }

    private synchronized @Nullable Held remove(String uid) {
        return held.remove(uid);
    }

    // ---- the loop's

    synchronized void hold(
            PodInfo pod,
            String node,
            Map<String, Permission.Wait> waits,
            long now,
            Runnable allowed,
            BiConsumer<String, String> rejected) {
        Map<String, Limit> pending = new LinkedHashMap<>();
        waits.forEach((plugin, wait) -> {
            Duration timeout = wait.timeout().compareTo(LONGEST) > 0 ? LONGEST : wait.timeout();
            pending.put(plugin, new Limit(plugin, timeout, now + timeout.toNanos()));
        });
        held.put(pod.uid(), new Held(pod, node, pending, allowed, rejected));
    }

    /** The pod is gone. */
    synchronized void forget(String uid) {
        held.remove(uid);
    }

    synchronized boolean isHeld(String uid) {
        return held.containsKey(uid);
    }

    void rejectLate(long now) {
        List<Runnable> late = new ArrayList<>();
        synchronized (this) {
            held.forEach((uid, h) -> first(h).filter(l -> l.deadline <= now)
                    .ifPresent(l -> late.add(() -> drop(
                            uid,
                            l.plugin,
                            "rejected due to timeout after waiting " + goText(l.timeout) + " at plugin " + l.plugin))));
        }
        late.forEach(Runnable::run);
    }

    private static Optional<Limit> first(Held h) {
        return h.pending.values().stream().min(Comparator.comparingLong(Limit::deadline));
    }

    /** As Go writes it: {@code 1m0s}, {@code 1h0m0s}, {@code 500ms}. */
    private static String goText(Duration d) {
        if (d.compareTo(Duration.ofSeconds(1)) < 0) {
            return d.toMillis() + "ms";
        }
        String text = BigDecimal.valueOf(d.toSecondsPart() * 1000L + d.toMillisPart(), 3)
                        .stripTrailingZeros()
                        .toPlainString()
                + "s";
        return d.toHours() > 0
                ? d.toHours() + "h" + d.toMinutesPart() + "m" + text
                : d.toMinutes() > 0 ? d.toMinutes() + "m" + text : text;
    }

    /** How long until somebody has waited too long; null when nobody waits. */
    synchronized @Nullable Duration untilLate(long now) {
        return held.values().stream()
                .flatMap(h -> first(h).stream())
                .map(l -> Duration.ofNanos(Math.max(0, l.deadline - now)))
                .min(Comparator.naturalOrder())
                .map(Objects::requireNonNull)
                .orElse(null);
    }
}
