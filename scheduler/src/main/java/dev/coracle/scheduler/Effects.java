package dev.coracle.scheduler;

import dev.coracle.client.KeyedWorkQueue;
import dev.coracle.client.Reconciler.Result;
import dev.coracle.machinery.env.Environment;
import dev.coracle.machinery.object.ObjectKey;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * The writes that follow from decisions, beside the loop that decides: for one pod one after the other, for different pods
 * at once. What came of them they tell the loop themselves.
 */
final class Effects implements AutoCloseable {
    /** More than there are cores, since a disk takes many writes with one flush. */
    private static final int AT_ONCE = 32;

    private final Map<ObjectKey, Queue<Runnable>> pending = new HashMap<>();
    private final KeyedWorkQueue<ObjectKey> work;

    Effects(Environment environment, String name) {
        this.work = new KeyedWorkQueue<>(environment, name, AT_ONCE, this::drain);
    }

    /** @param write catches what it meets */
    void submit(ObjectKey pod, Runnable write) {
        synchronized (this) {
            pending.computeIfAbsent(pod, k -> new ArrayDeque<>()).add(write);
        }
        work.add(pod);
    }

    private Result drain(ObjectKey pod) {
        for (Runnable next = next(pod); next != null; next = next(pod)) {
            next.run();
        }
        return Result.DONE;
    }

    private synchronized @Nullable Runnable next(ObjectKey pod) {
        Queue<Runnable> queue = pending.get(pod);
        Runnable next = queue == null ? null : queue.poll();
        if (next == null) {
            pending.remove(pod);
        }
        return next;
    }

    @Override
    public void close() {
        work.close();
    }
}
