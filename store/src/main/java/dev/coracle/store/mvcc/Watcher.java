package dev.coracle.store.mvcc;

import dev.coracle.machinery.env.Tasks;
import dev.coracle.store.KeyRange;
import dev.coracle.store.Store;
import dev.coracle.store.StoreEvent;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One watch and what it has not been told yet. The commits offer, and whoever finds nobody at it delivers: in the same
 * thread, or on a task where commits must not wait for listeners. Its lock is taken after all others, and no listener is
 * called with it.
 */
final class Watcher implements Store.Watch {
    private static final System.Logger LOG = System.getLogger("coracle.store");

    private record Batch(long revision, List<StoreEvent> events) {}

    private final KeyRange range;
    private final Store.WatchListener listener;
    /** Up to here everything has been offered to those it concerns. */
    private final LongSupplier offered;

    private final @Nullable Tasks tasks;
    private final Consumer<Watcher> ended;
    /** The first is being delivered, if anybody delivers. */
    private final ArrayDeque<Batch> waiting = new ArrayDeque<>();

    private @Nullable Thread deliverer;
    private boolean running;
    private boolean closed;

    /** @param tasks null: who offers delivers */
    Watcher(
            KeyRange range,
            Store.WatchListener listener,
            LongSupplier offered,
            @Nullable Tasks tasks,
            Consumer<Watcher> ended) {
        this.range = range;
        this.listener = listener;
        this.offered = offered;
        this.tasks = tasks;
        this.ended = ended;
    }

    KeyRange range() {
        return range;
    }

    void offer(long revision, List<StoreEvent> events) {
        synchronized (this) {
            if (closed) {
                return;
            }
            waiting.add(new Batch(revision, events));
            if (running) {
                return;
            }
            running = true;
        }
        if (tasks == null) {
            deliver();
        } else {
            tasks.start("store-watch", this::deliver);
        }
    }

    private void deliver() {
        while (true) {
            Batch batch;
            synchronized (this) {
                batch = waiting.peek();
                deliverer = batch == null ? null : Thread.currentThread();
                if (batch == null) {
                    running = false;
                    return;
                }
            }
            try {
                listener.onEvents(batch.revision(), batch.events());
            } catch (RuntimeException e) {
                // The write is done, and others wait to be told.
                LOG.log(System.Logger.Level.ERROR, "a watch of " + range + " failed at " + batch.revision(), e);
            }
            synchronized (this) {
                waiting.poll();
                deliverer = null;
                notifyAll();
            }
        }
    }

    @Override
    public long told() {
        // First: what is offered after this is not counted.
        long all = offered.getAsLong();
        synchronized (this) {
            Batch first = waiting.peek();
            return first == null ? all : Math.min(all, first.revision() - 1);
        }
    }

    @Override
    public void awaitTold(long revision) {
        awaitUnless(() -> closed || deliverer == Thread.currentThread() || told() >= revision);
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            Batch first = waiting.peek();
            waiting.clear();
            if (first != null && deliverer != null) {
                waiting.add(first);
            }
        }
        ended.accept(this);
        // A listener may close its own watch.
        awaitUnless(() -> deliverer == null || deliverer == Thread.currentThread());
    }

    @FunctionalInterface
    private interface Condition {
        boolean holds();
    }

    private synchronized void awaitUnless(Condition condition) {
        boolean interrupted = false;
        while (!condition.holds()) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
